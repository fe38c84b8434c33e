"""Who may call a view: one decorator for each kind of visitor.

Objects are still reached through `visible_to(user)`; these decorators only say who gets as far as asking.
"""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.request import HttpRequest

from interviewprep.accounts.models import User
from interviewprep.http import Request, UserRequest

__all__ = ["candidate_required", "guest_of", "login_required", "mentor_required"]

GUEST_SESSION_KEY = "guest_id"

UserView = Callable[..., HttpResponse]


def guest_of(request: HttpRequest) -> User | None:
    """Return the guest who began a sample interview in this browser, or None once they have an account."""
    try:
        guest_id = uuid.UUID(request.session.get(GUEST_SESSION_KEY, ""))
    except ValueError:
        return None
    return User.objects.filter(pk=guest_id, is_guest=True, is_active=True).first()


def candidate_required(view: UserView) -> UserView:
    """Let in whoever can sit an interview: a signed-in user, or the guest of this browser as `request.user`."""

    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            guest = guest_of(request)
            if guest is None:
                return _sign_in(request)
            request.user = guest
        return view(request, *args, **kwargs)

    return wrapper


def _sign_in(request: Request) -> HttpResponse:
    """Send a page to the log-in, but answer 401 to a background request: it must not swap a log-in page in.

    Nor may it swap nothing in: the proof of the last save, or a line of the report, would vanish.
    """
    if request.htmx:
        return HttpResponse(status=401, headers={"HX-Reswap": "none"})
    return redirect_to_login(request.get_full_path())


def mentor_required(view: UserView) -> UserView:
    """Let in signed-in mentors; anybody else who is signed in gets 403."""

    @login_required
    @wraps(view)
    def wrapper(request: UserRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_mentor:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapper

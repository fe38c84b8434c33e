"""Who may call a page of the bank: one decorator, which takes the permission it asks for.

Curators have the permissions through their group; an operator may give them to anybody else. Staff or not does not
matter here: these pages are not the admin.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from interviewprep.http import Request

READ = "questions.view_question"
CURATE = "questions.change_question"

View = Callable[..., HttpResponseBase]


def permission_required(permission: str) -> Callable[[View], View]:
    """Let in who has `permission`; anybody else who is signed in gets 403.

    A background request of somebody who is signed out gets 401, so that no log-in page is swapped into a fragment.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if request.htmx:
                    return HttpResponse(status=401, headers={"HX-Reswap": "none"})
                return redirect_to_login(request.get_full_path())
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return wrapper

    return decorate


reader_required = permission_required(READ)
curator_required = permission_required(CURATE)

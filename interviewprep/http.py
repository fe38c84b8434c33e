"""Helpers at the edge of HTTP: the arrival time of a request and its typed form.

A request's `now` is read once, before any other work, and handed down; nothing below a view asks for the time.
"""

from collections.abc import Callable
from datetime import datetime

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from interviewprep.accounts.models import User


class Request(HttpRequest):
    """An HttpRequest as our views see it, after the middleware has run."""

    now: datetime
    htmx: HtmxDetails


class UserRequest(Request):
    """A request behind one of the decorators in `interviewprep.accounts.access`: somebody is there."""

    user: User


class ArrivalTimeMiddleware:
    """Set `request.now` to the time the request reached Django."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = timezone.now()  # type: ignore[attr-defined]  # declared on Request
        return self.get_response(request)


def allow(request: HttpRequest, action: str, *, per_hour: int) -> bool:
    """Count one `action` of this address; False beyond `per_hour`. Without a cache everything is allowed."""
    key = f"allow:{action}:{get_adapter(request).get_client_ip(request)}"
    cache.add(key, 0, timeout=3600)
    try:
        return cache.incr(key) <= per_hour
    except ValueError:  # the cache is away: a throttle is no reason to keep anybody out
        return True

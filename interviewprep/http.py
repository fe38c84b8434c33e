"""Helpers at the edge of HTTP: the arrival time of a request and its typed form.

A request's `now` is read once, before any other work, and handed down; nothing below a view asks for the time.
"""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from interviewprep.accounts.models import User


class Request(HttpRequest):
    """An HttpRequest as our views see it, after the middleware has run."""

    now: datetime
    htmx: HtmxDetails


class UserRequest(Request):
    """A request behind `login_required` or `guest_or_login_required`."""

    user: User


class ArrivalTimeMiddleware:
    """Set `request.now` to the time the request reached Django."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = timezone.now()  # type: ignore[attr-defined]  # declared on Request
        return self.get_response(request)

"""The edge of HTTP: a request's typed form and arrival time, what is refused unread, and who may keep an answer.

A request's `now` is read once, before any other work, and handed down; nothing below a view asks for the time. Nothing
here may load the session or the user: every request passes through.
"""

from collections.abc import Callable
from datetime import datetime
from typing import IO, Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import parse_header_parameters
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


class Utf8Request(WSGIRequest):
    """Django's request, but always read as UTF-8, whatever charset its Content-Type declares.

    Django decodes the query with that codec while it makes the request, before any middleware: some codecs raise on any
    text, some yield lone surrogates. `CharsetMiddleware` answers such a request.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (ValueError, LookupError):
            self.content_type, self.content_params = "", {"charset": "unreadable"}


class CharsetMiddleware:
    """Answer 400 to every declared charset but the one we read: words must not be kept as others than were meant."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in {"utf-8", "us-ascii"}:
            raise BadRequest("The declared charset is not UTF-8.")
        return self.get_response(request)


class PrivateByDefaultMiddleware:
    """Let nobody keep an answer whose view does not say how it may be kept: nearly every page is somebody's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class NoUploads(FileUploadHandler):
    """Refuse the first byte of a file, and a form in parts beyond the limit of other forms: no page takes files."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
            raise RequestDataTooBig("The form in parts is larger than DATA_UPLOAD_MAX_MEMORY_SIZE.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise RequestDataTooBig("There is a file in the form.")


def allow(request: HttpRequest, action: str, *, per_hour: int) -> bool:
    """Count one `action` of this address; False beyond `per_hour`. Without a cache everything is allowed."""
    key = f"allow:{action}:{get_adapter(request).get_client_ip(request)}"
    cache.add(key, 0, timeout=3600)
    try:
        return cache.incr(key) <= per_hour
    except ValueError:  # the cache is away: a throttle is no reason to keep anybody out
        return True

"""What a request is told to which other changes came first time and again: nothing was done, send it again."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sessions.lifecycle import ContendedError


class ContendedMiddleware:
    """Answer 503 where `lifecycle` gave up: browsers try again, which is safe, and no log calls it an error of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django calls this for whatever a view raises."""
        if not isinstance(exception, ContendedError):
            return None
        if "HX-Request" in request.headers:
            response = HttpResponse(headers={"HX-Reswap": "none"})
        else:
            response = render(request, "503.html")
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        response["Retry-After"] = "1"
        return response

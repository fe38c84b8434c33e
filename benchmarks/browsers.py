"""Two ways to send the same requests: over HTTP to a running server, and in this process to count statements."""

import http.client
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Protocol

from django.test import Client

# What Chromium sends along. Reading it is part of what a request costs.
HEADERS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-GB,en;q=0.9,de;q=0.8",
}
FORM = "application/x-www-form-urlencoded"
HTMX = {"HX-Request": "true", "HX-Target": "save-chip", "HX-Trigger": "editor", "Accept": "*/*"}


@dataclass(frozen=True)
class Reply:
    """`location` is the path of a redirect, else empty."""

    status: int
    location: str
    text: str


@dataclass
class Cookies:
    """The cookies of one candidate, by name."""

    values: dict[str, str] = field(default_factory=dict)

    def header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.values.items())

    def take(self, headers: list[str]) -> None:
        for header in headers:
            self.values.update((name, morsel.value) for name, morsel in SimpleCookie(header).items())


class Browser(Protocol):
    def send(
        self, path: str, cookies: Cookies, form: Mapping[str, str] | None = None, headers: Mapping[str, str] = ...
    ) -> Reply: ...


class HttpBrowser:
    """One connection, kept alive."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def send(
        self,
        path: str,
        cookies: Cookies,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = {},
    ) -> Reply:
        sent = {**HEADERS, "Cookie": cookies.header(), "Referer": f"{self.origin}/", **headers}
        if form is None:
            self.connection.request("GET", path, headers=sent)
        else:
            sent |= {"Content-Type": FORM, "Origin": self.origin}
            self.connection.request("POST", path, urllib.parse.urlencode(form).encode(), sent)
        response = self.connection.getresponse()
        text = response.read().decode()
        cookies.take(response.headers.get_all("Set-Cookie") or [])
        return Reply(response.status, response.headers.get("Location", ""), text)

    def close(self) -> None:
        self.connection.close()


class InProcessBrowser:
    """Django's test client, with all middleware, on this process' database connection."""

    def send(
        self,
        path: str,
        cookies: Cookies,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = {},
    ) -> Reply:
        client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost", headers={**HEADERS, **headers})
        client.cookies = SimpleCookie(cookies.values)
        if form is None:
            response = client.get(path)
        else:
            response = client.post(path, urllib.parse.urlencode(form), content_type=FORM)
        cookies.values.update((name, morsel.value) for name, morsel in response.cookies.items())
        return Reply(response.status_code, response.headers.get("Location", ""), response.content.decode())

"""One browser tab's connection, and the ways in which a request can go wrong on it.

Standard library only. Whoever sends learns either the server's answer or, by an OSError, that there was none; then the
words may or may not have arrived, and only sending them again will tell.
"""

import http.client
import random
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 15.0
FORM = "application/x-www-form-urlencoded"
HTMX = {"HX-Request": "true", "HX-Target": "save-chip", "HX-Trigger": "editor"}
TRICKLE_PIECES = 5
TRICKLE_PAUSE_SECONDS = 0.3


class Manner(Enum):
    """How a request is sent."""

    PLAIN = auto()
    DROPPED = auto()  # everything is sent, and the connection closed before the answer
    CUT = auto()  # the connection is closed in the middle of the body
    TRICKLED = auto()  # the body arrives in small pieces


class Unanswered(OSError):
    """No answer came, on purpose or because nobody was there to give it."""


@dataclass(frozen=True)
class Reply:
    status: int
    path: str
    location: str
    text: str

    @property
    def is_redirect(self) -> bool:
        return self.status in {301, 302, 303}


@dataclass
class Cookies:
    """The cookies of one candidate: all tabs share them."""

    values: dict[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str:
        return self.values.get("csrftoken", "")

    def header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.values.items())

    def take(self, headers: list[str]) -> None:
        for header in headers:
            self.values.update((name, morsel.value) for name, morsel in SimpleCookie(header).items())


@dataclass
class Wire:
    """A connection that is kept alive. Each candidate has a loopback address of their own: throttles count by it."""

    port: int
    address: str
    cookies: Cookies
    rng: random.Random
    connection: http.client.HTTPConnection | None = None

    def send(
        self, path: str, form: Mapping[str, str] | None = None, *, manner: Manner = Manner.PLAIN, htmx: bool = False
    ) -> Reply:
        """Send one request; raises Unanswered when no whole answer comes."""
        connection = self.connection or self._connect()
        self.connection = None
        try:
            self._send(connection, path, form, manner, htmx)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Unanswered(f"{type(error).__name__} for {path}") from error
        self.cookies.take(response.headers.get_all("Set-Cookie") or [])
        self.connection = connection
        return Reply(response.status, path, urlsplit(response.headers.get("Location", "")).path, text)

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=TIMEOUT_SECONDS, source_address=(self.address, 0)
        )

    def _send(
        self,
        connection: http.client.HTTPConnection,
        path: str,
        form: Mapping[str, str] | None,
        manner: Manner,
        htmx: bool,
    ) -> None:
        origin = f"http://127.0.0.1:{self.port}"
        headers = {"Cookie": self.cookies.header(), "Referer": f"{origin}/"} | (HTMX if htmx else {})
        if form is None:
            connection.request("GET", path, headers=headers)
            return
        body = urlencode({**form, "csrfmiddlewaretoken": self.cookies.token}).encode()
        headers |= {"Origin": origin, "Content-Type": FORM, "Content-Length": str(len(body))}
        connection.putrequest("POST", path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        self._send_body(connection, body, manner)

    def _send_body(self, connection: http.client.HTTPConnection, body: bytes, manner: Manner) -> None:
        match manner:
            case Manner.PLAIN:
                connection.send(body)
            case Manner.TRICKLED:
                size = max(1, -(-len(body) // TRICKLE_PIECES))
                for start in range(0, len(body), size):
                    connection.send(body[start : start + size])
                    time.sleep(TRICKLE_PAUSE_SECONDS)
            case Manner.DROPPED:
                connection.send(body)
                time.sleep(self.rng.choice([0.0, 0.002, 0.01, 0.05]))
                raise Unanswered("dropped on purpose")
            case Manner.CUT:
                connection.send(body[: len(body) // 2])
                if connection.sock is not None and self.rng.random() < 0.5:
                    connection.sock.shutdown(socket.SHUT_RDWR)
                raise Unanswered("cut on purpose")

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

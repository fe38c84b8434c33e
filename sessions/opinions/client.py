"""One request to the endpoint: bytes out, bytes in, within a time and a size that nothing exceeds.

The only network of the opinions. Redirects are not followed, certificates are checked, proxies of the environment are
not used, and no error repeats the key, the address or what came back.
"""

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR
from urllib.parse import urlsplit

from sessions.opinions.errors import NoOpinionError

MAX_REPLY_BYTES = 256 * 1024
# For each address of the name; the rest of the time is one budget for all that follows.
CONNECT_SECONDS = 5.0
# Too busy, or broken for now.
TRY_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


def post(url: str, body: bytes, *, api_key: str, seconds: float) -> bytes:
    """Return the reply of a successful POST of JSON. Raises NoOpinionError for everything else.

    `seconds` bound the whole exchange after the connection, however slowly single bytes come.
    """
    parts = urlsplit(url)
    assert parts.hostname
    connection = _connection(parts.scheme, parts.hostname, parts.port, min(seconds, CONNECT_SECONDS))
    try:
        _connect(connection, seconds)
        with _ended_after(connection, seconds) as is_late:
            try:
                reply = _exchange(connection, parts.path, body, api_key)
            except (OSError, http.client.HTTPException, ValueError) as error:
                # The socket's own time may be up a moment before the timer is.
                if is_late.is_set() or isinstance(error, TimeoutError):
                    raise _late(seconds) from error
                raise NoOpinionError("the connection broke", again=True) from error
            if is_late.is_set():  # what was read so far looks like an end
                raise _late(seconds)
            return reply
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None, seconds: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=seconds)


def _connect(connection: http.client.HTTPConnection, seconds: float) -> None:
    try:
        connection.connect()
    except ssl.SSLCertVerificationError as error:
        raise NoOpinionError("its certificate does not hold", is_spent=False) from error
    except (OSError, http.client.HTTPException) as error:
        raise NoOpinionError("no connection", again=True, is_spent=False) from error
    connection.sock.settimeout(seconds)


@contextmanager
def _ended_after(connection: http.client.HTTPConnection, seconds: float) -> Iterator[threading.Event]:
    """End the connection after `seconds`, and say so by the event: a time-out of a socket only bounds each read."""
    is_late = threading.Event()
    socket = connection.sock

    def end() -> None:
        is_late.set()
        with suppress(OSError):
            socket.shutdown(SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield is_late
    finally:
        timer.cancel()


def _late(seconds: float) -> NoOpinionError:
    return NoOpinionError(f"no whole reply within {seconds:.3g} s", again=True)


def _exchange(connection: http.client.HTTPConnection, path: str, body: bytes, api_key: str) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "interview-prep"}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    if response.status != 200:
        again = response.status in TRY_AGAIN
        raise NoOpinionError(f"HTTP {response.status}", again=again, is_spent=False, status=response.status)
    reply = response.read(MAX_REPLY_BYTES + 1)
    if len(reply) > MAX_REPLY_BYTES:
        raise NoOpinionError(f"the reply is longer than {MAX_REPLY_BYTES // 1024} kB")
    return reply

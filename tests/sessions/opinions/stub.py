"""A stand-in for an OpenAI-compatible endpoint, on a real socket, that also misbehaves in every way asked of it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One request: what came in, and the ways to answer it."""

    protocol_version = "HTTP/1.1"
    server: "Server"
    body: dict[str, Any]

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, dict(self.headers), self.body))
        self.close_connection = True
        self.server.behaviour(self)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @property
    def document(self) -> dict[str, Any]:
        """What was asked about, as the model gets it."""
        return dict(json.loads(self.body["messages"][1]["content"]))

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.behaviour: Behaviour = fair
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up on us is what we are here for."""


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


# --- Replies -----------------------------------------------------------------------------------------------------


def completion(content: str | None, *, tokens: Any = 321, finish: str = "stop", refusal: str | None = None) -> bytes:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    body: dict[str, Any] = {"id": "1", "choices": [{"index": 0, "message": message, "finish_reason": finish}]}
    if tokens is not None:
        body["usage"] = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": tokens}
    return json.dumps(body).encode()


def point(key: str, status: str = "found", quote: str = "", comment: str = "") -> dict[str, Any]:
    return {"key": key, "status": status, "quote": quote, "comment": comment}


def reply(*points: Any, overall: str = "Say what a missed fraud costs.") -> str:
    return json.dumps({"points": list(points), "overall": overall})


def says(content: str | None, **parts: Any) -> Behaviour:
    return lambda request: request.send(200, completion(content, **parts))


def status(code: int, **headers: str) -> Behaviour:
    return lambda request: request.send(code, b'{"error": "hunter2 is no key"}', **headers)


def sends(body: bytes) -> Behaviour:
    return lambda request: request.send(200, body)


def fair(request: Handler) -> None:
    """Judge every point as found in the first three words of the answer."""
    document = request.document
    quote = " ".join(document["answer"].split()[:3])
    points = [point(entry["key"], "found", quote, "You say so.") for entry in document["key_points"]]
    request.send(200, completion(reply(*points)))


def hangs(request: Handler) -> None:
    request.server.released.wait(5)


def trickles(request: Handler) -> None:
    """Send a byte every few milliseconds: no single read ever takes long."""
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    while not request.server.released.is_set():
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.02)


def trickles_headers(request: Handler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not request.server.released.is_set():
        request.wfile.write(b"x")
        request.wfile.flush()
        time.sleep(0.02)


SLOW: tuple[Behaviour, ...] = (hangs, trickles, trickles_headers)


def in_chunks(request: Handler) -> None:
    """Send a good reply in pieces whose lengths stand before them."""
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    body = completion(reply(point("costs", "not_found")))
    for piece in (body[:7], body[7:], b""):
        request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))


def breaks_off(request: Handler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    request.wfile.write(b'{"choices": [')


def speaks_no_http(request: Handler) -> None:
    request.wfile.write(b"220 mail.example.org ESMTP\r\n")


def without_schema(request: Handler) -> None:
    """An endpoint that does not know `response_format`."""
    if "response_format" in request.body:
        request.send(400, b'{"error": "unknown parameter"}')
    else:
        fair(request)


def obeys_the_answer(request: Handler) -> None:
    """A model that does whatever the answer tells it: everything is found, and the answer itself is the evidence."""
    document = request.document
    points = [point(entry["key"], "found", document["answer"], "You prove it.") for entry in document["key_points"]]
    request.send(200, completion(reply(*points, overall=document["answer"])))

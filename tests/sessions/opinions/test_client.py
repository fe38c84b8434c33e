"""One request against a server that does what it likes: it ends in time, in size, and in words that tell nothing."""

import socket
import time

import pytest

from sessions.opinions import client
from sessions.opinions.errors import NoOpinionError
from tests.sessions.opinions import stub
from tests.sessions.opinions.stub import Server

SHORT = 0.25


def post(url: str, *, api_key: str = "", seconds: float = 10) -> bytes:
    return client.post(f"{url}/chat/completions", b'{"messages": []}', api_key=api_key, seconds=seconds)


def failure(server: Server, *, seconds: float = 10) -> NoOpinionError:
    with pytest.raises(NoOpinionError) as caught:
        post(server.url, api_key="key-that-nobody-may-see", seconds=seconds)
    error = caught.value
    assert not any(word in str(error) for word in ("key-that", "hunter2", "127.0.0.1"))
    return error


def test_a_request_is_a_post_of_json_with_the_key(endpoint: Server) -> None:
    endpoint.behaviour = stub.sends(b'{"ok": 1}')
    assert post(endpoint.url, api_key="secret") == b'{"ok": 1}'
    ((path, headers, _),) = endpoint.requests
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert headers["Content-Type"] == "application/json"
    assert headers["Accept-Encoding"] == "identity"


def test_without_a_key_no_header_says_so(endpoint: Server) -> None:
    endpoint.behaviour = stub.sends(b"{}")
    post(endpoint.url)
    assert "Authorization" not in endpoint.requests[0][1]


@pytest.mark.parametrize("behaviour", stub.SLOW)
def test_the_time_is_for_the_whole_reply_however_slowly_it_comes(endpoint: Server, behaviour: stub.Behaviour) -> None:
    endpoint.behaviour = behaviour
    began = time.monotonic()
    error = failure(endpoint, seconds=SHORT)
    assert SHORT <= time.monotonic() - began < SHORT + 20
    assert (str(error), error.again, error.is_spent) == ("no whole reply within 0.25 s", True, True)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_no_redirect_is_followed(endpoint: Server, code: int) -> None:
    with stub.running() as other:
        endpoint.behaviour = stub.status(code, Location=f"{other.url}/chat/completions")
        error = failure(endpoint)
        assert (str(error), error.again, error.is_spent) == (f"HTTP {code}", False, False)
        assert other.requests == []


@pytest.mark.parametrize(
    ("code", "again"), [(400, False), (401, False), (403, False), (404, False), (429, True), (500, True), (503, True)]
)
def test_an_error_of_the_server_says_whether_to_come_back(endpoint: Server, code: int, again: bool) -> None:
    endpoint.behaviour = stub.status(code)
    error = failure(endpoint)
    assert (error.status, error.again, error.is_spent) == (code, again, False)


@pytest.mark.parametrize("size", [client.MAX_REPLY_BYTES + 1, 20 * client.MAX_REPLY_BYTES])
def test_a_reply_beyond_the_size_is_given_up(endpoint: Server, size: int) -> None:
    endpoint.behaviour = stub.sends(b" " * size)
    assert "longer than 256 kB" in str(failure(endpoint))


def test_the_largest_reply_is_taken(endpoint: Server) -> None:
    endpoint.behaviour = stub.sends(b" " * client.MAX_REPLY_BYTES)
    assert len(post(endpoint.url)) == client.MAX_REPLY_BYTES


def test_a_reply_in_chunks_is_put_together(endpoint: Server) -> None:
    endpoint.behaviour = stub.in_chunks
    assert b'"choices"' in post(endpoint.url)


def test_something_that_is_no_http_is_an_error_like_others(endpoint: Server) -> None:
    endpoint.behaviour = stub.speaks_no_http
    assert str(failure(endpoint)) == "the connection broke"


def test_where_nobody_listens_nothing_is_spent(endpoint: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(NoOpinionError, match="no connection") as caught:
            post(f"http://127.0.0.1:{free.getsockname()[1]}/v1")
    assert (caught.value.again, caught.value.is_spent) == (True, False)


def test_a_server_that_does_not_speak_tls_gets_no_words(endpoint: Server) -> None:
    with pytest.raises(NoOpinionError):
        post(endpoint.url.replace("http://", "https://"))
    assert endpoint.requests == []


def test_certificates_are_checked() -> None:
    connection = client._connection("https", "example.org", None, 1)
    context = vars(connection)["_context"]
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"

"""The edge of HTTP: what is refused before any view sees it, and what no browser or proxy may keep."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory
from django.urls import reverse

from interviewprep.wsgi import application
from tests.clients import as_guest, signed_in
from tests.factories import make_guest, make_user

Site = Callable[..., tuple[int, str]]

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
DRAFT_URL = f"/interviews/{uuid4()}/questions/{uuid4()}/draft/"

# --- The declared charset ------------------------------------------------------------------------------------------

STRANGE_CHARSETS = [
    "zlib",
    "hex",
    "undefined",
    "utf-7",
    "unicode_escape",
    "latin-1",
    "utf-16",
    "no-such-thing",
    "",
    "é",
]


@pytest.fixture
def site() -> Site:
    """The site as gunicorn calls it: Django's test client makes requests of a class of its own."""
    handler = WSGIHandler()
    handler.request_class = application.request_class

    def ask(kind: str, *, method: str = "GET", path: str = "/accounts/login/", body: bytes = b"") -> tuple[int, str]:
        answered: list[str] = []

        def start(status: str, *_: object) -> Callable[[bytes], object]:
            answered.append(status)
            return lambda _: None

        environ = RequestFactory().generic(method, f"{path}?a=b", body).environ | {"CONTENT_TYPE": kind}
        page = b"".join(handler(environ, start))
        return int(answered[0][:3]), page.decode()

    return ask


@pytest.mark.parametrize("charset", STRANGE_CHARSETS)
def test_a_strange_charset_is_refused_whatever_the_method(site: Site, charset: str) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        status, page = site(f"text/plain; charset={charset}", method=method, body=b"a=b")
        assert status == 400
        assert "made no sense" in page


@pytest.mark.parametrize("path", ["/", "/healthz", "/no-such-page/", "/admin/", DRAFT_URL])
def test_a_strange_charset_is_refused_at_any_address(site: Site, path: str) -> None:
    assert site("text/plain; charset=zlib", path=path)[0] == 400


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain; charset*=utf-8''%00",
        "text/plain; charset*=zlib''abc",
        "text/plain; charset*=utf-8''zlib",
    ],
)
def test_a_content_type_that_cannot_be_read_is_refused_in_words(site: Site, kind: str) -> None:
    status, page = site(kind)
    assert status == 400
    assert "made no sense" in page


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape"])
def test_a_form_cannot_choose_how_its_words_are_decoded(site: Site, charset: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n\\ud800\r\n--x--\r\n'
    assert site(f"multipart/form-data; boundary=x; charset={charset}", method="POST", body=body)[0] == 400


@pytest.mark.parametrize("kind", ["text/plain", "text/plain; charset=UTF-8", 'text/plain; charset="us-ascii"', ""])
def test_the_charsets_of_forms_are_accepted(site: Site, kind: str) -> None:
    assert site(kind)[0] == 200


# --- Too much ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[True, False], ids=["read with the token", "read by the view"])
def browser(request: pytest.FixtureRequest) -> Client:
    """Somebody signed in; the form is first read by the check of its security token, or by the view."""
    client = Client(enforce_csrf_checks=request.param)
    client.force_login(make_user())
    client.get(reverse("profile"))
    return client


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_draft_of_nine_megabytes_is_refused_in_words(browser: Client, kind: str) -> None:
    response = browser.post(DRAFT_URL, b"body=" + b"x" * 9_000_000, content_type=kind)
    assert response.status_code == 413
    assert "too large" in response.text


def test_a_draft_of_nine_megabytes_gets_only_the_words_in_the_background(browser: Client) -> None:
    kind = "application/x-www-form-urlencoded"
    response = browser.post(DRAFT_URL, b"body=" + b"x" * 9_000_000, content_type=kind, headers=HTMX)
    assert response.status_code == 413
    assert "<html" not in response.text
    assert "too large" in response.text


def test_a_file_is_refused_in_words_and_kept_nowhere(browser: Client) -> None:
    response = browser.post(DRAFT_URL, {"body": "words", "file": SimpleUploadedFile("a.bin", b"x" * 10_000)})
    assert response.status_code == 413
    assert "takes no files" in response.text
    assert not response.wsgi_request.FILES


def test_a_file_field_that_was_left_empty_is_no_file(client: Client) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename=""\r\n\r\n\r\n--x--\r\n'
    response = client.generic("POST", reverse("account_login"), body, "multipart/form-data; boundary=x")
    assert response.status_code == 200


def test_a_form_in_parts_is_no_way_around_the_limit(client: Client) -> None:
    parts = b"--x\r\nContent-Disposition: form-data\r\n\r\n" + b"y" * 9_000_000 + b"\r\n--x--\r\n"
    response = client.generic("POST", reverse("account_login"), parts, "multipart/form-data; boundary=x")
    assert response.status_code == 413


# --- Who may keep a page -------------------------------------------------------------------------------------------

PRIVATE = "private, no-store"


@pytest.mark.parametrize("name", ["home", "history", "people", "profile", "account_email"])
def test_nobody_keeps_a_page_of_somebody_signed_in(name: str) -> None:
    assert "no-store" in signed_in(make_user()).get(reverse(name))["Cache-Control"]


def test_nobody_keeps_a_page_of_a_guest() -> None:
    assert "no-store" in as_guest(make_guest()).get(reverse("history"))["Cache-Control"]


def test_nobody_keeps_the_admin_or_an_error_page(client: Client) -> None:
    assert client.get("/no-such-page/")["Cache-Control"] == PRIVATE
    assert "no-store" in client.get(reverse("admin:index"))["Cache-Control"]
    assert client.get("/", headers={"Host": "elsewhere.example"})["Cache-Control"] == PRIVATE


def test_a_view_that_says_how_it_may_be_kept_is_left_alone(client: Client) -> None:
    assert "must-revalidate" in client.get(reverse("healthz"))["Cache-Control"]


def test_a_visitors_browser_may_go_back_to_the_landing_page_but_no_proxy_keeps_it(client: Client) -> None:
    assert client.get(reverse("landing"))["Cache-Control"] == "private, no-cache"


def test_nobody_keeps_the_way_from_the_landing_page_to_ones_own() -> None:
    assert signed_in(make_user()).get(reverse("landing"))["Cache-Control"] == PRIVATE

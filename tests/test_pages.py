"""The frame of every page: landing, account and error pages, the health check and the style sheet."""

import gzip
import itertools
import re
import socket
import time
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core import mail
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings
from redis import Redis
from redis.exceptions import ResponseError

from interviewprep import views
from tests.factories import PASSWORD, make_curator, make_mentor, make_user

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_cache(settings: Settings, request: pytest.FixtureRequest) -> None:
    """Log-in throttles count in the cache; a shared one would count other tests too."""
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": request.node.nodeid}
    settings.CACHES = {"default": memory}


def text_of(response: Any) -> str:
    return str(response.content, "utf-8")


# The landing page


def test_a_visitor_is_told_what_this_is_and_can_try_a_sample(client: Client) -> None:
    page = text_of(client.get(reverse("landing")))
    assert page.count("<h1") == 1
    assert f'action="{reverse("sample_start")}"' in page
    assert "csrfmiddlewaretoken" in page


def test_whoever_is_signed_in_goes_from_the_landing_page_to_their_own(client: Client) -> None:
    client.force_login(make_user())
    response = client.get(reverse("landing"))
    assert (response.status_code, response["Location"]) == (302, reverse("home"))


def test_the_landing_page_refuses_a_post(client: Client) -> None:
    assert client.post(reverse("landing")).status_code == 405


def test_a_cold_visit_takes_at_most_six_requests_and_sixty_kilobytes(client: Client) -> None:
    page = text_of(client.get(reverse("landing")))
    links = set(re.findall(r'(?:src|href)="/static/([^"]+)"', page))
    # Of several icons a browser loads one; the touch icon only when the page is put on a home screen.
    files = links - {"img/favicon.ico", "img/apple-touch-icon.png"}
    bodies = [page.encode(), *(Path(str(finders.find(name))).read_bytes() for name in files)]
    weight = sum(len(gzip.compress(body)) for body in bodies)
    assert len(bodies) <= 6
    assert weight <= 60_000


# Navigation


def nav_of(client: Client) -> str:
    page = text_of(client.get("/no-such-page/"))
    return page[page.index("<nav") : page.index("</nav>")]


def test_a_visitor_can_sign_in_or_create_an_account(client: Client) -> None:
    nav = nav_of(client)
    assert reverse("account_login") in nav
    assert reverse("account_signup") in nav
    assert reverse("history") not in nav


def test_a_candidate_finds_their_pages_and_no_others(client: Client) -> None:
    client.force_login(make_user())
    nav = nav_of(client)
    assert all(reverse(name) in nav for name in ("home", "history", "people", "profile"))
    assert reverse("mentoring") not in nav
    assert reverse("admin:index") not in nav


def test_a_mentor_finds_mentoring_and_a_curator_the_bank(client: Client) -> None:
    client.force_login(make_mentor())
    assert reverse("mentoring") in nav_of(client)
    client.force_login(make_curator())
    assert reverse("admin:index") in nav_of(client)


def test_the_navigation_costs_two_statements(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client.force_login(make_mentor())
    with django_assert_num_queries(2):  # the user and the names of their groups
        nav_of(client)


def test_signing_out_is_a_post(client: Client) -> None:
    client.force_login(make_user())
    assert f'<form method="post" action="{reverse("account_logout")}">' in nav_of(client)


# The account pages

ACCOUNT_PAGES = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
OWN_ACCOUNT_PAGES = ["account_email", "account_change_password", "account_logout", "account_reauthenticate"]


@pytest.mark.parametrize("name", [*ACCOUNT_PAGES, "account_inactive", "account_reset_password_from_key_done"])
def test_an_account_page_has_our_frame_and_one_heading(client: Client, name: str) -> None:
    assert_our_page(client.get(reverse(name)))


@pytest.mark.parametrize("name", OWN_ACCOUNT_PAGES)
def test_a_page_about_ones_own_account_has_our_frame_and_one_heading(client: Client, name: str) -> None:
    make_user("ada@example.com")
    client.post(reverse("account_login"), {"login": "ada@example.com", "password": PASSWORD})
    client.force_login(make_user())
    assert_our_page(client.get(reverse(name)))


def assert_our_page(response: Any) -> None:
    page = text_of(response)
    assert response.status_code == 200
    assert page.count("<h1") == 1
    assert page.count('<main id="main"') == 1
    assert re.search(r"<title>[^<·\n]+ · Interview Prep</title>", page)


def test_a_wrong_password_is_told_in_words_at_the_form(client: Client) -> None:
    response = client.post(reverse("account_login"), {"login": "nobody@example.com", "password": "wrong"})
    assert 'role="alert"' in text_of(response)


def test_signing_up_sends_a_code_and_asks_for_it(client: Client) -> None:
    answer = {"email": "ada@example.com", "password1": "a quite unusual phrase"}
    response = client.post(reverse("account_signup"), answer, follow=True)
    [message] = mail.outbox
    assert message.subject == "Confirm your e-mail address"
    assert re.search(r"^[A-Z0-9-]{6,}$", str(message.body), re.MULTILINE)
    assert "ada@example.com" in text_of(response)
    assert_our_page(response)


def test_signing_up_twice_tells_only_the_owner_of_the_address(client: Client) -> None:
    make_user("ada@example.com")
    client.post(reverse("account_signup"), {"email": "ada@example.com", "password1": "a quite unusual phrase"})
    assert [message.subject for message in mail.outbox] == ["You already have an account"]


def test_a_forgotten_password_is_replaced_through_the_link_in_the_mail(client: Client) -> None:
    make_user("ada@example.com")
    client.post(reverse("account_reset_password"), {"email": "ada@example.com"})
    [message] = mail.outbox
    [link] = re.findall(r"http://testserver(\S+)", str(message.body))
    assert_our_page(client.get(link, follow=True))


def test_an_old_reset_link_says_so(client: Client) -> None:
    response = client.get(reverse("account_reset_password_from_key", args=["1", "abc-def"]))
    assert "no longer works" in text_of(response)


def test_a_mail_shows_apostrophes_and_ampersands_as_they_are(client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": "o'neil&co@example.com"})
    assert "o'neil&co@example.com" in str(mail.outbox[0].body)


# Error pages


def test_an_unknown_address_is_answered_in_our_words(client: Client) -> None:
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert "There is nothing here" in text_of(response)


def test_a_form_without_its_token_is_refused_with_a_way_back() -> None:
    client = Client(enforce_csrf_checks=True)
    page_before = "http://testserver" + reverse("account_login")
    response = client.post(reverse("account_login"), headers={"Referer": page_before})
    assert response.status_code == 403
    assert "This form has expired" in text_of(response)
    assert f'href="{page_before}"' in text_of(response)


def test_the_way_back_never_leads_to_another_site() -> None:
    response = Client(enforce_csrf_checks=True).post("/", headers={"Referer": "https://elsewhere.example/"})
    assert "elsewhere.example" not in text_of(response)


def test_a_background_request_without_its_token_gets_only_the_words() -> None:
    response = Client(enforce_csrf_checks=True).post("/", headers=HTMX)
    assert response.status_code == 403
    assert "<html" not in text_of(response)
    assert "expired" in text_of(response)


def test_a_request_that_is_too_large_is_answered_with_413(client: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = client.post(reverse("account_login"), {"login": "x" * 200})
    assert response.status_code == 413
    assert "too large" in text_of(response)


def test_a_malformed_request_is_answered_with_400_even_before_it_has_a_user() -> None:
    response = views.bad_request(RequestFactory().get("/"), SuspiciousOperation())
    assert response.status_code == 400


def test_a_request_with_a_foreign_host_name_is_answered_with_our_page(client: Client) -> None:
    response = client.get("/", headers={"Host": "elsewhere.example"})
    assert response.status_code == 400
    assert "made no sense" in text_of(response)


def test_a_background_request_that_is_too_large_gets_only_the_words() -> None:
    response = views.bad_request(RequestFactory().post("/", headers=HTMX), RequestDataTooBig())
    assert response.status_code == 413
    assert "<html" not in text_of(response)


def test_the_page_for_a_server_error_needs_neither_context_nor_hashed_files(settings: Settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    settings.STATIC_ROOT = Path("/nonexistent")
    assert "/static/css/app.css" in render_to_string("500.html")


# The health check


def test_the_health_check_answers_ok_while_the_database_answers(client: Client) -> None:
    response = client.get(reverse("healthz"))
    assert response.status_code == 200
    assert text_of(response).splitlines()[0] == "ok"


def test_the_health_check_fails_when_the_database_refuses(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def cursor(self) -> None:
            raise OperationalError

        def close(self) -> None:
            pass

    monkeypatch.setattr(views, "connection", Refusing())
    assert client.get(reverse("healthz")).status_code == 503


def test_the_health_check_does_not_wait_for_a_frozen_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    thawed = Event()
    monkeypatch.setattr(views, "_ask_database", lambda answered: thawed.wait(10))
    monkeypatch.setattr(views, "HEALTH_PATIENCE_SECONDS", 0.05)
    begun = time.monotonic()
    response = client.get(reverse("healthz"))
    thawed.set()
    assert response.status_code == 503
    assert time.monotonic() - begun < 5


def test_without_redis_the_health_check_says_so_and_passes(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    response = client.get(reverse("healthz"))
    assert response.status_code == 200
    assert "redis: no answer" in text_of(response)


def test_the_health_check_tells_of_a_redis_that_refuses_writes_and_passes(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Redis, *words: object, **options: object) -> None:
        raise ResponseError("MISCONF cannot persist to disk")

    monkeypatch.setattr(Redis, "set", refuse)
    response = client.get(reverse("healthz"))
    assert response.status_code == 200
    assert text_of(response) == "ok\nredis: refuses writes\n"


def test_the_health_check_waits_for_a_frozen_redis_once(client: Client, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        begun = time.monotonic()
        assert "redis: no answer" in text_of(client.get(reverse("healthz")))
    assert time.monotonic() - begun < 8


# Templates and style


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_nothing_inline_and_asks_no_other_site(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|\bhx-on", source)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', source)


def css_tokens(theme: int) -> dict[str, str]:
    """Return the colour tokens of app.css for light (0) or dark (1)."""
    source = (ROOT / "static/css/app.css").read_text()
    found = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", source)
    return {name: pair[theme] for name, *pair in found}


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, 0 to 1 (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


SURFACES = ["surface", "surface-raised", "surface-sunken"]
STATES = ["ok", "warn", "bad"]
TEXT_PAIRS = [
    *itertools.product(["text", "muted", *STATES], SURFACES),
    *itertools.product(["text"], [f"{state}-surface" for state in STATES]),
    *((state, f"{state}-surface") for state in STATES),
    ("accent-text", "accent"),
    ("accent-text", "accent-strong"),
]
EDGE_PAIRS = list(itertools.product(["line-strong", "accent"], SURFACES))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [*((*pair, 4.5) for pair in TEXT_PAIRS), *((*pair, 3.0) for pair in EDGE_PAIRS)],
)
def test_text_and_edges_stand_out_from_every_surface(theme: int, front: str, back: str, least: float) -> None:
    tokens = css_tokens(theme)
    assert contrast(tokens[front], tokens[back]) >= least

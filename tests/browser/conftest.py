"""A real Chromium against a live server, with a real Celery worker beside it.

A page that logs an error, breaks the content security policy or asks another host for anything fails its test.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from interviewprep.accounts.models import User
from interviewprep.celery import app

# A busy machine may take its time; what never comes still fails.
expect.set_options(timeout=15_000)

# Playwright runs an event loop in this thread; Django would refuse the database because of it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# Test processes side by side share one broker: each has a queue of its own, or a worker would look for another's rows.
app.conf.task_default_queue = f"browser-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"

# Debian's Chromium without a window of its own opens a page with a quarter of the processor time.
INSTALLED = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(os.path.exists, INSTALLED), INSTALLED[-1])
# Root needs the first; the others keep Chromium from looking for hosts of its maker.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# Each width and each theme once; the two do not depend on each other, as all colours are tokens of the theme.
LOOKS = [pytest.param(DESKTOP, "light", id="wide-light"), pytest.param(PHONE, "dark", id="narrow-dark")]

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not os.path.exists(CHROMIUM):  # noqa: PTH110
        pytest.fail(f"No Chromium at {CHROMIUM}: apt-get install chromium, or set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """A Celery worker in a thread of this process, on the test database."""
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
        yield


@pytest.fixture
def answered_requests(live_server: LiveServer, transactional_db: None) -> Iterator[None]:
    """Wait, once a test's pages are closed, for what they had still asked.

    Emptying the tables waits for a request's locks, and the request may wait for the next table: a deadlock.
    """
    yield
    patience = time.monotonic() + 20
    while asking := [thread for thread in threading.enumerate() if "process_request_thread" in thread.name]:
        assert time.monotonic() < patience, f"{len(asking)} connections are still open"
        time.sleep(0.02)


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer, answered_requests: None) -> Iterator[OpenPage]:
    """Open a page as somebody: `open_page(user, "/home/", viewport=PHONE, theme="dark")`. A new browser each time."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_(
        user: User | None = None, path: str = "/", *, viewport: dict[str, int] = DESKTOP, theme: str = "light"
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=viewport,  # type: ignore[arg-type]  # a plain dict of the two keys it wants
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        contexts.append(context)
        if user is not None:
            sign_in(context, user, live_server)
        page = context.new_page()
        watch(page, live_server, problems)
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []


def sign_in(context: BrowserContext, user: User, live_server: LiveServer) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])


# What a browser logs when a request is answered with a status the page shows in words, or while it is offline.
EXPECTED_LOGS = ("Failed to load resource", "htmx:")


def watch(page: Page, live_server: LiveServer, problems: list[str]) -> None:
    """Collect script errors, policy violations and requests to other hosts."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED_LOGS):
            problems.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        host = urlsplit(request.url).netloc
        if host and host != urlsplit(live_server.url).netloc:
            problems.append(f"request to another host: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
    page.on("request", on_request)


@contextmanager
def offline(page: Page) -> Iterator[None]:
    page.context.set_offline(True)
    try:
        yield
    finally:
        page.context.set_offline(False)

"""A lost connection, a reload, a crash: every word comes back and arrives, in the answer or beside it."""

import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from sessions import lifecycle
from sessions.models import KeptDraft, SessionEvent
from tests.browser.conftest import OpenPage, offline
from tests.browser.interviews import (
    CHIP,
    answer_of,
    end_in,
    open_session,
    path_of,
    wait_until,
    wait_until_it_holds,
    write,
    write_elsewhere,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

WORDS_KEPT = "Object.keys(localStorage).filter(key => key.startsWith('interview:words:')).length"
NO_STORAGE = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("forbidden", "SecurityError"); } });"""
FULL_STORAGE = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"


def test_words_are_kept_from_the_first_keystroke_until_they_are_acknowledged(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    on_the_way: list[Route] = []
    page.route(re.compile("/draft/$"), lambda route: on_the_way.append(route))
    page.get_by_label("Your answer").press_sequentially("x")
    assert page.evaluate(WORDS_KEPT) == 1
    while not on_the_way:
        page.wait_for_timeout(50)
    assert page.evaluate(WORDS_KEPT) == 1
    on_the_way[0].continue_()
    expect(page.locator(CHIP)).to_contain_text("revision 1")
    wait_until(page, f"{WORDS_KEPT} === 0")


def test_words_typed_while_the_page_begins_are_kept_as_well(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate)
    claims: list[Route] = []
    page.route(re.compile("/lease/$"), lambda route: claims.append(route))
    page.route(re.compile("/draft/$"), lambda route: None)
    page.goto(path_of(session))
    while not claims:
        page.wait_for_timeout(50)
    page.get_by_label("Your answer").press_sequentially("x")
    assert page.evaluate(WORDS_KEPT) == 1
    with page.expect_response(re.compile("/lease/$")):
        claims[0].continue_()
    page.wait_for_timeout(300)
    assert page.evaluate(WORDS_KEPT) == 1


def test_being_offline_is_said_and_logged_and_the_words_arrive_afterwards(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    wait_until_it_holds(page, session)
    with offline(page):
        expect(page.get_by_text("Offline. Your words are kept in this browser and will be sent.")).to_be_visible()
        write(page, "written while offline")
        page.wait_for_timeout(1_200)
    expect(page.get_by_text("Sent. Nothing was lost.").first).to_be_attached(timeout=20_000)
    expect(page.locator("#offline")).to_be_hidden()
    assert answer_of(session).body == "written while offline"
    returned = SessionEvent.objects.get(session=session, kind="returned")
    assert isinstance(returned.data, dict)
    assert returned.data["away_ms"] >= 1_000


def test_the_text_can_be_downloaded_while_offline(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    with offline(page):
        write(page, "the last resort")
        with page.expect_download() as caught:
            page.locator("#offline").get_by_role("button", name="Download my text").click()
        text = Path(caught.value.path()).read_text()
    assert "Question 1" in text
    assert "A model flags 1 % of payments" in text
    assert "the last resort" in text


def test_words_survive_a_reload_while_offline(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    wait_until_it_holds(page, session)
    with offline(page):
        write(page, "typed in a tunnel")
        with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
            page.reload()
    page.goto(path_of(session))
    expect(page.get_by_label("Your answer")).to_have_value("typed in a tunnel")
    expect(page.locator(CHIP)).to_contain_text("revision")
    assert answer_of(session).body == "typed in a tunnel"


def after_a_crash(page: Page, chromium: Browser, live_server: LiveServer) -> Page:
    """Open a new browser with what a killed one leaves on the disk: cookies and localStorage, no tabs."""
    state = page.context.storage_state()
    page.context.close()
    return chromium.new_context(base_url=live_server.url, storage_state=state).new_page()


def test_words_survive_a_crash_of_the_browser(open_page: OpenPage, chromium: Browser, live_server: LiveServer) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    wait_until_it_holds(page, session)
    page.context.set_offline(True)
    write(page, "typed before the crash")
    again = after_a_crash(page, chromium, live_server)
    again.goto(path_of(session))
    expect(again.get_by_label("Your answer")).to_have_value("typed before the crash")
    expect(again.locator(CHIP)).to_contain_text("revision 1")
    wait_until(again, f"{WORDS_KEPT} === 0")
    again.context.close()


def test_words_that_come_back_after_the_end_are_late_evidence(
    open_page: OpenPage, chromium: Browser, live_server: LiveServer
) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    wait_until_it_holds(page, session)
    page.context.set_offline(True)
    write(page, "typed before the end, sent after it")
    end_in(session, -60)
    lifecycle.finish_session(session_id=session.pk, now=timezone.now())
    again = after_a_crash(page, chromium, live_server)
    with again.expect_response(re.compile("/draft/")):
        again.goto(path_of(session))
    wait_until(again, f"{WORDS_KEPT} === 0")
    kept = KeptDraft.objects.get()
    assert kept.body == "typed before the end, sent after it"
    again.context.close()


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("Keep mine", "typed in the train"),
        ("Take the saved one", "typed at home"),
        ("Both, one below the other", "typed at home\n\ntyped in the train"),
    ],
)
def test_words_from_before_something_newer_are_kept_and_offered(
    open_page: OpenPage, choice: str, expected: str
) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    wait_until_it_holds(page, session)
    with offline(page):
        write(page, "typed in the train")
        expect(page.locator("#offline")).to_be_visible()
        write_elsewhere(session, "typed at home")
    expect(page.locator("#elsewhere")).to_be_visible(timeout=20_000)
    expect(page.get_by_label("Your answer")).to_have_value("typed in the train")
    page.get_by_role("button", name="Go on here").click()
    page.get_by_role("button", name=choice).click()
    expect(page.get_by_label("Your answer")).to_have_value(expected)
    if choice == "Take the saved one":
        expect(page.locator(CHIP)).to_contain_text("This is the saved text")
    else:
        expect(page.locator(CHIP)).to_contain_text("revision 2")
    assert answer_of(session).body == expected
    assert "typed in the train" in KeptDraft.objects.values_list("body", flat=True)
    assert page.evaluate(WORDS_KEPT) == 0


@pytest.mark.parametrize("same_tab", [True, False], ids=["reloaded", "in a new tab"])
def test_words_remembered_from_before_something_newer_are_offered_by_the_next_page(
    open_page: OpenPage, same_tab: bool
) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    wait_until_it_holds(page, session)
    page.context.route("**/draft/", lambda route: route.abort())
    page.evaluate("navigator.sendBeacon = () => false")  # Chromium sends these past the emulated cut
    write(page, "typed in the train")
    expect(page.locator("#offline")).to_be_visible()
    write_elsewhere(session, "typed at home")
    if not same_tab:
        other = page.context.new_page()
        page.close()
        page = other
    page.goto(path_of(session))
    page.context.unroute("**/draft/")
    expect(page.get_by_label("Your answer")).to_have_value("typed in the train" if same_tab else "typed at home")
    page.get_by_role("button", name="Go on here").click()
    expect(page.locator(CHIP)).to_contain_text("Both texts are kept")
    page.get_by_role("button", name="Both").click()
    expect(page.locator(CHIP)).to_contain_text("revision 2")
    assert answer_of(session).body == "typed at home\n\ntyped in the train"
    assert page.evaluate(WORDS_KEPT) == 0


def test_signing_out_removes_the_words_from_this_browser(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    with offline(page):
        write(page, "nobody else's business")
        expect(page.locator("#offline")).to_be_visible()
        other = page.context.new_page()
        page.goto("about:blank")
    other.goto("/home/")
    assert other.evaluate(WORDS_KEPT) == 1
    other.goto("/accounts/logout/")
    other.get_by_role("button", name="Sign out").last.click()
    other.wait_for_url(re.compile(r"/$"))
    assert other.evaluate(WORDS_KEPT) == 0


@pytest.mark.parametrize("trouble", [NO_STORAGE, FULL_STORAGE], ids=["forbidden", "full"])
def test_without_storage_the_page_works_and_says_that_it_alone_has_the_words(open_page: OpenPage, trouble: str) -> None:
    session = open_session()
    page = open_page(session.candidate, "/home/")
    page.add_init_script(trouble)
    page.goto(path_of(session))
    write(page, "typed without a net")
    expect(page.locator(CHIP)).to_contain_text("revision 1")
    with offline(page):
        write(page, "typed without a net, offline")
        expect(page.get_by_text("kept in this page only")).to_be_visible()
    expect(page.locator(CHIP)).to_contain_text("revision 2", timeout=20_000)

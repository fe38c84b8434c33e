"""Practice, pauses, reading time, follow-ups and interviews that only go forward; and axe in every state."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from sessions.models import InterviewSession
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.interviews import CHIP, answer_of, open_session, path_of, wait_until_it_holds, write, write_elsewhere

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

SHOTS = os.environ.get("SHOTS")  # a folder, to look at every state
PROMPT = "A model flags 1 % of payments"


def test_a_practice_pauses_with_the_question_put_away_and_goes_on(open_page: OpenPage) -> None:
    session = open_session(mode="practice")
    page = open_page(session.candidate, path_of(session))
    write(page, "half a thought")
    page.keyboard.press("Alt+p")
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    expect(page.get_by_text(PROMPT)).to_have_count(0)
    assert answer_of(session).body == "half a thought"
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_label("Your answer")).to_have_value("half a thought")
    assert InterviewSession.objects.get(pk=session.pk).paused_at is None


def test_on_a_phone_the_buttons_share_one_row_even_with_a_pause(open_page: OpenPage) -> None:
    session = open_session(mode="practice")
    page = open_page(session.candidate, path_of(session), viewport=PHONE)
    buttons = page.locator(".interview__buttons > .button")
    expect(buttons).to_have_count(4)
    assert len({box["y"] for button in buttons.all() if (box := button.bounding_box())}) == 1


def test_a_mock_interview_offers_no_pause(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)


def test_practice_shows_the_reference_after_submitting_and_then_goes_on(open_page: OpenPage) -> None:
    session = open_session(2, kind="single", mode="practice")
    page = open_page(session.candidate, path_of(session))
    page.get_by_role("radio", name="Overfitting").check()
    page.locator("#submit").click()
    expect(page.get_by_role("heading", name="What a good answer says")).to_be_visible()
    expect(page.get_by_text("Both errors are high.")).to_be_visible()
    expect(page.get_by_text("your choice")).to_be_visible()
    page.get_by_role("button", name="Next question").click()
    expect(page.get_by_role("heading", name="Question 2")).to_be_visible()


def test_forward_only_has_no_way_back_and_says_so_before_skipping(open_page: OpenPage) -> None:
    session = open_session(navigation="forward")
    page = open_page(session.candidate, path_of(session))
    expect(page.locator("#palette button")).to_have_count(0)
    expect(page.locator("#palette [aria-current]")).to_have_text("1 open")
    page.keyboard.press("Alt+n")
    dialog = page.get_by_role("dialog", name="Skip this question for good?")
    expect(dialog).to_contain_text("you cannot come back")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Alt+n")
    dialog.get_by_role("button", name="Skip for good").click()
    expect(page.get_by_role("heading", name="Question 2")).to_be_visible()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.get_by_role("heading", name="Question 2")).to_be_visible()
    assert answer_of(session).state == "passed"


def test_a_follow_up_comes_after_its_question_and_not_before(open_page: OpenPage) -> None:
    session = open_session(2, asks_follow_ups=True)
    page = open_page(session.candidate, path_of(session))
    expect(page.locator("#palette li")).to_have_count(2)
    write(page, "precision and recall")
    page.locator("#submit").click()
    expect(page.get_by_role("heading", name="Question 1 · Follow-up")).to_be_visible()
    expect(page.locator("#prompt")).to_have_text("What would change your mind?")
    expect(page.get_by_text(PROMPT)).to_be_hidden()
    page.get_by_text("The question this follows").click()
    expect(page.get_by_text(PROMPT)).to_be_visible()
    expect(page.locator("#palette li")).to_have_count(3)
    write(page, "costs")
    page.locator("#submit").click()
    expect(page.get_by_role("heading", name="Question 2")).to_be_visible()


def test_reading_time_closes_the_editor_until_one_starts(open_page: OpenPage) -> None:
    session = open_session(reading_seconds=60)
    page = open_page(session.candidate, path_of(session))
    expect(page.locator("#reading")).to_contain_text("Reading time")
    expect(page.locator("#answer[readonly]")).to_be_visible()
    page.get_by_role("button", name="Start answering now").click()
    expect(page.locator("#reading")).to_be_hidden()
    expect(page.get_by_label("Your answer")).to_be_focused()
    page.keyboard.type("at last")
    expect(page.locator(CHIP)).to_contain_text("revision 1")


def test_reading_time_ends_by_itself(open_page: OpenPage) -> None:
    session = open_session(reading_seconds=10)
    page = open_page(session.candidate, path_of(session))
    expect(page.locator("#answer[readonly]")).to_be_visible()
    expect(page.locator("#answer:not([readonly])")).to_be_visible(timeout=15_000)


# --- axe --------------------------------------------------------------------------------------------------------------


def running(page: Page, session: InterviewSession) -> None:
    wait_until_it_holds(page, session)


def saved(page: Page, session: InterviewSession) -> None:
    write(page, "Words that are saved.")
    expect(page.locator(CHIP)).to_contain_text("revision 1")


def without_connection(page: Page, session: InterviewSession) -> None:
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()


def elsewhere(page: Page, session: InterviewSession) -> None:
    wait_until_it_holds(page, session)
    write_elsewhere(session, "from the other device")
    write(page, "from this one")
    expect(page.locator("#elsewhere")).to_be_visible()


def in_conflict(page: Page, session: InterviewSession) -> None:
    elsewhere(page, session)
    page.get_by_role("button", name="Go on here").click()
    expect(page.locator(CHIP)).to_contain_text("Both texts are kept")
    page.get_by_text("What is saved now").click()


def with_keys(page: Page, session: InterviewSession) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def paused(page: Page, session: InterviewSession) -> None:
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()


def answered(page: Page, session: InterviewSession) -> None:
    page.get_by_role("radio", name="Overfitting").check()
    page.locator("#submit").click()
    expect(page.get_by_role("heading", name="What a good answer says")).to_be_visible()


def skipping(page: Page, session: InterviewSession) -> None:
    page.get_by_role("button", name="Skip for good").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


STATES = {
    "running": (running, {}),
    "saved": (saved, {"count": 8}),
    "offline": (without_connection, {}),
    "elsewhere": (elsewhere, {}),
    "conflict": (in_conflict, {}),
    "keys": (with_keys, {}),
    "paused": (paused, {"mode": "practice"}),
    "answered": (answered, {"mode": "practice", "kind": "single"}),
    "forward": (skipping, {"navigation": "forward", "question_limit": "fixed", "question_limit_seconds": 120}),
    "reading": (running, {"reading_seconds": 60}),
}


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_any_state_and_nothing_is_too_wide(open_page: OpenPage, state: str) -> None:
    bring_about, fields = STATES[state]
    found = []
    for viewport, theme in [(DESKTOP, "light"), (PHONE, "dark"), ({"width": 320, "height": 640}, "light")]:
        session = open_session(**fields)  # type: ignore[arg-type]
        page = open_page(session.candidate, path_of(session), viewport=viewport, theme=theme)
        bring_about(page, session)
        violations = Axe().run(page).response["violations"]
        found += [f"{viewport} {v['id']}: {[node['html'][:160] for node in v['nodes']]}" for v in violations]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{viewport} scrolls sideways")
        if folder := SHOTS:
            page.screenshot(path=f"{folder}/{state}-{viewport['width']}-{theme}.png")
        page.close()
    assert found == []

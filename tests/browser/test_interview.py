"""Candidates at the interview page: the whole way to a report, the end of the clock, two tabs, a lost connection."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from interviewprep.accounts.people import create_person
from questions.publishing import add_version, publish
from sessions import lifecycle
from sessions.models import Answer, InterviewSession, KeptDraft
from tests.browser.conftest import PHONE, OpenPage, offline
from tests.browser.interviews import CHIP, end_in, open_session, path_of, write
from tests.factories import (
    make_content,
    make_plan,
    make_question,
    make_session,
    make_topic,
    questions_of,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

REPORT_MS = 30_000


def test_from_the_sign_in_to_a_compiled_report(open_page: OpenPage, worker: None, live_server: LiveServer) -> None:
    create_person(email="ada@example.com", password="a long enough password")
    topic = make_topic("metrics")
    questions = [make_question(topic=topic, kind=kind) for kind in ("open", "single", "multiple", "numeric")]
    make_plan(questions=questions, name="Quick screen")
    page = open_page(None, "/accounts/login/")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Quick screen").click()
    page.get_by_role("button", name="Start the clock").click()
    for _ in questions:
        answer_whatever_is_asked(page)
        expect(page.locator(CHIP)).to_contain_text("revision 1")
        page.locator("#submit").click()
    expect(page.get_by_role("heading", name="Nothing is left open")).to_be_visible()
    page.get_by_role("button", name="Finish the interview").click()
    page.get_by_role("button", name="Show the report without rating").click(timeout=REPORT_MS)
    expect(page.get_by_text("precision and recall").first).to_be_visible()
    report = InterviewSession.objects.get().report
    assert report.state == "ready"
    assert {answer.state for answer in Answer.objects.all()} == {"submitted"}


def answer_whatever_is_asked(page: Page) -> None:
    """Give a good answer to the question in front, of whichever kind."""
    if page.get_by_role("radio").count():
        page.get_by_role("radio", name="Underfitting").check()
    elif page.get_by_role("checkbox").count():
        page.get_by_role("checkbox", name="Bagging").check()
        page.get_by_role("checkbox", name="L2 penalty").check()
    elif page.get_by_label("Your answer, a number").count():
        page.get_by_label("Your answer, a number").fill("0.25")
    else:
        write(page, "Accuracy is useless here. I would look at precision and recall of the fraud class.")


def test_the_last_words_typed_before_the_end_are_in_the_transcript(open_page: OpenPage, worker: None) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    page.get_by_label("Your answer").click()
    end_in(session, 5, page)
    typed = ""
    for word in ("these ", "words ", "are ", "typed ", "until ", "the ", "very ", "end ", "and ", "beyond ", "it "):
        page.keyboard.type(word, delay=60)  # wherever the focus is: the page may leave at any key
        typed += word
        if "report" in page.url:
            break
    page.wait_for_url(re.compile("/report/"), timeout=20_000)
    body = Answer.objects.get(question=questions_of(session)[0]).body
    assert body
    assert typed.startswith(body.rstrip())
    ended = InterviewSession.objects.get(pk=session.pk)
    assert (ended.end_reason, ended.finished_at) == ("clock", ended.deadline)
    expect(page.get_by_role("heading", name="How sure are you of your answers?")).to_be_visible(timeout=REPORT_MS)


# Runs in the page, so that no slow machine comes between: at the last second it types as a person would.
TYPE_AT_THE_LAST_SECOND = """text => new Promise(done => {
  const look = setInterval(() => {
    if (document.getElementById("timer").textContent !== "0:01") return;
    clearInterval(look);
    setTimeout(() => {
      const editor = document.getElementById("answer");
      editor.value = text;
      editor.dispatchEvent(new Event("input", { bubbles: true }));
      done(true);
    }, 500);
  }, 50);
})"""


def test_words_typed_in_the_last_moment_come_along_with_the_end(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    saves: list[str] = []
    page.on("request", lambda request: saves.append(request.url) if request.url.endswith("/draft/") else None)
    end_in(session, 3, page)
    page.evaluate(TYPE_AT_THE_LAST_SECOND, "written half a second before the end, never saved by itself")
    page.wait_for_url(re.compile("/report/"), timeout=20_000)
    assert Answer.objects.get(question=questions_of(session)[0]).body.startswith("written half a second before")
    assert saves == []


def test_reloading_and_coming_back_change_neither_words_nor_time(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    write(page, "Half a thought")
    expect(page.locator(CHIP)).to_contain_text("revision 1")
    end_in(session, 600)
    page.reload()
    expect(page.get_by_label("Your answer")).to_have_value("Half a thought")
    assert page.locator("#timer").inner_text() in {"10:00", "9:59", "9:58", "9:57"}
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("heading", name="Question 2")).to_be_visible()
    page.go_back()
    assert InterviewSession.objects.get(pk=session.pk).state == "running"
    elsewhere = open_page(session.candidate, path_of(session), viewport=PHONE)
    expect(elsewhere.get_by_role("heading", name="Question 2")).to_be_visible()


def test_words_not_yet_saved_survive_a_reload(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    write(page, "typed and reloaded at once")
    page.reload()
    expect(page.get_by_label("Your answer")).to_have_value("typed and reloaded at once")


def test_a_lost_connection_is_said_and_the_words_are_sent_afterwards(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    with offline(page):
        write(page, "written while offline")
        expect(page.locator("#offline")).to_be_visible()
        page.locator("#submit").click()
        expect(page.get_by_label("Your answer")).to_have_value("written while offline")
    expect(page.locator(CHIP)).to_contain_text("revision", timeout=20_000)
    expect(page.locator("#offline")).to_be_hidden()
    assert Answer.objects.get(question=questions_of(session)[0]).body == "written while offline"


def test_ten_thousand_key_presses_a_minute_cost_a_handful_of_saves(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    saves: list[str] = []
    page.on("request", lambda request: saves.append(request.url) if request.url.endswith("/draft/") else None)
    page.get_by_label("Your answer").press_sequentially("x" * 500, delay=6)
    expect(page.locator(CHIP)).to_contain_text("revision")
    page.wait_for_timeout(1_500)
    assert len(Answer.objects.get(question=questions_of(session)[0]).body) == 500
    assert len(saves) <= 3


def test_an_answer_over_the_limit_is_said_before_it_is_sent(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    write(page, "x" * 70_000)
    expect(page.locator(CHIP)).to_contain_text("longer than an answer can be")
    write(page, "short again")
    expect(page.locator(CHIP)).to_contain_text("revision 1")


def test_everything_can_be_done_by_keyboard(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    expect(page.locator("#question-heading")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_text("submit and continue; a submitted answer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("submit and continue; a submitted answer")).to_be_hidden()
    page.keyboard.press("Alt+m")
    expect(page.get_by_role("button", name="1 open, flagged")).to_be_visible()
    page.keyboard.press("Alt+k")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Alt+k")
    page.keyboard.press("Alt+c")
    expect(page.locator("#timer")).to_be_hidden()
    page.get_by_label("Your answer").focus()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Question 2")).to_be_visible()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.get_by_role("heading", name="Question 3")).to_be_visible()
    expect(page.locator("#question-heading")).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.get_by_role("heading", name="Question 2")).to_be_visible()
    page.keyboard.press("Alt+n")
    expect(page.get_by_role("heading", name="Question 3")).to_be_visible()


def test_the_palette_shows_what_was_skipped_flagged_and_answered(open_page: OpenPage) -> None:
    session = open_session(4)
    page = open_page(session.candidate, path_of(session))
    write(page, "done")
    page.locator("#submit").click()
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="Flag").click()
    expect(page.get_by_role("button", name="1 answered")).to_be_visible()
    expect(page.get_by_role("button", name="2 skipped")).to_be_visible()
    expect(page.get_by_role("button", name="3 open, flagged")).to_be_visible()
    page.get_by_role("button", name="1 answered").click()
    expect(page.get_by_text("A submitted answer stays as it is.")).to_be_visible()
    page.get_by_role("button", name="Next open question").click()
    expect(page.get_by_role("heading", name="Question 3")).to_be_visible()


def test_the_timer_can_be_hidden_and_stays_hidden(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    page.get_by_role("button", name="hide").click()
    expect(page.locator("#timer")).to_be_hidden()
    page.reload()
    expect(page.locator("#timer")).to_be_hidden()
    page.get_by_role("button", name="show time").click()
    expect(page.locator("#timer")).to_be_visible()


def test_the_palette_folds_on_a_phone(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session), viewport=PHONE)
    expect(page.locator("#palette")).to_be_hidden()
    page.get_by_role("button", name="1 of 3").click()
    page.get_by_role("button", name="3 open").click()
    expect(page.get_by_role("heading", name="Question 3")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_running_session_keeps_its_version_when_a_curator_publishes_a_new_one(open_page: OpenPage) -> None:
    session = open_session(1)
    page = open_page(session.candidate, path_of(session))
    question = questions_of(session)[0].version.question
    version = add_version(question=question, content=make_content(prompt="A new wording."), author=None)
    publish(question=question, version=version, now=timezone.now())
    page.reload()
    expect(page.get_by_text("A model flags 1 % of payments")).to_be_visible()
    expect(page.get_by_text("A new wording.")).to_have_count(0)
    lifecycle.finish_session(session_id=session.pk, now=timezone.now())
    again = make_session(candidate=session.candidate, plan=session.plan, now=timezone.now())
    page.goto(path_of(again))
    expect(page.get_by_text("A new wording.")).to_be_visible()


def test_without_scripts_the_interview_still_works(
    open_page: OpenPage, chromium: object, live_server: LiveServer
) -> None:
    session = open_session(2)
    page = open_page(session.candidate, path_of(session))
    cookies = page.context.cookies()
    assert page.context.browser
    context = page.context.browser.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(path_of(session))
    plain.get_by_label("Your answer").fill("no scripts here")
    plain.get_by_role("button", name="Submit and continue").click()
    expect(plain.get_by_role("heading", name="Question 2")).to_be_visible()
    plain.get_by_label("Your answer").fill("second")
    plain.get_by_role("button", name="Submit", exact=True).click()
    plain.get_by_role("button", name="Finish the interview").click()
    assert sorted(Answer.objects.values_list("body", flat=True)) == ["no scripts here", "second"]
    context.close()


def test_somebody_who_was_signed_out_is_told_and_keeps_the_words(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    write(page, "typed while signed out")
    expect(page.locator("#signed-out")).to_be_visible()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # what cookies() returned, add_cookies() takes
    page.goto(path_of(session))
    expect(page.get_by_label("Your answer")).to_have_value("typed while signed out")
    expect(page.locator(CHIP)).to_contain_text("revision")


def test_words_of_somebody_signed_out_at_the_end_are_kept_as_late(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    write(page, "typed while signed out, until the end")
    expect(page.locator("#signed-out")).to_be_visible()
    end_in(session, 0)
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # what cookies() returned, add_cookies() takes
    lifecycle.finish_session(session_id=session.pk, now=timezone.now())
    with page.expect_response(re.compile("/draft/")):
        page.goto(path_of(session))
    kept = KeptDraft.objects.get()
    assert kept.body == "typed while signed out, until the end"


def test_signing_in_again_in_another_tab_does_not_stop_the_saves(open_page: OpenPage) -> None:
    person = create_person(email="ada@example.com", password="a long enough password")
    plan = make_plan(questions=[make_question(kind="open")])
    session = make_session(candidate=person, plan=plan, now=timezone.now())
    page = open_page(person, path_of(session))
    other = page.context.new_page()
    other.goto("/accounts/logout/")
    other.get_by_role("button", name="Sign out").last.click()
    other.goto("/accounts/login/")
    other.get_by_label("Email").fill("ada@example.com")
    other.get_by_label("Password").fill("a long enough password")
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/home/")
    write(page, "typed with the old page")
    expect(page.locator(CHIP)).to_contain_text("revision 1")

"""What the browser tests of the interview page share: sessions, how near their end is, and typing into the page."""

import re
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from sessions import lifecycle
from sessions.lifecycle import SaveResult
from sessions.models import Answer, InterviewSession
from tests.factories import (
    OTHER_CLIENT,
    answer,
    make_plan,
    make_question,
    make_session,
    make_topic,
    make_user,
    questions_of,
)

CHIP = "#save-chip"


def open_session(count: int = 3, kind: str = "open", **plan_fields: Any) -> InterviewSession:
    """Start a session of `count` questions of one kind, now. `plan_fields` go to the plan."""
    topic = make_topic()
    plan = make_plan(questions=[make_question(topic=topic, kind=kind) for _ in range(count)], **plan_fields)
    return make_session(candidate=make_user(), plan=plan, now=timezone.now())


def path_of(session: InterviewSession) -> str:
    return f"/interviews/{session.pk}/"


def end_in(session: InterviewSession, seconds: float, page: Page | None = None) -> None:
    """Bring the deadline near, as if most of the time had passed; an open page is made to ask for the time again."""
    deadline = timezone.now() + timedelta(seconds=seconds)
    InterviewSession.objects.filter(pk=session.pk).update(deadline=deadline)
    Answer.objects.filter(session=session).update(deadline=deadline)
    if page is not None:
        ask_for_the_time(page)


def ask_for_the_time(page: Page) -> None:
    with page.expect_response(re.compile("/clock/")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def write(page: Page, text: str) -> None:
    page.get_by_label("Your answer").fill(text)


def answer_of(session: InterviewSession, position: int = 1) -> Answer:
    return Answer.objects.get(question=questions_of(session)[position - 1])


def wait_until(page: Page, expression: str) -> None:
    """Wait until an expression of the page is true. (Playwright's own way evaluates strings, which the CSP refuses.)"""
    for _ in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def wait_until_it_holds(page: Page, session: InterviewSession) -> None:
    """Wait until the server has the page's tab as the one that may write, and the page knows."""
    expect(page.locator("#elsewhere")).to_be_hidden()
    for _ in range(100):
        lease = InterviewSession.objects.get(pk=session.pk).lease
        tab = page.locator("[name=client_id]").input_value()
        if str(lease) == tab == page.locator("#interview").get_attribute("data-holder"):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the tab never got the interview")


def write_elsewhere(session: InterviewSession, text: str) -> SaveResult:
    """Take the interview over on another device and save words for its first question there."""
    holder = InterviewSession.objects.get(pk=session.pk).lease
    now = timezone.now()
    lifecycle.take_lease(
        session_id=session.pk, candidate=session.candidate, client_id=OTHER_CLIENT, seen=holder, now=now
    )
    question = questions_of(session)[0]
    return answer(question, text, client_id=OTHER_CLIENT, base_revision=question.answer.revision, now=now)

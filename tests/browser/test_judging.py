"""A candidate rates, reads and ticks, and a mentor ticks after them: with and without scripts, and without a mouse."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from interviewprep.accounts.models import MENTOR_GROUP, User
from interviewprep.accounts.people import create_person
from sessions import reports
from sessions.grading import Finding, FindingKind
from sessions.models import InterviewSession, Score, SelfReview
from tests.browser.conftest import LOOKS, OpenPage
from tests.factories import make_finished_session, make_mentorship, make_plan, make_question

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

PASSWORD = "a long enough password"
ONE_POINT = "Accuracy is useless with imbalanced classes."
SMALL = {"width": 320, "height": 700}
LAST_POINT = "The threshold follows from the cost"


@pytest.fixture
def ada(transactional_db: None) -> User:
    return create_person(email="ada@example.com", password=PASSWORD, name="Ada")


@pytest.fixture
def session(ada: User) -> InterviewSession:
    now = timezone.now()
    plan = make_plan(questions=[make_question() for _ in range(3)])
    sat = make_finished_session(candidate=ada, plan=plan, now=now - timedelta(hours=1), bodies=[ONE_POINT] * 3)
    reports.refresh_report(session_id=sat.pk, now=now)
    return sat


@pytest.fixture
def mo(ada: User) -> User:
    mentor = create_person(email="mo@example.com", password=PASSWORD, name="Mo", groups=[MENTOR_GROUP])
    make_mentorship(candidate=ada, mentor=mentor)
    return mentor


def report_of(session: InterviewSession) -> str:
    return f"/interviews/{session.pk}/report/"


def tick(page: Page, words: str) -> None:
    """Tick the last key point of the first question, and save."""
    card = page.locator("#question-1")
    card.get_by_text("Reference answer, to compare and tick").click()
    card.get_by_role("group", name=LAST_POINT).get_by_label(words, exact=True).check()
    card.get_by_role("button", name="Save my ticks").click()


def test_from_the_rating_to_verdicts_to_ticks_to_another_band_and_to_a_mentors(
    open_page: OpenPage, session: InterviewSession, ada: User, mo: User
) -> None:
    page = open_page(ada, report_of(session))
    expect(page.get_by_text("not found")).to_have_count(0)
    for group in page.get_by_role("group", name="How sure are you of this answer?").all():
        group.get_by_label("certain").check()
    page.get_by_role("button", name="Show the report", exact=True).click()
    expect(page.get_by_text("the confidence was higher than the result bears out")).to_be_visible()
    card = page.locator("#question-1")
    expect(card.get_by_text("some of the key points").first).to_be_visible()
    expect(card.get_by_text("Before the verdicts you were: certain")).to_be_visible()

    tick(page, "partly")
    expect(card.get_by_text("You: some")).to_be_visible()
    card.get_by_text("Reference answer, to compare and tick").click()
    for group in card.locator("fieldset").all():
        group.get_by_label("covered", exact=True).check()
    card.get_by_role("button", name="Save my ticks").click()
    expect(card.get_by_text("all of the key points")).to_be_visible()
    expect(page.get_by_text("1 answer counts as the candidate judged it.")).to_be_visible()

    theirs = open_page(mo, f"/interviews/{session.pk}/transcript/")
    tick(theirs, "covered")
    page.reload()
    expect(card.get_by_text("You: all · Mo: some")).to_be_visible()
    card.get_by_text("Reference answer, to compare and tick").click()
    card.get_by_role("button", name="Take my ticks back").click()
    expect(card.get_by_text("some of the key points · Mo: some")).to_be_visible()
    assert list(Score.objects.exclude(source="automatic").values_list("source", flat=True)) == ["mentor"]


def test_the_rating_needs_neither_a_mouse_nor_scripts(
    open_page: OpenPage, session: InterviewSession, ada: User
) -> None:
    page = open_page(ada, report_of(session))
    page.route("**/*.js", lambda route: route.abort())
    page.reload()
    page.get_by_label("guessing").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Question by question")).to_be_visible()
    assert list(SelfReview.objects.get().ratings.values()) == [2]


@pytest.mark.parametrize(("viewport", "theme"), [*LOOKS, pytest.param(SMALL, "light", id="small")])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_page: OpenPage, session: InterviewSession, ada: User, mo: User, viewport: dict[str, int], theme: str
) -> None:
    add_findings(session)
    found = []
    page = open_page(ada, report_of(session), viewport=viewport, theme=theme)
    found += faults(page)
    for group in page.get_by_role("group", name="How sure are you of this answer?").all():
        group.get_by_label("certain").check()
    page.get_by_role("button", name="Show the report", exact=True).click()
    expect(page.get_by_role("heading", name="Confidence and result")).to_be_visible()
    tick(page, "partly")
    expect(page.get_by_text("You: some")).to_be_visible()
    page.locator("#question-1 .compare > summary").click()
    found += faults(page)
    theirs = open_page(mo, f"/interviews/{session.pk}/transcript/", viewport=viewport, theme=theme)
    theirs.locator("#question-1 .compare > summary").click()
    assert found + faults(theirs) == []


def add_findings(session: InterviewSession) -> None:
    findings = [
        Finding(FindingKind.MISCONCEPTION, "m", "Accuracy is enough", note="No.", evidence="Accuracy", start=0, end=8),
        Finding(FindingKind.PART, "situation", "Situation"),
        Finding(FindingKind.PART, "result", "Result", is_present=False),
        Finding(FindingKind.UNREADABLE, "code", "This looks like code", evidence="useless", start=12, end=19),
    ]
    Score.objects.filter(answer__session=session).update(findings=[finding.to_json() for finding in findings])
    reports.bring_up_to_date(report=session.report, now=timezone.now())


def faults(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    found = [f"{page.url}: {item['id']} {[node['html'][:120] for node in item['nodes']]}" for item in violations]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{page.url} scrolls sideways")
    return found

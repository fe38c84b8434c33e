"""Two curators, a candidate and a mentor in a browser: a version goes through review, and a flag is answered."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from interviewprep.accounts.models import CURATOR_GROUP, MENTOR_GROUP, User
from interviewprep.accounts.people import create_person
from questions import curating
from questions.models import Flag, Question, QuestionVersion, Review
from sessions import reports, scoring
from sessions.models import InterviewSession
from tests.browser.conftest import LOOKS, PHONE, OpenPage
from tests.factories import make_content, make_finished_session, make_flag, make_mentorship, make_plan, make_question

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

SMALL = {"width": 320, "height": 700}
PASSWORD = "a long enough password"


@pytest.fixture
def cleo(transactional_db: None) -> User:
    return create_person(email="cleo@example.com", password=PASSWORD, name="Cleo", groups=[CURATOR_GROUP])


@pytest.fixture
def rory(transactional_db: None) -> User:
    return create_person(email="rory@example.com", password=PASSWORD, name="Rory", groups=[CURATOR_GROUP])


@pytest.fixture
def ada(transactional_db: None) -> User:
    return create_person(email="ada@example.com", password=PASSWORD, name="Ada")


@pytest.fixture
def question(transactional_db: None) -> Question:
    return make_question("rare-fraud", title="Rare fraud", prompt="Which metric would you choose for rare fraud?")


@pytest.fixture
def draft(question: Question, cleo: User) -> QuestionVersion:
    content = make_content(title="Rare fraud", prompt="Which single metric would you choose for rare fraud?")
    return curating.write_draft(question=question, content=content, actor=cleo, now=timezone.now())


@pytest.fixture
def session(question: Question, ada: User) -> InterviewSession:
    now = timezone.now()
    plan = make_plan(questions=[question], name="Quick screen")
    session = make_finished_session(candidate=ada, plan=plan, now=now - timedelta(hours=1))
    reports.refresh_report(session_id=session.pk, now=now)
    scoring.show_verdicts(session=session, ratings={}, now=now)
    return session


def test_a_version_is_submitted_sent_back_written_anew_approved_and_published(
    open_page: OpenPage, draft: QuestionVersion, cleo: User, rory: User
) -> None:
    page = open_page(cleo, f"/bank/{draft.question_id}/?version=2")
    page.get_by_role("link", name="Submit version 2 for review").click()
    page.get_by_label("What should the reviewer look at?").fill("One metric only now.")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("waits for a review by somebody else")).to_be_visible()

    theirs = open_page(rory, "/bank/reviews/", theme="dark")
    theirs.get_by_role("link", name=re.compile("Review ?: Rare fraud")).click()
    expect(theirs.locator("ins", has_text="single")).to_be_visible()
    theirs.get_by_role("button", name="Approve and publish").click()
    expect(theirs.get_by_text("Tick every point, or ask for changes")).to_be_visible()
    comment(theirs, "Why only one?")
    theirs.get_by_label("Note to the author").fill("Ask for two metrics.")
    theirs.get_by_role("button", name="Ask for changes").click()
    expect(theirs.get_by_text("Version 2 is sent back with your note.")).to_be_visible()

    page.goto("/bank/reviews/")
    expect(page.get_by_text("Ask for two metrics.")).to_be_visible()
    better = make_content(title="Rare fraud", prompt="Which two metrics would you choose for rare fraud?")
    newer = curating.write_draft(question=draft.question, content=better, actor=cleo, now=timezone.now())
    curating.submit(version=newer, actor=cleo, now=timezone.now())

    theirs.goto(f"/bank/{draft.question_id}/")
    theirs.get_by_role("link", name="Review version 3").click()
    expect(theirs.get_by_text("Ask for two metrics.")).to_be_visible()
    for box in theirs.get_by_role("checkbox").all():
        box.check()
    theirs.get_by_role("button", name="Approve and publish").click()
    expect(theirs.get_by_text("New interviews now get version 3.")).to_be_visible()
    expect(theirs.get_by_text("published version 3 in place of version 1")).to_be_visible()
    assert Question.objects.get().current_version == newer
    assert list(Review.objects.order_by("submitted_at").values_list("state", flat=True)) == ["changes", "approved"]


def comment(page: Page, words: str) -> None:
    """Write a comment about the prompt, resolve it, and open it again, without leaving the page."""
    address = page.url
    page.get_by_label("About").select_option("prompt")
    page.get_by_label("Comment", exact=True).fill(words)
    page.get_by_role("button", name="Save comment").click()
    expect(page.get_by_text("Your comment is saved.")).to_be_focused()
    page.get_by_role("button", name=re.compile("Resolve")).click()
    expect(page.get_by_text("The comment is resolved.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Open again")).click()
    expect(page.get_by_text("The comment is open again.")).to_be_visible()
    assert page.url == address


def test_a_flag_goes_from_a_report_to_a_curator_and_its_answer_back(
    open_page: OpenPage, session: InterviewSession, ada: User, cleo: User
) -> None:
    page = open_page(ada, f"/interviews/{session.pk}/report/", viewport=PHONE)
    page.get_by_role("link", name="Something wrong with this question?").click()
    page.get_by_label("unclear").check()
    page.get_by_label(re.compile("What exactly")).fill("Is one metric enough?")
    page.get_by_role("button", name="Send to the curators").click()
    expect(page.get_by_text("Thank you. The curators read it")).to_be_focused()
    assert "/report/" in page.url

    theirs = open_page(cleo, "/bank/flags/")
    expect(theirs.get_by_text("Is one metric enough?", exact=True)).to_be_visible()
    expect(theirs.get_by_text("Ada", exact=True)).to_have_count(0)
    theirs.get_by_role("link", name=re.compile("Answer")).click()
    theirs.get_by_label("No change, because").check()
    theirs.get_by_label(re.compile("Note to the sender")).fill("Yes, and say why.")
    theirs.get_by_role("button", name="Send the answer").click()
    expect(theirs.get_by_text("No open flags.")).to_be_visible()

    page.goto("/home/")
    page.get_by_role("link", name="Read it").click()
    expect(page.get_by_text("Yes, and say why.")).to_be_visible()
    expect(page.get_by_text("new answer")).to_be_visible()
    page.reload()
    expect(page.get_by_text("new answer")).to_have_count(0)


def test_a_mentor_flags_from_the_transcript(open_page: OpenPage, session: InterviewSession, ada: User) -> None:
    mentor = create_person(email="mo@example.com", password=PASSWORD, name="Mo", groups=[MENTOR_GROUP])
    make_mentorship(candidate=ada, mentor=mentor)
    page = open_page(mentor, f"/interviews/{session.pk}/transcript/")
    page.get_by_role("link", name="Something wrong with this question?").click()
    page.get_by_label("outdated").check()
    page.get_by_role("button", name="Send to the curators").click()
    expect(page.get_by_text("Thank you. The curators read it")).to_be_visible()
    assert (Flag.objects.get().role, Flag.objects.get().sender) == (Flag.Role.MENTOR, mentor)


def without_scripts(page: Page) -> Page:
    page.route("**/*.js", lambda route: route.abort())
    page.reload()
    return page


def test_a_flag_is_sent_without_scripts(open_page: OpenPage, session: InterviewSession, ada: User) -> None:
    page = without_scripts(open_page(ada, f"/interviews/{session.pk}/report/"))
    page.get_by_role("link", name="Something wrong with this question?").click()
    page.get_by_label("too easy").check()
    page.get_by_role("button", name="Send to the curators").click()
    expect(page.get_by_role("heading", name="Question by question")).to_be_visible()
    assert Flag.objects.get().reason == Flag.Reason.TOO_EASY


def test_a_comment_is_written_without_scripts(open_page: OpenPage, draft: QuestionVersion, cleo: User) -> None:
    page = without_scripts(open_page(cleo, f"/bank/{draft.question_id}/?version=2"))
    page.get_by_label("Comment", exact=True).fill("Without scripts.")
    page.get_by_role("button", name="Save comment").click()
    expect(page.get_by_text("Your comment is saved.")).to_be_visible()
    expect(page.get_by_text("Without scripts.", exact=True)).to_be_visible()


def pages(
    session: InterviewSession, draft: QuestionVersion, cleo: User, rory: User, ada: User
) -> list[tuple[User, str]]:
    now = timezone.now()
    review = curating.submit(version=draft, actor=cleo, message="Is it fair?", now=now)
    curating.add_comment(version=draft, actor=rory, body="Why only one?", field="prompt", now=now)
    current = draft.question.versions.get(number=1)
    flag = make_flag(current, sender=ada, note="Is one metric enough?")
    make_flag(current, note="Mine too.")
    asked = session.questions.get()
    return [
        (rory, "/bank/reviews/"),
        (cleo, "/bank/reviews/"),
        (rory, f"/bank/reviews/{review.pk}/"),
        (cleo, f"/bank/{draft.question_id}/"),
        (cleo, f"/bank/{draft.question_id}/?version=2"),
        (cleo, f"/bank/{draft.question_id}/diff/"),
        (cleo, f"/bank/{draft.question_id}/retire/"),
        (cleo, f"/bank/versions/{draft.pk}/discard/"),
        (cleo, "/bank/flags/"),
        (cleo, f"/bank/flags/{flag.pk}/"),
        (ada, "/bank/flags/yours/"),
        (ada, f"/interviews/{session.pk}/questions/{asked.pk}/flag-it/"),
    ]


@pytest.mark.parametrize(("viewport", "theme"), [*LOOKS, pytest.param(SMALL, "light", id="small")])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_page: OpenPage,
    session: InterviewSession,
    draft: QuestionVersion,
    cleo: User,
    rory: User,
    ada: User,
    viewport: dict[str, int],
    theme: str,
) -> None:
    found = []
    for who, path in pages(session, draft, cleo, rory, ada):
        page = open_page(who, path, viewport=viewport, theme=theme)
        violations = Axe().run(page).response["violations"]
        found += [f"{path}: {item['id']} {[node['html'][:120] for node in item['nodes']]}" for item in violations]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path} scrolls sideways")
        page.close()
    assert found == []

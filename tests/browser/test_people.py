"""Mentors and curators in a browser, and a visitor who tries the sample and then signs up."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from interviewprep.accounts.models import CURATOR_GROUP, User
from interviewprep.accounts.people import create_person
from questions.models import Question
from sessions.models import InterviewSession, ReviewComment
from tests.browser.conftest import OpenPage
from tests.factories import (
    make_approval,
    make_finished_session,
    make_mentor,
    make_plan,
    make_question,
    make_session,
    make_topic,
    make_user,
    questions_of,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_a_mentor_reads_a_transcript_and_leaves_a_comment(open_page: OpenPage) -> None:
    candidate = make_user("ada@example.com", name="Ada")
    plan = make_plan(questions=[make_question(kind="open")], name="Quick screen")
    session = make_finished_session(candidate=candidate, plan=plan, now=timezone.now() - timedelta(hours=1))
    page = open_page(make_mentor(of=candidate), "/mentoring/")
    page.get_by_role("link", name=re.compile("Quick screen")).first.click()
    expect(page.get_by_text("Accuracy is useless with imbalanced classes").first).to_be_visible()
    page.get_by_text("Write a comment").first.click()
    page.get_by_label("Your comment").first.fill("Say which metric first.")
    page.get_by_role("button", name="Save comment").first.click()
    expect(page.get_by_text("Say which metric first.").first).to_be_visible()
    assert ReviewComment.objects.get().question.session_id == session.pk
    reader = open_page(candidate, f"/interviews/{session.pk}/transcript/")
    expect(reader.get_by_text("Say which metric first.")).to_be_visible()


def test_a_candidate_invites_a_mentor_who_accepts_by_the_mail(open_page: OpenPage) -> None:
    candidate = create_person(email="ada@example.com", password="a long enough password", name="Ada")
    mentor = create_person(email="mo@example.com", password="a long enough password", name="Mo")
    page = open_page(candidate, "/people/")
    page.get_by_label(re.compile("e-?mail", re.IGNORECASE)).first.fill("mo@example.com")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text("mo@example.com").first).to_be_visible()
    link = re.search(r"https?://[^/\s]+(/people/\S+)", str(mail.outbox[0].body))
    assert link
    theirs = open_page(mentor, link[1])
    theirs.get_by_role("button", name="Become their mentor").click()
    expect(theirs.get_by_role("heading").first).to_be_visible()
    assert User.objects.get(pk=mentor.pk).is_mentor
    expect(open_page(candidate, "/people/").get_by_text("Mo").first).to_be_visible()


def test_a_curator_publishes_a_new_version_while_a_session_runs_on_the_old_one(open_page: OpenPage) -> None:
    question = make_question("metric-for-fraud", kind="open", prompt="The old wording, which runs.")
    session = make_session(plan=make_plan(questions=[question]), now=timezone.now())
    curator = create_person(
        email="cleo@example.com", password="a long enough password", groups=[CURATOR_GROUP], is_staff=True
    )
    page = open_page(curator, f"/admin/questions/question/{question.pk}/change/")
    page.get_by_role("button", name="Edit as a new version").click()
    page.locator("textarea[name=prompt]").fill("The new wording, for everybody who starts later.")
    page.get_by_role("button", name="Save", exact=True).click()
    make_approval(question.versions.get(number=2))
    page.goto(f"/admin/questions/question/{question.pk}/change/")
    page.get_by_role("button", name="Publish the newest version").click()
    expect(page.get_by_text(re.compile("published", re.IGNORECASE)).first).to_be_visible()
    question = Question.objects.get(pk=question.pk)
    assert question.current_version
    assert question.current_version.number == 2
    running = open_page(session.candidate, f"/interviews/{session.pk}/")
    expect(running.get_by_text("The old wording, which runs.")).to_be_visible()
    assert questions_of(session)[0].version.number == 1


def test_a_visitor_tries_the_sample_and_keeps_it_by_signing_up(open_page: OpenPage, worker: None) -> None:
    make_plan(
        questions=[make_question(topic=make_topic(), kind="numeric")],
        for_visitors=True,
        minutes=5,
        name="Five-minute sample",
    )
    page = open_page(None, "/")
    page.get_by_role("button", name="Try a five-minute sample").click()
    page.get_by_role("button", name="Start the clock").click()
    page.get_by_label("Your answer, a number").fill("0.25")
    page.get_by_role("button", name="Submit", exact=True).click()
    page.get_by_role("button", name="Finish the interview").click()
    expect(page.get_by_role("heading", name="Question by question")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name=re.compile("Create an? account|Create account")).first.click()
    page.get_by_label("Email").fill("new@example.com")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name=re.compile("Create account|Sign up")).click()
    page.wait_for_url(re.compile("confirm|verif"))
    code = re.search(r"^\s*([A-Z0-9]+-[A-Z0-9]+)\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code, str(mail.outbox[-1].body)
    page.get_by_label(re.compile("code", re.IGNORECASE)).fill(code[1])
    page.get_by_role("button", name="Confirm").click()
    page.goto("/history/")
    expect(page.get_by_text("Five-minute sample").first).to_be_visible()
    assert InterviewSession.objects.get().candidate.email == "new@example.com"

"""Flagging a question from a report, a transcript, or an answer in practice: who may, when, and what comes back."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interviewprep.accounts.models import Mentorship, User
from questions import flagging
from questions.models import Flag
from questions.publishing import add_version, publish
from sessions import reports, scoring
from sessions.models import InterviewSession, SessionQuestion
from tests.clients import as_guest, signed_in
from tests.factories import (
    NOW,
    answer,
    make_content,
    make_curator,
    make_finished_session,
    make_guest,
    make_mentor,
    make_plan,
    make_question,
    make_session,
    make_user,
    questions_of,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
WRONG = {"reason": "wrong", "note": "The second sentence."}


@pytest.fixture
def candidate() -> User:
    return make_user("ada@example.com")


@pytest.fixture
def session(candidate: User) -> InterviewSession:
    session = make_finished_session(candidate=candidate)
    reports.refresh_report(session_id=session.pk, now=NOW)
    scoring.show_verdicts(session=session, ratings={}, now=NOW)
    return session


@pytest.fixture
def mentor(candidate: User) -> User:
    return make_mentor(of=candidate)


def address(session: InterviewSession, position: int = 0) -> str:
    return reverse("flag_question", args=[session.pk, questions_of(session)[position].pk])


# Who may, and when


def test_a_candidate_flags_a_question_of_their_report(session: InterviewSession, candidate: User) -> None:
    client = signed_in(candidate)
    assert address(session) in client.get(reverse("report", args=[session.pk])).content.decode()
    answered = client.post(address(session), WRONG)
    flag = Flag.objects.get()
    assert answered["Location"] == f"{reverse('report', args=[session.pk])}#question-1"
    assert (flag.version, flag.sender, flag.role, flag.reason, flag.note) == (
        questions_of(session)[0].version,
        candidate,
        Flag.Role.CANDIDATE,
        "wrong",
        "The second sentence.",
    )


def test_a_mentor_flags_a_question_of_a_transcript(session: InterviewSession, mentor: User) -> None:
    client = signed_in(mentor)
    assert address(session) in client.get(reverse("transcript", args=[session.pk])).content.decode()
    answered = client.post(address(session, 1), WRONG)
    assert answered["Location"] == f"{reverse('transcript', args=[session.pk])}#question-2"
    assert (Flag.objects.get().sender, Flag.objects.get().role) == (mentor, Flag.Role.MENTOR)


def test_nobody_flags_what_they_were_not_shown(session: InterviewSession, mentor: User) -> None:
    for client in (Client(), as_guest(make_guest())):
        assert client.post(address(session), WRONG)["Location"].startswith(reverse("account_login"))
    Mentorship.objects.update(revoked_at=NOW)
    for stranger in (make_user(), make_mentor(), make_curator(), mentor):
        client = signed_in(stranger)
        assert {client.get(address(session)).status_code, client.post(address(session), WRONG).status_code} == {404}
    assert not Flag.objects.exists()


def test_a_question_of_another_session_is_not_found(session: InterviewSession, candidate: User) -> None:
    other = make_finished_session()
    wrong = reverse("flag_question", args=[session.pk, questions_of(other)[0].pk])
    assert signed_in(candidate).get(wrong).status_code == 404
    assert signed_in(candidate).get(reverse("flag_question", args=[uuid4(), uuid4()])).status_code == 404


def test_nothing_is_flagged_while_a_mock_interview_runs(candidate: User) -> None:
    running = make_session(candidate=candidate)
    answer(questions_of(running)[0], "An answer", submit=True)
    client = signed_in(candidate)
    for position in (0, 1):
        assert client.get(address(running, position)).status_code == 404
        assert client.post(address(running, position), WRONG).status_code == 404
    assert not Flag.objects.exists()


def test_in_practice_what_was_submitted_can_be_flagged_and_nothing_else(candidate: User) -> None:
    running = make_session(candidate=candidate, plan=make_plan(mode="practice"))
    answer(questions_of(running)[0], "An answer", submit=True)
    client = signed_in(candidate)
    assert client.post(address(running, 1), WRONG).status_code == 404
    assert client.post(address(running), WRONG)["Location"] == reverse("interview", args=[running.pk])
    assert signed_in(make_mentor(of=candidate)).post(address(running), WRONG).status_code == 404
    assert Flag.objects.get().version == questions_of(running)[0].version


def test_the_answer_in_practice_leads_to_the_form(candidate: User) -> None:
    questions = [make_question(kind="open")]
    running = make_session(
        candidate=candidate, plan=make_plan(mode="practice", questions=questions), now=timezone.now()
    )
    answer(questions_of(running)[0], "An answer", now=timezone.now(), submit=True)
    page = signed_in(candidate).get(reverse("interview", args=[running.pk]), follow=True).content.decode()
    assert address(running) in page


def test_a_guest_is_not_offered_what_they_cannot_do() -> None:
    guest = make_guest()
    session = make_finished_session(candidate=guest)
    reports.refresh_report(session_id=session.pk, now=NOW)
    page = as_guest(guest).get(reverse("report", args=[session.pk])).content.decode()
    assert "Something wrong with this question?" not in page


# The form


def test_the_form_is_a_fragment_for_htmx_and_a_page_without(session: InterviewSession, candidate: User) -> None:
    client = signed_in(candidate)
    fragment = client.get(address(session), headers=HTMX).content.decode()
    assert "<html" not in fragment
    assert "<form" in fragment
    assert "<html" in client.get(address(session)).content.decode()


def test_sent_with_htmx_it_says_thank_you_in_its_place(session: InterviewSession, candidate: User) -> None:
    page = signed_in(candidate).post(address(session), WRONG, headers=HTMX).content.decode()
    assert "<html" not in page
    assert "Thank you. The curators read it" in page


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("data", [{"note": "Kept words."}, {"reason": "x", "note": "Kept words."}])
def test_a_flag_without_a_reason_is_given_back(
    headers: dict[str, str], data: dict[str, str], session: InterviewSession, candidate: User
) -> None:
    refused = signed_in(candidate).post(address(session), data, headers=headers)
    assert (refused.status_code, "Kept words." in refused.content.decode()) == (422, True)
    assert not Flag.objects.exists()


def test_what_the_bank_refuses_is_said_at_the_note(
    session: InterviewSession, candidate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(candidate)
    assert "Say in a few words" in client.post(address(session), {"reason": "other"}).content.decode()
    monkeypatch.setattr(flagging, "MAX_NEW_FLAGS_A_DAY", 0)
    refused = client.post(address(session), WRONG)
    assert (refused.status_code, "tomorrow" in refused.content.decode()) == (422, True)


def test_sending_again_changes_the_flag_and_the_report_says_it_is_there(
    session: InterviewSession, candidate: User
) -> None:
    client = signed_in(candidate)
    client.post(address(session), WRONG)
    assert "You flagged this question." in client.get(reverse("report", args=[session.pk])).content.decode()
    form = client.get(address(session)).content.decode()
    assert "What you send now takes its place." in form
    assert "The second sentence." in form
    client.post(address(session), {"reason": "unclear", "note": ""})
    assert (Flag.objects.get().reason, Flag.objects.get().note) == ("unclear", "")


def test_a_mentor_does_not_see_the_flag_of_their_candidate(
    session: InterviewSession, candidate: User, mentor: User
) -> None:
    signed_in(candidate).post(address(session), WRONG)
    client = signed_in(mentor)
    for page in (reverse("transcript", args=[session.pk]), reverse("report", args=[session.pk]), address(session)):
        text = client.get(page).content.decode()
        assert "You flagged this" not in text
        assert "The second sentence." not in text


def test_a_flag_names_the_version_that_was_asked_not_the_current_one(
    session: InterviewSession, candidate: User
) -> None:
    version = questions_of(session)[0].version
    newer = add_version(question=version.question, content=make_content(), author=None)
    publish(question=version.question, version=newer, now=NOW)
    signed_in(candidate).post(address(session), WRONG)
    assert Flag.objects.get().version == version


def test_a_follow_up_is_flagged_with_the_question_it_follows(session: InterviewSession, candidate: User) -> None:
    SessionQuestion.objects.filter(pk=questions_of(session)[-1].pk).update(follow_up="And then?")
    assert signed_in(candidate).get(address(session, -1)).status_code == 404

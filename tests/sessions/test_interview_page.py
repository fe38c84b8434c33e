"""What the interview page weighs, how its palette counts, and what each kind of session shows or leaves out."""

import gzip
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interviewprep.accounts.models import User
from sessions import lifecycle
from sessions.models import InterviewSession
from tests.factories import CODING, answer, make_plan, make_question, make_session, make_topic, make_user, questions_of

pytestmark = pytest.mark.django_db

LONG_PROMPT = "A team of six trains a model on a year of payments, of which one in a thousand is fraud. " * 12


@pytest.fixture
def candidate(client: Client) -> User:
    user = make_user()
    client.force_login(user)
    return user


def start(candidate: User, *, count: int = 3, question: dict[str, Any] | None = None, **plan: Any) -> InterviewSession:
    topic = make_topic()
    fields = {"kind": "open"} | (question or {})
    questions = [make_question(topic=topic, **fields) for _ in range(count)]
    return make_session(candidate=candidate, plan=make_plan(questions=questions, **plan), now=timezone.now())


def page_of(client: Client, session: InterviewSession) -> str:
    response = client.get(reverse("interview", args=[session.pk]))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    "plan",
    [{}, {"question_limit": "fixed", "question_limit_seconds": 120, "navigation": "forward", "reading_seconds": 30}],
)
def test_the_page_weighs_at_most_six_kilobytes(client: Client, candidate: User, plan: dict[str, Any]) -> None:
    session = start(candidate, count=12, question={"prompt": LONG_PROMPT}, **plan)
    assert len(gzip.compress(page_of(client, session).encode())) <= 6_000


def test_a_saved_chip_takes_at_most_300_bytes(client: Client, candidate: User) -> None:
    question = questions_of(start(candidate))[0]
    lease = "11111111-1111-4111-8111-111111111111"
    fields = {"body": "w" * 2_000, "answer_format": "text", "base_revision": 0, "client_id": lease, "sequence": 1}
    address = reverse("interview_draft", args=[question.session_id, question.pk])
    assert len(client.post(address, fields, headers={"HX-Request": "true"}).content) <= 300


def test_follow_ups_stand_with_their_question_and_show_once_they_are_asked(client: Client, candidate: User) -> None:
    session = start(candidate, count=2, asks_follow_ups=True)
    html = page_of(client, session)
    assert "1 of 2" in html
    assert html.count('name="to"') == 2 + 2  # two entries; the default button and the one without scripts
    first, follow_up, *_ = questions_of(session)
    answer(first, "words", now=timezone.now(), submit=True)
    lifecycle.open_question(session=session, question_id=follow_up.pk, now=timezone.now())
    html = page_of(client, session)
    assert "1 of 2" in html
    assert 'aria-label="1+ follow-up, open" aria-current="step">1+<' in html
    assert 'aria-label="2 open"' in html
    assert "What would change your mind?" in html


def test_a_session_that_only_goes_forward_has_no_buttons_to_other_questions(client: Client, candidate: User) -> None:
    html = page_of(client, start(candidate, navigation="forward"))
    assert '<span class="palette__item palette__item--open" aria-current="step">1<' in html
    assert html.count('name="to"') == 2
    assert "you cannot come back" in html
    assert 'id="flag"' not in html


def test_a_paused_session_shows_no_question(client: Client, candidate: User) -> None:
    session = start(candidate, mode="practice")
    lifecycle.pause_session(session=session, now=timezone.now())
    html = page_of(client, session)
    assert "Paused" in html
    assert "A model flags" not in html
    assert reverse("interview_resume", args=[session.pk]) in html


def test_a_mock_interview_never_shows_the_reference_and_practice_only_after_submitting(
    client: Client, candidate: User
) -> None:
    reference = "Accuracy misleads under imbalance"
    mock_interview = start(candidate)
    answer(questions_of(mock_interview)[0], "words", now=timezone.now(), submit=True)
    assert reference not in page_of(client, mock_interview)
    lifecycle.finish_session(session_id=mock_interview.pk, now=timezone.now() + timedelta(seconds=1))
    practice = start(candidate, mode="practice")
    assert reference not in page_of(client, practice)
    answer(questions_of(practice)[0], "words", now=timezone.now(), submit=True)
    assert reference in page_of(client, practice)


def test_an_untimed_session_has_no_timer_at_all(client: Client, candidate: User) -> None:
    session = start(candidate, mode="practice")
    InterviewSession.objects.filter(pk=session.pk).update(is_untimed=True, time_limit_seconds=None)
    html = page_of(client, session)
    assert 'role="timer"' not in html
    assert "data-remaining-ms=" not in html.split("<footer")[0]


def test_a_hidden_timer_is_hidden_before_any_script_runs(client: Client, candidate: User) -> None:
    User.objects.filter(pk=candidate.pk).update(hides_timer=True)
    html = page_of(client, start(candidate))
    assert 'aria-label="Time left" hidden>' in html


def test_a_coding_question_shows_what_to_start_from_and_its_first_cases_but_no_solution(
    client: Client, candidate: User
) -> None:
    cases = [{"call": f"area({radius})", "expected": f"known-{radius}"} for radius in range(4)]
    coding = CODING | {"code": CODING["code"] | {"cases": cases, "starter": "begin_here()", "solution": "hidden()"}}
    page = page_of(client, start(candidate, question=coding))
    for shown in ("begin_here", "import", "area(0)", "known-1"):
        assert shown in page
    for kept in ("hidden()", "known-2", "The area grows with the radius.", "Pi times the radius."):
        assert kept not in page


def test_practice_shows_the_solution_the_samples_and_the_misconceptions_after_submitting(
    client: Client, candidate: User
) -> None:
    session = start(candidate, question=CODING, mode="practice")
    question = questions_of(session)[0]
    assert "Pi times the radius." not in page_of(client, session)
    answer(question, "pi r squared", now=timezone.now(), submit=True)
    page = client.get(reverse("interview", args=[session.pk])).content.decode()
    for shown in (
        "A solution, and the cases it passes",
        "Pi times the radius.",
        "It grows with its square.",
        "Begin with the formula.",
    ):
        assert shown in page

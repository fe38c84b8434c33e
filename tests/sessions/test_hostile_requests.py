"""What no page of ours would send, and what several tabs send at the worst moment: nothing leaks, breaks or is lost."""

from datetime import datetime, timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from sessions import lifecycle
from sessions.lifecycle import sitting as sittings
from sessions.models import Answer, InterviewSession, KeptDraft
from tests.factories import CLIENT, NOW, OTHER_CLIENT, make_plan, make_question, make_session, questions_of
from tests.sessions.engine import SECOND, claim, draft, kinds_of, make_limited, make_practice, nth, reload, submit

pytestmark = pytest.mark.django_db


def draft_data(body: str, **fields: Any) -> dict[str, Any]:
    base = {"body": body, "answer_format": "text", "base_revision": 0, "client_id": str(CLIENT), "sequence": 1}
    return base | fields


def post(session: InterviewSession, action: str, data: dict[str, Any], *, at: datetime, position: int = 1) -> Any:
    """Send an action of the interview page as the session's candidate, arriving `at`."""
    client = Client(raise_request_exception=False)
    client.force_login(session.candidate)
    url = reverse(f"interview_{action}", args=[session.pk, nth(session, position).pk])
    with mock.patch("interviewprep.http.timezone.now", return_value=at):
        return client.post(url, data, headers={"HX-Request": "true"})


def open_questions(count: int = 3, **plan_fields: Any) -> InterviewSession:
    questions = [make_question(kind="open") for _ in range(count)]
    return make_session(plan=make_plan(questions=questions, **plan_fields))


# --- The way forward ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [lifecycle.submit_answer, lifecycle.skip_question])
def test_forward_only_cannot_be_left_behind_by_acting_on_a_question_that_lies_ahead(act: Any) -> None:
    session = make_session(navigation="forward")
    act(session=session, question_id=nth(session, 2).pk, draft=draft("words"), go_on=True, now=NOW + SECOND)
    assert reload(session).current_position == 1
    assert [question.answer.state for question in questions_of(session)] == ["open"] * 3


def test_a_follow_up_is_not_shown_before_it_is_asked_whatever_is_submitted() -> None:
    session = open_questions(asks_follow_ups=True)
    assert nth(session, 2).is_follow_up
    submit(session, 2, now=NOW + SECOND, go_on=True, problem_of=lambda question: "There is nothing to submit.")
    assert reload(session).current_position == 1
    assert nth(session, 2).first_opened_at is None


# --- The end, with several tabs -----------------------------------------------------------------------------------


def test_a_tab_that_only_looks_on_does_not_end_the_interview_before_the_last_words_of_the_one_that_writes() -> None:
    session = open_questions()
    claim(session, CLIENT)
    end = session.deadline
    looking_on = post(session, "expire", draft_data("", client_id=str(OTHER_CLIENT)), at=end + SECOND / 10)
    assert looking_on["HX-Redirect"] == reverse("report", args=[session.pk])
    post(session, "expire", draft_data("the last words"), at=end + SECOND)
    assert nth(session, 1).answer.body == "the last words"
    assert reload(session).is_finished


def test_a_tab_that_only_looks_on_ends_the_interview_once_the_grace_is_over() -> None:
    session = open_questions()
    claim(session, CLIENT)
    post(session, "expire", draft_data("", client_id=str(OTHER_CLIENT)), at=session.deadline + 16 * SECOND)
    assert reload(session).is_finished


def test_a_tab_that_only_looks_on_does_not_close_a_question_before_the_last_words_of_the_one_that_writes() -> None:
    session = make_limited(seconds=60)
    claim(session, CLIENT)
    post(session, "expire", draft_data("", client_id=str(OTHER_CLIENT)), at=NOW + 61 * SECOND)
    post(session, "expire", draft_data("the last words"), at=NOW + 62 * SECOND)
    answer = nth(session, 1).answer
    assert (answer.body, answer.is_open) == ("the last words", False)


def test_words_over_the_limit_count_up_to_the_limit_when_the_time_of_their_question_is_up() -> None:
    session = make_limited(seconds=60)
    response = post(session, "expire", draft_data("a" * 70_000), at=NOW + 61 * SECOND)
    assert response["HX-Redirect"]
    assert nth(session, 1).answer.body == "a" * 64 * 1024


def test_an_expiry_of_a_question_that_is_not_there_is_not_found() -> None:
    session = make_limited()
    client = Client(raise_request_exception=False)
    client.force_login(session.candidate)
    with mock.patch("interviewprep.http.timezone.now", return_value=NOW + SECOND):
        assert client.post(reverse("interview_expire", args=[session.pk, uuid4()]), {}).status_code == 404


def test_an_expiry_that_meets_the_end_made_in_another_tab_leads_to_the_report() -> None:
    session = make_limited()
    over = mock.patch("sessions.lifecycle.close_question_in_time", side_effect=lifecycle.SessionOverError)
    with over:
        response = post(session, "expire", draft_data("words"), at=NOW + SECOND)
    assert response["HX-Redirect"] == reverse("report", args=[session.pk])


def test_pages_of_one_browser_without_scripts_do_not_take_the_place_of_each_others_kept_words() -> None:
    session = open_questions()
    for words in ("of the first page", "of the second page", "of the third page", "of the second page"):
        post(session, "submit", draft_data(words), at=NOW + SECOND)
    kept = KeptDraft.objects.filter(answer=nth(session, 1).pk).values_list("body", flat=True)
    assert sorted(kept) == ["of the second page", "of the third page"]


# --- Characters and numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["draft", "submit", "expire"])
def test_words_with_a_null_character_are_saved_without_it(action: str) -> None:
    session = open_questions()
    at = session.deadline + SECOND if action == "expire" else NOW + SECOND
    assert post(session, action, draft_data("one\0 two"), at=at).status_code in {200, 302}
    assert nth(session, 1).answer.body == "one two"


# --- Very many requests -------------------------------------------------------------------------------------------


def test_nobody_fills_the_log_by_handing_the_interview_around_skipping_and_pausing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = make_practice()
    monkeypatch.setattr(sittings, "MAX_CHANGES_RECORDED_IN_FULL", 0)
    lifecycle.skip_question(session=session, question_id=nth(session, 1).pk, now=NOW)
    before = kinds_of(session)
    holder = None
    for second in range(5):
        at = NOW + timedelta(seconds=second)
        newcomer = uuid4()
        claim(session, newcomer, seen=holder, now=at)
        holder = newcomer
        lifecycle.skip_question(session=session, question_id=nth(session, 1).pk, now=at)
        lifecycle.pause_session(session=session, now=at)
        lifecycle.resume_session(session=session, now=at)
    assert kinds_of(session) == before


def test_words_that_meet_other_changes_time_and_again_are_to_be_sent_again() -> None:
    session = open_questions()
    with mock.patch("sessions.lifecycle.sitting.write_sitting", return_value=False):
        response = post(session, "submit", draft_data("words"), at=NOW + SECOND)
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert Answer.objects.get(pk=nth(session, 1).pk).body == ""

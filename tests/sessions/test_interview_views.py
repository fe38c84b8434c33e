"""The interview page and its actions: who may, what is shown, and what bad input gets."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.access import GUEST_SESSION_KEY
from interviewprep.accounts.models import User
from sessions import lifecycle
from sessions.models import Answer, InterviewSession, KeptDraft, SessionQuestion
from tests.factories import (
    CLIENT,
    NOW,
    OTHER_CLIENT,
    answer,
    make_curator,
    make_finished_session,
    make_guest,
    make_mentor,
    make_plan,
    make_question,
    make_session,
    make_topic,
    make_user,
    questions_of,
)

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
QUESTION_ACTIONS = ["draft", "submit", "skip", "go", "flag", "leave", "expire"]


@pytest.fixture
def candidate() -> User:
    return make_user()


@pytest.fixture
def session(candidate: User) -> InterviewSession:
    """A running session of three open questions."""
    topic = make_topic()
    plan = make_plan(questions=[make_question(topic=topic, kind="open") for _ in range(3)])
    return make_session(candidate=candidate, plan=plan, now=timezone.now())


@pytest.fixture
def page(client: Client, candidate: User) -> Client:
    client.force_login(candidate)
    return client


def url(action: str, question: SessionQuestion) -> str:
    return reverse(f"interview_{action}", args=[question.session_id, question.pk])


def draft_data(body: str = "My words", **fields: Any) -> dict[str, Any]:
    base = {"body": body, "answer_format": "text", "base_revision": 0, "client_id": str(CLIENT), "sequence": 1}
    return base | fields


def arriving(now: datetime) -> Any:
    """Let requests arrive at `now`."""
    return mock.patch("interviewprep.http.timezone.now", return_value=now)


# --- Who may ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["interview", "interview_finish", "interview_clock"])
def test_pages_of_a_session_send_the_anonymous_to_the_sign_in(
    client: Client, session: InterviewSession, name: str
) -> None:
    response = client.get(reverse(name, args=[session.pk]))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["interview", "interview_finish", "interview_clock"])
@pytest.mark.parametrize("make", [make_user, make_mentor, make_curator])
def test_pages_of_a_session_do_not_exist_for_anybody_else(
    client: Client, session: InterviewSession, name: str, make: Any
) -> None:
    client.force_login(make())
    assert client.get(reverse(name, args=[session.pk])).status_code == 404


@pytest.mark.parametrize("name", ["interview", "interview_finish", "interview_clock"])
def test_even_an_accepted_mentor_does_not_see_a_running_session(
    client: Client, session: InterviewSession, name: str, candidate: User
) -> None:
    client.force_login(make_mentor(of=candidate))
    assert client.get(reverse(name, args=[session.pk])).status_code == 404


@pytest.mark.parametrize("action", QUESTION_ACTIONS)
def test_actions_are_closed_to_the_anonymous_and_to_others(
    client: Client, session: InterviewSession, candidate: User, action: str
) -> None:
    question = questions_of(session)[0]
    assert client.post(url(action, question), draft_data()).status_code == 302
    in_background = client.post(url(action, question), draft_data(), headers={"HX-Request": "true"})
    assert (in_background.status_code, in_background["HX-Reswap"]) == (401, "none")
    for other in (make_user(), make_mentor(of=candidate), make_curator()):
        client.force_login(other)
        assert client.post(url(action, question), draft_data()).status_code == 404
    assert Answer.objects.get(pk=question.pk).body == ""
    assert not KeptDraft.objects.exists()


@pytest.mark.parametrize("action", QUESTION_ACTIONS)
def test_actions_refuse_other_methods(page: Client, session: InterviewSession, action: str) -> None:
    assert page.get(url(action, questions_of(session)[0])).status_code == 405


def test_a_guest_sits_their_own_sample_and_nobody_elses(client: Client) -> None:
    guest = make_guest()
    own = make_session(candidate=guest, now=timezone.now())
    browser = client.session
    browser[GUEST_SESSION_KEY] = str(guest.pk)
    browser.save()
    assert client.get(reverse("interview", args=[own.pk])).status_code == 200
    other = make_session(candidate=make_guest(), now=timezone.now())
    assert client.get(reverse("interview", args=[other.pk])).status_code == 404


def test_a_question_of_another_session_is_not_found(page: Client, session: InterviewSession) -> None:
    foreign = questions_of(make_session(now=timezone.now()))[0]
    for action in QUESTION_ACTIONS:
        path = reverse(f"interview_{action}", args=[session.pk, foreign.pk])
        assert page.post(path, draft_data()).status_code == 404
    assert page.post(url("go", questions_of(session)[0]), {"to": str(foreign.pk)}).status_code == 404
    assert page.post(url("go", questions_of(session)[0]), {"to": "not-a-uuid"}).status_code == 404


def test_unknown_and_malformed_ids_are_not_found(page: Client, session: InterviewSession) -> None:
    assert page.get(reverse("interview", args=[uuid4()])).status_code == 404
    assert page.get("/interviews/42/").status_code == 404
    assert page.get("/interviews/%00/").status_code == 404


def test_a_missing_csrf_token_is_refused_in_words(session: InterviewSession, candidate: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(candidate)
    response = strict.post(url("draft", questions_of(session)[0]), draft_data())
    assert response.status_code == 403
    assert b"CSRF" not in response.content.split(b"<h1")[-1].split(b"</h1")[0]
    assert Answer.objects.get(pk=questions_of(session)[0].pk).body == ""


# --- The page ---------------------------------------------------------------------------------------------------


def test_the_page_shows_the_question_the_words_and_the_time(page: Client, session: InterviewSession) -> None:
    question = questions_of(session)[0]
    answer(question, "What I wrote <b>before</b>", now=timezone.now())
    html = page.get(reverse("interview", args=[session.pk])).content.decode()
    assert question.version.prompt.split(".")[0][:20] in html
    assert "What I wrote &lt;b&gt;before&lt;/b&gt;" in html
    assert 'role="timer"' in html
    assert "revision 1" in html
    assert "reference" not in html.lower()


def test_the_page_never_shows_what_the_answer_should_be(page: Client, candidate: User) -> None:
    plan = make_plan(questions=[make_question(kind="single")])
    session = make_session(candidate=candidate, plan=plan, now=timezone.now())
    html = page.get(reverse("interview", args=[session.pk])).content.decode()
    assert "Underfitting" in html
    assert "Both errors are high." not in html


@pytest.mark.parametrize("count", [2, 8])
def test_the_page_costs_two_statements_however_many_questions(
    page: Client, candidate: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = make_session(candidate=candidate, now=timezone.now(), plan=make_plan(count=count))
    page.get(reverse("interview", args=[session.pk]))  # the browser's session is in the cache from here on
    with django_assert_num_queries(2):
        page.get(reverse("interview", args=[session.pk]))


def test_submitting_and_the_next_question_cost_five_statements(
    page: Client, candidate: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = make_session(candidate=candidate, now=timezone.now(), plan=make_plan(count=10))
    first = questions_of(session)[0]
    page.get(reverse("interview", args=[session.pk]))
    with django_assert_num_queries(5):
        response = page.post(url("submit", first), draft_data("a"))
        page.get(response["Location"])
    assert [question.answer.state for question in questions_of(session)][:2] == ["submitted", "open"]
    assert questions_of(session)[1].is_current


def test_reloading_changes_neither_time_nor_state(page: Client, session: InterviewSession) -> None:
    before = [(q.is_current, q.time_spent_ms, q.first_opened_at) for q in questions_of(session)]
    for _ in range(3):
        page.get(reverse("interview", args=[session.pk]))
    assert [(q.is_current, q.time_spent_ms, q.first_opened_at) for q in questions_of(session)] == before
    assert InterviewSession.objects.get(pk=session.pk).deadline == session.deadline


def test_the_page_is_never_cached(page: Client, session: InterviewSession) -> None:
    assert "no-store" in page.get(reverse("interview", args=[session.pk]))["Cache-Control"]


def test_a_session_that_is_over_leads_to_its_report_though_nothing_recorded_it(
    page: Client, session: InterviewSession
) -> None:
    with arriving(session.deadline + SECOND):
        response = page.get(reverse("interview", args=[session.pk]))
    assert response["Location"] == reverse("report", args=[session.pk])


def test_the_clock_says_how_much_is_left(page: Client, session: InterviewSession) -> None:
    with arriving(session.deadline - 90 * SECOND):
        assert page.get(reverse("interview_clock", args=[session.pk])).json() == {
            "remaining_ms": 90_000,
            "question_remaining_ms": None,
            "yours": False,
            "paused": False,
        }


# --- Saving -----------------------------------------------------------------------------------------------------


def save(page: Client, question: SessionQuestion, **fields: Any) -> HttpResponse:
    return page.post(url("draft", question), draft_data(**fields), headers={"HX-Request": "true"})  # type: ignore[return-value]


def test_a_save_is_proven_by_revision_and_time(page: Client, session: InterviewSession) -> None:
    question = questions_of(session)[0]
    response = save(page, question, body="My words")
    html = response.content.decode()
    assert response.status_code == 200
    assert 'data-revision="1"' in html
    assert "data-remaining-ms" in html
    assert Answer.objects.get(pk=question.pk).body == "My words"


def test_a_save_costs_two_statements(
    page: Client, session: InterviewSession, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    question = questions_of(session)[0]
    save(page, question)
    with django_assert_num_queries(2):
        save(page, question, base_revision=1, sequence=2, body="My words and more")


def test_a_stale_save_gets_409_with_the_servers_copy_and_a_choice(page: Client, session: InterviewSession) -> None:
    question = questions_of(session)[0]
    answer(question, "from the other tab", now=timezone.now(), client_id=OTHER_CLIENT)
    response = save(page, question, body="from this tab")
    html = response.content.decode()
    assert response.status_code == 409
    assert "from the other tab" in html
    assert 'data-conflict="1"' in html
    assert KeptDraft.objects.get().body == "from this tab"


def test_a_late_save_is_refused_in_words_and_kept(page: Client, session: InterviewSession) -> None:
    with arriving(session.deadline + 16 * SECOND):
        response = save(page, questions_of(session)[0], body="too late")
    assert response.status_code == 409
    assert "arrived after the end" in response.content.decode()
    assert KeptDraft.objects.get().reason == "late"


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"body": "x" * (64 * 1024 + 1)}, 413, "65 kB; an answer can have 64 kB"),
        ({"body": "é" * (32 * 1024 + 1)}, 413, "an answer can have 64 kB"),
        ({"body": "y" * 2_000_000}, 413, "an answer can have 64 kB"),
        ({"base_revision": "first"}, 422, "base_revision"),
        ({"base_revision": -1}, 422, "base_revision"),
        ({"base_revision": 2**40}, 422, "base_revision"),
        ({"client_id": "me"}, 422, "client_id"),
        ({"sequence": ""}, 422, "sequence"),
        ({"answer_format": "xml"}, 422, "answer_format"),
        ({"answer_format": "choices", "choice": ["<script>"]}, 422, "not a choice of this question"),
    ],
)
@pytest.mark.parametrize("background", [True, False])
def test_a_bad_save_says_what_is_wrong_and_loses_nothing(
    page: Client, session: InterviewSession, fields: dict[str, Any], status: int, words: str, background: bool
) -> None:
    question = questions_of(session)[0]
    answer(question, "saved before", now=timezone.now(), sequence=0)
    data = draft_data(base_revision=1) | fields
    response = (
        page.post(url("draft", question), data, headers={"HX-Request": "true"})
        if background
        else page.post(url("submit", question), data)
    )
    assert response.status_code == status
    assert words in response.content.decode()
    assert Answer.objects.get(pk=question.pk).body == "saved before"


def test_an_answer_of_exactly_the_limit_is_saved(page: Client, session: InterviewSession) -> None:
    assert save(page, questions_of(session)[0], body="x" * 64 * 1024).status_code == 200


def test_line_ends_are_stored_as_the_editor_shows_them(page: Client, session: InterviewSession) -> None:
    question = questions_of(session)[0]
    save(page, question, body="one\r\ntwo\rthree\n")
    assert Answer.objects.get(pk=question.pk).body == "one\ntwo\nthree\n"


def test_binary_rubbish_is_stored_as_text_or_refused_never_an_error(page: Client, session: InterviewSession) -> None:
    response = page.post(
        url("draft", questions_of(session)[0]),
        b"body=%ff%fe%80&answer_format=text&base_revision=0&sequence=1&client_id=" + str(CLIENT).encode(),
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 200


def test_choices_are_stored_one_a_line(page: Client, session: InterviewSession) -> None:
    question = questions_of(session)[1]
    save(page, question, answer_format="choices", choice=["b", "a"])
    assert Answer.objects.get(pk=question.pk).body == "a\nb"


# --- Actions ----------------------------------------------------------------------------------------------------


def test_submitting_saves_closes_and_goes_on(page: Client, session: InterviewSession) -> None:
    first, second, _ = questions_of(session)
    response = page.post(url("submit", first), draft_data("Final words"))
    assert response["Location"] == reverse("interview", args=[session.pk])
    first, second, _ = questions_of(session)
    assert (first.answer.body, first.answer.state) == ("Final words", "submitted")
    assert second.is_current


def test_submitting_nothing_is_refused_with_a_way_on(page: Client, session: InterviewSession) -> None:
    first = questions_of(session)[0]
    response = page.post(url("submit", first), draft_data("   "))
    assert response.status_code == 422
    html = response.content.decode()
    assert "skip the question" in html
    assert 'id="timer"' in html
    assert Answer.objects.get(pk=first.pk).is_open


def test_submitting_nothing_after_the_end_leads_to_the_report(page: Client, session: InterviewSession) -> None:
    with arriving(session.deadline + 16 * SECOND):
        response = page.post(url("submit", questions_of(session)[0]), draft_data(""))
    assert response["Location"] == reverse("report", args=[session.pk])


def test_a_number_that_can_be_read_two_ways_is_given_back(page: Client, candidate: User) -> None:
    plan = make_plan(questions=[make_question(kind="numeric")])
    (question,) = questions_of(make_session(candidate=candidate, plan=plan, now=timezone.now()))
    response = page.post(url("submit", question), draft_data("1,234"))
    assert response.status_code == 422
    assert Answer.objects.get(pk=question.pk).is_open
    assert page.post(url("submit", question), draft_data("1234", base_revision=1, sequence=2)).status_code == 302


def test_a_conflict_on_submitting_asks_first(page: Client, session: InterviewSession) -> None:
    first = questions_of(session)[0]
    answer(first, "theirs", now=timezone.now(), client_id=OTHER_CLIENT)
    response = page.post(url("submit", first), draft_data("mine"))
    html = response.content.decode()
    assert response.status_code == 409
    assert "mine" in html
    assert "theirs" in html
    assert Answer.objects.get(pk=first.pk).is_open
    page.post(url("submit", first), draft_data("mine", base_revision=1))
    assert Answer.objects.get(pk=first.pk).body == "mine"


def test_a_conflict_with_an_emptied_answer_shows_it_as_empty(page: Client, session: InterviewSession) -> None:
    first = questions_of(session)[0]
    theirs = {"client_id": str(OTHER_CLIENT)}
    page.post(url("draft", first), draft_data("theirs", **theirs))
    page.post(url("draft", first), draft_data("", base_revision=1, sequence=2, **theirs))
    html = page.post(url("submit", first), draft_data("mine")).content.decode()
    assert '<div class="answer-text">mine</div>' in html
    assert '<div class="answer-text"></div>' in html


def test_a_conflict_on_flagging_still_flags_afterwards(page: Client, session: InterviewSession) -> None:
    first = questions_of(session)[0]
    answer(first, "theirs", now=timezone.now(), client_id=OTHER_CLIENT)
    html = page.post(url("flag", first), draft_data("mine", flagged="1")).content.decode()
    assert '<input type="hidden" name="flagged" value="1">' in html


def test_the_last_submission_asks_whether_to_finish(page: Client, session: InterviewSession) -> None:
    questions = questions_of(session)
    for question in questions[:-1]:
        answer(question, "words", now=timezone.now(), submit=True)
    response = page.post(url("submit", questions[-1]), draft_data("last"))
    assert response["Location"] == reverse("interview_finish", args=[session.pk])
    assert "Nothing is left open" in page.get(response["Location"]).content.decode()


def test_skipping_keeps_the_words_and_goes_on(page: Client, session: InterviewSession) -> None:
    first = questions_of(session)[0]
    page.post(url("skip", first), draft_data("half"))
    first, second, _ = questions_of(session)
    assert (first.skipped, first.answer.body, first.answer.state) == (True, "half", "open")
    assert second.is_current


def test_going_to_a_question_saves_the_one_left(page: Client, session: InterviewSession) -> None:
    first, _, third = questions_of(session)
    page.post(url("go", first), draft_data("on my way", to=str(third.pk)))
    first, _, third = questions_of(session)
    assert first.answer.body == "on my way"
    assert third.is_current


def test_flagging_and_unflagging(page: Client, session: InterviewSession) -> None:
    first = questions_of(session)[0]
    page.post(url("flag", first), draft_data(flagged="1"))
    assert questions_of(session)[0].flagged
    page.post(url("flag", first), draft_data(base_revision=1, sequence=2, flagged="0"))
    assert not questions_of(session)[0].flagged


def test_a_submitted_question_can_be_read_and_left_again(page: Client, session: InterviewSession) -> None:
    first, second, _ = questions_of(session)
    answer(first, "Final words", now=timezone.now(), submit=True)
    html = page.get(reverse("interview", args=[session.pk])).content.decode()
    assert "Final words" in html
    assert 'name="body"' not in html
    assert page.post(url("go", first), {"to": str(second.pk)}).status_code == 302
    assert questions_of(session)[1].is_current


def test_an_action_after_the_end_leads_to_the_report_and_keeps_the_words(
    page: Client, session: InterviewSession
) -> None:
    with arriving(session.deadline + 16 * SECOND):
        response = page.post(url("submit", questions_of(session)[0]), draft_data("too late"))
    assert response["Location"] == reverse("report", args=[session.pk])
    assert KeptDraft.objects.get().body == "too late"


# --- The end ----------------------------------------------------------------------------------------------------


def test_finishing_says_first_what_is_left_open(page: Client, session: InterviewSession) -> None:
    html = page.get(reverse("interview_finish", args=[session.pk])).content.decode()
    assert "3 of 3 questions are still open" in html
    assert not InterviewSession.objects.get(pk=session.pk).is_finished


def test_finishing_closes_and_leads_to_the_report(page: Client, session: InterviewSession) -> None:
    with mock.patch("sessions.views.interview.enqueue_after_commit") as enqueue:
        response = page.post(reverse("interview_finish", args=[session.pk]))
        again = page.post(reverse("interview_finish", args=[session.pk]))
    assert response["Location"] == again["Location"] == reverse("report", args=[session.pk])
    assert InterviewSession.objects.get(pk=session.pk).end_reason == "candidate"
    enqueue.assert_called_once()


def test_the_end_of_the_clock_brings_the_last_words_along(page: Client, session: InterviewSession) -> None:
    question = questions_of(session)[0]
    with arriving(session.deadline + SECOND), mock.patch("sessions.views.interview.enqueue_after_commit") as enqueue:
        response = page.post(url("expire", question), draft_data("last words"), headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == reverse("report", args=[session.pk])
    ended = InterviewSession.objects.get(pk=session.pk)
    assert (ended.end_reason, ended.finished_at) == ("clock", session.deadline)
    assert Answer.objects.get(pk=question.pk).body == "last words"
    enqueue.assert_called_once()


def test_a_browser_whose_clock_is_wrong_is_told_the_time_and_nothing_ends(
    page: Client, session: InterviewSession
) -> None:
    question = questions_of(session)[0]
    with arriving(session.deadline - 60 * SECOND):
        response = page.post(url("expire", question), draft_data("early"), headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert 'data-remaining-ms="60000"' in response.content.decode()
    assert not InterviewSession.objects.get(pk=session.pk).is_finished


def test_an_answer_over_the_limit_counts_up_to_the_limit_when_the_time_is_up(
    page: Client, session: InterviewSession
) -> None:
    question = questions_of(session)[0]
    answer(question, "short", now=timezone.now(), sequence=0)
    with arriving(session.deadline + SECOND):
        page.post(url("expire", question), draft_data("ä" * 40_000, base_revision=1))
    assert Answer.objects.get(pk=question.pk).body == "ä" * 32 * 1024


def test_an_expiry_without_a_usable_draft_still_ends_the_session(page: Client, session: InterviewSession) -> None:
    with arriving(session.deadline + SECOND):
        response = page.post(url("expire", questions_of(session)[0]), {})
    assert response["HX-Redirect"]
    assert InterviewSession.objects.get(pk=session.pk).ended_by_clock


def test_a_finished_session_stays_finished(page: Client, candidate: User) -> None:
    session = make_finished_session(candidate=candidate, now=NOW)
    for question in questions_of(session):
        page.post(url("submit", question), draft_data("more", base_revision=1))
    assert {q.answer.body for q in questions_of(session)}.isdisjoint({"more"})


# --- Starting ---------------------------------------------------------------------------------------------------


def test_the_start_page_says_what_comes_and_starts_nothing(page: Client) -> None:
    plan = make_plan(minutes=30, count=4)
    html = page.get(reverse("plan_start", args=[plan.pk])).content.decode()
    assert "4 questions in 30 minutes" in html
    assert "45</span> minutes, 50 % more time" in html
    assert not InterviewSession.objects.exists()


def test_starting_with_extra_time(page: Client) -> None:
    plan = make_plan(minutes=30)
    response = page.post(reverse("plan_start", args=[plan.pk]), {"time_factor": "1.50"})
    session = InterviewSession.objects.get()
    assert response["Location"] == reverse("interview", args=[session.pk])
    assert session.deadline - session.started_at == timedelta(minutes=45)


def test_an_unusual_factor_somebody_was_given_is_offered_first(page: Client, candidate: User) -> None:
    User.objects.filter(pk=candidate.pk).update(time_factor=Decimal("1.75"))
    address = reverse("plan_start", args=[make_plan(minutes=60).pk])
    assert re.search(r'value="1\.75"[^>]*checked', page.get(address).content.decode())
    page.post(address, {"time_factor": "1.75"})
    assert InterviewSession.objects.get().time_factor == Decimal("1.75")


@pytest.mark.parametrize("factor", ["3.00", "0.5", "much", ""])
def test_an_unknown_time_factor_starts_nothing(page: Client, factor: str) -> None:
    response = page.post(reverse("plan_start", args=[make_plan().pk]), {"time_factor": factor})
    assert response.status_code == 200
    assert not InterviewSession.objects.exists()


def test_a_plan_that_cannot_be_drawn_says_why(page: Client) -> None:
    plan = make_plan(count=2)
    plan.sections.update(count=9)
    html = page.get(reverse("plan_start", args=[plan.pk])).content.decode()
    assert "needs 9 questions, and the bank has 2" in html
    assert "Start the clock" not in html
    assert page.post(reverse("plan_start", args=[plan.pk]), {"time_factor": "1.00"}).status_code == 200
    assert not InterviewSession.objects.exists()


def test_the_start_page_of_a_second_interview_leads_back_to_the_running_one(
    page: Client, session: InterviewSession
) -> None:
    html = page.get(reverse("plan_start", args=[make_plan().pk])).content.decode()
    assert reverse("interview", args=[session.pk]) in html
    assert "Start the clock" not in html


def test_the_start_page_is_closed_to_the_anonymous_and_unpublished_plans_to_all(client: Client, page: Client) -> None:
    hidden = make_plan(is_published=False)
    assert page.get(reverse("plan_start", args=[hidden.pk])).status_code == 404
    page.logout()
    assert page.get(reverse("plan_start", args=[make_plan().pk])).status_code == 302


def test_home_shows_the_running_interview_the_plans_and_the_reports(page: Client, session: InterviewSession) -> None:
    html = page.get(reverse("home")).content.decode()
    assert reverse("interview", args=[session.pk]) in html


def test_home_has_words_for_a_new_candidate(client: Client) -> None:
    client.force_login(make_user())
    make_plan(name="Quick screen")
    html = client.get(reverse("home")).content.decode()
    assert "After your first interview its report is here" in html
    assert "Quick screen" in html


def test_home_is_behind_the_sign_in(client: Client) -> None:
    assert client.get(reverse("home"))["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("count", [1, 5])
def test_home_costs_the_same_however_much_there_is(
    page: Client, candidate: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        make_finished_session(candidate=candidate, now=NOW + timedelta(days=number))
    page.get(reverse("home"))
    with django_assert_num_queries(7):
        page.get(reverse("home"))


# --- The sample -------------------------------------------------------------------------------------------------


def test_a_visitor_tries_the_sample_without_an_account(client: Client) -> None:
    plan = make_plan(for_visitors=True, minutes=5)
    response = client.post(reverse("sample_start"))
    assert response["Location"] == reverse("plan_start", args=[plan.pk])
    started = client.post(response["Location"], {"time_factor": "1.00"})
    session = InterviewSession.objects.get()
    assert session.candidate.is_guest
    assert client.get(started["Location"]).status_code == 200


def test_asking_for_the_sample_again_keeps_the_same_guest(client: Client) -> None:
    make_plan(for_visitors=True)
    client.post(reverse("sample_start"))
    client.post(reverse("sample_start"))
    assert User.objects.filter(is_guest=True).count() == 1


def test_a_guest_sees_no_other_plan_and_no_home(client: Client) -> None:
    make_plan(for_visitors=True)
    client.post(reverse("sample_start"))
    assert client.get(reverse("plan_start", args=[make_plan().pk])).status_code == 404
    assert client.get(reverse("home")).status_code == 302


def test_samples_are_limited_per_address(client: Client, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    make_plan(for_visitors=True)
    with mock.patch("sessions.views.home.SAMPLES_PER_ADDRESS_AND_HOUR", 2):
        targets = []
        for _ in range(3):
            client.cookies.clear()
            targets.append(client.post(reverse("sample_start"))["Location"])
    assert targets[2] == reverse("landing")
    assert User.objects.filter(is_guest=True).count() == 2


def test_without_a_sample_plan_the_visitor_is_told(client: Client) -> None:
    assert client.post(reverse("sample_start"))["Location"] == reverse("account_signup")


def test_the_sample_is_only_started_by_a_click(client: Client) -> None:
    assert client.get(reverse("sample_start")).status_code == 405


def test_signed_in_people_go_home_instead_of_the_sample(page: Client) -> None:
    make_plan(for_visitors=True)
    assert page.post(reverse("sample_start"))["Location"] == reverse("home")
    assert not User.objects.filter(is_guest=True).exists()


def test_a_session_closed_meanwhile_does_not_break_a_click(page: Client, session: InterviewSession) -> None:
    lifecycle.finish_session(session_id=session.pk, now=timezone.now())
    response = page.post(url("skip", questions_of(session)[0]), draft_data("words"))
    assert response["Location"] == reverse("report", args=[session.pk])

"""The state of sessions and drafts: who may change what, once, and until when."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from sessions import composing, lifecycle
from sessions.lifecycle import SaveStatus, SessionOverError
from sessions.models import Answer, InterviewSession, KeptDraft, Report, SessionEvent
from tests.factories import (
    CLIENT,
    NOW,
    OTHER_CLIENT,
    answer,
    make_finished_session,
    make_plan,
    make_session,
    make_user,
    questions_of,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
GRACE = timedelta(seconds=15)


def reload(session: InterviewSession) -> InterviewSession:
    return InterviewSession.objects.get(pk=session.pk)


# --- Starting ---------------------------------------------------------------------------------------------------


def test_starting_copies_the_plan_and_puts_the_first_question_before_the_candidate() -> None:
    session = make_session(plan=make_plan(count=3, minutes=30))
    questions = questions_of(session)
    assert session.deadline == NOW + 30 * MINUTE
    assert [question.position for question in questions] == [1, 2, 3]
    assert (session.current_position, session.current_since) == (1, NOW)
    assert [question.first_opened_at for question in questions] == [NOW, None, None]
    assert all(question.answer.is_open and question.answer.deadline == session.deadline for question in questions)


def test_starting_twice_is_starting_once() -> None:
    candidate, plan = make_user(), make_plan()
    first = make_session(candidate=candidate, plan=plan)
    again = make_session(candidate=candidate, plan=make_plan(), now=NOW + MINUTE)
    assert again.pk == first.pk
    assert again.deadline == first.deadline


def test_extra_time_stretches_the_session_and_each_suggestion() -> None:
    session = make_session(time_factor=Decimal("1.50"), plan=make_plan(count=1, minutes=10))
    assert session.deadline == NOW + 15 * MINUTE
    assert questions_of(session)[0].time_limit_seconds == 270


def test_editing_the_plan_moves_no_running_session() -> None:
    session = make_session(plan=make_plan(minutes=30))
    assert session.plan
    session.plan.time_limit_seconds = 60
    session.plan.save()
    assert reload(session).deadline == NOW + 30 * MINUTE
    assert reload(session).time_limit_seconds == 1800


def test_an_overdue_session_is_closed_before_the_next_one_starts() -> None:
    candidate = make_user()
    old = make_session(candidate=candidate, minutes=30)
    new = make_session(candidate=candidate, now=NOW + 31 * MINUTE)
    assert new.pk != old.pk
    assert reload(old).finished_at == old.deadline
    assert Report.objects.filter(session=old).exists()


def test_a_plan_the_bank_cannot_fill_starts_nothing() -> None:
    plan = make_plan(count=2)
    plan.sections.update(count=3)
    with pytest.raises(composing.PlanTooThinError, match="needs 3 questions, and the bank has 2"):
        make_session(plan=plan)
    assert not InterviewSession.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_start_one_session() -> None:
    candidate, plan = make_user(), make_plan()

    started: list[InterviewSession] = []
    in_parallel(lambda: started.append(make_session(candidate=candidate, plan=plan)), times=4)
    assert len({session.pk for session in started}) == 1
    assert InterviewSession.objects.count() == 1


def in_parallel(work: Callable[[], Any], *, times: int) -> None:
    """Run `work` in several threads at once, each with a connection of its own."""
    gate = threading.Barrier(times)

    def run() -> None:
        try:
            gate.wait()
            work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- Drafts -----------------------------------------------------------------------------------------------------


def test_a_draft_is_saved_and_counted() -> None:
    question = questions_of(make_session())[0]
    result = answer(question, "My first words", now=NOW + MINUTE)
    assert (result.status, result.revision, result.saved_at) == (SaveStatus.SAVED, 1, NOW + MINUTE)
    assert result.remaining_ms == 29 * 60 * 1000
    stored = Answer.objects.get(pk=question.pk)
    assert (stored.body, stored.revision, stored.saved_at) == ("My first words", 1, NOW + MINUTE)


def test_a_draft_costs_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    question = questions_of(make_session())[0]
    with django_assert_num_queries(1):
        answer(question, "My first words")


def test_a_draft_on_a_stale_revision_loses_and_is_kept() -> None:
    question = questions_of(make_session())[0]
    answer(question, "from tab one", base_revision=0)
    result = answer(question, "from tab two", base_revision=0, client_id=OTHER_CLIENT)
    assert (result.status, result.revision, result.body) == (SaveStatus.STALE, 1, "from tab one")
    assert Answer.objects.get(pk=question.pk).body == "from tab one"
    kept = KeptDraft.objects.get()
    assert (kept.body, kept.reason, kept.answer_id) == ("from tab two", "stale", question.pk)


def test_the_same_tab_goes_on_after_an_acknowledgement_that_never_arrived() -> None:
    question = questions_of(make_session())[0]
    answer(question, "first", base_revision=0, sequence=1)
    result = answer(question, "first and second", base_revision=0, sequence=2)
    assert (result.status, result.revision) == (SaveStatus.SAVED, 2)
    assert Answer.objects.get(pk=question.pk).body == "first and second"


def test_a_replayed_save_answers_as_before_and_changes_nothing() -> None:
    question = questions_of(make_session())[0]
    answer(question, "words", sequence=1, now=NOW)
    again = answer(question, "words", sequence=1, now=NOW + MINUTE)
    assert (again.status, again.revision, again.saved_at) == (SaveStatus.SAVED, 1, NOW)
    assert not KeptDraft.objects.exists()


def test_a_save_overtaken_by_a_newer_one_of_the_same_tab_changes_nothing() -> None:
    question = questions_of(make_session())[0]
    answer(question, "first and second", sequence=2)
    late = answer(question, "first", sequence=1)
    assert late.status is SaveStatus.OVERTAKEN
    assert late.is_saved
    assert Answer.objects.get(pk=question.pk).body == "first and second"
    kept = KeptDraft.objects.get(answer=question.pk)
    assert (kept.body, kept.reason) == ("first", KeptDraft.Reason.OVERTAKEN)


def test_a_form_without_scripts_sent_again_from_the_history_is_a_conflict_not_a_replay() -> None:
    question = questions_of(make_session())[0]
    answer(question, "first", base_revision=0, sequence=0)
    assert answer(question, "changed", base_revision=0, sequence=0).status is SaveStatus.STALE


@pytest.mark.parametrize(
    ("after_deadline", "status"),
    [
        (-SECOND, SaveStatus.SAVED),
        (timedelta(0), SaveStatus.SAVED),
        (GRACE - SECOND, SaveStatus.SAVED),
        (GRACE, SaveStatus.SAVED),
        (GRACE + SECOND, SaveStatus.LATE),
    ],
)
def test_a_draft_counts_until_the_end_of_the_grace(after_deadline: timedelta, status: SaveStatus) -> None:
    session = make_session()
    question = questions_of(session)[0]
    assert answer(question, "last words", now=session.deadline + after_deadline).status is status


def test_a_draft_sent_after_the_grace_is_refused_and_kept_as_late() -> None:
    session = make_session()
    question = questions_of(session)[0]
    answer(question, "in time")
    result = answer(question, "in time, and more", base_revision=1, sequence=2, now=session.deadline + GRACE + SECOND)
    assert (result.status, result.remaining_ms) == (SaveStatus.LATE, 0)
    assert Answer.objects.get(pk=question.pk).body == "in time"
    assert KeptDraft.objects.get().reason == "late"


def test_a_draft_for_a_finished_session_is_kept_as_late() -> None:
    session = make_session()
    question = questions_of(session)[0]
    lifecycle.finish_session(session_id=session.pk, now=NOW + MINUTE)
    assert answer(question, "too late", now=NOW + 2 * MINUTE).status is SaveStatus.LATE
    assert KeptDraft.objects.get().body == "too late"


def test_a_draft_for_a_submitted_answer_is_kept_beside_it() -> None:
    question = questions_of(make_session())[0]
    answer(question, "final", submit=True)
    assert answer(question, "afterthought", base_revision=1, sequence=2).status is SaveStatus.CLOSED
    assert Answer.objects.get(pk=question.pk).body == "final"
    assert KeptDraft.objects.get().reason == "closed"


def test_an_empty_text_that_loses_is_not_kept() -> None:
    question = questions_of(make_session())[0]
    answer(question, "words")
    answer(question, "  ", client_id=OTHER_CLIENT)
    assert not KeptDraft.objects.exists()


def test_a_stale_tab_that_types_on_fills_one_row_not_hundreds() -> None:
    question = questions_of(make_session())[0]
    answer(question, "words")
    for number in range(1, 20):
        answer(question, "stale" * number, client_id=OTHER_CLIENT, sequence=number)
    assert KeptDraft.objects.get().body == "stale" * 19


def test_an_older_save_that_arrives_later_does_not_replace_newer_kept_words() -> None:
    session = make_session()
    question = questions_of(session)[0]
    late = session.deadline + GRACE + SECOND
    answer(question, "longer final words", sequence=10, now=late)
    answer(question, "long", sequence=9, now=late)
    assert KeptDraft.objects.get().body == "longer final words"


def test_at_the_cap_a_writer_replaces_their_own_words_not_those_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle.drafts, "MAX_KEPT_DRAFTS_PER_ANSWER", 2)
    session = make_session()
    question = questions_of(session)[0]
    late = session.deadline + GRACE + SECOND
    answer(question, "one", client_id=CLIENT, base_revision=1, now=late)
    answer(question, "two", client_id=OTHER_CLIENT, base_revision=1, now=late + SECOND)
    answer(question, "one again", client_id=CLIENT, base_revision=2, now=late + 2 * SECOND)
    assert set(KeptDraft.objects.values_list("body", flat=True)) == {"one again", "two"}


def test_kept_drafts_are_capped_and_the_newest_words_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle.drafts, "MAX_KEPT_DRAFTS_PER_ANSWER", 3)
    question = questions_of(make_session())[0]
    for number in range(6):
        answer(question, f"words {number}", base_revision=number, sequence=number)
    for number in range(6):
        answer(
            question,
            f"stale {number}",
            base_revision=number,
            client_id=OTHER_CLIENT,
            now=NOW + number * SECOND,
        )
    assert [kept.body for kept in KeptDraft.objects.order_by("received_at")] == ["stale 0", "stale 1", "stale 5"]


def test_somebody_elses_answer_cannot_be_saved() -> None:
    question = questions_of(make_session())[0]
    stranger = make_user()
    with pytest.raises(Answer.DoesNotExist):
        lifecycle.save_draft(
            session_id=question.session_id,
            question_id=question.pk,
            candidate=stranger,
            draft=lifecycle.Draft(body="mine now", base_revision=0, client_id=OTHER_CLIENT, sequence=1),
            now=NOW,
        )
    assert Answer.objects.get(pk=question.pk).body == ""


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_saving_at_once_one_wins_and_no_word_is_lost() -> None:
    question = questions_of(make_session())[0]
    clients = iter([UUID(int=number) for number in range(1, 9)])
    lock = threading.Lock()

    def save() -> None:
        with lock:
            client = next(clients)
        answer(question, f"words of {client}", client_id=client)

    in_parallel(save, times=8)
    stored = Answer.objects.get(pk=question.pk)
    assert stored.revision == 1
    texts = {stored.body, *KeptDraft.objects.values_list("body", flat=True)}
    assert len(texts) == 8


# --- Moving -----------------------------------------------------------------------------------------------------


def test_opening_a_question_stops_the_clock_of_the_one_before() -> None:
    session = make_session()
    first, second, _ = questions_of(session)
    lifecycle.open_question(session=session, question_id=second.pk, now=NOW + 90 * SECOND)
    first, second, _ = questions_of(session)
    assert first.time_spent_ms == 90_000
    assert second.first_opened_at == NOW + 90 * SECOND
    assert (reload(session).current_position, reload(session).current_since) == (2, NOW + 90 * SECOND)


def test_opening_the_current_question_again_changes_nothing() -> None:
    session = make_session()
    first = questions_of(session)[0]
    lifecycle.open_question(session=session, question_id=first.pk, now=NOW + MINUTE)
    assert reload(session).current_since == NOW
    assert reload(session).changes == session.changes


def test_time_adds_up_over_visits() -> None:
    session = make_session()
    first, second, _ = questions_of(session)
    for minute, question in enumerate([second, first, second], start=1):
        lifecycle.open_question(session=session, question_id=question.pk, now=NOW + minute * MINUTE)
    lifecycle.finish_session(session_id=session.pk, now=NOW + 10 * MINUTE)
    assert [question.time_spent_ms for question in questions_of(session)] == [120_000, 480_000, 0]


def test_a_question_of_another_session_cannot_be_opened() -> None:
    session, other = make_session(), make_session()
    with pytest.raises(questions_of(other)[0].DoesNotExist):
        lifecycle.open_question(session=session, question_id=questions_of(other)[0].pk, now=NOW)


def test_submitting_twice_is_submitting_once() -> None:
    session = make_session()
    question = questions_of(session)[0]
    answer(question, "words")
    lifecycle.submit_answer(session=session, question_id=question.pk, now=NOW + MINUTE)
    lifecycle.submit_answer(session=session, question_id=question.pk, now=NOW + 2 * MINUTE)
    assert Answer.objects.get(pk=question.pk).submitted_at == NOW + MINUTE
    assert session.events.filter(kind=SessionEvent.Kind.SUBMITTED).count() == 1


def test_a_skipped_question_stays_open_and_opening_it_takes_the_mark_away() -> None:
    session = make_session()
    first, second, _ = questions_of(session)
    lifecycle.skip_question(session=session, question_id=first.pk, now=NOW)
    lifecycle.open_question(session=session, question_id=second.pk, now=NOW)
    assert questions_of(session)[0].skipped
    lifecycle.open_question(session=session, question_id=first.pk, now=NOW)
    assert not questions_of(session)[0].skipped


def test_a_submitted_answer_cannot_be_skipped() -> None:
    session = make_session()
    question = questions_of(session)[0]
    answer(question, "words", submit=True)
    lifecycle.skip_question(session=session, question_id=question.pk, now=NOW)
    assert not questions_of(session)[0].skipped


def test_a_flag_can_be_set_and_taken_away() -> None:
    session = make_session()
    question = questions_of(session)[0]
    lifecycle.set_flag(session=session, question_id=question.pk, flagged=True, now=NOW)
    assert questions_of(session)[0].flagged
    lifecycle.set_flag(session=session, question_id=question.pk, flagged=False, now=NOW)
    assert not questions_of(session)[0].flagged


def test_next_is_the_untouched_question_then_the_skipped_one_then_nothing() -> None:
    session = make_session()
    first, second, third = questions_of(session)
    lifecycle.skip_question(session=session, question_id=first.pk, now=NOW)
    answer(second, "words", submit=True)

    def after(position: int) -> int | None:
        following = lifecycle.next_question(lifecycle.read_sitting(session.pk), after=position)
        return following.position if following else None

    assert after(2) == 3
    answer(third, "words", submit=True)
    assert after(3) == 1
    answer(first, "words", submit=True)
    assert after(1) is None


Change = Callable[[InterviewSession, datetime], object]
CHANGES: list[Change] = [
    lambda session, now: lifecycle.open_question(session=session, question_id=questions_of(session)[1].pk, now=now),
    lambda session, now: lifecycle.submit_answer(session=session, question_id=questions_of(session)[0].pk, now=now),
    lambda session, now: lifecycle.skip_question(session=session, question_id=questions_of(session)[0].pk, now=now),
    lambda session, now: lifecycle.set_flag(
        session=session, question_id=questions_of(session)[0].pk, flagged=True, now=now
    ),
]


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_moves_after_the_grace_even_if_no_sweep_ran(change: Change) -> None:
    session = make_session()
    change(session, session.deadline + GRACE)
    with pytest.raises(SessionOverError):
        change(session, session.deadline + GRACE + SECOND)


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_moves_in_a_finished_session(change: Change) -> None:
    session = make_session()
    lifecycle.finish_session(session_id=session.pk, now=NOW)
    with pytest.raises(SessionOverError):
        change(session, NOW)


# --- The end -----------------------------------------------------------------------------------------------------


def test_finishing_closes_answers_stops_the_clock_and_orders_a_report() -> None:
    session = make_session()
    question = questions_of(session)[0]
    answer(question, "half a thought")
    assert lifecycle.finish_session(session_id=session.pk, now=NOW + 5 * MINUTE) is True
    ended = reload(session)
    assert (ended.state, ended.end_reason, ended.finished_at) == ("finished", "candidate", NOW + 5 * MINUTE)
    assert {entry.answer.state for entry in questions_of(session)} == {"closed"}
    assert questions_of(session)[0].time_spent_ms == 300_000
    assert ended.report.state == "pending"


def test_finishing_twice_is_finishing_once() -> None:
    session = make_finished_session()
    ended_at = session.finished_at
    assert lifecycle.finish_session(session_id=session.pk, now=NOW + 20 * MINUTE) is False
    assert reload(session).finished_at == ended_at


def test_a_submitted_answer_stays_submitted_when_the_session_ends() -> None:
    session = make_finished_session()
    assert {question.answer.state for question in questions_of(session)} == {"submitted"}


def test_a_session_ended_by_the_clock_ends_at_its_deadline_whenever_that_is_noticed() -> None:
    session = make_session()
    lifecycle.finish_session(session_id=session.pk, now=session.deadline + timedelta(hours=2))
    ended = reload(session)
    assert (ended.end_reason, ended.finished_at) == ("clock", session.deadline)
    assert questions_of(session)[0].time_spent_ms == 30 * 60 * 1000


@pytest.mark.parametrize(("after_deadline", "closed"), [(GRACE, 0), (GRACE + SECOND, 1)])
def test_the_sweep_waits_for_the_grace_to_pass(after_deadline: timedelta, closed: int) -> None:
    session = make_session()
    now = session.deadline + after_deadline
    assert lifecycle.close_overdue_session(session_id=session.pk, now=now) is bool(closed)
    assert Report.objects.count() == closed


def test_overdue_are_those_past_their_grace_and_no_others() -> None:
    late = [make_session(minutes=10), make_session(minutes=20)]
    make_session(minutes=60)
    assert set(InterviewSession.objects.overdue(NOW + 21 * MINUTE)) == set(late)


def test_a_session_is_swept_up_once() -> None:
    session = make_session(minutes=10)
    now = NOW + 11 * MINUTE
    assert [lifecycle.close_overdue_session(session_id=session.pk, now=now) for _ in range(2)] == [True, False]


@pytest.mark.django_db(transaction=True)
def test_a_session_somebody_is_working_on_does_not_hold_up_the_sweep() -> None:
    busy, idle = make_session(minutes=10), make_session(minutes=20)
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            InterviewSession.objects.select_for_update().get(pk=busy.pk)
            locked.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait(10)
    try:
        later = NOW + 60 * MINUTE
        assert lifecycle.close_overdue_session(session_id=busy.pk, now=later) is False
        assert lifecycle.close_overdue_session(session_id=idle.pk, now=later) is True
    finally:
        done.set()
        thread.join()
    assert lifecycle.close_overdue_session(session_id=busy.pk, now=NOW + 60 * MINUTE) is True


def test_a_page_records_an_overdue_end_without_any_sweep(settings: Settings) -> None:
    session = make_session()
    last = session.deadline + timedelta(seconds=settings.INTERVIEW_GRACE_SECONDS)
    assert lifecycle.close_if_overdue(session=session, now=last) is False
    assert lifecycle.close_if_overdue(session=session, now=last + SECOND) is True
    assert reload(session).ended_by_clock


@pytest.mark.django_db(transaction=True)
def test_a_session_finished_from_all_sides_at_once_has_one_report() -> None:
    session = make_session()
    in_parallel(lambda: lifecycle.finish_session(session_id=session.pk, now=NOW + MINUTE), times=6)
    assert Report.objects.filter(session=session).count() == 1

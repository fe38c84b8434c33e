"""Two things at the same moment, each on a connection of its own: every one happens, or is told that it did not.

The first part has each order of two statements, made certain by holding the first one's transaction open; the second
lets many threads run into each other.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from sessions import lifecycle
from sessions.lifecycle import ContendedError, Draft, SaveResult, SaveStatus, sitting
from sessions.models import Answer, InterviewSession, Report
from tests.factories import CLIENT, NOW, OTHER_CLIENT, make_session
from tests.sessions.engine import (
    GRACE,
    MINUTE,
    SECOND,
    Kind,
    claim,
    draft,
    everything_kept,
    in_parallel,
    kinds_of,
    make_practice,
    nth,
    reload,
    save,
    submit,
)

pytestmark = pytest.mark.django_db(transaction=True)

State = Answer.State


@pytest.fixture
def session() -> InterviewSession:
    session = make_session()
    session.candidate.pk  # noqa: B018  loaded before threads share it
    return session


def waits_for_a_lock() -> bool:
    """Whether some connection to this database waits for another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction sees only those it saw at first
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def at_the_same_time(second: Callable[[], Any]) -> Iterator[list[Any]]:
    """Run the block in a transaction, and `second` on another connection so that it waits for its end.

    Gives a list that has what came of `second` afterwards.
    """
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(second())
        except Exception as error:
            outcome.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        yield outcome
        thread.start()
        for _ in range(500):
            if waits_for_a_lock():
                break
            thread.join(0.01)
        else:
            pytest.fail("they did not meet")
    thread.join(30)
    assert not thread.is_alive()


def run(action: Callable[..., Any], session: InterviewSession, **more: Any) -> Callable[[], Any]:
    return partial(action, session=session, question_id=nth(session, 1).pk, now=NOW + MINUTE, **more)


def saving(session: InterviewSession, body: str, *, sequence: int = 1) -> Callable[[], SaveResult]:
    """Prepare a save of the first question, with everything read that it needs."""
    question = nth(session, 1)
    return partial(
        lifecycle.save_draft,
        session_id=session.pk,
        question_id=question.pk,
        candidate=question.session.candidate,
        draft=draft(body, sequence=sequence),
        now=NOW + MINUTE,
    )


# --- A save and an end ---------------------------------------------------------------------------------------------


def test_a_save_that_waits_for_an_end_comes_too_late_and_is_kept(session: InterviewSession) -> None:
    with at_the_same_time(saving(session, "words")) as saved:
        lifecycle.finish_session(session_id=session.pk, now=NOW + MINUTE)
    assert saved[0].status is SaveStatus.LATE
    assert nth(session, 1).answer.body == ""
    assert everything_kept(nth(session, 1).pk) == {"", "words"}


def test_an_end_that_waits_for_a_save_closes_the_answer_with_it(session: InterviewSession) -> None:
    with at_the_same_time(lambda: lifecycle.finish_session(session_id=session.pk, now=NOW + MINUTE)) as ended:
        assert saving(session, "words")().status is SaveStatus.SAVED
    assert ended == [True]
    assert (nth(session, 1).answer.body, nth(session, 1).answer.state) == ("words", State.CLOSED)


def test_of_two_ends_one_ends_it(session: InterviewSession) -> None:
    with at_the_same_time(lambda: lifecycle.finish_session(session_id=session.pk, now=NOW + 2 * MINUTE)) as second:
        assert lifecycle.finish_session(session_id=session.pk, now=NOW + MINUTE)
    assert second == [False]
    assert reload(session).finished_at == NOW + MINUTE
    assert (Report.objects.count(), kinds_of(session).count(Kind.FINISHED)) == (1, 1)


def test_a_sweep_passes_by_an_end_that_is_being_made(session: InterviewSession) -> None:
    now = session.deadline + GRACE + SECOND
    with transaction.atomic():
        lifecycle.finish_session(session_id=session.pk, now=now)
        assert in_parallel(lambda: lifecycle.close_overdue_session(session_id=session.pk, now=now)) == [False]
    assert kinds_of(session).count(Kind.CLOSED_BY_CLOCK) == 1


# --- A save and a click --------------------------------------------------------------------------------------------


def test_a_submission_with_words_that_waits_for_an_own_save_has_the_words_of_the_click(
    session: InterviewSession,
) -> None:
    click = run(lifecycle.submit_answer, session, draft=draft("typed, clicked", sequence=2))
    with at_the_same_time(click) as clicked:
        assert saving(session, "typed")().is_saved
    assert isinstance(clicked[0], lifecycle.Sitting)
    answer = nth(session, 1).answer
    assert (answer.body, answer.revision, answer.state) == ("typed, clicked", 2, State.SUBMITTED)
    assert everything_kept(answer.pk) == {"typed", "typed, clicked"}


def test_a_submission_with_words_that_waits_for_the_save_of_another_tab_is_a_conflict(
    session: InterviewSession,
) -> None:
    click = run(lifecycle.submit_answer, session, draft=draft("clicked", client=OTHER_CLIENT))
    with at_the_same_time(click) as clicked:
        assert saving(session, "typed")().is_saved
    assert isinstance(clicked[0], lifecycle.StaleDraftError)
    assert nth(session, 1).answer.is_open
    assert everything_kept(nth(session, 1).pk) == {"typed", "clicked"}


def test_a_submission_without_words_that_waits_for_a_save_submits_what_was_saved(session: InterviewSession) -> None:
    with at_the_same_time(run(lifecycle.submit_answer, session)):
        assert saving(session, "typed")().is_saved
    assert (nth(session, 1).answer.body, nth(session, 1).answer.state) == ("typed", State.SUBMITTED)


def test_a_save_that_waits_for_a_submission_is_kept_beside_it(session: InterviewSession) -> None:
    with at_the_same_time(saving(session, "older")) as saved:
        submit(session, 1, now=NOW + MINUTE, draft=draft("final", sequence=2))
    assert saved[0].status is SaveStatus.CLOSED
    assert nth(session, 1).answer.body == "final"
    assert everything_kept(nth(session, 1).pk) == {"final", "older"}


def test_the_same_save_twice_at_once_is_one_revision_and_one_answer(session: InterviewSession) -> None:
    with at_the_same_time(saving(session, "words")) as second:
        first = saving(session, "words")()
    assert second == [first]
    assert nth(session, 1).answer.revision == 1


def test_two_saves_of_one_tab_in_the_wrong_order_leave_the_newer_words(session: InterviewSession) -> None:
    with at_the_same_time(saving(session, "one", sequence=1)) as older:
        saving(session, "one two", sequence=2)()
    assert older[0].status is SaveStatus.OVERTAKEN
    assert nth(session, 1).answer.body == "one two"
    assert everything_kept(nth(session, 1).pk) == {"one", "one two"}


def test_a_click_on_another_question_does_not_wait_for_a_save(session: InterviewSession) -> None:
    other = partial(lifecycle.set_flag, session=session, question_id=nth(session, 2).pk, flagged=True, now=NOW)
    with transaction.atomic():
        saving(session, "words")()
        assert isinstance(in_parallel(other)[0], lifecycle.Sitting)
    assert nth(session, 2).flagged


# --- The lease, pauses and time ------------------------------------------------------------------------------------


def test_of_two_tabs_that_claim_an_interview_one_gets_it(session: InterviewSession) -> None:
    with at_the_same_time(partial(claim, session, OTHER_CLIENT)) as second:
        assert claim(session, CLIENT)
    assert second == [False]
    assert reload(session).lease == CLIENT


def test_a_save_after_a_take_over_is_refused_and_kept(session: InterviewSession) -> None:
    claim(session, CLIENT)
    with transaction.atomic():
        claim(session, OTHER_CLIENT, seen=CLIENT)
        before = in_parallel(saving(session, "just before"))[0]
    after = saving(session, "just after", sequence=2)()
    assert (before.status, after.status) == (SaveStatus.SAVED, SaveStatus.LEASE)
    assert everything_kept(nth(session, 1).pk) == {"just before", "just after"}


def test_a_save_that_waits_for_a_pause_counts() -> None:
    session = make_practice()
    with at_the_same_time(saving(session, "words")) as saved:
        lifecycle.pause_session(session=session, now=NOW + MINUTE)
    assert saved[0].status is SaveStatus.SAVED
    assert reload(session).is_paused(NOW + MINUTE)


def test_a_pause_that_waits_for_a_save_keeps_it() -> None:
    session = make_practice()
    with at_the_same_time(partial(lifecycle.pause_session, session=session, now=NOW + MINUTE)):
        assert saving(session, "words")().is_saved
    assert nth(session, 1).answer.body == "words"
    assert nth(session, 1).answer.deadline == reload(session).deadline > session.deadline


def test_two_pauses_at_once_are_one() -> None:
    session = make_practice()
    in_parallel(*[partial(lifecycle.pause_session, session=session, now=NOW + MINUTE)] * 4)
    assert kinds_of(session).count(Kind.PAUSED) == 1


def test_time_that_is_given_while_the_candidate_clicks_is_not_lost(session: InterviewSession) -> None:
    give = partial(
        lifecycle.change_time,
        session_id=session.pk,
        actor=session.candidate,
        reason="Outage",
        now=NOW + MINUTE,
        extra_minutes=10,
    )
    with at_the_same_time(give):
        submit(session, 1, now=NOW + MINUTE, go_on=True)
    assert reload(session).deadline == nth(session, 3).answer.deadline == NOW + 40 * MINUTE
    assert reload(session).current_position == 2


# --- Compare and set -----------------------------------------------------------------------------------------------


def test_two_different_changes_at_once_both_happen(session: InterviewSession) -> None:
    flag = run(lifecycle.set_flag, session, flagged=True)
    with at_the_same_time(flag):
        submit(session, 1, now=NOW + MINUTE, go_on=True)
    assert nth(session, 1).flagged
    assert nth(session, 1).answer.state == State.SUBMITTED
    assert reload(session).changes == session.changes + 2


def test_who_always_comes_second_is_told_and_nothing_was_done(
    session: InterviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def lose(_: lifecycle.Sitting, **more: Any) -> bool:
        tries.append(1)
        return False

    monkeypatch.setattr(sitting, "write_sitting", lose)
    with pytest.raises(ContendedError):
        lifecycle.set_flag(session=session, question_id=nth(session, 1).pk, flagged=True, now=NOW)
    assert len(tries) == sitting.MAX_TRIES
    assert not nth(session, 1).flagged


def test_what_was_read_before_another_change_is_not_written(session: InterviewSession) -> None:
    old = lifecycle.read_sitting(session.pk)
    lifecycle.set_flag(session=session, question_id=nth(session, 2).pk, flagged=True, now=NOW)
    old.session.lease = OTHER_CLIENT
    old.touch(old.questions[1])
    assert not sitting.write_sitting(old, now=NOW)
    assert (reload(session).lease, nth(session, 2).flagged) == (None, True)


# --- Many ----------------------------------------------------------------------------------------------------------


def again(action: Callable[[], Any]) -> Any:
    """Do it until it is done: ContendedError promises that nothing was."""
    while True:
        try:
            return action()
        except ContendedError:
            continue


def typing(session: InterviewSession, position: int, client: UUID, count: int) -> Callable[[], list[Draft]]:
    """Save again and again as one tab; return the drafts that were acknowledged."""
    question = nth(session, position)
    candidate = question.session.candidate

    def work() -> list[Draft]:
        acknowledged, base = [], 0
        for number in range(1, count + 1):
            words = draft(f"{client.int}: {number}", base=base, client=client, sequence=number)
            result = lifecycle.save_draft(
                session_id=session.pk, question_id=question.pk, candidate=candidate, draft=words, now=NOW + MINUTE
            )
            base = result.revision
            if result.is_saved:
                acknowledged.append(words)
        return acknowledged

    return work


def clicking(session: InterviewSession, position: int, count: int) -> Callable[[], None]:
    question = nth(session, position).pk
    candidate = session.candidate

    def work() -> None:
        for number in range(count):
            words = draft(f"clicked {number}", base=0, client=UUID(int=900 + number))
            change = partial(
                lifecycle.set_flag, session=session, question_id=question, flagged=number % 2 == 0, now=NOW + MINUTE
            )
            again(change)
            again(partial(lifecycle.open_question, session=session, question_id=question, now=NOW + MINUTE))
            try:
                again(partial(change, draft=words))
            except lifecycle.StaleDraftError as stale:
                assert stale.result.status is SaveStatus.STALE
        assert candidate.pk

    return work


def test_eight_threads_of_saves_and_clicks_lose_nothing_and_do_not_wait_for_each_other(
    session: InterviewSession,
) -> None:
    writers = [(position, UUID(int=100 * position + number)) for position in (1, 2) for number in (1, 2)]
    outcomes = in_parallel(
        *[typing(session, position, client, 25) for position, client in writers],
        *[clicking(session, position, 8) for position in (1, 2, 3)],
        lambda: [again(partial(claim, session, CLIENT, seen=UUID(int=n))) for n in range(20)],
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    for (position, _), acknowledged in zip(writers, outcomes, strict=False):
        assert {words.body for words in acknowledged} <= everything_kept(nth(session, position).pk)


def test_eight_threads_of_saves_submissions_and_ends_leave_one_end_and_every_acknowledged_word(
    session: InterviewSession,
) -> None:
    question = nth(session, 1).pk
    finish = partial(lifecycle.finish_session, session_id=session.pk, now=NOW + timedelta(minutes=2))

    def submit_then_finish() -> list[bool]:
        try:
            again(partial(lifecycle.submit_answer, session=session, question_id=question, now=NOW + MINUTE, go_on=True))
        except lifecycle.SessionOverError:
            assert reload(session).is_finished
        return [again(finish) for _ in range(5)]

    writers = [UUID(int=number) for number in range(1, 5)]
    outcomes = in_parallel(*[typing(session, 1, client, 15) for client in writers], *[submit_then_finish] * 4)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert sum(sum(ended) for ended in outcomes[4:]) == 1
    assert (Report.objects.count(), kinds_of(session).count(Kind.FINISHED)) == (1, 1)
    kept = everything_kept(question)
    assert all({words.body for words in acknowledged} <= kept for acknowledged in outcomes[:4])


def test_a_save_that_waits_for_the_answer_alone_does_not_wait_for_the_session(session: InterviewSession) -> None:
    with transaction.atomic():
        InterviewSession.objects.select_for_update(no_key=True).get(pk=session.pk)
        assert in_parallel(saving(session, "words"))[0].is_saved
    assert save(session, 1, "words", now=NOW).is_saved

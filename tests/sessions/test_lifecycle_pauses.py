"""Pauses of practice sessions: what stands still, what moves, and what is left of them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from sessions import lifecycle
from sessions.lifecycle import PauseRefusedError, SaveStatus, SessionOverError
from sessions.models import InterviewSession
from tests.factories import NOW, make_plan, make_session, make_user
from tests.sessions.engine import (
    GRACE,
    MINUTE,
    SECOND,
    Kind,
    draft,
    go,
    kinds_of,
    make_limited,
    make_practice,
    nth,
    reload,
    save,
    submit,
)

pytestmark = pytest.mark.django_db

ALLOWANCE = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def ten_minutes_of_pause(settings: Settings) -> None:
    settings.INTERVIEW_PAUSE_SECONDS = 600


@pytest.fixture
def session() -> InterviewSession:
    return make_practice(minutes=30)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def pause(session: InterviewSession, minutes: float) -> None:
    lifecycle.pause_session(session=session, now=at(minutes))


def resume(session: InterviewSession, minutes: float) -> None:
    lifecycle.resume_session(session=session, now=at(minutes))


def left_ms(session: InterviewSession, minutes: float) -> int:
    return reload(session).remaining_ms(at(minutes))


# --- What stands still ---------------------------------------------------------------------------------------------


def test_in_a_pause_the_time_that_is_left_stands_still(session: InterviewSession) -> None:
    pause(session, 5)
    assert [left_ms(session, minute) for minute in (5, 8, 14.99)] == [25 * 60_000] * 3
    resume(session, 9)
    assert left_ms(session, 9) == 25 * 60_000
    assert left_ms(session, 10) == 24 * 60_000


def test_a_pause_moves_the_deadline_and_gives_the_unused_part_back(session: InterviewSession) -> None:
    pause(session, 5)
    assert reload(session).deadline == nth(session, 2).answer.deadline == at(40)
    resume(session, 7)
    assert reload(session).deadline == nth(session, 2).answer.deadline == at(32)
    assert reload(session).pause_left_ms == 8 * 60_000


def test_a_pause_is_no_time_spent_on_a_question(session: InterviewSession) -> None:
    pause(session, 5)
    assert nth(session, 1).time_spent_ms_at(at(9)) == 5 * 60_000
    resume(session, 9)
    go(session, 2, now=at(10))
    assert nth(session, 1).time_spent_ms == 6 * 60_000


def test_words_are_saved_in_a_pause(session: InterviewSession) -> None:
    pause(session, 5)
    assert save(session, 1, "a thought", now=at(7)).status is SaveStatus.SAVED
    assert reload(session).is_paused(at(7))


def test_a_click_ends_the_pause(session: InterviewSession) -> None:
    pause(session, 5)
    go(session, 2, now=at(7))
    assert not reload(session).is_paused(at(7))
    assert (reload(session).deadline, reload(session).current_since) == (at(32), at(7))
    assert kinds_of(session)[-2:] == [Kind.RESUMED, Kind.OPENED]


# --- How much of it there is ---------------------------------------------------------------------------------------


def test_pauses_add_up_to_the_allowance(session: InterviewSession) -> None:
    pause(session, 1)
    resume(session, 5)
    pause(session, 6)
    resume(session, 11)
    pause(session, 12)
    assert not reload(session).is_paused(at(13))
    assert left_ms(session, 13) == left_ms(session, 12) - 0 == (30 - 3) * 60_000
    assert reload(session).deadline == at(40)


def test_when_nothing_is_left_a_pause_is_refused(session: InterviewSession) -> None:
    pause(session, 1)
    resume(session, 11)
    assert reload(session).pause_left_ms == 0
    with pytest.raises(PauseRefusedError):
        pause(session, 12)


def test_a_forgotten_pause_ends_by_itself(session: InterviewSession) -> None:
    pause(session, 5)
    assert not reload(session).is_paused(at(15))
    assert left_ms(session, 16) == 24 * 60_000
    go(session, 2, now=at(17))
    assert session.events.get(kind=Kind.RESUMED).at == at(15)
    assert session.events.get(kind=Kind.RESUMED).data == {"paused_ms": 600_000}
    assert nth(session, 1).time_spent_ms == 7 * 60_000
    assert reload(session).deadline == at(40)


def test_a_session_that_is_never_resumed_ends_by_the_clock(session: InterviewSession) -> None:
    pause(session, 5)
    assert not lifecycle.close_overdue_session(session_id=session.pk, now=at(31))
    assert lifecycle.close_overdue_session(session_id=session.pk, now=at(40) + GRACE + SECOND)
    ended = reload(session)
    assert (ended.finished_at, ended.end_reason) == (at(40), "clock")
    assert nth(session, 1).time_spent_ms == 30 * 60_000


def test_pausing_twice_is_pausing_once_and_so_is_resuming(session: InterviewSession) -> None:
    pause(session, 5)
    pause(session, 6)
    resume(session, 7)
    resume(session, 8)
    assert kinds_of(session).count(Kind.PAUSED) == kinds_of(session).count(Kind.RESUMED) == 1
    assert reload(session).deadline == at(32)


def test_finishing_in_a_pause_takes_its_unused_part_back(session: InterviewSession) -> None:
    pause(session, 5)
    lifecycle.finish_session(session_id=session.pk, now=at(7))
    ended = reload(session)
    assert (ended.finished_at, ended.end_reason, ended.deadline) == (at(7), "candidate", at(32))
    assert nth(session, 1).time_spent_ms == 5 * 60_000


def test_a_click_from_before_the_pause_that_arrives_in_it_takes_no_time_away(session: InterviewSession) -> None:
    """Its `now` was taken before the pause began: another request came first."""
    pause(session, 5)
    lifecycle.resume_session(session=session, now=at(4))
    assert reload(session).deadline == at(30)
    assert reload(session).pause_left_ms == 600_000


# --- Who may -------------------------------------------------------------------------------------------------------


def test_a_mock_interview_does_not_pause() -> None:
    with pytest.raises(PauseRefusedError):
        pause(make_session(), 5)


@pytest.mark.parametrize("fields", [{"window_end": NOW + 60 * MINUTE}, {"untimed": True}])
def test_practice_whose_end_is_fixed_or_that_has_none_does_not_pause(fields: dict[str, Any]) -> None:
    session = lifecycle.start_session(candidate=make_user(), plan=make_plan(mode="practice"), now=NOW, **fields)
    with pytest.raises(PauseRefusedError):
        pause(session, 5)
    assert not reload(session).paused_at


def test_what_is_over_does_not_pause_not_even_in_the_grace(session: InterviewSession) -> None:
    with pytest.raises(SessionOverError):
        lifecycle.pause_session(session=session, now=session.deadline + SECOND)
    lifecycle.finish_session(session_id=session.pk, now=at(5))
    with pytest.raises(SessionOverError):
        pause(session, 6)


def test_what_is_over_is_not_resumed(session: InterviewSession) -> None:
    pause(session, 5)
    with pytest.raises(SessionOverError):
        lifecycle.resume_session(session=session, now=reload(session).deadline + GRACE + SECOND)


# --- With other clocks ---------------------------------------------------------------------------------------------


def test_a_pause_moves_the_end_of_the_question_in_front_and_no_other_that_was_left() -> None:
    session = make_limited(seconds=120, count=3, mode="practice")
    go(session, 2, now=at(0.5))
    pause(session, 1)
    assert nth(session, 2).answer.deadline == at(12.5)
    resume(session, 4)
    assert [nth(session, n).answer.deadline for n in (1, 2, 3)] == [at(0.5), at(5.5), reload(session).deadline]
    go(session, 1, now=at(5))
    assert nth(session, 1).answer.deadline == at(6.5)
    assert nth(session, 2).time_spent_ms == 90_000


def test_a_pause_while_reading_keeps_the_rest_of_the_reading_time() -> None:
    session = make_limited(seconds=60, count=2, mode="practice", reading_seconds=60)
    pause(session, 0.5)
    resume(session, 3)
    first = nth(session, 1)
    assert (first.reading_until, first.answer.deadline, reload(session).current_since) == (at(3.5), at(4.5), at(3.5))
    submit(session, 1, now=at(4), draft=draft("words"))
    assert nth(session, 1).time_spent_ms == 30_000


def test_a_forgotten_pause_while_reading_keeps_it_too() -> None:
    session = make_limited(seconds=60, count=2, mode="practice", reading_seconds=60)
    pause(session, 0.5)
    submit(session, 1, now=at(11.5), draft=draft("words"))
    assert nth(session, 1).time_spent_ms == 30_000


@pytest.mark.parametrize("resumed_at", [7, 16])
def test_a_pause_does_not_start_the_clock_of_an_answer_that_is_shown(
    session: InterviewSession, resumed_at: float
) -> None:
    submit(session, 1, now=at(1), draft=draft("words"))
    pause(session, 5)
    assert reload(session).current_since is None
    resume(session, resumed_at)
    assert reload(session).current_since is None
    go(session, 2, now=at(18))
    assert nth(session, 1).time_spent_ms == 60_000

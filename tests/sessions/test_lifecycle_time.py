"""How long an interview may take: untimed ones, windows, extra minutes, and time that staff gives in the middle."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sessions import lifecycle
from sessions.lifecycle import SaveStatus, SessionOverError, TimeChangeRefusedError
from sessions.models import InterviewPlan, InterviewSession
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


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def start(plan: InterviewPlan | None = None, **fields: Any) -> InterviewSession:
    return lifecycle.start_session(candidate=make_user(), plan=plan or make_plan(), now=NOW, **fields)


def change(session: InterviewSession, minutes: float, **fields: Any) -> InterviewSession:
    return lifecycle.change_time(
        session_id=session.pk, actor=make_user(), reason="The line was down", now=at(minutes), **fields
    )


# --- From the start ------------------------------------------------------------------------------------------------


def test_extra_minutes_come_on_top_of_extra_time() -> None:
    session = start(make_plan(minutes=30), time_factor=Decimal("1.50"), extra_minutes=10)
    assert session.deadline == nth(session, 1).answer.deadline == at(55)


def test_a_window_cuts_an_interview_and_all_its_answers_short() -> None:
    session = start(make_plan(minutes=30), window_end=at(20), extra_minutes=10)
    assert session.deadline == nth(session, 1).answer.deadline == at(20)
    assert save(session, 1, "late", now=at(20) + GRACE + SECOND).status is SaveStatus.LATE
    lifecycle.finish_session(session_id=session.pk, now=at(21))
    assert reload(session).finished_at == at(20)


def test_a_window_that_ends_later_changes_nothing() -> None:
    assert start(make_plan(minutes=30), window_end=at(60)).deadline == at(30)


@pytest.mark.parametrize("window", [None, at(60)])
def test_an_untimed_interview_has_no_limits_and_ends_some_day_or_with_its_window(window: datetime | None) -> None:
    plan = make_plan(question_limit="fixed", question_limit_seconds=60)
    session = start(plan, untimed=True, window_end=window)
    assert (session.is_untimed, session.limits_questions, session.time_limit_seconds) == (True, False, None)
    assert session.deadline == nth(session, 1).answer.deadline == (window or NOW + timedelta(days=7))
    assert save(session, 1, "slowly", now=at(50)).status is SaveStatus.SAVED


def test_a_plan_without_any_limit_is_untimed() -> None:
    plan = make_plan(mode="practice")
    InterviewPlan.objects.filter(pk=plan.pk).update(time_limit_seconds=None)
    plan.refresh_from_db()
    assert start(plan).is_untimed


# --- Given in the middle -------------------------------------------------------------------------------------------


def test_minutes_are_added_to_the_session_and_every_open_answer() -> None:
    session = make_session(minutes=30)
    submit(session, 1, now=at(1), draft=draft("words"))
    change(session, 5, extra_minutes=10)
    assert reload(session).deadline == nth(session, 2).answer.deadline == at(40)
    assert reload(session).extra_minutes == 10
    assert save(session, 2, "later", now=at(39)).status is SaveStatus.SAVED


def test_the_values_are_absolute_so_giving_the_same_twice_is_giving_it_once() -> None:
    session = make_session(minutes=30)
    change(session, 5, extra_minutes=10)
    change(session, 6, extra_minutes=10)
    assert reload(session).deadline == at(40)


def test_a_factor_applies_to_the_whole_limit_and_to_the_suggestions_of_what_is_open() -> None:
    session = make_session(minutes=30)
    submit(session, 1, now=at(1), draft=draft("words"))
    change(session, 5, time_factor=Decimal("1.50"))
    assert reload(session).deadline == at(45)
    assert [nth(session, n).time_limit_seconds for n in (1, 2)] == [180, 270]


def test_factor_and_minutes_together() -> None:
    session = make_session(minutes=30)
    change(session, 5, time_factor=Decimal("2.00"), extra_minutes=5)
    assert reload(session).deadline == at(65)


def test_changing_the_factor_back_gives_what_there_was() -> None:
    session = make_session(plan=make_plan(minutes=31), time_factor=Decimal("1.25"))
    before = (session.deadline, [nth(session, n).time_limit_seconds for n in (1, 2, 3)])
    for factor in ("1.50", "1.00", "1.35", "2.00", "1.10", "1.25"):
        change(session, 1, time_factor=Decimal(factor))
    assert (reload(session).deadline, [nth(session, n).time_limit_seconds for n in (1, 2, 3)]) == before


def test_a_change_is_on_record_with_who_made_it_and_why() -> None:
    session = make_session()
    staff = make_user()
    lifecycle.change_time(session_id=session.pk, actor=staff, reason="Fire alarm", now=at(3), extra_minutes=7)
    event = session.events.get(kind=Kind.TIME_CHANGED)
    assert (event.actor, event.at) == (staff, at(3))
    assert event.data == {"reason": "Fire alarm", "time_factor": "1.00", "extra_minutes": 7}


def test_a_window_moves_with_what_is_given() -> None:
    session = start(make_plan(minutes=30), window_end=at(20))
    change(session, 5, extra_minutes=10)
    assert (reload(session).window_end, reload(session).deadline) == (at(30), at(30))


@pytest.mark.parametrize(
    "fields",
    [{"time_factor": Decimal("0.99")}, {"time_factor": Decimal("4.01")}, {"extra_minutes": -1}, {"extra_minutes": 601}],
)
def test_what_is_out_of_bounds_is_refused_and_nothing_is_on_record(fields: dict[str, Any]) -> None:
    session = make_session()
    with pytest.raises(TimeChangeRefusedError):
        change(session, 1, **fields)
    assert reload(session).deadline == session.deadline
    assert Kind.TIME_CHANGED not in kinds_of(session)


@pytest.mark.parametrize(("minutes", "refused"), [(29, False), (30, True), (35, True)])
def test_nobody_ends_an_interview_in_the_past_by_taking_time_back(minutes: float, refused: bool) -> None:
    session = start(make_plan(minutes=30), extra_minutes=10)
    if refused:
        with pytest.raises(TimeChangeRefusedError):
            change(session, minutes, extra_minutes=0)
    else:
        change(session, minutes, extra_minutes=0)
    assert reload(session).deadline == at(40 if refused else 30)


def test_an_untimed_interview_has_no_time_to_change() -> None:
    with pytest.raises(TimeChangeRefusedError):
        change(start(untimed=True), 1, extra_minutes=5)


def test_what_is_over_gets_no_time_not_even_in_the_grace() -> None:
    session = make_session(minutes=30)
    with pytest.raises(SessionOverError):
        change(session, 30.1, extra_minutes=5)
    lifecycle.finish_session(session_id=session.pk, now=at(31))
    with pytest.raises(SessionOverError):
        change(session, 31, extra_minutes=5)


# --- Given in a pause ----------------------------------------------------------------------------------------------


def test_time_given_in_a_pause_is_there_after_it() -> None:
    session = make_practice(minutes=30)
    lifecycle.pause_session(session=session, now=at(5))
    change(session, 6, extra_minutes=10)
    assert reload(session).remaining_ms(at(6)) == 35 * 60_000
    lifecycle.resume_session(session=session, now=at(8))
    assert reload(session).deadline == nth(session, 1).answer.deadline == at(43)


def test_in_a_pause_too_nobody_ends_an_interview_in_the_past() -> None:
    """The deadline lies later by the pause: what counts is the time that is left after it."""
    session = lifecycle.start_session(
        candidate=make_user(), plan=make_plan(mode="practice", minutes=30), now=NOW, extra_minutes=10
    )
    lifecycle.pause_session(session=session, now=at(35))
    with pytest.raises(TimeChangeRefusedError):
        change(session, 36, extra_minutes=0)
    assert reload(session).remaining_ms(at(36)) == 5 * 60_000


# --- Where questions have limits -----------------------------------------------------------------------------------


def test_minutes_go_to_the_question_in_front_and_to_the_end() -> None:
    session = make_limited(seconds=60, count=3)
    change(session, 0.5, extra_minutes=2)
    assert [nth(session, n).answer.deadline for n in (1, 2, 3)] == [at(3), at(5), at(5)]
    assert [nth(session, n).time_limit_seconds for n in (1, 2, 3)] == [180, 60, 60]
    assert reload(session).deadline == at(5)


def test_a_factor_goes_to_every_question_that_is_open() -> None:
    session = make_limited(seconds=60, count=3)
    submit(session, 1, now=at(0.5), draft=draft("words"), go_on=True)
    change(session, 1, time_factor=Decimal("2.00"))
    assert [nth(session, n).time_limit_seconds for n in (1, 2, 3)] == [60, 120, 120]
    assert [nth(session, n).answer.deadline for n in (2, 3)] == [at(2.5), at(6)]


@pytest.mark.parametrize(("fields", "end"), [({"time_factor": Decimal("2.00")}, 10), ({"extra_minutes": 3}, 8)])
def test_a_question_that_the_end_of_the_session_had_cut_short_gets_the_time_too(
    fields: dict[str, Any], end: int
) -> None:
    session = make_limited(seconds=240, total_minutes=5, count=2)
    go(session, 2, now=at(1))
    go(session, 1, now=at(2))
    go(session, 2, now=at(3))
    assert nth(session, 2).answer.deadline == at(5)
    change(session, 4, **fields)
    assert nth(session, 2).answer.deadline == reload(session).deadline == at(end)


def test_coming_back_to_a_question_that_was_left_gives_the_rest_of_its_new_time() -> None:
    session = make_limited(seconds=60, count=3)
    go(session, 2, now=at(0.5))
    change(session, 0.75, time_factor=Decimal("2.00"))
    go(session, 1, now=at(1))
    assert nth(session, 1).answer.deadline == at(2.5)


def test_a_question_that_was_left_takes_no_words_because_time_is_given() -> None:
    session = make_limited(seconds=60, count=3)
    go(session, 2, now=at(0.5))
    change(session, 0.75, extra_minutes=5)
    assert save(session, 1, "more", now=at(1)).status is SaveStatus.LATE


def test_time_taken_back_ends_the_question_in_front_now_at_the_earliest() -> None:
    session = make_limited(seconds=60, count=3, time_factor=Decimal("2.00"))
    change(session, 1.5, time_factor=Decimal("1.00"))
    assert nth(session, 1).answer.deadline == at(1.5)
    assert save(session, 1, "under way", now=at(1.5) + GRACE).status is SaveStatus.SAVED


def test_time_that_is_given_does_not_revive_a_question_that_ran_out_long_ago() -> None:
    session = make_limited(seconds=60, count=6)
    change(session, 4, extra_minutes=1)
    assert save(session, 1, "more", now=at(4)).status is SaveStatus.LATE


def test_time_given_in_a_pause_reaches_a_question_with_a_limit() -> None:
    session = make_limited(seconds=60, count=3, mode="practice")
    lifecycle.pause_session(session=session, now=at(0.5))
    change(session, 1, time_factor=Decimal("2.00"), extra_minutes=1)
    lifecycle.resume_session(session=session, now=at(2.5))
    assert nth(session, 1).answer.deadline == at(5)
    assert reload(session).remaining_ms(at(2.5)) == int(6.5 * MINUTE / timedelta(milliseconds=1))

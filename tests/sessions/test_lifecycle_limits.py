"""Limits of single questions, reading time, follow-ups, and interviews that only go forward."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from sessions import lifecycle
from sessions.lifecycle import SaveStatus
from sessions.models import Answer, InterviewSession, Navigation
from tests.factories import NOW, make_plan, make_session, make_user, questions_of
from tests.sessions.engine import (
    GRACE,
    MINUTE,
    SECOND,
    Kind,
    draft,
    go,
    kinds_of,
    limited_plan,
    make_limited,
    make_practice,
    nth,
    reload,
    save,
    submit,
)

pytestmark = pytest.mark.django_db

State = Answer.State


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def expire(session: InterviewSession, position: int, *, now: datetime, words: str = "") -> lifecycle.Sitting:
    return lifecycle.close_question_in_time(
        session=session, question_id=nth(session, position).pk, now=now, draft=draft(words) if words else None
    )


def skip(session: InterviewSession, position: int, *, now: datetime) -> None:
    lifecycle.skip_question(session=session, question_id=nth(session, position).pk, now=now, go_on=True)


# --- A question's own limit ----------------------------------------------------------------------------------------


def test_the_question_in_front_has_its_own_end_and_the_others_the_sessions() -> None:
    session = make_limited(seconds=60, count=3)
    assert session.deadline == at(180)
    assert [nth(session, n).answer.deadline for n in (1, 2, 3)] == [at(60), at(180), at(180)]


def test_extra_time_stretches_the_limit_of_every_question() -> None:
    session = make_limited(seconds=60, count=2, time_factor=Decimal("1.50"))
    assert (nth(session, 1).answer.deadline, session.deadline) == (at(90), at(180))


def test_a_question_never_ends_after_its_session() -> None:
    session = make_limited(seconds=60, total_minutes=1, count=2)
    submit(session, 1, now=at(30), go_on=True)
    assert nth(session, 2).answer.deadline == session.deadline == at(60)


def test_words_count_until_the_grace_of_the_question_is_over() -> None:
    session = make_limited(seconds=60)
    assert save(session, 1, "in time", now=at(60)).status is SaveStatus.SAVED
    assert save(session, 1, "under way", base=1, sequence=2, now=at(60) + GRACE).status is SaveStatus.SAVED
    late = save(session, 1, "too late", base=2, sequence=3, now=at(60) + GRACE + SECOND)
    assert (late.status, late.remaining_ms) == (SaveStatus.LATE, 0)
    assert list(nth(session, 1).answer.revisions.values_list("late", flat=True)) == [False, True]


def test_when_the_time_of_a_question_is_up_the_browser_says_so_and_the_next_one_opens() -> None:
    session = make_limited(seconds=60)
    expire(session, 1, now=at(61), words="last words")
    first = nth(session, 1)
    assert (first.answer.state, first.answer.body) == (State.PASSED, "last words")
    assert (reload(session).current_position, nth(session, 2).answer.deadline) == (2, at(121))
    assert session.events.get(kind=Kind.RAN_OUT).at == at(60)


def test_a_browser_whose_clock_runs_fast_ends_nothing() -> None:
    session = make_limited(seconds=60)
    sitting = expire(session, 1, now=at(60), words="last words")
    assert sitting.question(nth(session, 1).pk).answer.is_open
    assert (nth(session, 1).answer.body, reload(session).current_position) == ("last words", 1)


def test_a_question_without_a_limit_does_not_run_out() -> None:
    session = make_session()
    expire(session, 1, now=NOW + 29 * MINUTE)
    assert nth(session, 1).answer.is_open


def test_a_question_nobody_came_back_to_runs_out_at_its_own_end_with_the_next_click() -> None:
    session = make_limited(seconds=60)
    save(session, 1, "words", now=at(50))
    go(session, 2, now=at(100))
    assert (nth(session, 1).answer.state, nth(session, 1).answer.body) == (State.PASSED, "words")
    assert session.events.get(kind=Kind.RAN_OUT).at == at(60)
    assert reload(session).current_position == 2


def test_submitting_a_question_whose_time_and_grace_are_over_only_goes_on() -> None:
    session = make_limited(seconds=60)
    save(session, 1, "words", now=at(50))
    submit(session, 1, now=at(76), go_on=True, draft=draft("too late", base=1, sequence=2))
    assert (nth(session, 1).answer.state, nth(session, 1).answer.body) == (State.PASSED, "words")
    assert reload(session).current_position == 2


def test_one_click_within_the_grace_of_the_question_still_submits() -> None:
    session = make_limited(seconds=60)
    submit(session, 1, now=at(75), draft=draft("just in time"))
    assert (nth(session, 1).answer.state, nth(session, 1).answer.body) == (State.SUBMITTED, "just in time")


def test_a_question_that_was_left_takes_words_under_way_and_then_no_more() -> None:
    session = make_limited(seconds=60)
    go(session, 2, now=at(20))
    assert save(session, 1, "under way", now=at(20) + GRACE).status is SaveStatus.SAVED
    assert save(session, 1, "on and on", base=1, sequence=2, now=at(36)).status is SaveStatus.LATE


def test_coming_back_gives_the_rest_of_its_time() -> None:
    session = make_limited(seconds=60, count=3)
    go(session, 2, now=at(20))
    go(session, 1, now=at(50))
    assert nth(session, 1).answer.deadline == at(90)
    assert save(session, 1, "more", now=at(90)).status is SaveStatus.SAVED


def test_leaving_and_coming_back_again_and_again_gives_no_more_than_the_limit_and_one_grace() -> None:
    session = make_limited(seconds=60, count=6)
    accepted = 0
    for visit in range(12):
        start = 20 * visit
        if start:
            go(session, 1, now=at(start))
        before = nth(session, 1).answer
        result = save(session, 1, f"visit {visit}", base=before.revision, sequence=visit + 1, now=at(start + 10))
        accepted += result.status is SaveStatus.SAVED
        go(session, 2, now=at(start + 10))
    assert accepted == 7


# --- Time for reading ----------------------------------------------------------------------------------------------


def test_reading_comes_before_the_clock_of_the_question_and_is_not_time_spent() -> None:
    session = make_limited(seconds=60, reading_seconds=10, count=2)
    assert (nth(session, 1).reading_until, nth(session, 1).answer.deadline) == (at(10), at(70))
    assert session.deadline == at(140)
    submit(session, 1, now=at(40), go_on=True)
    assert nth(session, 1).time_spent_ms == 30_000


def test_who_answers_while_reading_has_spent_no_time() -> None:
    session = make_limited(seconds=60, reading_seconds=10)
    submit(session, 1, now=at(4), go_on=True, draft=draft("quick"))
    assert nth(session, 1).time_spent_ms == 0


def test_reading_time_is_given_once() -> None:
    session = make_limited(seconds=60, reading_seconds=10, count=3)
    go(session, 2, now=at(4))
    go(session, 1, now=at(30))
    first = nth(session, 1)
    assert (first.reading_until, first.answer.deadline) == (at(10), at(90))


def test_reading_time_goes_on_for_who_comes_back_within_it() -> None:
    session = make_limited(seconds=60, reading_seconds=10, count=3)
    go(session, 2, now=at(2))
    go(session, 1, now=at(6))
    assert (reload(session).current_since, nth(session, 1).answer.deadline) == (at(10), at(70))


def test_extra_time_stretches_reading_too() -> None:
    session = make_limited(seconds=60, reading_seconds=10, count=1, time_factor=Decimal("1.50"))
    assert (nth(session, 1).reading_until, nth(session, 1).answer.deadline) == (at(15), at(105))


def test_a_follow_up_needs_no_reading() -> None:
    session = make_limited(seconds=60, reading_seconds=10, asks_follow_ups=True, count=1)
    submit(session, 1, now=at(20), go_on=True)
    follow_up = nth(session, 2)
    assert (follow_up.reading_until, follow_up.answer.deadline) == (None, at(110))


# --- Follow-ups ----------------------------------------------------------------------------------------------------


@pytest.fixture
def probed() -> InterviewSession:
    return make_session(asks_follow_ups=True, count=2)


def test_each_follow_up_stands_behind_its_question(probed: InterviewSession) -> None:
    assert [nth(probed, n).is_follow_up for n in (1, 2, 3, 4)] == [False, True, False, True]
    assert nth(probed, 1).version_id == nth(probed, 2).version_id


def test_a_follow_up_is_asked_once_its_question_is_submitted(probed: InterviewSession) -> None:
    def asked() -> list[int]:
        return [question.position for question in lifecycle.read_sitting(probed.pk).asked]

    assert asked() == [1, 3]
    submit(probed, 1, now=NOW, draft=draft("words"), go_on=True)
    assert asked() == [1, 2, 3]
    assert reload(probed).current_position == 2


def test_a_follow_up_that_is_not_asked_cannot_be_opened(probed: InterviewSession) -> None:
    go(probed, 2, now=at(5))
    assert (reload(probed).current_position, nth(probed, 2).first_opened_at) == (1, None)


def test_skipping_a_question_leads_past_its_follow_up(probed: InterviewSession) -> None:
    skip(probed, 1, now=at(5))
    assert reload(probed).current_position == 3


def test_a_follow_up_has_a_time_of_its_own_with_extra_time_applied() -> None:
    plan = limited_plan(seconds=60, count=1, asks_follow_ups=True)
    session = make_session(plan=plan, time_factor=Decimal("2.00"))
    assert [nth(session, n).time_limit_seconds for n in (1, 2)] == [120, 180]
    assert session.deadline == at(300)


def test_follow_ups_do_not_lengthen_an_interview_that_has_a_total_limit() -> None:
    assert make_session(asks_follow_ups=True, minutes=30).deadline == NOW + 30 * MINUTE


def test_in_an_untimed_interview_follow_ups_have_no_limit() -> None:
    session = lifecycle.start_session(
        candidate=make_session().candidate, plan=limited_plan(asks_follow_ups=True), now=NOW + 60 * MINUTE, untimed=True
    )
    now = NOW + 60 * MINUTE
    submit(session, 1, now=now, draft=draft("words"), go_on=True)
    assert nth(session, 2).answer.deadline == session.deadline == now + timedelta(days=7)


# --- Forward only --------------------------------------------------------------------------------------------------


@pytest.fixture
def forward() -> InterviewSession:
    return make_session(navigation=Navigation.FORWARD, count=3)


def test_skipping_passes_a_question_for_good(forward: InterviewSession) -> None:
    save(forward, 1, "half")
    skip(forward, 1, now=at(5))
    assert (nth(forward, 1).answer.state, nth(forward, 1).skipped) == (State.PASSED, True)
    go(forward, 1, now=at(6))
    assert reload(forward).current_position == 2
    assert save(forward, 1, "half, and more", base=1, sequence=2, now=at(7)).status is SaveStatus.CLOSED


def test_nobody_jumps_ahead(forward: InterviewSession) -> None:
    go(forward, 3, now=at(5))
    assert reload(forward).current_position == 1


def test_submitting_goes_on_and_after_the_last_question_nothing_follows(forward: InterviewSession) -> None:
    for position in (1, 2, 3):
        submit(forward, position, now=at(position), draft=draft("words"), go_on=True)
    assert reload(forward).current_position == 3
    assert lifecycle.next_question(lifecycle.read_sitting(forward.pk), after=3) is None


def test_skipping_a_question_again_after_it_was_passed_only_goes_on(forward: InterviewSession) -> None:
    skip(forward, 1, now=at(5))
    skip(forward, 1, now=at(6))
    assert kinds_of(forward).count(Kind.SKIPPED) == 1
    assert reload(forward).current_position == 2


def test_a_passed_answer_does_not_become_submitted(forward: InterviewSession) -> None:
    skip(forward, 1, now=at(5))
    submit(forward, 1, now=at(6))
    assert nth(forward, 1).answer.state == State.PASSED


# --- Practice ------------------------------------------------------------------------------------------------------


def test_in_practice_submitting_stays_and_stops_the_clock_of_the_question() -> None:
    session = make_practice()
    submit(session, 1, now=at(30), draft=draft("words"), go_on=True)
    assert (reload(session).current_position, reload(session).current_since) == (1, None)
    skip(session, 1, now=at(90))
    assert (reload(session).current_position, reload(session).current_since) == (2, at(90))
    assert nth(session, 1).time_spent_ms == 30_000
    assert not nth(session, 1).skipped


def test_in_practice_an_answer_that_is_shown_uses_no_limit() -> None:
    session = make_limited(seconds=60, mode="practice", count=2)
    submit(session, 1, now=at(30), draft=draft("words"))
    skip(session, 1, now=at(100))
    assert Kind.RAN_OUT not in kinds_of(session)
    assert nth(session, 2).answer.deadline == session.deadline == at(120)


def test_in_practice_submitting_a_question_that_is_not_in_front_leaves_the_clock_of_the_one_that_is() -> None:
    session = make_practice(plan=make_plan(mode="practice"))
    submit(session, 2, now=at(30), draft=draft("words"))
    assert (reload(session).current_position, reload(session).current_since) == (1, NOW)


def test_extra_minutes_are_shared_out_where_every_question_has_a_limit() -> None:
    plan = limited_plan(seconds=60, count=3)
    session = lifecycle.start_session(candidate=make_user(), plan=plan, now=NOW, extra_minutes=5)
    assert [question.time_limit_seconds for question in questions_of(session)] == [160, 160, 160]
    assert session.deadline == NOW + 8 * MINUTE

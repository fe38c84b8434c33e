"""Reopening after an incident: what comes back, what stays, and when it is refused."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from sessions import lifecycle, reports
from sessions.lifecycle import ReopenRefusedError, SaveStatus
from sessions.models import Answer, InterviewSession, Navigation, Report, Score
from tests.factories import NOW, OTHER_CLIENT, make_session, make_user
from tests.sessions.engine import GRACE, Kind, claim, draft, go, kinds_of, make_limited, nth, reload, save, submit
from tests.sessions.sitting import sit

pytestmark = pytest.mark.django_db

State = Answer.State


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def finish(session: InterviewSession, minutes: float) -> None:
    lifecycle.finish_session(session_id=session.pk, now=at(minutes))


def reopen(session: InterviewSession, minutes: float, *, give: float = 10) -> InterviewSession:
    return lifecycle.reopen_session(
        session_id=session.pk, actor=make_user(), reason="Outage", remaining_ms=int(give * 60_000), now=at(minutes)
    )


# --- What was left -------------------------------------------------------------------------------------------------


def test_what_is_left_counts_from_the_last_save() -> None:
    session = make_session(minutes=30)
    save(session, 1, "words", now=at(12))
    finish(session, 31)
    assert lifecycle.saved_remainder_ms(reload(session)) == 18 * 60_000


def test_or_from_the_last_click() -> None:
    session = make_session(minutes=30)
    save(session, 1, "words", now=at(12))
    go(session, 2, now=at(20))
    finish(session, 31)
    assert lifecycle.saved_remainder_ms(reload(session)) == 10 * 60_000


def test_or_from_the_start_when_nothing_happened() -> None:
    session = make_session(minutes=30)
    finish(session, 31)
    assert lifecycle.saved_remainder_ms(reload(session)) == 30 * 60_000


def test_or_from_the_end_by_hand() -> None:
    session = make_session(minutes=30)
    finish(session, 25)
    assert lifecycle.saved_remainder_ms(reload(session)) == 5 * 60_000


def test_a_browser_that_comes_back_after_the_end_was_away_since_it_lost_the_connection() -> None:
    session = make_session(minutes=30)
    finish(session, 31)
    lifecycle.note_absence(
        session_id=session.pk,
        question_id=nth(session, 1).pk,
        candidate=session.candidate,
        away_ms=25 * 60_000,
        now=at(40),
    )
    assert lifecycle.saved_remainder_ms(reload(session)) == 15 * 60_000


# --- What comes back and what stays --------------------------------------------------------------------------------


def test_it_runs_again_with_the_time_that_is_given() -> None:
    session = make_session()
    claim(session, OTHER_CLIENT)
    finish(session, 31)
    reopen(session, 40)
    again = reload(session)
    assert (again.state, again.end_reason, again.finished_at) == ("running", "", None)
    assert (again.deadline, again.remaining_ms(at(40)), again.lease) == (at(50), 600_000, None)
    assert save(session, 1, "going on", now=at(50)).status is SaveStatus.SAVED


def test_answers_that_the_end_had_closed_are_open_again_and_submitted_ones_stay() -> None:
    session = make_session()
    submit(session, 1, now=at(1), draft=draft("final"), go_on=True)
    save(session, 2, "half", now=at(2))
    finish(session, 31)
    reopen(session, 40)
    assert [nth(session, n).answer.state for n in (1, 2, 3)] == [State.SUBMITTED, State.OPEN, State.OPEN]
    assert (nth(session, 1).answer.body, nth(session, 2).answer.body) == ("final", "half")
    assert (reload(session).current_position, reload(session).current_since) == (2, at(40))


def test_the_time_in_between_is_no_time_spent() -> None:
    session = make_session(minutes=30)
    finish(session, 31)
    reopen(session, 40)
    finish(session, 45)
    assert nth(session, 1).time_spent_ms == 35 * 60_000


def test_when_the_question_in_front_was_submitted_the_first_open_one_comes_to_the_front() -> None:
    session = make_session()
    go(session, 3, now=at(1))
    submit(session, 3, now=at(2), draft=draft("words"))
    finish(session, 31)
    reopen(session, 40)
    assert reload(session).current_position == 1


def test_a_follow_up_that_was_never_asked_is_not_what_one_goes_on_with() -> None:
    session = make_session(asks_follow_ups=True, count=2)
    go(session, 3, now=at(1))
    submit(session, 3, now=at(2), draft=draft("words"), go_on=True)
    submit(session, 4, now=at(3), draft=draft("words"))
    finish(session, 31)
    reopen(session, 40)
    assert reload(session).current_position == 1
    submit(session, 1, now=at(41), draft=draft("words"), go_on=True)
    assert (reload(session).current_position, nth(session, 2).answer.deadline) == (2, at(50))


def test_it_is_on_record_with_who_did_it_why_and_the_end_before() -> None:
    session, staff = make_session(minutes=30), make_user()
    finish(session, 31)
    lifecycle.reopen_session(session_id=session.pk, actor=staff, reason="Outage", remaining_ms=60_000, now=at(40))
    event = session.events.get(kind=Kind.REOPENED)
    assert (event.actor, event.at) == (staff, at(40))
    assert event.data == {
        "reason": "Outage",
        "remaining_ms": 60_000,
        "finished_at": str(at(30)),
        "end_reason": "clock",
    }
    assert kinds_of(session) == [Kind.STARTED, Kind.OPENED, Kind.CLOSED_BY_CLOCK, Kind.REOPENED, Kind.OPENED]


def test_the_window_of_its_appointment_is_set_aside() -> None:
    session = lifecycle.start_session(
        candidate=make_user(), plan=make_session().plan or pytest.fail("no plan"), now=NOW, window_end=at(20)
    )
    finish(session, 21)
    reopen(session, 40)
    assert (reload(session).window_end, reload(session).deadline) == (None, at(50))


def test_it_can_be_finished_reopened_and_finished_again() -> None:
    session = make_session()
    for round_trip in range(3):
        finish(session, 31 + 20 * round_trip)
        reopen(session, 40 + 20 * round_trip)
    finish(session, 95)
    assert Report.objects.filter(session=session).count() == 1
    assert reload(session).finished_at == at(90)


# --- Its report and its points -------------------------------------------------------------------------------------


def test_the_report_goes_and_comes_back_with_the_points_of_what_was_reopened() -> None:
    session = sit(("single", "a"), ("single", None))
    save(session, 2, "b", now=at(9))
    reports.refresh_report(session_id=session.pk, now=at(20))
    first, second = nth(session, 1).answer, nth(session, 2).answer
    before = set(Score.objects.filter(answer=first).values_list("pk", flat=True))
    reopen(session, 40)
    assert not Report.objects.filter(session=session).exists()
    assert set(Score.objects.filter(answer=first).values_list("pk", flat=True)) == before
    assert not second.scores.exists()
    submit(session, 2, now=at(41), draft=draft("a", base=second.revision, sequence=9))
    finish(session, 42)
    assert reports.refresh_report(session_id=session.pk, now=at(43))
    assert [score.points for score in second.scores.all()] == [Decimal(1)]


def test_points_that_a_mentor_gave_stay() -> None:
    session = sit(("open", None), ("open", "words"))
    by_mentor = Score.objects.create(
        answer=nth(session, 1).answer, source=Score.Source.MENTOR, author=make_user(), points=1, max_points=2
    )
    reopen(session, 40)
    assert list(Score.objects.filter(answer=nth(session, 1).answer)) == [by_mentor]


def test_a_report_is_not_compiled_while_it_runs_again() -> None:
    session = sit(("open", None))
    reopen(session, 40)
    assert not reports.refresh_report(session_id=session.pk, now=at(41))
    assert not Score.objects.exists()


# --- When it is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("give", [0, 9.9 / 60, 24 * 60 + 1])
def test_too_little_and_too_much_are_refused(give: float) -> None:
    session = make_session()
    finish(session, 31)
    with pytest.raises(ReopenRefusedError, match="between 10 seconds and 24 hours"):
        reopen(session, 40, give=give)


def test_what_runs_is_not_reopened() -> None:
    with pytest.raises(ReopenRefusedError, match="is running"):
        reopen(make_session(), 5)


def test_when_everything_was_submitted_there_is_nothing_to_reopen() -> None:
    session = sit(("single", "a"))
    with pytest.raises(ReopenRefusedError, match="nothing left"):
        reopen(session, 40)
    assert reload(session).is_finished
    assert Report.objects.filter(session=session).exists()


def test_the_follow_up_of_a_skipped_question_is_nothing_to_go_on_with() -> None:
    session = make_session(asks_follow_ups=True, navigation=Navigation.FORWARD, count=1)
    lifecycle.skip_question(session=session, question_id=nth(session, 1).pk, now=at(1))
    finish(session, 2)
    with pytest.raises(ReopenRefusedError, match="nothing left"):
        reopen(session, 40)


def test_who_is_in_the_middle_of_another_interview_ends_that_first() -> None:
    candidate = make_user()
    session = make_session(candidate=candidate)
    finish(session, 5)
    other = make_session(candidate=candidate, now=at(6))
    with pytest.raises(ReopenRefusedError, match="another interview"):
        reopen(session, 7)
    assert reload(session).is_finished
    assert Report.objects.filter(session=session).exists()
    assert Kind.REOPENED not in kinds_of(session)
    finish(other, 8)
    assert not reopen(session, 9).is_finished


# --- Forward only, and with limits ---------------------------------------------------------------------------------


def test_forward_only_goes_on_where_it_stopped_and_what_was_passed_stays_passed() -> None:
    session = make_session(navigation=Navigation.FORWARD, count=3)
    lifecycle.skip_question(session=session, question_id=nth(session, 1).pk, now=at(1), go_on=True)
    finish(session, 31)
    reopen(session, 40)
    assert [nth(session, n).answer.state for n in (1, 2, 3)] == [State.PASSED, State.OPEN, State.OPEN]
    assert reload(session).current_position == 2


@pytest.mark.parametrize(("give", "end"), [(1.5, 41.5), (30, 42)])
def test_a_question_that_the_end_cut_short_gets_the_time_that_is_given_up_to_its_limit(give: float, end: float) -> None:
    """The outage took the time of the question in front: with none of it back, nobody could go on."""
    session = make_limited(seconds=120, count=2)
    submit(session, 1, now=at(1), draft=draft("words"), go_on=True)
    finish(session, 10)
    reopen(session, 40, give=give)
    assert nth(session, 2).answer.deadline == at(end)
    assert save(session, 2, "going on", now=at(end)).status is SaveStatus.SAVED


def test_a_question_with_time_left_keeps_that() -> None:
    session = make_limited(seconds=120, count=2)
    finish(session, 0.5)
    reopen(session, 40, give=1)
    assert nth(session, 1).time_limit_seconds == 120
    assert nth(session, 1).answer.deadline == at(41)


def test_a_question_that_was_left_takes_no_words_until_it_is_in_front_again() -> None:
    session = make_limited(seconds=60, count=3)
    go(session, 2, now=at(0.5))
    finish(session, 0.75)
    reopen(session, 40)
    assert save(session, 1, "from an old tab", now=at(40) + GRACE * 2).status is SaveStatus.LATE
    go(session, 1, now=at(41))
    assert nth(session, 1).answer.deadline == at(41.5)
    assert save(session, 1, "in front", now=at(41.2), base=0, sequence=2).status is SaveStatus.SAVED


def test_no_answer_of_a_reopened_interview_outlives_it_when_time_is_taken_back() -> None:
    session = make_limited(seconds=60, count=3, total_minutes=20)
    lifecycle.change_time(session_id=session.pk, actor=make_user(), reason="r", now=NOW, extra_minutes=30)
    go(session, 2, now=at(0.5))
    finish(session, 0.75)
    reopen(session, 40, give=60)
    lifecycle.change_time(session_id=session.pk, actor=make_user(), reason="r", now=at(40), extra_minutes=0)
    assert max(nth(session, n).answer.deadline for n in (1, 2, 3)) <= reload(session).deadline

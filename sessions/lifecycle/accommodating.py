"""Changing the time of a running session: extra time that staff gives in the middle, with the reason on record."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from sessions import clock
from sessions.lifecycle.errors import SessionOverError, TimeChangeRefusedError
from sessions.lifecycle.moving import shift_time
from sessions.lifecycle.sitting import Sitting, change_sitting
from sessions.models import InterviewSession, SessionEvent

MAX_EXTRA_MINUTES = 600


def change_time(
    *,
    session_id: UUID,
    actor: User,
    reason: str,
    now: datetime,
    time_factor: Decimal | None = None,
    extra_minutes: int | None = None,
) -> InterviewSession:
    """Set a running session's time factor or extra minutes anew; limits, window and deadline follow.

    The extra minutes also go to the question in front where questions have limits. Raises SessionOverError and
    TimeChangeRefusedError.
    """

    def change(sitting: Sitting) -> bool:
        if sitting.session.is_over(now):
            raise SessionOverError
        _change_time(sitting, time_factor=time_factor, extra_minutes=extra_minutes, now=now)
        session = sitting.session
        after = {"time_factor": str(session.time_factor), "extra_minutes": session.extra_minutes}
        sitting.log(SessionEvent.Kind.TIME_CHANGED, now, actor_id=actor.pk, data={"reason": reason, **after})
        return True

    return change_sitting(session_id, change, now=now).session


def _change_time(sitting: Sitting, *, time_factor: Decimal | None, extra_minutes: int | None, now: datetime) -> None:
    session = sitting.session
    if session.time_limit_seconds is None:
        raise TimeChangeRefusedError(_("This interview is untimed: there is no time to change."))
    factor = session.time_factor if time_factor is None else time_factor
    minutes = session.extra_minutes if extra_minutes is None else extra_minutes
    if not (1 <= factor <= 4 and 0 <= minutes <= MAX_EXTRA_MINUTES):
        raise TimeChangeRefusedError(
            _("The factor lies between 1 and 4, the extra minutes between 0 and %(n)d.") % {"n": MAX_EXTRA_MINUTES}
        )
    added_minutes = timedelta(minutes=minutes - session.extra_minutes)
    limit = session.time_limit_seconds
    scaled = clock.scaled_seconds(limit, factor) - clock.scaled_seconds(limit, session.time_factor)
    delta = timedelta(seconds=scaled) + added_minutes
    running_again = session.pause_end if session.is_paused(now) else now
    if session.deadline + delta <= running_again:
        raise TimeChangeRefusedError(_("That would end the interview in the past. Give more time than is used up."))
    _scale_questions(sitting, before=session.time_factor, after=factor)
    session.time_factor, session.extra_minutes = factor, minutes
    if session.window_end:
        session.window_end += delta
    if session.limits_questions:
        _move_limits(sitting, delta, added_minutes, now=running_again)
    else:
        shift_time(sitting, delta, now=now)


def _scale_questions(sitting: Sitting, *, before: Decimal, after: Decimal) -> None:
    """Apply the new factor to the time of every question that can still be answered.

    The time without any factor comes first, in whole seconds as it once was: changing a factor back changes nothing.
    """
    if before == after:
        return
    for question in sitting.questions:
        if question.answer.is_open:
            question.time_limit_seconds = clock.scaled_seconds(int(question.time_limit_seconds / before), after)
            sitting.touch(question)


def _move_limits(sitting: Sitting, delta: timedelta, added: timedelta, *, now: datetime) -> None:
    """Where questions have limits, the session's end moves, and the question in front gets the added minutes."""
    session, here = sitting.session, sitting.current
    session.deadline += delta
    for question in sitting.questions:
        if question.answer.is_open and question.first_opened_at is None:
            question.answer.deadline = session.deadline
            sitting.touch(question)
    if here.answer.is_open:
        here.time_limit_seconds = max(1, here.time_limit_seconds + int(added.total_seconds()))
        end = clock.question_deadline(
            counted_from=session.current_since or now,
            limit_seconds=here.time_limit_seconds,
            spent_ms=here.time_spent_ms,
            session_deadline=session.deadline,
        )
        # Time that is taken back ends it now at the earliest: words under way have their grace.
        here.answer.deadline = max(end, min(here.answer.deadline, now))
        sitting.touch(here)

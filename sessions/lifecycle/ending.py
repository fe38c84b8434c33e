"""How a session ends: by hand, by the clock as a page or the sweep records it, and how staff reopens one."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from sessions import clock
from sessions.lifecycle.errors import ReopenRefusedError
from sessions.lifecycle.moving import bring_forward, resume, stop_clock
from sessions.lifecycle.sitting import Sitting, change_sitting
from sessions.models import (
    Answer,
    InterviewSession,
    Opinion,
    Report,
    Score,
    SelfReview,
    SessionEvent,
    SessionQuestion,
)

MAX_REOPENED = timedelta(hours=24)


def finish_session(*, session_id: UUID, now: datetime, candidate_id: UUID | None = None) -> bool:
    """End a session, by hand or because its time is up, and order its report. True if this call ended it.

    Only closes: grading comes later and elsewhere, so that nothing about a grade can keep a session open. Raises
    InterviewSession.DoesNotExist, also when it is not this candidate's if one is named.
    """
    ended = False

    def change(sitting: Sitting) -> bool:
        nonlocal ended
        ended = not sitting.session.is_finished
        if ended:
            close(sitting, now=now)
        return ended

    change_sitting(session_id, change, candidate_id=candidate_id, now=now)
    return ended


def close(sitting: Sitting, *, now: datetime) -> None:
    """Close a running session: the clock of its question, its open answers, its state; and order the report."""
    session = sitting.session
    resume(sitting, now=now)
    by_clock = clock.is_over(deadline=session.deadline, now=now)
    if session.current_since is not None:
        stop_clock(sitting, now=now)
    for question in sitting.questions:
        if question.answer.is_open:
            question.answer.state = Answer.State.CLOSED
            sitting.touch(question)
    session.state = InterviewSession.State.FINISHED
    session.end_reason = InterviewSession.EndReason.CLOCK if by_clock else InterviewSession.EndReason.CANDIDATE
    session.finished_at = clock.finished_at(deadline=session.deadline, now=now)
    kinds = SessionEvent.Kind
    sitting.log(kinds.CLOSED_BY_CLOCK if by_clock else kinds.FINISHED, session.finished_at if by_clock else now)
    sitting.orders_report = True


def close_if_overdue(*, session: InterviewSession, now: datetime) -> bool:
    """Record the end of a session whose time and grace are over; True if this call did.

    Pages call it too, so that nobody waits for a sweep that does not run.
    """
    if session.is_finished or not session.is_closed(now):
        return False
    return close_overdue_session(session_id=session.pk, now=now)


@transaction.atomic
def close_overdue_session(*, session_id: UUID, now: datetime) -> bool:
    """Close one session if it is overdue, grace included; True if this call did.

    One that somebody is working on is left alone: they close it, or the next sweep does.
    """
    overdue = InterviewSession.objects.overdue(now).filter(pk=session_id)
    if overdue.select_for_update(no_key=True, skip_locked=True).first() is None:
        return False
    return finish_session(session_id=session_id, now=now)


# --- After an incident ----------------------------------------------------------------------------------------------


def saved_remainder_ms(session: InterviewSession) -> int:
    """Return how much time was left at the last sign of life: what an incident took away, at most.

    Signs of life are saves and what the candidate did: neither what the clock did nor what staff did, nor that a
    browser came back after the end.
    """
    by_clock = [SessionEvent.Kind.CLOSED_BY_CLOCK, SessionEvent.Kind.RAN_OUT]
    end = session.finished_at or session.deadline
    events = session.events.filter(actor=None, at__lte=end).exclude(kind__in=by_clock)
    last_event = events.aggregate(last=Max("at"))["last"]
    last_save = session.answers.aggregate(last=Max("saved_at"))["last"]
    last = max(moment for moment in (session.started_at, last_event, last_save) if moment is not None)
    return clock.remaining_ms(deadline=session.deadline, now=last)


def reopen_session(*, session_id: UUID, actor: User, reason: str, remaining_ms: int, now: datetime) -> InterviewSession:
    """Let a finished session go on with `remaining_ms`, after an incident. The only way back there is.

    Answers that the end had closed are open again; submitted ones stay as they are. The report, the candidate's
    confidence, and all but the mentors' scores of the reopened answers and the opinions on them go, and are made anew
    at the next end. Raises ReopenRefusedError.
    """
    remaining = timedelta(milliseconds=remaining_ms)
    if not timedelta(seconds=10) <= remaining <= MAX_REOPENED:
        raise ReopenRefusedError(_("Give between 10 seconds and 24 hours."))

    def change(sitting: Sitting) -> bool:
        if not sitting.session.is_finished:
            raise ReopenRefusedError(_("This interview is running."))
        _reopen(sitting, actor=actor, reason=reason, remaining=remaining, now=now)
        return True

    try:
        with transaction.atomic():
            # Behind the same lock as a start: of the two that come at once, one finds the other's interview running.
            User.objects.select_for_update(no_key=True).get(interview_sessions=session_id)
            sitting = change_sitting(session_id, change, now=now)
            Report.objects.filter(pk=session_id).delete()
            reopened = [question.pk for question in sitting.questions if question.answer.is_open]
            # A mentor's stays: only they take back what they said. The candidate judges anew what they write anew.
            Score.objects.filter(answer__in=reopened).exclude(source=Score.Source.MENTOR).delete()
            SelfReview.objects.filter(pk=session_id).delete()
            Opinion.objects.filter(answer__in=reopened).delete()
    except IntegrityError as error:
        raise ReopenRefusedError(
            _("The candidate is in the middle of another interview. It has to end before this one can go on.")
        ) from error
    return sitting.session


def _reopen(sitting: Sitting, *, actor: User, reason: str, remaining: timedelta, now: datetime) -> None:
    session = sitting.session
    reopened = [question for question in sitting.questions if question.answer.state == Answer.State.CLOSED]
    answerable = [question for question in reopened if sitting.is_asked(question)]
    if not answerable:
        raise ReopenRefusedError(_("Every answer was submitted: there is nothing left to go on with."))
    was = {"finished_at": str(session.finished_at), "end_reason": session.end_reason}
    details = {"reason": reason, "remaining_ms": remaining // timedelta(milliseconds=1), **was}
    session.state, session.end_reason, session.finished_at = InterviewSession.State.RUNNING, "", None
    session.deadline = now + remaining
    session.window_end = None  # the appointment's end is what staff sets aside here
    session.lease = None
    for question in reopened:
        # One with a limit takes words only while it is in front: what was left before stays left.
        was_left = session.limits_questions and question.first_opened_at is not None
        question.answer.state, question.answer.deadline = Answer.State.OPEN, now if was_left else session.deadline
        sitting.touch(question)
    sitting.log(SessionEvent.Kind.REOPENED, now, actor_id=actor.pk, data=details)
    in_front = sitting.current if sitting.current in answerable else answerable[0]
    if session.limits_questions:
        _give_back(in_front, remaining)
    bring_forward(sitting, in_front, now=now, actor_id=actor.pk)


def _give_back(question: SessionQuestion, remaining: timedelta) -> None:
    """Give a question with a limit the time that is given back, up to the whole limit, unless it has more left.

    What the incident took from the session, it took from the question in front.
    """
    limit = timedelta(seconds=question.time_limit_seconds)
    left = limit - timedelta(milliseconds=question.time_spent_ms)
    missing = min(limit, remaining) - left
    question.time_limit_seconds += max(0, -(-missing // timedelta(seconds=1)))

"""Starting an interview: the draw, the limits as they hold for this candidate, and the rows of the session."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from django.conf import settings
from django.db import transaction

from interviewprep.accounts.models import User
from sessions import clock, composing
from sessions.lifecycle.ending import finish_session
from sessions.lifecycle.moving import bring_forward
from sessions.lifecycle.sitting import Sitting
from sessions.models import Answer, InterviewPlan, InterviewSession, Mode, QuestionLimit, SessionEvent, SessionQuestion


@transaction.atomic
def start_session(
    *,
    candidate: User,
    plan: InterviewPlan,
    now: datetime,
    time_factor: Decimal = Decimal("1.00"),
    extra_minutes: int = 0,
    untimed: bool = False,
    window_end: datetime | None = None,
    allow_repeats: bool = False,
    seed: int | None = None,
) -> InterviewSession:
    """Start an interview, or return the one the candidate is in the middle of. Starting twice is starting once.

    Raises composing.PlanTooThinError when the bank cannot fill the plan; nothing is started then.
    """
    # Two clicks, two tabs, two devices: they queue here. NO KEY leaves foreign-key checks on the user alone.
    User.objects.select_for_update(no_key=True).get(pk=candidate.pk)
    running = InterviewSession.objects.of(candidate).running().first()
    if running and not running.is_over(now):
        return running
    if running:
        finish_session(session_id=running.pk, now=now)
    chosen_seed = secrets.randbits(62) if seed is None else seed
    drawn = composing.draw_questions(
        plan=plan, candidate=candidate, seed=chosen_seed, now=now, allow_repeats=allow_repeats
    )
    session = InterviewSession(
        candidate=candidate,
        plan=plan,
        plan_name=plan.name,
        mode=plan.mode,
        navigation=plan.navigation,
        limits_questions=plan.limits_questions and not untimed,
        is_untimed=untimed or plan.is_untimed,
        reading_seconds=plan.reading_seconds,
        time_factor=time_factor,
        extra_minutes=extra_minutes,
        window_end=window_end,
        seed=chosen_seed,
        started_at=now,
        deadline=now,
        pause_left_ms=settings.INTERVIEW_PAUSE_SECONDS * 1000 if plan.mode == Mode.PRACTICE else 0,
    )
    _insert(session, _lay_out(session, plan, drawn), now=now)
    return session


def _lay_out(
    session: InterviewSession, plan: InterviewPlan, drawn: Iterable[composing.DrawnQuestion]
) -> list[SessionQuestion]:
    """Return the session's questions, each followed by its follow-up if the plan asks one, and set the deadline."""
    positions = count(1)
    questions: list[SessionQuestion] = []
    seconds = 0
    for item in drawn:
        parts = [("", _limit_seconds(plan, item.version.time_limit_seconds))]
        if plan.asks_follow_ups:
            parts += [(text, settings.INTERVIEW_FOLLOW_UP_SECONDS) for text in item.version.content.follow_ups[:1]]
        for follow_up, own_seconds in parts:
            question = SessionQuestion(
                session=session,
                position=next(positions),
                section_name=item.section_name,
                version=item.version,
                follow_up=follow_up,
                time_limit_seconds=clock.scaled_seconds(own_seconds, session.time_factor),
            )
            questions.append(question)
            seconds += own_seconds
    _set_deadline(session, plan, questions, seconds_of_questions=seconds)
    if session.limits_questions:
        _share_extra_minutes(session, questions)
    return questions


def _share_extra_minutes(session: InterviewSession, questions: Sequence[SessionQuestion]) -> None:
    """Give every question its part of the extra minutes: where each has a limit, the whole alone would be of no use."""
    each = -(-session.extra_minutes * 60 // len(questions))
    for question in questions:
        question.time_limit_seconds += each


def _limit_seconds(plan: InterviewPlan, suggested: int) -> int:
    fixed = plan.question_limit == QuestionLimit.FIXED and plan.question_limit_seconds
    return fixed or suggested


def _set_deadline(
    session: InterviewSession, plan: InterviewPlan, questions: Sequence[SessionQuestion], *, seconds_of_questions: int
) -> None:
    """Set limit and deadline: the plan's limit, or what its questions may take; reading time comes on top.

    An untimed session has a deadline too, far away, so that one that is forgotten ends some day.
    """
    if session.is_untimed:
        end = session.started_at + timedelta(days=settings.INTERVIEW_UNTIMED_DAYS)
        session.deadline = min(end, session.window_end) if session.window_end else end
        return
    reading = plan.reading_seconds * sum(not question.is_follow_up for question in questions)
    session.time_limit_seconds = (plan.time_limit_seconds or seconds_of_questions) + reading
    session.deadline = clock.deadline_for(
        started_at=session.started_at,
        time_limit_seconds=session.time_limit_seconds,
        time_factor=session.time_factor,
        extra_minutes=session.extra_minutes,
        window_end=session.window_end,
    )


def _insert(session: InterviewSession, questions: list[SessionQuestion], *, now: datetime) -> None:
    """Write the session with an open, empty answer for each question, and the first one before the candidate."""
    for question in questions:
        question.answer = Answer(
            question=question, session=session, candidate_id=session.candidate_id, deadline=session.deadline
        )
    sitting = Sitting(session, questions)
    sitting.log(SessionEvent.Kind.STARTED, now)
    bring_forward(sitting, questions[0], now=now)
    session.save(force_insert=True)
    SessionQuestion.objects.bulk_create(questions)
    Answer.objects.bulk_create(question.answer for question in questions)
    SessionEvent.objects.bulk_create(
        SessionEvent(session=session, at=event.at, kind=event.kind, question_id=event.question_id)
        for event in sitting.events
    )

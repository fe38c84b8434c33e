"""Keeping opinions: which are asked for, who is at work on one, and what came of it. The only writer of Opinion.

PENDING -> READY, REFUSED, FAILED or SKIPPED. Consent is looked up behind a lock on the candidate, both when work is
taken up and when its result comes: from the moment they take it back nothing is sent, and nothing that arrives is kept.
Locks are taken in this order: the day's tokens, the opinion, the candidate.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from interviewprep.accounts.consent import begin_anew, consents_to_opinions, opinion_host
from interviewprep.accounts.models import User
from questions.content import Kind
from sessions.models import Answer, InterviewSession, Opinion, Report
from sessions.opinions import spending
from sessions.opinions.prompts import Exercise, estimated_tokens, request_body

MAX_ATTEMPTS = 3
# A request that was not heard of for so long after its time is over was lost with its worker.
LOST_AFTER = timedelta(seconds=60)
RETRY_AFTER = timedelta(minutes=2)
# Opinions are asked for as soon as a report is compiled; the sweep makes up for a worker that died in between.
ORDERED_WITHIN = timedelta(hours=1)
# What was switched off, or too busy, for so long is not taken up again: nobody waits for it any more.
WAITS_AT_MOST = timedelta(days=1)
ORDERED_AT_ONCE = 200
LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Work:
    """One opinion that this worker alone may ask for, with `reserved` tokens of `day`."""

    opinion_id: UUID
    attempt: int
    candidate_id: UUID
    finished_at: datetime
    exercise: Exercise
    day: date
    reserved: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request. `again` leaves it to be tried again, as long as there are attempts left."""

    state: Opinion.State
    tokens: int
    data: dict[str, Any] | None = None
    error: str = ""
    again: bool = False


# --- Asking for --------------------------------------------------------------------------------------------------


def order(*, now: datetime, session_id: UUID | None = None) -> None:
    """Ask for an opinion on every answer that should have one: of one session, or of all whose report is recent.

    Doing it twice is doing it once. Beyond the limit of a session an answer is skipped.
    """
    answers = _eligible(now)
    if answers is None:
        return
    if session_id is not None:
        answers = answers.filter(session=session_id)
    lacking = answers.filter(has_opinion=False).order_by().values_list("session", flat=True).distinct()
    for owing in list(lacking[:ORDERED_AT_ONCE]):
        of_session = answers.filter(session=owing).order_by("question__position")
        new = [_new(answer, number, now) for number, answer in enumerate(of_session) if not answer.has_opinion]
        Opinion.objects.bulk_create(new, ignore_conflicts=True)


def _eligible(now: datetime) -> "QuerySet[Any] | None":
    """Return open answers with words whose candidate agreed before the interview ended; None where there are none.

    Each says as `has_opinion` whether one was asked for.
    """
    if not (host := opinion_host()):
        return None
    asked = Opinion.objects.filter(answer=OuterRef("pk"), model=settings.OPINION_MODEL)
    return Answer.objects.filter(
        body__regex=r"\S",
        question__follow_up="",
        question__version__kind=Kind.OPEN,
        session__state=InterviewSession.State.FINISHED,
        session__report__state=Report.State.READY,
        session__report__compiled_at__gte=now - ORDERED_WITHIN,
        candidate__opinion_host=host,
        candidate__opinion_since__lte=F("session__finished_at"),
    ).annotate(has_opinion=Exists(asked))


def _new(answer: Answer, number: int, now: datetime) -> Opinion:
    fits = number < settings.OPINION_MAX_ANSWERS_PER_SESSION
    return Opinion(
        answer=answer,
        model=settings.OPINION_MODEL,
        host=opinion_host(),
        state=Opinion.State.PENDING if fits else Opinion.State.SKIPPED,
        error="" if fits else "beyond the limit of a session",
        requested_at=now,
        due_at=now,
        finished_at=None if fits else now,
    )


# --- Taking up ---------------------------------------------------------------------------------------------------


def _due(now: datetime) -> QuerySet[Opinion]:
    due = Opinion.objects.filter(state=Opinion.State.PENDING, due_at__lte=now)
    return due.filter(answer__session__state=InterviewSession.State.FINISHED)


def _free_places(now: datetime) -> int:
    in_hand = Opinion.objects.filter(state=Opinion.State.PENDING, claimed_at__isnull=False, due_at__gt=now)
    return max(0, settings.OPINION_AT_ONCE - in_hand.count())


def startable(now: datetime) -> int:
    """Return how many requests could begin now: what is due, as far as OPINION_AT_ONCE leaves room."""
    return len(_due(now)[: _free_places(now)]) if opinion_host() else 0


@transaction.atomic
def claim(*, now: datetime) -> Work | None:
    """Take up the opinion that waits longest; None where there is none, or enough are in hand.

    What may not be asked for after all is settled on the way.
    """
    if not opinion_host():
        return None
    spending.hold_the_day(now.date())
    if not _free_places(now):
        return None
    due = _due(now).select_for_update(no_key=True, skip_locked=True, of=("self",))
    due = due.select_related("answer__session", "answer__question__version")
    due = due.order_by("due_at", "requested_at", "answer__session", "answer__question__position")
    return next(filter(None, (_taken_up(opinion, now) for opinion in due[:LOOKED_AT])), None)


def _taken_up(opinion: Opinion, now: datetime) -> Work | None:
    """Claim one opinion, or settle it where it may not be asked for."""
    if opinion.attempts >= MAX_ATTEMPTS:
        _leave(opinion, Opinion.State.FAILED, opinion.error or "the worker was lost", now)
        return None
    work = _work(opinion, now)
    if refusal := _refusal(opinion, work, now):
        _leave(opinion, Opinion.State.SKIPPED, refusal, now)
        return None
    opinion.attempts, opinion.claimed_at = work.attempt, now
    opinion.due_at = now + timedelta(seconds=settings.OPINION_TIMEOUT_SECONDS) + LOST_AFTER
    opinion.save(update_fields=["attempts", "claimed_at", "due_at"])
    return work


def _leave(opinion: Opinion, state: Opinion.State, error: str, now: datetime) -> None:
    opinion.state, opinion.error, opinion.finished_at, opinion.claimed_at = state, error, now, None
    opinion.save(update_fields=["state", "error", "finished_at", "claimed_at"])


def _work(opinion: Opinion, now: datetime) -> Work:
    answer, content = opinion.answer, opinion.answer.question.version.content
    assert answer.session.finished_at is not None
    exercise = Exercise(
        question=content.prompt,
        key_points={point.key: point.text for point in content.key_points},
        answer=answer.body,
    )
    most = settings.OPINION_MAX_OUTPUT_TOKENS
    body = request_body(exercise, model=opinion.model, max_output_tokens=most, with_schema=True)
    return Work(
        opinion_id=opinion.pk,
        attempt=opinion.attempts + 1,
        candidate_id=answer.candidate_id,
        finished_at=answer.session.finished_at,
        exercise=exercise,
        day=now.date(),
        reserved=estimated_tokens(len(body)) + most,
    )


def _refusal(opinion: Opinion, work: Work, now: datetime) -> str:
    """Return why this may not be asked for now; "" when it may, and then its tokens are reserved."""
    if now - opinion.requested_at > WAITS_AT_MOST:
        return "waited for too long"
    if (opinion.host, opinion.model) != (opinion_host(), settings.OPINION_MODEL):
        return "another host or model is set now"
    if not _has_consent(work):
        return "no consent"
    try:
        spending.reserve(user_id=work.candidate_id, day=work.day, tokens=work.reserved)
    except spending.OverspentError as error:
        return str(error)
    return ""


def _has_consent(work: Work) -> bool:
    """Whether the candidate agrees, and did before the interview ended. They cannot change that until the commit."""
    candidate = User.objects.select_for_update(no_key=True).filter(pk=work.candidate_id).first()
    if candidate is None or not consents_to_opinions(candidate):
        return False
    return candidate.opinion_since is not None and candidate.opinion_since <= work.finished_at


# --- What came of it ---------------------------------------------------------------------------------------------


def settle(work: Work, outcome: Outcome, *, now: datetime) -> bool:
    """Keep what came of a request; True unless somebody else has taken it over, or deleted it, meanwhile.

    The tokens count in any case.
    """
    spending.correct(user_id=work.candidate_id, day=work.day, by=outcome.tokens - work.reserved)
    return _keep(work, outcome, now)


@transaction.atomic
def _keep(work: Work, outcome: Outcome, now: datetime) -> bool:
    mine = Opinion.objects.filter(pk=work.opinion_id, state=Opinion.State.PENDING, attempts=work.attempt)
    opinion = mine.select_for_update(no_key=True).first()
    if opinion is None:
        return False
    opinion.tokens += outcome.tokens
    opinion.claimed_at = None
    if not _has_consent(work):
        opinion.state, opinion.error = Opinion.State.SKIPPED, "the consent was taken back"
    elif outcome.again and work.attempt < MAX_ATTEMPTS:
        opinion.error, opinion.due_at = outcome.error, now + RETRY_AFTER * work.attempt
    else:
        opinion.state, opinion.data, opinion.error = outcome.state, outcome.data, outcome.error
    opinion.finished_at = None if opinion.state == Opinion.State.PENDING else now
    opinion.save(update_fields=["state", "data", "error", "tokens", "due_at", "claimed_at", "finished_at"])
    return True


@transaction.atomic
def delete_opinions(*, candidate: User, now: datetime) -> int:
    """Delete every opinion on the candidate's answers, also what was asked for; return how many could be read.

    A consent that stands goes on for interviews that end from now on.
    """
    own = Opinion.objects.filter(answer__candidate=candidate)
    readable = own.filter(state=Opinion.State.READY).count()
    own.delete()
    begin_anew(user=candidate, now=now)
    return readable

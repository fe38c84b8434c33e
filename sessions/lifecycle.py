"""The only writer of session and question state: start, open, save, submit, skip, flag, finish, expire.

Every change is a compare-and-set: an UPDATE that names the state it expects and says by its row count whether it won.
The time is handed in as `now`; nothing here asks for it, talks to a network or grades.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from interviewprep.accounts.models import User
from sessions import clock, composing
from sessions.models import Answer, InterviewPlan, InterviewSession, KeptDraft, Report, SessionQuestion

MAX_KEPT_DRAFTS_PER_ANSWER = 50


class SessionOverError(Exception):
    """The session is finished or its time is up, so nothing in it can be changed any more."""


class AnswerClosedError(Exception):
    """The answer was submitted already."""


# --- Starting ---------------------------------------------------------------------------------------------------


@transaction.atomic
def start_session(
    *, candidate: User, plan: InterviewPlan, time_factor: Decimal, now: datetime, seed: int | None = None
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
    drawn = composing.draw_questions(plan=plan, candidate=candidate, seed=chosen_seed)
    session = InterviewSession.objects.create(
        candidate=candidate,
        plan=plan,
        plan_name=plan.name,
        mode=plan.mode,
        time_limit_seconds=plan.time_limit_seconds,
        time_factor=time_factor,
        seed=chosen_seed,
        started_at=now,
        deadline=clock.deadline_for(
            started_at=now, time_limit_seconds=plan.time_limit_seconds, time_factor=time_factor
        ),
    )
    _lay_out(session=session, drawn=drawn, now=now)
    return session


def _lay_out(*, session: InterviewSession, drawn: Iterable[composing.DrawnQuestion], now: datetime) -> None:
    """Create the session's questions with an open, empty answer each, and put the first before the candidate."""
    questions = [
        SessionQuestion(
            session=session,
            position=position,
            section_name=item.section_name,
            version=item.version,
            time_limit_seconds=clock.scaled_seconds(item.version.time_limit_seconds, session.time_factor),
            first_opened_at=now if position == 1 else None,
            current_since=now if position == 1 else None,
        )
        for position, item in enumerate(drawn, start=1)
    ]
    SessionQuestion.objects.bulk_create(questions)
    Answer.objects.bulk_create(
        Answer(question=question, session=session, candidate_id=session.candidate_id, deadline=session.deadline)
        for question in questions
    )


# --- Drafts -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """What a browser sends: the words, the revision they are based on, and which writer's how-manieth save it is."""

    body: str
    base_revision: int
    client_id: UUID
    sequence: int


class SaveStatus(StrEnum):
    SAVED = "saved"
    STALE = "stale"
    LATE = "late"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class SaveResult:
    """How a save ended. `body` is the server's copy, given only when it differs from what was sent."""

    status: SaveStatus
    revision: int
    saved_at: datetime | None
    remaining_ms: int
    body: str | None = None

    @property
    def is_saved(self) -> bool:
        return self.status is SaveStatus.SAVED


# One statement, one table: it is the right candidate's, still open, in time, and based on what is stored, or it is
# the same writer going on after an acknowledgement that never reached it.
_SAVE_DRAFT = """
    UPDATE interview_sessions_answer
       SET body = %(body)s, revision = revision + 1, saved_at = %(now)s,
           client_id = %(client_id)s, client_sequence = %(sequence)s
     WHERE question_id = %(question_id)s AND session_id = %(session_id)s AND candidate_id = %(candidate_id)s
       AND state = 'open' AND deadline >= %(oldest_deadline)s
       AND (revision = %(base_revision)s OR (client_id = %(client_id)s AND client_sequence < %(sequence)s))
 RETURNING revision, deadline
"""


def save_draft(*, session_id: UUID, question_id: UUID, candidate: User, draft: Draft, now: datetime) -> SaveResult:
    """Save a draft with one guarded UPDATE. Words that cannot become the answer are kept beside it, never dropped.

    Raises Answer.DoesNotExist when the candidate has no such question.
    """
    row = _update_draft(session_id, question_id, candidate, draft, now)
    if row is None:
        return _explain_refusal(session_id, question_id, candidate, draft, now)
    revision, deadline = row
    remaining_ms = clock.remaining_ms(deadline=deadline, now=now)
    return SaveResult(SaveStatus.SAVED, revision=revision, saved_at=now, remaining_ms=remaining_ms)


def _update_draft(
    session_id: UUID, question_id: UUID, candidate: User, draft: Draft, now: datetime
) -> tuple[int, datetime] | None:
    parameters: dict[str, str | int | datetime | UUID] = {
        "body": draft.body,
        "now": now,
        "client_id": draft.client_id,
        "sequence": draft.sequence,
        "question_id": question_id,
        "session_id": session_id,
        "candidate_id": candidate.pk,
        "base_revision": draft.base_revision,
        "oldest_deadline": clock.oldest_deadline_accepting_at(now=now, grace_seconds=settings.INTERVIEW_GRACE_SECONDS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAVE_DRAFT, parameters)
        row: tuple[int, datetime] | None = cursor.fetchone()
    return row


def _explain_refusal(session_id: UUID, question_id: UUID, candidate: User, draft: Draft, now: datetime) -> SaveResult:
    """Say why the guarded UPDATE matched no row, and keep the words where they are not stored already."""
    answer = Answer.objects.get(question=question_id, session=session_id, candidate=candidate)
    if answer.body == draft.body or (answer.is_open and _is_older_save_of_same_writer(answer, draft)):
        status = SaveStatus.SAVED
    else:
        status = _refusal(answer, now)
        keep_draft(answer=answer, draft=draft, reason=KeptDraft.Reason(status.value), now=now)
    return SaveResult(
        status,
        revision=answer.revision,
        saved_at=answer.saved_at,
        remaining_ms=clock.remaining_ms(deadline=answer.deadline, now=now),
        body=answer.body if answer.body != draft.body else None,
    )


def _is_older_save_of_same_writer(answer: Answer, draft: Draft) -> bool:
    """A save that was overtaken on the way by a newer one of the same tab: its words are in there already."""
    return answer.client_id == draft.client_id and draft.sequence < answer.client_sequence


def _refusal(answer: Answer, now: datetime) -> SaveStatus:
    if answer.state == Answer.State.SUBMITTED:
        return SaveStatus.CLOSED
    in_time = now <= clock.last_accepted(deadline=answer.deadline, grace_seconds=settings.INTERVIEW_GRACE_SECONDS)
    return SaveStatus.STALE if answer.is_open and in_time else SaveStatus.LATE


@transaction.atomic
def keep_draft(*, answer: Answer, draft: Draft, reason: KeptDraft.Reason, now: datetime) -> None:
    """Keep words that came too late or lost against another tab: one row per writer and base, its newest words.

    Beyond MAX_KEPT_DRAFTS_PER_ANSWER rows a writer's newest row is overwritten, so that nobody can fill the disk.
    """
    if not draft.body.strip():
        return
    Answer.objects.select_for_update(no_key=True).get(pk=answer.pk)  # the count below must hold
    row = _row_to_keep(answer, draft, reason)
    same_writer = row.client_id == draft.client_id and row.base_revision == draft.base_revision
    if same_writer and draft.sequence < row.client_sequence:
        return  # overtaken on the way by newer words of the same tab
    row.reason, row.body, row.received_at = reason, draft.body, now
    row.client_id, row.client_sequence, row.base_revision = draft.client_id, draft.sequence, draft.base_revision
    row.save()


def _row_to_keep(answer: Answer, draft: Draft, reason: KeptDraft.Reason) -> KeptDraft:
    """Return the row these words belong in: the writer's for this base, else a new one while there is room."""
    kept = answer.kept_drafts.order_by("-received_at", "-pk")
    own = kept.filter(client_id=draft.client_id)
    same = own.filter(reason=reason, base_revision=draft.base_revision).first()
    if same is None and kept.count() >= MAX_KEPT_DRAFTS_PER_ANSWER:
        same = own.first() or kept.first()
    return same or KeptDraft(answer=answer)


# --- Moving through a running session ------------------------------------------------------------------------------


@contextmanager
def _running(session_id: UUID, now: datetime) -> Iterator[InterviewSession]:
    """Lock the session row for a change of several rows; raises SessionOverError when it is over, grace included.

    The grace is for words under way, and a click that carries words is one of them.
    """
    with transaction.atomic():
        session = InterviewSession.objects.select_for_update(no_key=True).get(pk=session_id)
        if session.is_closed(now):
            raise SessionOverError
        yield session


def open_question(*, session: InterviewSession, question_id: UUID, now: datetime) -> None:
    """Put a question before the candidate and start its clock; the one before stops. Opening twice changes nothing.

    Raises SessionOverError, and SessionQuestion.DoesNotExist for a question of another session.
    """
    with _running(session.pk, now) as locked:
        question = SessionQuestion.objects.get(pk=question_id, session=locked)
        if question.current_since is None:
            _stop_question_clock(locked, now)
            question.first_opened_at = question.first_opened_at or now
            question.current_since = now
            question.skipped = False
            question.save(update_fields=["first_opened_at", "current_since", "skipped"])


def _stop_question_clock(session: InterviewSession, now: datetime) -> None:
    """Add the time up to `now` (at most the deadline) to the current question; afterwards none is current."""
    until = clock.finished_at(deadline=session.deadline, now=now)
    for question in SessionQuestion.objects.filter(session=session, current_since__isnull=False):
        question.time_spent_ms = question.time_spent_ms_at(until)
        question.current_since = None
        question.save(update_fields=["time_spent_ms", "current_since"])


def submit_answer(*, session: InterviewSession, question_id: UUID, now: datetime) -> bool:
    """Close the answer with the words stored by now; True if this call did it. Submitting twice is submitting once.

    Raises SessionOverError, and Answer.DoesNotExist for a question of another session.
    """
    with _running(session.pk, now) as locked:
        answer = Answer.objects.get(question=question_id, session=locked)
        return (
            Answer.objects.filter(pk=answer.pk, state=Answer.State.OPEN).update(
                state=Answer.State.SUBMITTED, submitted_at=now
            )
            == 1
        )


def skip_question(*, session: InterviewSession, question_id: UUID, now: datetime) -> None:
    """Mark a question as skipped for now; it stays open and opening it again takes the mark away.

    Raises SessionOverError, SessionQuestion.DoesNotExist, and AnswerClosedError for a submitted answer.
    """
    with _running(session.pk, now) as locked:
        question = SessionQuestion.objects.select_related("answer").get(pk=question_id, session=locked)
        if not question.answer.is_open:
            raise AnswerClosedError
        SessionQuestion.objects.filter(pk=question.pk).update(skipped=True)


def set_flag(*, session: InterviewSession, question_id: UUID, flagged: bool, now: datetime) -> None:
    """Flag a question to come back to, or take the flag away. Raises SessionOverError."""
    with _running(session.pk, now) as locked:
        SessionQuestion.objects.filter(pk=question_id, session=locked).update(flagged=flagged)


def next_question(questions: Sequence[SessionQuestion], *, after: int) -> SessionQuestion | None:
    """Return where to go after position `after`: the next untouched question, then the skipped ones, then None.

    `questions` come with their answers, in order.
    """
    ahead = [*(q for q in questions if q.position > after), *(q for q in questions if q.position <= after)]
    still_open = [question for question in ahead if question.answer.is_open]
    unskipped = [question for question in still_open if not question.skipped]
    return next(iter([*unskipped, *still_open]), None)


# --- The end -----------------------------------------------------------------------------------------------------


@transaction.atomic
def finish_session(*, session_id: UUID, now: datetime) -> bool:
    """End a session, by hand or because its time is up, and order its report. True if this call ended it.

    Only closes: grading comes later and elsewhere, so that nothing about a grade can keep a session open.
    """
    session = InterviewSession.objects.select_for_update(no_key=True).get(pk=session_id)
    if session.is_finished:
        return False
    _close(session, now)
    return True


def _close(session: InterviewSession, now: datetime) -> None:
    """Close a locked, running session: its question clock, its open answers, its state; and order the report."""
    by_clock = clock.is_over(deadline=session.deadline, now=now)
    _stop_question_clock(session, now)
    Answer.objects.filter(session=session, state=Answer.State.OPEN).update(state=Answer.State.CLOSED)
    InterviewSession.objects.filter(pk=session.pk, state=InterviewSession.State.RUNNING).update(
        state=InterviewSession.State.FINISHED,
        end_reason=InterviewSession.EndReason.CLOCK if by_clock else InterviewSession.EndReason.CANDIDATE,
        finished_at=clock.finished_at(deadline=session.deadline, now=now),
    )
    Report.objects.get_or_create(session=session, defaults={"requested_at": now})


def close_if_overdue(*, session: InterviewSession, now: datetime) -> bool:
    """Record the end of a session whose time and grace are over; True if this call did.

    Pages call it too, so that nobody waits for a sweep that does not run.
    """
    if session.is_finished or not session.is_closed(now):
        return False
    return finish_session(session_id=session.pk, now=now)


def close_overdue_session(*, session_id: UUID, now: datetime) -> bool:
    """Close one session the sweep found overdue, in its own transaction; True if this call did.

    One that somebody is working on is left alone: they close it, or the next sweep does.
    """
    with transaction.atomic():
        overdue = InterviewSession.objects.overdue(now).filter(pk=session_id)
        session = overdue.select_for_update(no_key=True, skip_locked=True).first()
        if session is None:
            return False
        _close(session, now)
        return True

"""Saving what is typed, the lease that says which tab may, and keeping every word that cannot become the answer."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from interviewprep.accounts.models import User
from sessions import clock, deltas
from sessions.lifecycle.errors import ContendedError
from sessions.lifecycle.results import Draft, SaveResult, SaveStatus
from sessions.lifecycle.sitting import MAX_TRIES, Sitting, change_sitting
from sessions.models import Answer, InterviewSession, KeptDraft, SessionEvent

MAX_KEPT_DRAFTS_PER_ANSWER = 50
MAX_OVERTAKEN_PER_ANSWER = 500
MAX_ABSENCES_PER_SESSION = 200

# One statement, one table: it is the right candidate's, still open, in time, from the tab that holds the lease, and
# based on what is stored, or it is the same writer going on after an acknowledgement that never reached it.
# A save that was here before changes nothing.
_SAVE_DRAFT = """
    UPDATE interview_sessions_answer
       SET body = %(body)s, revision = revision + 1, saved_at = %(now)s,
           client_id = %(client_id)s, client_sequence = %(sequence)s
     WHERE question_id = %(question_id)s AND session_id = %(session_id)s AND candidate_id = %(candidate_id)s
       AND state = 'open' AND deadline >= %(oldest_deadline)s
       AND (revision = %(base_revision)s OR client_id = %(client_id)s)
       AND (client_id = %(client_id)s AND client_sequence >= %(sequence)s) IS NOT TRUE
       AND coalesce((SELECT lease FROM interview_sessions_interviewsession WHERE id = %(session_id)s), %(client_id)s)
           = %(client_id)s
 RETURNING revision, deadline
"""


def save_draft(*, session_id: UUID, question_id: UUID, candidate: User, draft: Draft, now: datetime) -> SaveResult:
    """Save a draft with one guarded UPDATE. Words that cannot become the answer are kept beside it, never dropped.

    Raises Answer.DoesNotExist when the candidate has no such question, and ContendedError.
    """
    for _ in range(MAX_TRIES):
        row = _update_draft(session_id, question_id, candidate, draft, now)
        if row is not None:
            revision, deadline = row
            remaining_ms = clock.remaining_ms(deadline=deadline, now=now)
            return SaveResult(SaveStatus.SAVED, revision=revision, saved_at=now, remaining_ms=remaining_ms)
        if refused := _explain_refusal(session_id, question_id, candidate, draft, now):
            return refused
    raise ContendedError


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


# --- What the guard refused -----------------------------------------------------------------------------------------


def _explain_refusal(
    session_id: UUID, question_id: UUID, candidate: User, draft: Draft, now: datetime
) -> SaveResult | None:
    """Say why the guarded UPDATE matched no row, and keep the words where they are not stored already.

    None if nothing stands against them by now: they are stored nowhere, so they have to be saved again.
    """
    answers = Answer.objects.select_related("session")
    answer = answers.get(question=question_id, session=session_id, candidate=candidate)
    if replayed := _replayed(answer, draft, now):
        return replayed
    status = judge(answer, draft, lease=answer.session.lease, now=now)
    if answer.body != draft.body:
        if status is None:
            return None
        if status is SaveStatus.OVERTAKEN and _keeps_enough_overtaken(answer):
            status = SaveStatus.STALE  # not acknowledged, because it may have to give way
        keep_draft(answer=answer, draft=draft, reason=KeptDraft.Reason(status.value), now=now)
    return refusal(answer, draft, status=status or SaveStatus.SAVED, now=now)


def _keeps_enough_overtaken(answer: Answer) -> bool:
    return answer.kept_drafts.filter(reason=KeptDraft.Reason.OVERTAKEN).count() >= MAX_OVERTAKEN_PER_ANSWER


def _replayed(answer: Answer, draft: Draft, now: datetime) -> SaveResult | None:
    """Answer a save that was here before as it was answered then; None if it was not, or had other words.

    The words are what counts: two writers with the same number and the same text have nothing to quarrel about.
    """
    text = ""
    for number, row in enumerate(answer.revisions.order_by("revision"), start=1):
        if row.revision != number:
            return None  # from before there was a record, or beyond what it holds
        text = deltas.apply(text, row)
        if row.client_sequence == draft.sequence and text == draft.body:
            remaining_ms = clock.remaining_ms(deadline=answer.deadline, now=now)
            return SaveResult(SaveStatus.SAVED, row.revision, row.saved_at, remaining_ms)
    return None


def judge(answer: Answer, draft: Draft, *, lease: UUID | None, now: datetime) -> SaveStatus | None:
    """Return why the words cannot become the answer; None if they can, or if they are the answer already.

    The guard of `_SAVE_DRAFT` in words: the two must say the same.
    """
    if lease not in {None, draft.client_id}:
        return SaveStatus.LEASE
    if answer.body == draft.body:
        return None
    if answer.state in {Answer.State.SUBMITTED, Answer.State.PASSED}:
        return SaveStatus.CLOSED
    if not answer.accepts_words(now):
        return SaveStatus.LATE
    if answer.client_id == draft.client_id and draft.sequence != answer.client_sequence:
        return None if draft.sequence > answer.client_sequence else SaveStatus.OVERTAKEN
    if answer.client_id == draft.client_id:
        return SaveStatus.STALE  # other words under a number that was used: a page that came back from the history
    return None if answer.revision == draft.base_revision else SaveStatus.STALE


def refusal(answer: Answer, draft: Draft, *, status: SaveStatus, now: datetime) -> SaveResult:
    return SaveResult(
        status,
        revision=answer.revision,
        saved_at=answer.saved_at,
        remaining_ms=clock.remaining_ms(deadline=answer.deadline, now=now),
        body=answer.body if answer.body != draft.body else None,
        holder=answer.session.lease,
    )


# --- Keeping what does not count -------------------------------------------------------------------------------------


@transaction.atomic
def keep_draft(*, answer: Answer, draft: Draft, reason: KeptDraft.Reason, now: datetime) -> None:
    """Keep words that came too late or lost against others: one row per writer, reason and base, its newest words.

    Overtaken words were acknowledged, so each has a row of its own that stays; so have words that share their number
    with others. Beyond MAX_KEPT_DRAFTS_PER_ANSWER other rows a writer's newest is overwritten, so that nobody can fill
    the disk.
    """
    if not draft.body.strip():
        return
    Answer.objects.select_for_update(no_key=True).get(pk=answer.pk)  # the count below must hold
    row = _row_to_keep(answer, draft, reason)
    same_writer = row.client_id == draft.client_id and row.base_revision == draft.base_revision
    if same_writer and (draft.sequence < row.client_sequence or (draft.sequence, draft.body) == _what(row)):
        return  # overtaken on the way by newer words of the same tab, or here already
    row.reason, row.body, row.received_at = reason, draft.body, now
    row.client_id, row.client_sequence, row.base_revision = draft.client_id, draft.sequence, draft.base_revision
    row.save()


def _what(row: KeptDraft) -> tuple[int, str]:
    return row.client_sequence, row.body


def _row_to_keep(answer: Answer, draft: Draft, reason: KeptDraft.Reason) -> KeptDraft:
    """Return the row these words belong in: the writer's for this base, else a new one while there is room."""
    kept = answer.kept_drafts.order_by("-received_at", "-pk")
    own = kept.filter(client_id=draft.client_id)
    alike = own.filter(reason=reason, base_revision=draft.base_revision)
    if reason == KeptDraft.Reason.OVERTAKEN:
        alike = alike.filter(client_sequence=draft.sequence, body=draft.body)
    else:  # other words under the same number come from another page of the same writer: they are not newer
        alike = alike.exclude(~Q(body=draft.body), client_sequence=draft.sequence)
    same = alike.first()
    if same is None and reason != KeptDraft.Reason.OVERTAKEN:
        unacknowledged = kept.exclude(reason=KeptDraft.Reason.OVERTAKEN)
        if unacknowledged.count() >= MAX_KEPT_DRAFTS_PER_ANSWER:
            same = unacknowledged.filter(client_id=draft.client_id).first() or unacknowledged.first()
    return same or KeptDraft(answer=answer)


# --- The lease --------------------------------------------------------------------------------------------------------


def take_lease(*, session_id: UUID, candidate: User, client_id: UUID, seen: UUID | None, now: datetime) -> bool:
    """Make this tab the one that may write, if the holder still is the one it saw. True if it may write afterwards.

    Raises InterviewSession.DoesNotExist.
    """

    def change(sitting: Sitting) -> bool:
        if sitting.session.lease != seen or sitting.session.is_finished:
            return False
        return hand_over(sitting, client_id, now=now)

    sitting = change_sitting(session_id, change, candidate_id=candidate.pk, now=now)
    return sitting.session.lease == client_id and not sitting.session.is_finished


def hand_over(sitting: Sitting, client_id: UUID | None, *, now: datetime) -> bool:
    """Give the lease to this writer; False if nothing changed."""
    session = sitting.session
    if client_id is None or session.lease == client_id:
        return False
    if session.lease is not None:
        sitting.log(SessionEvent.Kind.TAKEN_OVER, now)
    session.lease = client_id
    return True


def note_absence(*, session_id: UUID, question_id: UUID, candidate: User, away_ms: int, now: datetime) -> None:
    """Log that the browser had no connection for `away_ms`, by its own account, and is back.

    Raises InterviewSession.DoesNotExist.
    """
    session = InterviewSession.objects.of(candidate).get(pk=session_id)
    kinds = SessionEvent.Kind
    if session.events.filter(kind=kinds.RETURNED).count() >= MAX_ABSENCES_PER_SESSION:
        return
    since = max(session.started_at, now - timedelta(milliseconds=away_ms))
    away = {"away_ms": clock.elapsed_ms(since=since, now=now)}
    rows = [(kinds.DISCONNECTED, since), (kinds.RETURNED, now)]
    SessionEvent.objects.bulk_create(
        SessionEvent(session=session, question_id=question_id, kind=kind, at=at, data=away) for kind, at in rows
    )

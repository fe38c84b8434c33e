"""What a mentor reads and writes: the transcript of a finished session, comments on its questions, and corrections.

The only writer of comments. Consent is checked in the transaction that writes, behind a lock on the mentorship, so
that nothing is written after the candidate ended it. Points and verdicts are shown as the report has them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Left, Length

from interviewprep.accounts.models import Mentorship, User
from questions.content import Choice
from sessions import history, reports, scoring
from sessions.grading.answers import decode_choices
from sessions.history import Timeline
from sessions.models import Answer, InterviewSession, KeptDraft, ReviewComment, Score, SessionQuestion
from sessions.reports import Conditions, FollowUpReport, QuestionReport

MAX_COMMENT_LENGTH = 10_000
# Of one author on one question.
MAX_COMMENTS = 50
# More than anybody reads; a page must stay a page whatever a broken browser once sent.
KEPT_DRAFTS_SHOWN = 100
KEPT_DRAFT_LENGTH = 20_000


class NoConsentError(Exception):
    """The session is not finished, or its candidate does not let this user read it (any more)."""


class CommentRefusedError(Exception):
    """The comment is empty or longer than MAX_COMMENT_LENGTH."""


class TooManyCommentsError(Exception):
    """The author has written MAX_COMMENTS on this question."""


# --- Writing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_comment(*, author: User, question_id: UUID, body: str, now: datetime) -> ReviewComment:
    """Comment on a question of a finished session. The same words twice are one comment.

    Raises SessionQuestion.DoesNotExist, NoConsentError, CommentRefusedError and TooManyCommentsError.
    """
    question = _read_question(author, question_id)
    words = _checked(body)
    mine = ReviewComment.objects.filter(question=question, author=author)
    same = mine.filter(body=words).first()
    if same is None and mine.count() >= MAX_COMMENTS:
        raise TooManyCommentsError
    return same or ReviewComment.objects.create(question=question, author=author, body=words, created_at=now)


@transaction.atomic
def edit_comment(*, author: User, comment_id: UUID, body: str, now: datetime) -> ReviewComment:
    """Replace the words of one's own comment. Saving without a change leaves the time of the last edit alone.

    Raises ReviewComment.DoesNotExist, also for somebody else's, NoConsentError and CommentRefusedError.
    """
    comment = _own_comment(author, comment_id)
    words = _checked(body)
    if words != comment.body:
        comment.body, comment.edited_at = words, now
        comment.save(update_fields=["body", "edited_at"])
    return comment


@transaction.atomic
def delete_comment(*, author: User, comment_id: UUID) -> None:
    """Delete one's own comment. Raises ReviewComment.DoesNotExist, also the second time, and NoConsentError."""
    _own_comment(author, comment_id).delete()


@transaction.atomic
def correct_points(*, author: User, question_id: UUID, ticks: scoring.Ticks, now: datetime) -> Score:
    """Keep which key points a mentor finds in an answer; that counts before what anybody else says.

    Raises SessionQuestion.DoesNotExist, NoConsentError and what `scoring.correct` raises.
    """
    question = _read_question(author, question_id)
    answer = Answer.objects.select_for_update(no_key=True).get(pk=question.pk)
    return scoring.correct(answer=answer, source=Score.Source.MENTOR, author=author, ticks=ticks, now=now)


@transaction.atomic
def withdraw_correction(*, author: User, question_id: UUID) -> bool:
    """Take all one's own corrections of an answer back, as `scoring.withdraw_ticks` does; True if there were any.

    Raises SessionQuestion.DoesNotExist and NoConsentError.
    """
    question = _read_question(author, question_id)
    deleted, _ = Score.objects.filter(answer=question.pk, source=Score.Source.MENTOR, author=author).delete()
    return deleted > 0


def _read_question(author: User, question_id: UUID) -> SessionQuestion:
    question = SessionQuestion.objects.select_related("session").get(pk=question_id)
    _hold_consent(author, question)
    return question


def _own_comment(author: User, comment_id: UUID) -> ReviewComment:
    comments = ReviewComment.objects.select_related("question__session").select_for_update(no_key=True, of=("self",))
    comment = comments.get(pk=comment_id, author=author)
    _hold_consent(author, comment.question)
    return comment


def _hold_consent(author: User, question: SessionQuestion) -> None:
    """Lock the consent to read this question until the transaction ends, or raise NoConsentError.

    Ending a mentorship waits for that lock, and what comes afterwards finds no consent.
    """
    session = question.session
    consent = Mentorship.objects.active().filter(mentor=author, candidate=session.candidate_id)
    if not session.is_finished or consent.select_for_update(no_key=True).first() is None:
        raise NoConsentError


def _checked(body: str) -> str:
    words = body.strip()
    if not words or len(words) > MAX_COMMENT_LENGTH:
        raise CommentRefusedError
    return words


def had_consent(*, mentor: User, session: InterviewSession) -> bool:
    """Whether the candidate let this user read their sessions once, whatever holds now."""
    return Mentorship.objects.filter(mentor=mentor, candidate=session.candidate_id, accepted_at__isnull=False).exists()


def comments_on(question_id: UUID) -> list[ReviewComment]:
    return list(ReviewComment.objects.filter(question=question_id).select_related("author"))


# --- Reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Saves:
    """How the words of one answer came in: how many saves were recorded, how late the last one came, what was refused.

    `late_ms` is set where the last words arrived after the end and count; `kept_drafts` are words that do not.
    """

    count: int
    late_ms: int | None
    kept_drafts: list[Any]


@dataclass(frozen=True, slots=True)
class AskedFollowUp:
    """A follow-up that was asked, below its question."""

    report: FollowUpReport
    saves: Saves


@dataclass(frozen=True, slots=True)
class TranscriptEntry:
    """One question as it went: what the report says of it, how its words came in, the follow-ups and the comments."""

    report: QuestionReport
    saves: Saves
    follow_ups: list[AskedFollowUp]
    comments: list[ReviewComment]

    @property
    def time_spent_ms(self) -> int:
        """The time on the question and on its follow-ups."""
        return self.report.time_spent_ms + self.follow_up_ms

    @property
    def follow_up_ms(self) -> int:
        return sum(follow_up.report.time_spent_ms for follow_up in self.follow_ups)

    @property
    def chosen(self) -> list[Choice]:
        """The choices that were taken, also before anything is graded."""
        keys = decode_choices(self.report.body)
        return [choice for choice in self.report.choices if choice.key in keys]

    @property
    def time_limit_ms(self) -> int:
        return self.report.time_limit_seconds * 1000

    @property
    def is_over_limit(self) -> bool:
        return self.report.time_spent_ms > self.time_limit_ms

    @property
    def meter_max_ms(self) -> int:
        """The end of the time scale: the limit, or the time itself where it went beyond."""
        return max(self.time_limit_ms, self.report.time_spent_ms, 1)


@dataclass(frozen=True, slots=True)
class StripPart:
    """One question's share of the session's time, as SVG lengths."""

    entry: TranscriptEntry
    x: str
    width: str
    middle: str
    has_room: bool


@dataclass(frozen=True, slots=True)
class Transcript:
    """A finished session to read: its questions, under which rules it was sat, and what happened when."""

    entries: list[TranscriptEntry]
    conditions: Conditions
    timeline: Timeline
    strip: list[StripPart]

    @property
    def has_open_answers(self) -> bool:
        return any(entry.report.judgements for entry in self.entries)


def transcript_of(session: InterviewSession) -> Transcript:
    """Return a finished session question by question, in a constant number of statements.

    Compiled live: disputes, comments and late words show at once, also before the report is ready.
    """
    data, timeline = reports.compile_report(session), history.timeline_of(session)
    drafts, comments = kept_drafts_of(session, longest=KEPT_DRAFT_LENGTH), _comments(session)

    def saves(question_id: UUID) -> Saves:
        return Saves(timeline.save_count(question_id), timeline.late_ms(question_id), drafts[question_id])

    entries = [
        TranscriptEntry(
            report=question,
            saves=saves(question.question_id),
            follow_ups=[AskedFollowUp(asked, saves(asked.question_id)) for asked in question.asked],
            comments=comments[question.question_id],
        )
        for question in data.questions
    ]
    return Transcript(entries, data.conditions, timeline, time_strip(session, entries))


def kept_drafts_of(session: InterviewSession, *, longest: int) -> dict[UUID, list[Any]]:
    """Return the words that did not count, by question, newest first: at most KEPT_DRAFTS_SHOWN of them.

    Each has its first `longest` characters as `text` and, as `length`, how many there are. A save that newer words of
    the same tab had overtaken lost nothing, so it is none of them.
    """
    newest = (
        KeptDraft.objects.filter(answer__session=session)
        .exclude(reason=KeptDraft.Reason.OVERTAKEN)
        .annotate(text=Left("body", longest), length=Length("body"))
        .defer("body")
        .order_by("-received_at", "-pk")[:KEPT_DRAFTS_SHOWN]
    )
    by_question: dict[UUID, list[Any]] = defaultdict(list)
    for draft in newest:
        by_question[draft.answer_id].append(draft)
    return by_question


def overtaken_drafts_of(answer: Answer) -> list[Any]:
    """Return the saves that newer words of the same tab had overtaken, oldest first, as `kept_drafts_of` does."""
    overtaken = KeptDraft.objects.filter(answer=answer, reason=KeptDraft.Reason.OVERTAKEN)
    shown = overtaken.annotate(text=Left("body", KEPT_DRAFT_LENGTH), length=Length("body")).defer("body")
    return list(shown.order_by("received_at", "pk")[:KEPT_DRAFTS_SHOWN])


def number_of(question: SessionQuestion) -> int:
    """Return the number a question bears in report and transcript, where a follow-up has that of its question."""
    before = SessionQuestion.objects.filter(session=question.session_id, position__lte=question.position, follow_up="")
    return before.count()


def _comments(session: InterviewSession) -> dict[UUID, list[ReviewComment]]:
    by_question: dict[UUID, list[ReviewComment]] = defaultdict(list)
    for comment in ReviewComment.objects.filter(question__session=session).select_related("author"):
        by_question[comment.question_id].append(comment)
    return by_question


# A share of the strip too narrow for a number.
_NO_ROOM_PERCENT = 2.5


def time_strip(session: InterviewSession, entries: Sequence[TranscriptEntry]) -> list[StripPart]:
    """Lay the time of the questions side by side, in their order, on a scale of the whole session.

    What is left at the end went to no question: reading the end page, or a connection that was away.
    """
    assert session.finished_at is not None
    whole_ms = (session.finished_at - session.started_at).total_seconds() * 1000
    scale = 100 / max(whole_ms, sum(entry.time_spent_ms for entry in entries), 1)
    parts, start = [], 0.0
    for entry in entries:
        width = entry.time_spent_ms * scale
        middle = _percent(start + width / 2)
        parts.append(StripPart(entry, _percent(start), _percent(width), middle, has_room=width >= _NO_ROOM_PERCENT))
        start += width
    return parts


def _percent(number: float) -> str:
    """Return an SVG length; never in the reader's locale, where a comma would break the picture."""
    return f"{number:.2f}%"

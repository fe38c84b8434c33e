"""How an answer grew and what happened in a session: the recorded saves replayed, and the log in order.

Reads only. Where nothing was recorded (answers from before the record, those beyond its caps) it says so instead of
guessing; the last text is always the answer itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import connection
from django.utils.dateparse import parse_datetime

from sessions import clock, deltas
from sessions.models import Answer, DraftRevision, InterviewSession, KeptDraft, SessionEvent

# --- How an answer grew -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Save:
    """One save of an answer: `removed` characters from `start` on gave way to `inserted`.

    `is_recorded` is False for the last save of an answer whose record had ended before: then only its text is known.
    """

    revision: int
    saved_at: datetime
    start: int = 0
    removed: int = 0
    inserted: str = ""
    late: bool = False
    is_recorded: bool = True

    @property
    def added(self) -> int:
        return len(self.inserted)


@dataclass(frozen=True, slots=True)
class Change:
    """A text with what its save changed: `before` + `inserted` + `after` is the text, `removed` stood in between.

    `removed` is None where characters went that nobody recorded.
    """

    before: str
    removed: str | None
    inserted: str
    after: str

    @property
    def text(self) -> str:
        return self.before + self.inserted + self.after


@dataclass(frozen=True, slots=True)
class Growth:
    """The saves of one answer in order, its text (`body`) and the number of its last save."""

    saves: tuple[Save, ...]
    body: str
    revision: int

    @property
    def is_complete(self) -> bool:
        """Whether every save was recorded."""
        return len(self.saves) == self.revision and all(save.is_recorded for save in self.saves)

    @property
    def lacks_beginning(self) -> bool:
        return bool(self.saves) and self.saves[0].revision > 1

    def text_at(self, revision: int) -> str | None:
        """Return the text after the save of this number; None where the record does not reach."""
        if revision >= self.revision:
            return self.body
        if self._is_unbroken_to(revision):
            return deltas.replay(self.saves[:revision])
        return self._undone_to(revision)

    def text_when(self, moment: datetime) -> str | None:
        """Return the text as it stood at a moment; None where the record does not reach."""
        revisions = [save.revision for save in self.saves if save.saved_at <= moment]
        if revisions:
            return self.text_at(max(revisions))
        return None if self.lacks_beginning else ""

    def change_at(self, revision: int) -> Change | None:
        """Return the text after a recorded save with what that save changed; None where the text is not known."""
        text = self.text_at(revision)
        save = next((save for save in self.saves if save.revision == revision), None)
        if text is None or save is None:
            return None
        previous = self.text_at(revision - 1) if save.removed else ""
        end = save.start + save.added
        removed = None if previous is None else previous[save.start : save.start + save.removed]
        return Change(text[: save.start], removed, text[save.start : end], text[end:])

    def lengths(self) -> dict[int, int]:
        """Return the number of characters after each save, by revision, as far as it is known."""
        known, total = {}, 0
        for save in self.saves[: self._unbroken()]:
            total += save.added - save.removed
            known[save.revision] = total
        total = len(self.body)
        for save in self._unbroken_from_the_end():
            known[save.revision] = total
            total -= save.added - save.removed
        return known

    def _is_unbroken_to(self, revision: int) -> bool:
        return revision == 0 or (len(self.saves) >= revision and self._unbroken() >= revision)

    def _unbroken(self) -> int:
        """Return how many saves from the first on were recorded without a gap."""
        return sum(save.revision == number and save.is_recorded for number, save in enumerate(self.saves, start=1))

    def _unbroken_from_the_end(self) -> Iterator[Save]:
        for expected, save in zip(range(self.revision, 0, -1), reversed(self.saves), strict=False):
            if save.revision != expected:
                return
            yield save
            if not save.is_recorded:
                return

    def _undone_to(self, revision: int) -> str | None:
        """Undo saves from the answer backwards; what was removed is not in the record, so that ends it."""
        text = self.body
        for save in self._unbroken_from_the_end():
            if save.revision == revision:
                return text
            if save.removed or not save.is_recorded:
                return None
            text = text[: save.start] + text[save.start + save.added :]
        return None


def growth_of(answer: Answer) -> Growth:
    """Return how an answer grew, in one statement."""
    columns = ("revision", "saved_at", "start", "removed", "inserted", "late")
    rows = DraftRevision.objects.filter(answer=answer).order_by("revision").values_list(*columns)
    saves = [Save(*row) for row in rows]
    if answer.saved_at and (not saves or saves[-1].revision < answer.revision):
        saves.append(Save(answer.revision, answer.saved_at, is_recorded=False))
    return Growth(tuple(saves), answer.body, answer.revision)


# --- What happened in a session -----------------------------------------------------------------------------------

# More than anybody reads.
ENTRIES_SHOWN = 2_000
KEPT_DRAFTS_SHOWN = 1_000

# What ends the work on a question comes after the save it carried along; everything else comes before it.
_AFTER_ITS_SAVE = {
    SessionEvent.Kind.SUBMITTED,
    SessionEvent.Kind.SKIPPED,
    SessionEvent.Kind.OPENED,
    SessionEvent.Kind.RAN_OUT,
    SessionEvent.Kind.PAUSED,
    SessionEvent.Kind.FINISHED,
    SessionEvent.Kind.CLOSED_BY_CLOCK,
}
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Saves of one answer with no event in between. `late_ms`: how long after its end the last of them came."""

    question_id: UUID
    count: int
    first_at: datetime
    last_at: datetime
    last_revision: int
    late_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Saves in a row that could not become the answer, for one reason. Their words were kept beside it."""

    question_id: UUID
    reason: KeptDraft.Reason
    count: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: an event, a stretch of saves, or saves that were refused."""

    at: datetime
    since_start_ms: int
    what: SessionEvent | Stretch | Refusal

    @property
    def question_id(self) -> UUID | None:
        return self.what.question_id


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened in a session, in order; `left_out` counts what comes after `entries`."""

    entries: tuple[Entry, ...]
    left_out: int
    stretches: tuple[Stretch, ...]

    def save_count(self, question_id: UUID) -> int:
        return sum(stretch.count for stretch in self.stretches if stretch.question_id == question_id)

    def late_ms(self, question_id: UUID) -> int | None:
        """Return how long after its end an answer's last save came, or None where that was in time."""
        own = [stretch for stretch in self.stretches if stretch.question_id == question_id]
        return max(own, key=lambda stretch: stretch.last_revision).late_ms if own else None


def timeline_of(session: InterviewSession) -> Timeline:
    """Return the timeline of a session, in three statements however much happened."""
    events = list(SessionEvent.objects.filter(session=session).select_related("actor").order_by("id"))
    placed = [(_place(event, at), event.pk, at, event) for event, at in _with_their_moments(events, session)]
    stretches = _stretches(session, sorted(place for place, *_ in placed))
    saves: list[Stretch | Refusal] = [*stretches, *_refusals(session)]
    lines: list[tuple[datetime, int, datetime, SessionEvent | Stretch | Refusal]] = [
        *placed,
        *((part.first_at, _LAST, part.first_at, part) for part in saves),
    ]
    lines.sort(key=lambda line: line[:2])
    start = session.started_at
    entries = [Entry(at, clock.elapsed_ms(since=start, now=at), what) for _, _, at, what in lines]
    return Timeline(tuple(entries[:ENTRIES_SHOWN]), max(0, len(entries) - ENTRIES_SHOWN), stretches)


def _with_their_moments(
    events: Sequence[SessionEvent], session: InterviewSession
) -> Iterator[tuple[SessionEvent, datetime]]:
    """Yield each event with when it was: an end that the clock made was at the deadline, whoever recorded it later."""
    end = session.finished_at
    for event in reversed(events):
        if event.kind == SessionEvent.Kind.REOPENED:
            end = end_before(event)
        by_clock = event.kind == SessionEvent.Kind.CLOSED_BY_CLOCK
        yield event, min(event.at, end) if by_clock and end else event.at


def end_before(reopened: SessionEvent) -> datetime | None:
    """Return when a session had ended that was reopened, as the event has it."""
    value = reopened.data.get("finished_at") if isinstance(reopened.data, dict) else None
    try:
        return parse_datetime(str(value))
    except ValueError:
        return None


# After all events of the same moment.
_LAST = 2**63


def _place(event: SessionEvent, at: datetime) -> datetime:
    """Return where an event stands among saves: at its moment, or right behind it."""
    return at + _INSTANT if event.kind in _AFTER_ITS_SAVE else at


# The database folds, so that an answer with thousands of saves costs no more than one with ten.
_FOLD_SAVES = """
    SELECT answer.question_id, count(*), min(save.saved_at), max(save.saved_at), max(save.revision),
           max(save.saved_at) FILTER (WHERE save.late) - answer.deadline
      FROM interview_sessions_draftrevision save
      JOIN interview_sessions_answer answer ON answer.question_id = save.answer_id
     WHERE answer.session_id = %(session)s
     GROUP BY answer.question_id, width_bucket(save.saved_at, %(places)s::timestamptz[])
     ORDER BY min(save.saved_at), answer.question_id
"""


def _stretches(session: InterviewSession, places: Sequence[datetime]) -> tuple[Stretch, ...]:
    """Return the saves folded between the events, which stand at `places`, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD_SAVES, {"session": session.pk, "places": list(places)})
        rows: list[tuple[UUID, int, datetime, datetime, int, timedelta | None]] = cursor.fetchall()
    return tuple(
        Stretch(question_id, count, first_at, last_at, last_revision, _late_ms(lateness))
        for question_id, count, first_at, last_at, last_revision, lateness in rows
    )


def _late_ms(lateness: timedelta | None) -> int | None:
    """Return a lateness in milliseconds; None for one that a later end, after reopening, has made good."""
    if lateness is None or lateness <= timedelta(0):
        return None
    return lateness // timedelta(milliseconds=1)


def _refusals(session: InterviewSession) -> list[Refusal]:
    """Return the saves that could not become the answer; those of one reason that follow each other are one."""
    kept = KeptDraft.objects.filter(answer__session=session).order_by("received_at", "pk")
    rows = kept.values_list("answer_id", "reason", "received_at")[:KEPT_DRAFTS_SHOWN]
    return [
        Refusal(question_id, KeptDraft.Reason(reason), len(group), group[0][2])
        for (question_id, reason), rows_of in groupby(rows, key=lambda row: row[:2])
        if (group := list(rows_of))
    ]

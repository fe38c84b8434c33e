"""What must hold after the fire, asked of the database in SQL: nothing lost, nothing left open, nothing done twice.

Each check returns what it found wrong, in words; `test_checks.py` plants each kind of loss and shows that it is found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from tests.chaos.ledger import CLICK, KEPT, OVERTAKEN, SAVED, Save

# A sweep comes every 15 s, and its work has to be done, too.
CLOSING_LIMIT = timedelta(seconds=30)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the harness saw: `seen_closed`, when a session was first seen closed; `away`, when none could be closed."""

    saves: Sequence[Save]
    now: datetime
    sessions: frozenset[str] = frozenset()
    seen_closed: Mapping[str, datetime] = field(default_factory=dict)
    away: Sequence[Span] = ()


@dataclass(frozen=True)
class Violation:
    check: str
    text: str


def violations(evidence: Evidence) -> list[Violation]:
    """Run every check; an empty list is the proof."""
    found = []
    with transaction.atomic():
        _load_saves(evidence.saves)
        for name, check in CHECKS.items():
            found += [Violation(name, text) for text in check(evidence)]
    return found


def _rows(statement: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or {})
        return list(cursor.fetchall())


# --- What was acknowledged ------------------------------------------------------------------------------------------

# All that is stored of each answer: every text its revisions replay to, what it says now, and what was kept beside it.
_STORED = """
CREATE TEMPORARY TABLE chaos_stored ON COMMIT DROP AS
WITH RECURSIVE replayed AS (
    SELECT answer_id, revision, client_sequence, inserted AS body
      FROM interview_sessions_draftrevision WHERE revision = 1
     UNION ALL
    SELECT d.answer_id, d.revision, d.client_sequence,
           left(r.body, d.start) || d.inserted || substr(r.body, d.start + d.removed + 1)
      FROM replayed r
      JOIN interview_sessions_draftrevision d ON d.answer_id = r.answer_id AND d.revision = r.revision + 1
)
SELECT answer_id, body, 'revision' AS place, revision, NULL::uuid AS client_id, client_sequence FROM replayed
 UNION ALL
SELECT question_id, body, 'answer', revision, client_id, client_sequence FROM interview_sessions_answer
 UNION ALL
SELECT answer_id, body, 'kept', base_revision, client_id, client_sequence FROM interview_sessions_keptdraft
"""
_SAVES = """
CREATE TEMPORARY TABLE chaos_save (
    question_id uuid, client_id uuid, sequence bigint, base_revision integer, body text, status text, revision integer
) ON COMMIT DROP
"""


def _load_saves(saves: Sequence[Save]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS chaos_save, chaos_stored")
        cursor.execute(_SAVES)
        cursor.executemany(
            "INSERT INTO chaos_save VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    save.question_id,
                    save.client_id,
                    save.sequence,
                    save.base_revision,
                    save.text,
                    save.status,
                    save.revision,
                )
                for save in saves
            ],
        )
        cursor.execute(_STORED)
        cursor.execute("CREATE INDEX ON chaos_stored (answer_id, md5(body))")
        cursor.execute("ANALYZE chaos_save, chaos_stored")


def lost_saves(evidence: Evidence) -> list[str]:
    """Every acknowledged text must be found with its question, word for word.

    Words that were refused, but kept, may have given way to newer ones which the same tab sent on the same base: those
    are kept then, and the candidate saw them grow. A button's answer does not say whether its words were refused.
    """
    rows = _rows(
        """
        SELECT s.status, s.question_id, s.client_id, s.sequence, s.revision, s.base_revision, left(s.body, 60),
               (SELECT string_agg(format('%%s %%s of save %%s', place, revision, client_sequence), ', ')
                  FROM chaos_stored t
                 WHERE t.answer_id = s.question_id AND coalesce(t.client_id, s.client_id) = s.client_id)
          FROM chaos_save s
         WHERE NOT EXISTS (SELECT FROM chaos_stored t WHERE t.answer_id = s.question_id
                              AND md5(t.body) = md5(s.body) AND t.body = s.body)
           AND NOT (s.status = ANY(%(replaceable)s) AND EXISTS (
                   SELECT FROM chaos_stored t WHERE t.answer_id = s.question_id AND t.client_id = s.client_id
                      AND t.place = 'kept' AND t.revision = s.base_revision AND t.client_sequence > s.sequence))
         ORDER BY s.question_id, s.sequence
        """,
        {"replaceable": sorted({*KEPT, CLICK} - {OVERTAKEN})},
    )
    return [
        f"{status}: question {question}, tab {client}, save {sequence} on {base}, told revision {revision}: {body!r}… "
        f"(stored of this tab: {stored})"
        for status, question, client, sequence, revision, base, body, stored in rows
    ]


def misfiled_saves(evidence: Evidence) -> list[str]:
    """The revision that a save was told must hold these very words.

    Unless newer words of the same tab had arrived first: then it was told theirs, and its own are kept beside.
    """
    rows = _rows(
        """
        SELECT s.question_id, s.client_id, s.sequence, s.revision
          FROM chaos_save s
         WHERE s.status = %(saved)s AND s.revision IS NOT NULL
           AND NOT EXISTS (SELECT FROM chaos_stored t WHERE t.answer_id = s.question_id AND t.place = 'revision'
                              AND t.revision = s.revision AND t.body = s.body)
           AND NOT EXISTS (SELECT FROM interview_sessions_keptdraft k WHERE k.answer_id = s.question_id
                              AND k.reason = 'overtaken' AND k.client_id = s.client_id
                              AND k.client_sequence = s.sequence AND k.body = s.body)
        """,
        {"saved": SAVED},
    )
    return [f"question {row[0]}, tab {row[1]}, save {row[2]}: revision {row[3]} has other words" for row in rows]


def broken_histories(evidence: Evidence) -> list[str]:
    """An answer's revisions must be without a gap and end in what the answer says."""
    rows = _rows(
        """
        SELECT a.question_id, a.revision,
               (SELECT count(*) FROM chaos_stored t WHERE t.answer_id = a.question_id AND t.place = 'revision')
          FROM interview_sessions_answer a
         WHERE a.revision > 0
           AND NOT EXISTS (SELECT FROM chaos_stored t WHERE t.answer_id = a.question_id AND t.place = 'revision'
                              AND t.revision = a.revision AND t.body = a.body)
        """
    )
    return [f"answer {row[0]}: revision {row[1]}, but {row[2]} of its revisions can be replayed" for row in rows]


def wordless_kept_drafts(evidence: Evidence) -> list[str]:
    rows = _rows("SELECT id, answer_id, reason FROM interview_sessions_keptdraft WHERE btrim(body) = ''")
    return [f"kept draft {row[0]} of answer {row[1]} ({row[2]}) has no words" for row in rows]


def saves_after_the_grace(evidence: Evidence) -> list[str]:
    """Nothing that arrived after the grace counts, and what arrived within it is marked."""
    rows = _rows(
        """
        SELECT d.answer_id, d.revision, d.saved_at, s.deadline, d.late
          FROM interview_sessions_draftrevision d
          JOIN interview_sessions_answer a ON a.question_id = d.answer_id
          JOIN interview_sessions_interviewsession s ON s.id = a.session_id
         WHERE d.saved_at > s.deadline + %(grace)s OR (d.saved_at > s.deadline AND NOT d.late)
        """,
        {"grace": _grace()},
    )
    return [f"answer {row[0]}, revision {row[1]}: saved {row[2]}, deadline {row[3]}, late: {row[4]}" for row in rows]


# --- Closing --------------------------------------------------------------------------------------------------------


def left_open(evidence: Evidence) -> list[str]:
    """No session runs on past its deadline and grace when there was time to close it."""
    rows = _rows(
        """
        SELECT id, deadline FROM interview_sessions_interviewsession
         WHERE state = 'running' AND deadline + %(allowed)s < %(now)s
        """,
        {"allowed": _grace() + CLOSING_LIMIT, "now": evidence.now},
    )
    return [f"session {row[0]} still runs, its deadline was {row[1]}" for row in rows]


def missing_sessions(evidence: Evidence) -> list[str]:
    """Every session that a candidate was sent to exists."""
    rows = _rows("SELECT id::text FROM interview_sessions_interviewsession")
    stored = {str(row[0]) for row in rows}
    return [f"session {session} is gone" for session in sorted(evidence.sessions - stored)]


def closed_late(evidence: Evidence) -> list[str]:
    """No overdue session stayed open through CLOSING_LIMIT of whole services, after its deadline and grace."""
    found = []
    for session, (_, after_grace) in closing_delays(evidence).items():
        if after_grace > CLOSING_LIMIT:
            found.append(f"session {session} stayed open for {after_grace.total_seconds():.1f} s after its grace")
    return found


def closing_delays(evidence: Evidence) -> dict[str, tuple[timedelta, timedelta]]:
    """Return, for each session the clock ended, how long it stayed open while all services were well.

    First after its deadline, then after the grace. Each is the longest stretch without an outage: after each outage
    the count begins anew. A session was closed when it was seen so, or else when its report was ordered.
    """
    rows = _rows(
        """
        SELECT s.id::text, s.deadline, r.requested_at
          FROM interview_sessions_interviewsession s JOIN interview_sessions_report r ON r.session_id = s.id
         WHERE s.state = 'finished' AND s.end_reason = 'clock'
        """
    )
    delays = {}
    for session, deadline, requested_at in rows:
        assert isinstance(deadline, datetime) and isinstance(requested_at, datetime)
        closed = evidence.seen_closed.get(str(session), requested_at)
        due = deadline + _grace()
        delays[str(session)] = (
            longest_calm((deadline, closed), evidence.away),
            longest_calm((due, closed), evidence.away),
        )
    return delays


def longest_calm(span: Span, away: Sequence[Span]) -> timedelta:
    """Return the longest part of `span` that no outage interrupts."""
    begin, end = span
    longest = timedelta(0)
    for left, back in sorted(away):
        if left > begin:
            longest = max(longest, min(left, end) - begin)
        begin = max(begin, back)
    return max(longest, end - begin)


def finished_after_deadline(evidence: Evidence) -> list[str]:
    rows = _rows(
        "SELECT id, finished_at, deadline FROM interview_sessions_interviewsession WHERE finished_at > deadline"
    )
    return [f"session {row[0]} ended {row[1]}, after its deadline {row[2]}" for row in rows]


def two_running(evidence: Evidence) -> list[str]:
    rows = _rows(
        """
        SELECT candidate_id, count(*) FROM interview_sessions_interviewsession WHERE state = 'running'
         GROUP BY candidate_id HAVING count(*) > 1
        """
    )
    return [f"candidate {row[0]} has {row[1]} running sessions" for row in rows]


def closings(evidence: Evidence) -> list[str]:
    """A finished session was closed once, as often as it was reopened and once more."""
    rows = _rows(
        """
        SELECT s.id, s.state, count(e.id) FILTER (WHERE e.kind IN ('finished', 'clock')),
               count(e.id) FILTER (WHERE e.kind = 'reopened')
          FROM interview_sessions_interviewsession s
          LEFT JOIN interview_sessions_sessionevent e ON e.session_id = s.id
         GROUP BY s.id, s.state
        HAVING count(e.id) FILTER (WHERE e.kind IN ('finished', 'clock'))
               <> count(e.id) FILTER (WHERE e.kind = 'reopened') + (s.state = 'finished')::integer
        """
    )
    return [f"session {row[0]} is {row[1]} and was closed {row[2]} times, reopened {row[3]} times" for row in rows]


def events_after_the_end(evidence: Evidence) -> list[str]:
    """The closing is the last thing in the log; only the browser's account of having been offline may come later."""
    rows = _rows(
        """
        SELECT e.session_id, e.kind, e.at FROM interview_sessions_sessionevent e
          JOIN (SELECT session_id, max(id) AS id FROM interview_sessions_sessionevent
                 WHERE kind IN ('finished', 'clock') GROUP BY session_id) ending USING (session_id)
         WHERE e.id > ending.id AND e.kind NOT IN ('disconnected', 'returned')
           AND NOT EXISTS (SELECT FROM interview_sessions_sessionevent again
                            WHERE again.session_id = e.session_id AND again.kind = 'reopened' AND again.id > ending.id)
        """
    )
    return [f"session {row[0]}: {row[1]} at {row[2]}, after its end" for row in rows]


def open_answers(evidence: Evidence) -> list[str]:
    """Nothing can be written in a session that is over."""
    rows = _rows(
        """
        SELECT a.question_id, a.session_id FROM interview_sessions_answer a
          JOIN interview_sessions_interviewsession s ON s.id = a.session_id
         WHERE s.state = 'finished' AND a.state = 'open'
        """
    )
    return [f"answer {row[0]} of finished session {row[1]} is open" for row in rows]


# --- Reports --------------------------------------------------------------------------------------------------------


def missing_reports(evidence: Evidence) -> list[str]:
    """A finished session has its report, and it is ready."""
    rows = _rows(
        """
        SELECT s.id, coalesce(r.state, 'missing'), r.error FROM interview_sessions_interviewsession s
          LEFT JOIN interview_sessions_report r ON r.session_id = s.id
         WHERE s.state = 'finished' AND r.state IS DISTINCT FROM 'ready'
        """
    )
    return [f"report of session {row[0]}: {row[1]} {row[2] or ''}".strip() for row in rows]


def early_reports(evidence: Evidence) -> list[str]:
    """A running session has no report."""
    rows = _rows(
        """
        SELECT s.id FROM interview_sessions_interviewsession s
          JOIN interview_sessions_report r ON r.session_id = s.id WHERE s.state = 'running'
        """
    )
    return [f"session {row[0]} runs and has a report" for row in rows]


def twofold_reports(evidence: Evidence) -> list[str]:
    """One report, and one score for each answer from each version of a grader."""
    rows = _rows(
        """
        SELECT 'report', session_id::text, count(*) FROM interview_sessions_report GROUP BY 2 HAVING count(*) > 1
         UNION ALL
        SELECT 'score of answer', answer_id::text, count(*) FROM interview_sessions_score
         WHERE source = 'automatic' GROUP BY 2, answer_id, grader, grader_version HAVING count(*) > 1
        """
    )
    return [f"{row[2]} times the {row[0]} {row[1]}" for row in rows]


def _grace() -> timedelta:
    return timedelta(seconds=settings.INTERVIEW_GRACE_SECONDS)


LOST, OPEN, REPORT = "acknowledged save lost", "session left open", "report missing"
CHECKS = {
    LOST: lost_saves,
    "revision with other words": misfiled_saves,
    "history with a gap": broken_histories,
    "kept draft without words": wordless_kept_drafts,
    "save counted after the grace": saves_after_the_grace,
    OPEN: left_open,
    "session gone": missing_sessions,
    "session closed late": closed_late,
    "end after the deadline": finished_after_deadline,
    "two running sessions": two_running,
    "closed other than once": closings,
    "event after the end": events_after_the_end,
    "open answer in a finished session": open_answers,
    REPORT: missing_reports,
    "report of a running session": early_reports,
    "report or score twice": twofold_reports,
}

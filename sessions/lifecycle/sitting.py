"""A session with all its questions and answers, read in one statement, and the one statement that writes a change.

A change is decided in Python on what was read, and written only if the session is still as it was read: the statement
names the number of changes it found. Whoever comes second reads again and decides anew, so no lock is held while
anything is decided, and no two changes ever mix.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, models

from sessions.lifecycle.errors import ContendedError
from sessions.models import Answer, InterviewSession, SessionEvent, SessionQuestion

MAX_TRIES = 8
# Beyond this many changes somebody is playing with the buttons: what does not bear on the outcome goes unrecorded.
MAX_CHANGES_RECORDED_IN_FULL = 2_000
_PASSING_KINDS = {
    *(SessionEvent.Kind.OPENED, SessionEvent.Kind.SKIPPED, SessionEvent.Kind.FLAGGED, SessionEvent.Kind.UNFLAGGED),
    *(SessionEvent.Kind.PAUSED, SessionEvent.Kind.RESUMED, SessionEvent.Kind.TAKEN_OVER),
}


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the event log, before it is written."""

    kind: SessionEvent.Kind
    at: datetime
    question_id: UUID | None = None
    actor_id: UUID | None = None
    data: dict[str, Any] | None = None


@dataclass(slots=True)
class Sitting:
    """A session and its questions as read, and what a change has done to them so far.

    `problem` says why an action was not carried out although the words were saved.
    `questions` come in order, each with its `answer`. The words (`answer.body`) are there for the question in front of
    the candidate and for the one that was asked for, whose `kind` is there too; of all, `has_words` says if any are.
    The one in front of the candidate has its `topic_name`.
    """

    session: InterviewSession
    questions: list[SessionQuestion]
    events: list[Event] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)
    worded: SessionQuestion | None = None
    worded_base: int = 0
    orders_report: bool = False
    problem: str = ""

    def question(self, question_id: UUID) -> SessionQuestion:
        """Return one of the questions; raises SessionQuestion.DoesNotExist."""
        for question in self.questions:
            if question.pk == question_id:
                return question
        raise SessionQuestion.DoesNotExist

    @property
    def current(self) -> SessionQuestion:
        """The question in front of the candidate."""
        position = self.session.current_position
        return next((question for question in self.questions if question.position == position), self.questions[0])

    def is_asked(self, question: SessionQuestion) -> bool:
        """Whether the candidate may see it: a follow-up is asked once the question before it is submitted."""
        if not question.is_follow_up:
            return True
        return self.questions[question.position - 2].answer.state == Answer.State.SUBMITTED

    @property
    def asked(self) -> list[SessionQuestion]:
        return [question for question in self.questions if self.is_asked(question)]

    def touch(self, question: SessionQuestion) -> None:
        """Note that the question or its answer was changed and is to be written."""
        self.touched.add(question.pk)

    def log(self, kind: SessionEvent.Kind, at: datetime, question: SessionQuestion | None = None, **more: Any) -> None:
        if kind in _PASSING_KINDS and self.session.changes > MAX_CHANGES_RECORDED_IN_FULL:
            return
        self.events.append(Event(kind, at, question.pk if question else None, **more))


# --- Reading ------------------------------------------------------------------------------------------------------


def _columns(model: type[models.Model], *, without: str = "") -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.attname != without]


@cache
def _select() -> tuple[str, list[str], list[str], list[str]]:
    """Return the statement that reads a sitting, and the attributes its columns are: building it costs more than it."""
    session, question, answer = _columns(InterviewSession), _columns(SessionQuestion), _columns(Answer, without="body")
    # The session's columns come with its first question only: it is one row, and decoding it ten times is not free.
    parts = [f"CASE WHEN q.position = 1 THEN s.{name} END" for name in session]
    parts += [f"q.{name}" for name in question] + [f"a.{name}" for name in answer]
    parts += ["(SELECT v.kind FROM questions_questionversion v WHERE v.id = q.version_id AND q.id = %(question)s)"]
    parts += [
        """CASE WHEN q.position = s.current_position THEN (
               SELECT t.name FROM questions_questionversion v JOIN questions_question x ON x.id = v.question_id
                 JOIN questions_topic t ON t.id = x.topic_id WHERE v.id = q.version_id) END"""
    ]
    parts += ["a.body <> ''", "CASE WHEN q.position = s.current_position OR q.id = %(question)s THEN a.body END"]
    statement = f"""
        SELECT {", ".join(parts)}
          FROM interview_sessions_interviewsession s
          JOIN interview_sessions_sessionquestion q ON q.session_id = s.id
          JOIN interview_sessions_answer a ON a.question_id = q.id
         WHERE s.id = %(session)s AND (%(candidate)s::uuid IS NULL OR s.candidate_id = %(candidate)s)
         ORDER BY q.position
    """  # noqa: S608  names of our own models
    return statement, session, question, answer


def read_sitting(session_id: UUID, *, candidate_id: UUID | None = None, question_id: UUID | None = None) -> Sitting:
    """Read a session, of this candidate if one is named; raises InterviewSession.DoesNotExist."""
    statement, session_names, question_names, answer_names = _select()
    with connection.cursor() as cursor:
        cursor.execute(statement, {"session": session_id, "candidate": candidate_id, "question": question_id})
        rows = cursor.fetchall()
    if not rows:
        raise InterviewSession.DoesNotExist
    end_of_session = len(session_names)
    end_of_question = end_of_session + len(question_names)
    session = InterviewSession.from_db(connection.alias, session_names, rows[0][:end_of_session])
    questions = []
    for row in rows:
        question = SessionQuestion.from_db(connection.alias, question_names, row[end_of_session:end_of_question])
        answer = Answer.from_db(connection.alias, answer_names, row[end_of_question:-4])
        if row[-1] is not None:
            answer.body = row[-1]
        question.session, answer.session, question.answer = session, session, answer
        question.kind, question.topic_name, question.has_words = row[-4:-1]
        questions.append(question)
    return Sitting(session, questions)


# --- Writing ------------------------------------------------------------------------------------------------------

_SESSION_STATE = (
    *("state", "end_reason", "finished_at", "deadline", "window_end", "time_factor", "extra_minutes", "lease"),
    *("current_position", "current_since", "paused_at", "pause_left_ms"),
)
_QUESTION_STATE = {
    "first_opened_at": "timestamptz",
    "reading_until": "timestamptz",
    "time_spent_ms": "bigint",
    "flagged": "boolean",
    "skipped": "boolean",
    "time_limit_seconds": "integer",
}
_ANSWER_STATE = {"state": "text", "submitted_at": "timestamptz", "deadline": "timestamptz"}

# The session is locked before the answer, here as everywhere, so that two changes cannot wait for each other.
_WRITE = f"""
    WITH held AS MATERIALIZED (
        SELECT id FROM interview_sessions_interviewsession WHERE id = %(id)s AND changes = %(changes)s
           FOR NO KEY UPDATE
    ), unchanged AS MATERIALIZED (
        SELECT a.question_id FROM interview_sessions_answer a, held
         WHERE a.question_id = %(worded)s AND a.revision = %(worded_base)s AND a.state = 'open'
           FOR NO KEY UPDATE OF a
    ), claimed AS (
        UPDATE interview_sessions_interviewsession s
           SET changes = s.changes + 1, {", ".join(f"{name} = %({name})s" for name in _SESSION_STATE)}
          FROM held
         WHERE s.id = held.id AND (%(worded)s::uuid IS NULL OR EXISTS (SELECT FROM unchanged))
     RETURNING s.id
    ), moved_questions AS (
        UPDATE interview_sessions_sessionquestion q
           SET {", ".join(f"{name} = v.{name}" for name in _QUESTION_STATE)}
          FROM claimed, unnest(%(ids)s::uuid[], {", ".join(f"%(q_{n})s::{t}[]" for n, t in _QUESTION_STATE.items())})
               AS v(id, {", ".join(_QUESTION_STATE)})
         WHERE q.id = v.id
    ), moved_answers AS (
        UPDATE interview_sessions_answer a
           SET {", ".join(f"{name} = v.{name}" for name in _ANSWER_STATE)},
               body = coalesce(v.body, a.body), revision = a.revision + (v.body IS NOT NULL)::integer,
               saved_at = coalesce(v.saved_at, a.saved_at), client_id = coalesce(v.client_id, a.client_id),
               client_sequence = coalesce(v.client_sequence, a.client_sequence)
          FROM claimed, unnest(%(ids)s::uuid[], {", ".join(f"%(a_{n})s::{t}[]" for n, t in _ANSWER_STATE.items())},
               %(w_body)s::text[], %(w_saved_at)s::timestamptz[], %(w_client_id)s::uuid[], %(w_sequence)s::integer[])
               AS v(id, {", ".join(_ANSWER_STATE)}, body, saved_at, client_id, client_sequence)
         WHERE a.question_id = v.id
    ), logged AS (
        INSERT INTO interview_sessions_sessionevent (session_id, question_id, at, actor_id, kind, data)
        SELECT claimed.id, v.question_id, v.at, v.actor_id, v.kind, v.data
          FROM claimed, unnest(%(e_question_id)s::uuid[], %(e_at)s::timestamptz[], %(e_actor_id)s::uuid[],
               %(e_kind)s::text[], %(e_data)s::jsonb[]) WITH ORDINALITY AS v(question_id, at, actor_id, kind, data, n)
         ORDER BY v.n
    ), ordered_report AS (
        INSERT INTO interview_sessions_report (session_id, state, version, attempts, error, requested_at)
        SELECT id, 'pending', 0, 0, '', %(report_at)s FROM claimed WHERE %(report_at)s::timestamptz IS NOT NULL
            ON CONFLICT DO NOTHING
    )
    SELECT count(*) FROM claimed
"""  # noqa: S608  names of our own models


def write_sitting(sitting: Sitting, *, now: datetime) -> bool:
    """Write what a change did to the sitting, unless something else has changed it since it was read."""
    session = sitting.session
    parameters: dict[str, Any] = {name: getattr(session, name) for name in _SESSION_STATE}
    parameters |= {"id": session.pk, "changes": session.changes, "report_at": now if sitting.orders_report else None}
    parameters |= _question_parameters(sitting) | _event_parameters(sitting.events)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, parameters)
        count: int = cursor.fetchone()[0]
    if count:
        session.changes += 1
    return count == 1


def _question_parameters(sitting: Sitting) -> dict[str, Any]:
    questions = [question for question in sitting.questions if question.pk in sitting.touched]
    words = [question.answer if question is sitting.worded else None for question in questions]
    parameters: dict[str, Any] = {"ids": [question.pk for question in questions]}
    parameters |= {f"q_{name}": [getattr(question, name) for question in questions] for name in _QUESTION_STATE}
    parameters |= {f"a_{name}": [getattr(question.answer, name) for question in questions] for name in _ANSWER_STATE}
    return parameters | {
        "worded": sitting.worded.pk if sitting.worded else None,
        "worded_base": sitting.worded_base,
        "w_body": [answer and answer.body for answer in words],
        "w_saved_at": [answer and answer.saved_at for answer in words],
        "w_client_id": [answer and answer.client_id for answer in words],
        "w_sequence": [answer and answer.client_sequence for answer in words],
    }


def _event_parameters(events: list[Event]) -> dict[str, Any]:
    columns = ("question_id", "at", "actor_id", "kind")
    return {f"e_{name}": [getattr(event, name) for event in events] for name in columns} | {
        "e_data": [None if event.data is None else json.dumps(event.data) for event in events]
    }


def change_sitting(
    session_id: UUID,
    change: Callable[[Sitting], bool],
    *,
    now: datetime,
    candidate_id: UUID | None = None,
    question_id: UUID | None = None,
) -> Sitting:
    """Read, change and write a session; again from the start when something else came first.

    `change` returns whether there is anything to write, and may raise: then nothing is written. Raises
    InterviewSession.DoesNotExist and ContendedError.
    """
    for _ in range(MAX_TRIES):
        sitting = read_sitting(session_id, candidate_id=candidate_id, question_id=question_id)
        if not change(sitting) or write_sitting(sitting, now=now):
            return sitting
    raise ContendedError

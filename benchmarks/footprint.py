"""What saves and sessions leave behind: bytes of the write-ahead log, of the reply, of the page, and of the database.

The texts are reference answers of the shipped bank, one after the other: words of real length that do not compress as
repeated ones would. Vacuum is kept away from the tables meanwhile.
"""

import gzip
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from benchmarks import candidates
from benchmarks.browsers import HTMX, InProcessBrowser
from interviewprep.accounts.models import User
from questions.models import QuestionVersion
from sessions import lifecycle
from sessions.models import InterviewPlan, SessionQuestion

SESSIONS, SAVES_PER_QUESTION = 40, 20
TEXT_LENGTHS = (750, 1000, 1500)
TABLES = ("interviewsession", "sessionquestion", "answer", "draftrevision", "sessionevent", "report")
TARGETS = {"reply": 300, "wal": 1_200, "page": 6_000, "session": 60_000}


@dataclass(frozen=True)
class Footprint:
    """`what` was measured, in bytes, and at most how many it should be."""

    what: str
    size: float
    target: int

    def row(self) -> str:
        verdict = "over" if self.size > self.target else "ok"
        return f"| {self.what} | {self.size:,.0f} | {verdict} (at most {self.target:,}) |"


def markdown(lines: Sequence[Footprint]) -> str:
    head = ["| bytes | measured | target |", "| --- | ---: | --- |"]
    return "\n".join([*head, *(line.row() for line in lines)])


def measure(*, now: datetime) -> list[Footprint]:
    for table in TABLES:
        _ask(f"ALTER TABLE interview_sessions_{table} SET (autovacuum_enabled = false)")
    words = " ".join(version.content.reference_answer for version in QuestionVersion.objects.all()[:60])
    found = [
        *_replies(now=now),
        Footprint("log of one save, 750 characters", _log_of_a_save(words, now), TARGETS["wal"]),
    ]
    for length in TEXT_LENGTHS:
        beyond = _session_beyond_its_text(words, length, now)
        found.append(Footprint(f"session, 200 saves, {length} characters each, beyond twice its text", beyond, 60_000))
    return found


def _ask(sql: str, *parameters: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0] if cursor.description else None


def _replies(*, now: datetime) -> list[Footprint]:
    """Return the size of a save's answer, and of the largest of ten interview pages when it is compressed."""
    browser = InProcessBrowser()
    sittings = candidates.seat(10, now=now)
    pages = []
    for sitting in sittings:
        candidates.load_page(browser, sitting)
        pages.append(len(gzip.compress(browser.send(sitting.path, sitting.cookies).text.encode())))
    sitting = sittings[0]
    reply = browser.send(sitting.draft_url, sitting.cookies, sitting.form(), HTMX)
    candidates.expect(reply, 200)
    return [
        Footprint("reply to a save", len(reply.text.encode()), TARGETS["reply"]),
        Footprint("interview page, gzip, the largest of ten", max(pages), TARGETS["page"]),
    ]


def _log_of_a_save(words: str, now: datetime) -> float:
    """Return the write-ahead log of an average save while a text grows from 550 to 950 characters."""
    candidate, _, questions = _begin(now)
    start, saves = 0.0, 0
    for question in questions[:5]:
        _save(question, candidate, words[:550], 1, now)
        before = _ask("SELECT pg_current_wal_insert_lsn()::text")
        for number in range(2, 22):
            _save(question, candidate, words[: 550 + 20 * (number - 1)], number, now)
        start += float(str(_ask("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s::pg_lsn)", before)))
        saves += 20
    return start / saves


def _session_beyond_its_text(words: str, length: int, now: datetime) -> float:
    """Return what a finished session of ten answers costs on disk before any vacuum, less twice its text."""
    before = _database_bytes()
    text = 0
    for _ in range(SESSIONS):
        text += _sit(words, length, now)
    return (_database_bytes() - before - 2 * text) / SESSIONS


def _sit(words: str, length: int, now: datetime) -> int:
    """Sit an interview whose answers grow to `length` characters; return the bytes of all answers."""
    candidate, session_id, questions = _begin(now)
    written = 0
    for question in questions:
        lifecycle.open_question(session=question.session, question_id=question.pk, now=now)
        for number in range(1, SAVES_PER_QUESTION + 1):
            now += timedelta(seconds=4)
            body = words[: length * number // SAVES_PER_QUESTION]
            _save(question, candidate, body, number, now)
        lifecycle.submit_answer(session=question.session, question_id=question.pk, now=now)
        written += len(body.encode())
    lifecycle.finish_session(session_id=session_id, now=now)
    return written


def _begin(now: datetime) -> tuple[User, uuid.UUID, list[SessionQuestion]]:
    candidate = User.objects.create_user(f"{uuid.uuid4()}@example.com")
    plan = InterviewPlan.objects.get(slug=candidates.PLAN)
    session = lifecycle.start_session(candidate=candidate, plan=plan, now=now, seed=1)
    return candidate, session.pk, list(session.questions.select_related("session").order_by("position"))


def _save(question: SessionQuestion, candidate: User, body: str, number: int, now: datetime) -> None:
    draft = lifecycle.Draft(body=body, base_revision=number - 1, client_id=question.session_id, sequence=number)
    result = lifecycle.save_draft(
        session_id=question.session_id, question_id=question.pk, candidate=candidate, draft=draft, now=now
    )
    if not result.is_saved:
        raise RuntimeError(f"a save was answered {result.status}")


def _database_bytes() -> int:
    names = [f"interview_sessions_{table}" for table in TABLES]
    return int(str(_ask("SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name", names)))

"""`kill -9` of the web process, the worker, Valkey and PostgreSQL in the middle of a session loses nothing.

Starts the whole stack as `make run` does, in a folder of its own, and talks to it over HTTP. Run by
`make test-resilience`; it takes about a minute and is not part of `make test`. One candidate and one kill at a time, so
that a failure says which kill it was; `tests/chaos` does everything at once.
"""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest

from tests.chaos.stack import Stack, running_stack, wait_until
from tests.resilience.candidate import Candidate

BACK_SECONDS, REPORT_SECONDS = 30.0, 90.0
SAVES_AROUND_A_KILL = 5
VICTIMS = ["web", "celery worker", "valkey", "postgres"]

pytestmark = pytest.mark.resilience


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


def rows(stack: Stack, statement: LiteralString, session_id: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(stack.servers()["DATABASE_URL"]) as connection:
        return connection.execute(statement, [session_id]).fetchall()


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_kill_in_the_middle_of_a_session_loses_no_acknowledged_draft(stack: Stack, victim: str) -> None:
    candidate = Candidate(f"http://127.0.0.1:{stack.port}/")
    interview = candidate.begin_sample()
    session_id = interview.strip("/").split("/")[1]
    candidate.take_lease(interview)
    question, revision, answer_format = candidate.current(interview)
    for number in range(SAVES_AROUND_A_KILL):
        revision = candidate.save(
            question, words(number, answer_format), revision=revision, answer_format=answer_format
        )
    killed = stack.kill(victim)
    for number in range(SAVES_AROUND_A_KILL, 2 * SAVES_AROUND_A_KILL):
        revision = candidate.save(
            question, words(number, answer_format), revision=revision, answer_format=answer_format
        )
    assert wait_until(lambda: stack.pid_of(victim) not in (None, killed), seconds=BACK_SECONDS)
    candidate.request(f"{interview}finish/", {})
    assert wait_until(lambda: has_report(candidate, interview), seconds=REPORT_SECONDS)
    stored = rows(
        stack,
        "SELECT question_id::text, body FROM interview_sessions_answer WHERE session_id = %s AND body <> ''",
        session_id,
    )
    assert dict(stored) == candidate.acknowledged
    revisions = rows(
        stack,
        "SELECT d.revision FROM interview_sessions_draftrevision d JOIN interview_sessions_answer a"
        " ON a.question_id = d.answer_id WHERE a.session_id = %s ORDER BY 1",
        session_id,
    )
    assert revisions == [(number,) for number in range(1, revision + 1)]
    state = rows(stack, "SELECT state FROM interview_sessions_report WHERE session_id = %s", session_id)
    assert state == [("ready",)]


def has_report(candidate: Candidate, interview: str) -> bool:
    return "Your report is being compiled" not in candidate.request(f"{interview}report/").text


def words(number: int, answer_format: str) -> str:
    return "abcd"[number % 4] if answer_format == "choices" else f"The words of save {number}."

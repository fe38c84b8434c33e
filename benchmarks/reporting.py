"""Compiling reports as the worker does, in this process: grading, the report itself and storing both."""

import time
from datetime import datetime

from benchmarks import candidates
from benchmarks.processes import Postgres
from benchmarks.statements import counted
from benchmarks.table import Figures
from sessions import reports

WARMING_UP, MEASURED = 5, 20


def measure(postgres: Postgres, *, now: datetime) -> Figures:
    """Measure the report of interviews with ten answered questions; the first few also fill the grader's caches."""
    sessions = [candidates.finished_session(number, now=now) for number in range(WARMING_UP + MEASURED)]
    for session in sessions[: WARMING_UP - 1]:
        reports.refresh_report(session_id=session.pk, now=now)
    counts = counted(lambda: reports.refresh_report(session_id=sessions[WARMING_UP - 1].pk, now=now))
    postgres_ms, cpu_seconds = postgres.cpu_ms(), time.process_time()
    for session in sessions[WARMING_UP:]:
        if not reports.refresh_report(session_id=session.pk, now=now):
            raise RuntimeError("a report could not be compiled")
    cpu_seconds, postgres_ms = time.process_time() - cpu_seconds, postgres.cpu_ms() - postgres_ms
    return Figures(
        action="report compile",
        count=MEASURED,
        cpu_ms=cpu_seconds * 1000 / MEASURED,
        statements=counts.working,
        framing=counts.framing,
        postgres_cpu_ms=postgres_ms / MEASURED,
    )

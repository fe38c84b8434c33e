"""Imports as tests need them: a file's bytes go in, a run that was read or imported comes out."""

from datetime import datetime
from typing import Any

from interviewprep.accounts.models import User
from questions.importing import running
from questions.models import ImportItem, ImportRun
from tests.factories import NOW

GIFT = b"""
::Bias:: What is high when both errors are high? { =Bias#Both are. ~Variance#Then only one is. }

::Coins:: Two fair coins. What is the probability of two heads? {#0.25:0.001}
"""


def receive(
    data: bytes = GIFT, file_format: str = "gift", *, user: User | None = None, now: datetime = NOW, **said: Any
) -> ImportRun:
    """Return a run that has received `data` and not read it; `said` are the fields of `running.Said`."""
    said = {"licence": "CC-BY-4.0", "author": "Tests"} | said
    filename = said.pop("filename", f"questions.{file_format}")
    return running.receive(
        chunks=[data], filename=filename, file_format=file_format, said=running.Said(**said), user=user, now=now
    )


def read(data: bytes = GIFT, file_format: str = "gift", *, now: datetime = NOW, **said: Any) -> ImportRun:
    run = receive(data, file_format, now=now, **said)
    running.work(run_id=run.pk, now=now)
    run.refresh_from_db()
    return run


def carry_out(run: ImportRun, *, user: User | None = None, now: datetime = NOW, **options: Any) -> ImportRun:
    """Import a run that was read."""
    running.order(run=run, user=user, now=now, **options)
    running.work(run_id=run.pk, now=now)
    run.refresh_from_db()
    return run


def undo(run: ImportRun, *, user: User | None = None, now: datetime = NOW) -> ImportRun:
    running.order_undoing(run=run, user=user, now=now)
    running.work(run_id=run.pk, now=now)
    run.refresh_from_db()
    return run


def items(run: ImportRun) -> list[ImportItem]:
    return list(run.items.order_by("position"))


def messages(run: ImportRun) -> list[str]:
    """Return everything that was said about the file and its questions."""
    return [problem["message"] for source in (run.notes, *(item.problems for item in items(run))) for problem in source]

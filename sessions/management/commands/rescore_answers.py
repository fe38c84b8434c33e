"""`manage.py rescore_answers`: finished interviews scored anew, after an upgrade that brought a newer grader."""

import time
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sessions import rescoring
from sessions.grading import text_graders
from sessions.management.graders import chosen_grader
from sessions.rescoring import Batch, Job, Outcome

PROGRESS_EVERY_SECONDS = 2.0


class Command(BaseCommand):
    help = (
        "Score the answers of finished interviews with the graders of today. The old scores stay. Reports are compiled"
        " anew where points or verdicts changed. What is done is not done again, so it can be stopped and called again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--grader", choices=text_graders(), help="the text grader to use, not the configured one")
        parser.add_argument("--session", type=UUID, metavar="UUID", help="only this interview")
        parser.add_argument("--processes", type=int, default=1, metavar="N")
        parser.add_argument(
            "--batch", type=int, default=rescoring.SESSIONS_PER_BATCH, metavar="N", help="interviews at a time"
        )
        parser.add_argument("--dry-run", action="store_true", help="say how many would change, and store nothing")

    def handle(
        self,
        *args: Any,
        grader: str | None,
        session: UUID | None,
        processes: int,
        batch: int,
        dry_run: bool,
        **options: Any,
    ) -> None:
        if processes < 1 or batch < 1:
            raise CommandError("--processes and --batch are at least 1.")
        grader = chosen_grader(grader)
        due = rescoring.due_answers(grader)
        due = due.filter(session=session) if session else due
        total, planned = due.count(), list(rescoring.batches(due, size=batch))
        job = Job(now=timezone.now(), grader=grader, dry_run=dry_run)
        done = self._carry_out(planned, job, processes=min(processes, max(1, len(planned))), total=total)
        would = "would change" if dry_run else "changed"
        self.stdout.write(
            f"{done.graded} answer(s) graded, {done.changed} {would}; {done.reports} report(s) to be compiled anew."
        )
        if done.failed:
            raise CommandError(f"{done.failed} answer(s) could not be graded; the log says why.")

    def _carry_out(self, planned: list[Batch], job: Job, *, processes: int, total: int) -> Outcome:
        done, start = Outcome(), time.monotonic()
        said = start
        for outcome in rescoring.rescore_all(planned, job, processes=processes):
            done += outcome
            if time.monotonic() - said >= PROGRESS_EVERY_SECONDS:
                said = time.monotonic()
                self.stderr.write(_progress(done.graded + done.failed, total, said - start))
        return done


def _progress(count: int, total: int, seconds: float) -> str:
    """Return "1,200 of 100,000 answers, 410 a second, 241 s left"."""
    rate = count / seconds
    left = f"{max(0, total - count) / rate:,.0f} s left" if count else "…"
    return f"{count:,} of {total:,} answers, {rate:,.0f} a second, {left}"

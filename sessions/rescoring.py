"""Scoring finished interviews anew with the graders of today: new scores beside the old ones, which stay.

In batches of sessions, each in a short transaction of its own, so that it can be stopped and called again: what has a
score by the grader of today is passed over. Reports are ordered anew where points or verdicts changed, nowhere else.
"""

import logging
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

import django
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from questions.content import Content, Kind
from questions.models import QuestionVersion
from sessions import grading, reports
from sessions.levels import curves_of
from sessions.models import Answer, InterviewSession, Report, Score, VerdictDispute
from sessions.scoring import automatic_score, graded_score

logger = logging.getLogger(__name__)

# Of contents a process keeps at a time, about 20 kB each.
CONTENTS_KEPT = 2_000
# Many, because a batch prepares each of its questions for matching once; some 2,000 answers stay in memory.
SESSIONS_PER_BATCH = 200


@dataclass(frozen=True, slots=True)
class Job:
    """What holds for all batches. `grader` is the name of the text grader to use, None this process's own."""

    now: datetime
    grader: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """The sessions whose ids lie between two, both included."""

    first: UUID
    last: UUID


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts of answers graded, of those whose points or verdicts changed, of reports ordered and of failures."""

    graded: int = 0
    changed: int = 0
    reports: int = 0
    failed: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.graded + other.graded,
            self.changed + other.changed,
            self.reports + other.reports,
            self.failed + other.failed,
        )


# --- What is due ----------------------------------------------------------------------------------------------------


def due_answers(grader: str | None = None) -> QuerySet[Answer]:
    """Return the answers of finished sessions without a score by the grader of today for their kind."""
    finished = Answer.objects.filter(session__state=InterviewSession.State.FINISHED, question__follow_up="")
    condition = Q(pk__in=[])
    for kind, (name, version) in _current_graders(grader).items():
        scores = Score.objects.filter(
            answer=OuterRef("pk"), source=Score.Source.AUTOMATIC, grader=name, grader_version=version
        )
        condition |= Q(~Exists(scores), question__version__kind=kind)
    return finished.filter(condition)


def _current_graders(grader: str | None) -> dict[str, tuple[str, int]]:
    """Return the name and version of the grader of each kind, which every grade bears, also that of an empty answer."""
    examples = QuestionVersion.objects.order_by("kind", "pk").distinct("kind")
    grades = {example.kind: _grade(example.content, "", grader) for example in examples}
    return {kind: (grade.grader, grade.grader_version) for kind, grade in grades.items()}


def _grade(content: Content, body: str, grader: str | None) -> grading.Grade:
    return grading.grade(content, body, grader=grader if content.kind == Kind.OPEN else None)


def batches(answers: QuerySet[Answer], *, size: int) -> Iterator[Batch]:
    """Yield the sessions of `answers` in batches of at most `size`, in the order of their ids."""
    sessions = answers.order_by("session").values_list("session", flat=True).distinct().iterator()
    while ids := list(islice(sessions, size)):
        yield Batch(ids[0], ids[-1])


# --- One batch ------------------------------------------------------------------------------------------------------


def rescore(batch: Batch, job: Job) -> Outcome:
    """Grade what is due in a batch, outside any transaction, and store it unless it is a dry run."""
    answers = _answers(batch, job)
    curves = curves_of(answer.asked for answer in answers)
    before = {answer.pk: automatic_score(answer.scores.all()) for answer in answers}
    fresh: list[Score] = []
    failed = 0
    for answer in answers:
        try:
            result = _grade(_content(answer.version), answer.body, job.grader)
        except Exception:
            logger.exception("answer %s could not be graded", answer.pk)
            failed += 1
        else:
            at = _after(before[answer.pk], job.now)
            fresh.append(graded_score(answer, result, question_id=answer.asked, curves=curves, now=at))
    changed = [score for score in fresh if _differs(score, before[score.answer_id])]
    told = 0 if job.dry_run else _store(fresh, changed, before, job.now)
    return Outcome(len(fresh), len(changed), told, failed)


def _after(before: Score | None, now: datetime) -> datetime:
    """Return a time for a new score at which it counts, also where a worker scored after this job began."""
    return now if before is None else max(now, before.created_at + timedelta(microseconds=1))


def _answers(batch: Batch, job: Job) -> list[Any]:
    """Return the answers that are due, with `version`, `asked` (the question) and `changes` of the session.

    Those of one version come one after the other, so that it is prepared for matching once.
    """
    due = due_answers(job.grader).filter(session__gte=batch.first, session__lte=batch.last)
    known = due.annotate(
        version=F("question__version"), asked=F("question__version__question"), changes=F("session__changes")
    )
    return list(known.prefetch_related("scores__disputes").only("body", "session").order_by("version", "pk"))


@lru_cache(maxsize=CONTENTS_KEPT)
def _content(version_id: UUID) -> Content:
    """Return what a version says; a version that was asked never changes."""
    return QuestionVersion.objects.get(pk=version_id).content


def _differs(score: Score, before: Score | None) -> bool:
    return before is None or (score.points, score.verdicts, score.findings) != (
        before.points,
        before.verdicts,
        before.findings,
    )


@transaction.atomic
def _store(fresh: Sequence[Score], changed: Sequence[Score], before: Mapping[UUID, Score | None], now: datetime) -> int:
    """Store the scores of sessions that are as they were read, and return how many reports are ordered anew.

    Behind the locks of their reports, as the worker takes them: it compiles before this or after it, never in between.
    """
    same = _unchanged({score.answer.session_id: score.answer.changes for score in fresh})  # type: ignore[attr-defined]  # annotated
    kept = [score for score in fresh if score.answer.session_id in same]
    known = Score.objects.filter(answer__in=[score.answer_id for score in kept], source=Score.Source.AUTOMATIC)
    there = set(known.values_list("answer", "grader", "grader_version"))
    kept = [score for score in kept if (score.answer_id, score.grader, score.grader_version) not in there]
    Score.objects.bulk_create(kept)
    VerdictDispute.objects.bulk_create(
        dispute for score in kept for dispute in _standing_disputes(score, before[score.answer_id])
    )
    stored = {score.pk for score in kept}
    touched = {score.answer.session_id for score in changed if score.pk in stored}
    return sum(reports.request_again(report=Report(pk=pk), now=now) for pk in sorted(touched))


def _unchanged(changes: Mapping[UUID, int]) -> set[UUID]:
    """Lock the reports of sessions, and return which sessions nobody has reopened since they were read."""
    locked = Report.objects.select_for_update(no_key=True, of=("self",)).filter(
        pk__in=list(changes), session__state=InterviewSession.State.FINISHED
    )
    found = locked.order_by("pk").values_list("pk", "session__changes")
    return {pk for pk, number in found if number == changes[pk]}


def _standing_disputes(score: Score, before: Score | None) -> Iterator[VerdictDispute]:
    """Yield the disputes of the score before whose verdicts are the same: they still say what the candidate says."""
    if before is None:
        return
    old, new = ({verdict["key"]: verdict["status"] for verdict in each.verdicts} for each in (before, score))
    for dispute in before.disputes.all():
        if dispute.key in new and new[dispute.key] == old[dispute.key]:
            yield VerdictDispute(score=score, key=dispute.key, created_at=dispute.created_at)


# --- All of them ----------------------------------------------------------------------------------------------------


def rescore_all(planned: Sequence[Batch], job: Job, *, processes: int) -> Iterator[Outcome]:
    """Yield what became of each batch as it is done, in no order."""
    if processes == 1:
        yield from (rescore(batch, job) for batch in planned)
        return
    # A fork would take connections and threads along that are of no use to it.
    context = multiprocessing.get_context("spawn")
    database = connection.settings_dict["NAME"]
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=django.setup)
    try:
        for done in as_completed([pool.submit(_rescore_on, database, batch, job) for batch in planned]):
            yield done.result()
    finally:
        # Who stops this waits for the batches that have begun, and not for all that are queued.
        pool.shutdown(wait=True, cancel_futures=True)


def _rescore_on(database: str, batch: Batch, job: Job) -> Outcome:
    """Do a batch in a process of its own, on the database of the one that began it."""
    connection.settings_dict["NAME"] = database
    return rescore(batch, job)

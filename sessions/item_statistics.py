"""The nightly count: from reports that are new or changed to the statistics of the versions they touch.

Incremental and idempotent. A report's facts replace what was kept of it before, so a mentor's correction or a repeated
run changes nothing twice; only versions that met new facts or flags are computed again. The only writer of
ItemObservation, StatisticsRun and ItemStatistics.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count

from questions.models import Flag, ItemStatistics, QuestionVersion
from sessions.grading.answers import decode_choices
from sessions.item_analysis import ENOUGH_REST, Observation, analyse
from sessions.models import ItemObservation, Report, SessionQuestion, StatisticsRun
from sessions.reports import Outcome, QuestionReport, ReportData, report_data

REPORTS_AT_ONCE = 200
VERSIONS_AT_ONCE = 100
# A report is stamped when its transaction begins, and may appear a little after a count that began later.
OVERLAP = timedelta(hours=1)
# Any number will do, as long as nothing else in this database locks the same one.
_LOCK_NUMBER = 0x57A715
_T = TypeVar("_T")


@transaction.atomic
def refresh_item_statistics(*, now: datetime, everything: bool = False) -> StatisticsRun:
    """Take in what changed since the last count, or all reports there are, and compute the versions it touches.

    Two counts at once run one after the other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_NUMBER])
    last = None if everything else StatisticsRun.objects.order_by("-through").first()
    since = last.through - OVERLAP if last else None
    touched: set[UUID] = set()
    count = 0
    for reports in _batches(_changed_reports(since), REPORTS_AT_ONCE):
        touched |= _observe(reports)
        count += len(reports)
    touched |= _flagged_since(since)
    for versions in _batches(sorted(touched), VERSIONS_AT_ONCE):
        _compute(versions, now)
    return StatisticsRun.objects.create(through=now, finished_at=now, report_count=count, version_count=len(touched))


def _batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    batch: list[_T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _changed_reports(since: datetime | None) -> Iterator[Report]:
    ready = Report.objects.filter(state=Report.State.READY).select_related("session").order_by("compiled_at")
    if since:
        ready = ready.filter(compiled_at__gte=since)
    return ready.iterator(chunk_size=REPORTS_AT_ONCE)


def _flagged_since(since: datetime | None) -> set[UUID]:
    flags = Flag.objects.all() if since is None else Flag.objects.filter(changed_at__gte=since)
    published = flags.filter(version__published_at__isnull=False)
    return set(published.order_by().values_list("version", flat=True).distinct())


# Reports to observations


def _observe(reports: Sequence[Report]) -> set[UUID]:
    """Keep the facts of some reports, over what was kept of them before, and return the versions concerned."""
    told = [(report, data) for report in reports if (data := report_data(report))]
    asked = SessionQuestion.objects.filter(session__in=[report.pk for report, _data in told], follow_up="")
    versions = dict(asked.values_list("pk", "version_id"))
    rows = [row for report, data in told for row in _observations(report, data, versions)]
    ItemObservation.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["question"],
        update_fields=["finished_at", "share", "rest", "time_ms", "skipped", "chosen"],
    )
    return {row.version_id for row in rows}


def _observations(report: Report, data: ReportData, versions: dict[UUID, UUID]) -> Iterator[ItemObservation]:
    """Yield one row for each question that the candidate had before them."""
    evidence = [question for question in data.questions if question.is_evidence]
    for question in data.questions:
        if question.outcome == Outcome.NOT_REACHED or question.question_id not in versions:
            continue
        yield ItemObservation(
            question_id=question.question_id,
            version_id=versions[question.question_id],
            candidate_id=report.session.candidate_id,
            finished_at=data.finished_at,
            share=question.share if question.is_evidence else None,
            rest=_rest([other for other in evidence if other is not question]),
            time_ms=question.time_spent_ms,
            skipped=question.outcome == Outcome.SKIPPED,
            chosen=sorted(decode_choices(question.body)) if question.choices else [],
        )


def _rest(others: Sequence[QuestionReport]) -> float | None:
    if len(others) < ENOUGH_REST:
        return None
    return float(sum(other.points for other in others) / sum(other.max_points for other in others))


# Observations to statistics


def _compute(version_ids: Collection[UUID], now: datetime) -> None:
    """Compute some versions from all their observations, with two statements to read and one to write."""
    keys = {
        pk: [choice["key"] for choice in choices]
        for pk, choices in QuestionVersion.objects.filter(pk__in=version_ids).values_list("pk", "choices")
    }
    flags = dict(
        Flag.objects.filter(version__in=version_ids)
        .order_by()
        .values_list("version")
        .annotate(Count("sender", distinct=True))
    )
    seen: dict[UUID, list[Observation]] = {version_id: [] for version_id in version_ids}
    for row in _first_meetings(version_ids):
        seen[row.version_id].append(Observation(row.share, row.rest, row.time_ms, row.skipped, tuple(row.chosen)))
    rows = []
    for version_id, observations in seen.items():
        figures = asdict(analyse(observations, option_keys=keys[version_id]))
        rows.append(ItemStatistics(version_id=version_id, flags=flags.get(version_id, 0), computed_at=now, **figures))
    names = [field.attname for field in ItemStatistics._meta.concrete_fields if not field.primary_key]
    ItemStatistics.objects.bulk_create(rows, update_conflicts=True, unique_fields=["version"], update_fields=names)


def _first_meetings(version_ids: Collection[UUID]) -> Iterable[ItemObservation]:
    """Return each candidate's first meeting with each version: later ones say what was remembered."""
    rows = ItemObservation.objects.filter(version__in=version_ids)
    return rows.order_by("version_id", "candidate_id", "finished_at").distinct("version_id", "candidate_id")

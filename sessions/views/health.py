"""The bank's health: how questions fare with candidates, and what to mend first. For those who read the bank."""

from collections.abc import Set
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from questions.models import Flag, ItemStatistics, QuestionVersion
from questions.views.access import reader_required
from sessions.charts import ScatterChart, ScatterPoint, scatter_chart
from sessions.item_analysis import ENOUGH_ATTEMPTS
from sessions.item_health import Concern, concerns
from sessions.models import StatisticsRun

SHOWN_FIRST = 50


@dataclass(frozen=True, slots=True)
class Patient:
    """A published question with what candidates made of it, and why somebody should look at it."""

    version: QuestionVersion
    statistics: ItemStatistics
    concerns: list[Concern]

    @property
    def weight(self) -> int:
        """The heaviest concern decides; more of them break ties."""
        return 10 * self.concerns[0].weight + len(self.concerns) if self.concerns else 0


@require_safe
@reader_required
def health(request: HttpRequest) -> HttpResponse:
    """Show facility against discrimination, and the questions to mend first with the reasons."""
    patients = _patients()
    sick = sorted((patient for patient in patients if patient.concerns), key=lambda patient: -patient.weight)
    known = [patient for patient in patients if patient.statistics.attempts >= ENOUGH_ATTEMPTS]
    context = {
        "run": StatisticsRun.objects.order_by("-through").first(),
        "chart": _chart(known),
        "known_count": len(known),
        "early_count": len(patients) - len(known),
        "sick": sick[:SHOWN_FIRST],
        "sick_count": len(sick),
        "known": known,
        "enough": ENOUGH_ATTEMPTS,
    }
    return render(request, "bank/health.html", context)


def _patients() -> list[Patient]:
    """Return every version that new sessions get and that somebody met or flagged, in three statements."""
    current = ItemStatistics.objects.filter(version__question__current_version=F("version"))
    published = current.filter(version__question__status="published")
    rows = list(published.select_related("version__question__topic").order_by("version__question__slug"))
    waiting = Flag.objects.filter(state=Flag.State.OPEN).order_by()
    flags = dict(waiting.values_list("version__question").annotate(Count("pk")))
    rows += _not_counted_yet(flags.keys() - {row.version.question_id for row in rows})
    return [
        Patient(row.version, row, concerns(row, row.version, open_flags=flags.get(row.version.question_id, 0)))
        for row in rows
    ]


def _not_counted_yet(question_ids: Set[UUID]) -> list[ItemStatistics]:
    """Return the statistics of flagged questions that nobody was counted for: without any figure, and not stored."""
    versions = QuestionVersion.objects.filter(
        question__in=question_ids, question__current_version=F("pk"), question__status="published"
    )
    return [
        ItemStatistics(version=version, seen=0, attempts=0, skipped=0)
        for version in versions.select_related("question__topic").order_by("question__slug")
    ]


def _chart(known: list[Patient]) -> ScatterChart:
    points = [
        ScatterPoint(
            x=patient.statistics.facility,
            y=patient.statistics.discrimination,
            words=patient.version.title,
            key=str(patient.version.question_id),
            marked=bool(patient.concerns),
        )
        for patient in known
        if patient.statistics.facility is not None and patient.statistics.discrimination is not None
    ]
    return scatter_chart(points)


urlpatterns = [path("bank/health/", health, name="bank_health")]

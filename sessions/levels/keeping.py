"""Keeping levels: the nightly fit of the questions that mentors corrected since. The only writer of QuestionLevel."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max
from django.db.models.functions import Coalesce, Greatest

from questions.content import Kind
from sessions.grading import Status
from sessions.levels.fitting import ENOUGH_CORRECTIONS, Correction, Level, fit_level
from sessions.models import QuestionLevel, Score

# A score is stamped before its transaction ends, and may appear a little after a fit that began later.
OVERLAP = timedelta(hours=1)
_Graded = tuple[UUID, str, int]


def refit_levels(*, now: datetime) -> int:
    """Fit the level of each open question that was corrected or graded anew since it was last fitted; return how many.

    A level that does not help (any more) is stored without a curve: it moves nothing, and is not tried again before
    there is something new.
    """
    count = 0
    for graded in _due():
        if level := fit_level(list(_corrections(*graded))):
            _store(graded, level, now)
            count += 1
    return count


def _due() -> list[_Graded]:
    """Return question, grader and its version where corrections are enough, and newer than the level. Two statements.

    Answers that a newer grader graded anew are new to its level, however old their corrections are.
    """
    fitted = {
        (question, grader, version): fitted_at
        for question, grader, version, fitted_at in QuestionLevel.objects.values_list(
            "question", "grader", "grader_version", "fitted_at"
        )
    }
    corrected = (
        Score.objects.filter(source=Score.Source.AUTOMATIC, answer__question__version__kind=Kind.OPEN)
        .filter(answer__scores__source=Score.Source.MENTOR)
        .order_by()
        .values_list("answer__question__version__question", "grader", "grader_version")
        .annotate(
            count=Count("answer", distinct=True),
            newest=Greatest(Max("created_at"), Max("answer__scores__created_at")),
        )
        .filter(count__gte=ENOUGH_CORRECTIONS)
    )
    return [
        (question, grader, version)
        for question, grader, version, _count, newest in corrected
        if (at := fitted.get((question, grader, version))) is None or newest > at - OVERLAP
    ]


def _corrections(question_id: UUID, grader: str, version: int) -> Iterator[Correction]:
    """Yield the newest correction of each answer beside what the grader itself gave. Two statements."""
    scores = Score.objects.filter(answer__question__version__question=question_id)
    automatic = scores.filter(source=Score.Source.AUTOMATIC, grader=grader, grader_version=version)
    automatic = automatic.exclude(verdicts__contains=[{"status": Status.UNREAD}])  # no level is applied to these
    raw = {
        answer: points / most
        for answer, points, most in automatic.values_list(
            "answer", Coalesce("raw_points", "points"), "max_points"
        ).order_by()
    }
    mentors = scores.filter(source=Score.Source.MENTOR).order_by("answer", "-created_at", "-pk").distinct("answer")
    for answer, points, most in mentors.values_list("answer", "points", "max_points"):
        if answer in raw:
            yield Correction(answer, raw=float(raw[answer]), human=float(points / most))


def _store(graded: _Graded, level: Level, now: datetime) -> None:
    question_id, grader, version = graded
    QuestionLevel.objects.update_or_create(
        question_id=question_id,
        grader=grader,
        grader_version=version,
        defaults={
            "knots": [list(knot) for knot in level.curve.knots] if level.curve else [],
            "corrections": level.corrections,
            "rmse_before": level.rmse_before,
            "rmse_after": level.rmse_after,
            "fitted_at": now,
        },
    )

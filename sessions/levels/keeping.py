"""Keeping levels: the nightly fit of the questions that mentors corrected since. The only writer of QuestionLevel."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Max, Q
from django.db.models.functions import Coalesce, Greatest

from questions.content import Kind
from sessions.grading import Status
from sessions.levels.fitting import ENOUGH_CORRECTIONS, Correction, Level, fit_level
from sessions.models import QuestionLevel, Score

# A score is stamped before its transaction ends, and may appear a little after a fit that began later.
OVERLAP = timedelta(hours=1)
# No level is applied where a key point was not read, and nothing stays nothing: `fit_level` takes these alone, too.
_LEVELLED = ~Q(verdicts__contains=[{"status": Status.UNREAD}]) & (
    Q(raw_points__gt=0) | Q(raw_points=None, points__gt=0)
)
_Graded = tuple[UUID, str, int]


def refit_levels(*, now: datetime) -> int:
    """Fit the level of each open question that was corrected or graded anew since it was last fitted; return how many.

    A level that does not help (any more) is stored without a curve: it moves nothing, and is not tried again before
    there is something new. One whose corrections were taken back until too few are left is deleted.
    """
    count = 0
    for question_id, grader, version in _due():
        if level := fit_level(list(_corrections(question_id, grader, version))):
            _store((question_id, grader, version), level, now)
            count += 1
        else:
            QuestionLevel.objects.filter(question=question_id, grader=grader, grader_version=version).delete()
    return count


def _due() -> list[_Graded]:
    """Return question, grader and its version where enough corrections are newer than the level, or some are gone.

    Answers that a newer grader graded anew are new to its level, however old their corrections are. Two statements.
    """
    fitted = {(row.question_id, row.grader, row.grader_version): row for row in QuestionLevel.objects.all()}
    rows = (
        Score.objects.filter(_LEVELLED, source=Score.Source.AUTOMATIC, answer__question__version__kind=Kind.OPEN)
        .filter(
            Q(answer__saved_at=None) | Q(answer__scores__created_at__gte=F("answer__saved_at")),
            answer__scores__source=Score.Source.MENTOR,
        )
        .order_by()
        .values_list("answer__question__version__question", "grader", "grader_version")
        .annotate(
            count=Count("answer", distinct=True),
            newest=Greatest(Max("created_at"), Max("answer__scores__created_at")),
        )
        .filter(count__gte=ENOUGH_CORRECTIONS)
    )
    corrected = {(question, grader, version): (count, newest) for question, grader, version, count, newest in rows}
    new = {
        graded
        for graded, (_count, newest) in corrected.items()
        if graded not in fitted or newest > fitted[graded].fitted_at - OVERLAP
    }
    outlived = {
        graded
        for graded, level in fitted.items()
        if level.is_kept and level.corrections != corrected.get(graded, (0, None))[0]
    }
    return sorted(new | outlived)


def _corrections(question_id: UUID, grader: str, version: int) -> Iterator[Correction]:
    """Yield the newest correction of each answer beside what the grader itself gave. Two statements.

    A correction stays when its answer is reopened; where other words were saved since, it is none of these words.
    """
    scores = Score.objects.filter(answer__question__version__question=question_id)
    automatic = scores.filter(_LEVELLED, source=Score.Source.AUTOMATIC, grader=grader, grader_version=version)
    raw = {
        answer: points / most
        for answer, points, most in automatic.values_list(
            "answer", Coalesce("raw_points", "points"), "max_points"
        ).order_by()
    }
    mentors = scores.filter(
        Q(answer__saved_at=None) | Q(created_at__gte=F("answer__saved_at")), source=Score.Source.MENTOR
    )
    newest = mentors.order_by("answer", "-created_at", "-pk").distinct("answer")
    for answer, points, most in newest.values_list("answer", "points", "max_points"):
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

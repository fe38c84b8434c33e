"""Applying levels: the curves of some questions in one statement, and the points of a grade at its question's level.

A map of one number that never falls: it changes no verdict, no quotation and no band, and puts no answer before one
that it was behind.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sessions.grading import Grade
from sessions.grading.results import points_for
from sessions.isotonic import Curve
from sessions.levels.fitting import levelled
from sessions.models import QuestionLevel

# By question, grader and its version: a level says nothing of another grader's points.
Curves = Mapping[tuple[UUID, str, int], Curve]


def curves_of(question_ids: Iterable[UUID]) -> Curves:
    """Return the levels of some questions, of all graders. One statement."""
    rows = QuestionLevel.objects.kept().filter(question__in=set(question_ids))
    return {
        (row.question_id, row.grader, row.grader_version): Curve(tuple((x, y) for x, y in row.knots)) for row in rows
    }


def levelled_points(result: Grade, question_id: UUID, curves: Curves) -> Decimal | None:
    """Return the points of a grade at the level of its question; None where there is none, or nothing was read."""
    curve = curves.get((question_id, result.grader, result.grader_version))
    if curve is None or not result.is_read:
        return None
    return points_for(Fraction(levelled(curve, float(result.points / result.max_points))))

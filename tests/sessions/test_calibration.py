"""Confidence against bands: who is compared, and which way it leans."""

import pytest

from sessions import reports, scoring
from sessions.models import Confidence, InterviewSession, SelfReview
from sessions.reports.calibration import Lean
from tests.sessions.sitting import LATER, compiled, leave_unread, nth_answer, sit

pytestmark = pytest.mark.django_db

NOTHING, SOME = "I do not know.", "Accuracy is useless with imbalanced classes."
ALL = (
    "Accuracy is useless with imbalanced classes. I would look at precision and recall of the fraud class. "
    "Then weigh the cost of false negatives against false positives."
)


def rate(session: InterviewSession, *ratings: int) -> SelfReview:
    told = {
        question.question_id: Confidence(rating)
        for question, rating in zip(compiled(session).questions, ratings, strict=True)
        if rating
    }
    scoring.show_verdicts(session=session, ratings=told, now=LATER)
    return SelfReview.objects.get(session=session)


def lean_of(*rated: tuple[str, int]) -> Lean | None:
    session = sit(*[("open", body) for body, _ in rated])
    review = rate(session, *[rating for _, rating in rated])
    found = reports.calibration(reports.compile_report(session), review)
    return found.lean if found else None


def test_confidence_above_the_bands_is_over_and_below_it_under() -> None:
    assert lean_of((NOTHING, 5), (SOME, 4), (ALL, 5)) is Lean.OVER
    assert lean_of((ALL, 1), (ALL, 3), (SOME, 3)) is Lean.UNDER


def test_both_together_and_small_differences_lean_nowhere() -> None:
    assert lean_of((NOTHING, 1), (SOME, 3), (ALL, 5)) is Lean.NONE
    assert lean_of((NOTHING, 2), (SOME, 4), (ALL, 5)) is Lean.NONE


def test_fewer_than_three_rated_and_read_answers_say_nothing() -> None:
    assert lean_of((NOTHING, 5), (SOME, 5), (ALL, 0)) is None
    session = sit(*[("open", ALL)] * 3)
    review = rate(session, 5, 5, 5)
    assert reports.calibration(reports.compile_report(session), review) is not None
    leave_unread(nth_answer(session, 1))
    assert reports.calibration(reports.compile_report(session), review) is None
    assert reports.calibration(reports.compile_report(session), None) is None


def test_levels_run_from_nought_to_four_on_both_sides() -> None:
    session = sit(("open", NOTHING), ("open", SOME), ("open", ALL))
    review = rate(session, 1, 3, 5)
    found = reports.calibration(reports.compile_report(session), review)
    assert found is not None and [answer.levels for answer in found.answers] == [(0, 0), (2, 2), (4, 4)]

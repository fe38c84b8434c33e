"""Verdicts and grades as stored data."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from sessions.grading import Status, Verdict, grade
from sessions.grading.results import points_for
from tests.sessions.grading.contents import FRAUD_ANSWER, make_open


def test_verdicts_survive_the_way_through_json() -> None:
    result = grade(make_open(), FRAUD_ANSWER)
    read = [Verdict.from_json(raw) for raw in json.loads(json.dumps(result.to_json()))]
    assert read == list(result.verdicts)
    assert read[0].status is Status.FOUND


def test_a_status_that_does_not_exist_is_refused() -> None:
    raw = Verdict("k", "A point", 1, Status.FOUND, 0.9, 0.8).to_json()
    with pytest.raises(ValueError, match="maybe"):
        Verdict.from_json({**raw, "status": "maybe"})


@pytest.mark.parametrize(
    ("share", "points"),
    [(Fraction(2, 3), "0.6667"), (Fraction(1, 3), "0.3333"), (Fraction(-1, 3), "0"), (Fraction(4, 3), "1")],
)
def test_points_have_four_decimals_and_stay_in_range(share: Fraction, points: str) -> None:
    assert points_for(share) == Decimal(points)

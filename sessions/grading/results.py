"""What a grader hands back: points and one verdict per checked thing, as plain data.

No database, no HTML, no translation at display time: what is here can be stored as JSON and read back unchanged.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self

# Every question is worth the same in a report, whatever its kind.
MAX_POINTS = Decimal(1)
NO_EVIDENCE = -1
_PLACES = Decimal("0.0001")


class Status(StrEnum):
    """`found`, `partly`, `not_found` speak of key points; `right`, `wrong` of choices and numbers."""

    FOUND = "found"
    PARTLY = "partly"
    NOT_FOUND = "not_found"
    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One checked thing.

    `coverage` and `confidence` lie in 0..1; confidence is that of the status being right, so a "not found" that may
    well be a wording we did not expect has a low one. `evidence` is `body[start:end]`, or "" with both -1.
    """

    key: str
    text: str
    weight: int
    status: Status
    coverage: float
    confidence: float
    evidence: str = ""
    start: int = NO_EVIDENCE
    end: int = NO_EVIDENCE
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as a JSON object with one member per field."""
        return {**asdict(self), "status": self.status.value}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the verdict that `to_json` wrote. Raises TypeError or ValueError for anything else."""
        return cls(**{**raw, "status": Status(raw["status"])})


@dataclass(frozen=True, slots=True)
class Grade:
    """Points out of `max_points` (always `MAX_POINTS`), with what they rest on and who gave them."""

    points: Decimal
    max_points: Decimal
    verdicts: tuple[Verdict, ...]
    grader: str
    grader_version: int

    def to_json(self) -> list[dict[str, Any]]:
        """Return the verdicts for a JSONField. Points and grader have columns of their own."""
        return [verdict.to_json() for verdict in self.verdicts]


def points_for(share: Fraction) -> Decimal:
    """Return a share (0..1) of the maximum as points with four decimals, halves rounded up."""
    bounded = min(max(share, Fraction(0)), Fraction(1))
    return (MAX_POINTS * bounded.numerator / bounded.denominator).quantize(_PLACES, ROUND_HALF_UP)

"""What a grader hands back: points and one verdict per checked thing, as plain data.

No database, no HTML, no translation at display time: what is here can be stored as JSON and read back unchanged.
"""

from collections.abc import Iterable, Mapping
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
    """`found`, `partly`, `not_found` speak of key points; `right`, `wrong` of choices and numbers.

    `unread` is a key point that the method cannot look for in this answer, such as one in code: the reader decides.
    """

    FOUND = "found"
    PARTLY = "partly"
    NOT_FOUND = "not_found"
    UNREAD = "unread"
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


class FindingKind(StrEnum):
    """What a finding is about.

    `misconception`: words that look like a common one; it takes no points. `part`: a part of the structure that the
    format asks for (`situation`, `numbers` …). `unreadable`: a stretch that the method cannot read, such as code;
    its `key` says which sort.
    """

    MISCONCEPTION = "misconception"
    PART = "part"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about an answer beside its key points; it is shown and never changes a verdict by itself.

    `is_present` is False only for a missing part. `note` says why, such as why a misconception is wrong. The evidence
    is as in `Verdict`.
    """

    kind: FindingKind
    key: str
    text: str
    is_present: bool = True
    note: str = ""
    evidence: str = ""
    start: int = NO_EVIDENCE
    end: int = NO_EVIDENCE

    def to_json(self) -> dict[str, Any]:
        """Return the finding as a JSON object with one member per field."""
        return {**asdict(self), "kind": self.kind.value}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the finding that `to_json` wrote. Raises TypeError or ValueError for anything else."""
        return cls(**{**raw, "kind": FindingKind(raw["kind"])})


@dataclass(frozen=True, slots=True)
class Grade:
    """Points out of `max_points` (always `MAX_POINTS`), with what they rest on and who gave them."""

    points: Decimal
    max_points: Decimal
    verdicts: tuple[Verdict, ...]
    grader: str
    grader_version: int
    findings: tuple[Finding, ...] = ()

    @property
    def is_read(self) -> bool:
        """Whether the points say anything; not when a key point is left to the reader."""
        return all(verdict.status != Status.UNREAD for verdict in self.verdicts)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the verdicts for a JSONField. Points and grader have columns of their own."""
        return [verdict.to_json() for verdict in self.verdicts]


def points_for(share: Fraction) -> Decimal:
    """Return a share (0..1) of the maximum as points with four decimals, halves rounded up."""
    bounded = min(max(share, Fraction(0)), Fraction(1))
    return (MAX_POINTS * bounded.numerator / bounded.denominator).quantize(_PLACES, ROUND_HALF_UP)


class Band(StrEnum):
    """How many of the key points an answer covers, in words: a text match is no measure fine enough for a mark."""

    NONE = "none"
    LITTLE = "little"
    SOME = "some"
    MOST = "most"
    ALL = "all"


# From this share of the weight on; all means all.
_BANDS = ((Fraction(2, 3), Band.MOST), (Fraction(1, 3), Band.SOME))
_SHARES = {Status.FOUND: Fraction(1), Status.PARTLY: Fraction(1, 2)}


def band(verdicts: Iterable[Verdict]) -> Band | None:
    """Return the band of the weighted key points found, a half for one partly found; None when one could not be read.

    None also without any key point.
    """
    known = list(verdicts)
    if not known or any(verdict.status == Status.UNREAD for verdict in known):
        return None
    found = sum((verdict.weight * _SHARES.get(verdict.status, Fraction(0)) for verdict in known), Fraction(0))
    share = found / sum(verdict.weight for verdict in known)
    if share in (0, 1):
        return Band.ALL if share else Band.NONE
    return next((name for least, name in _BANDS if share >= least), Band.LITTLE)

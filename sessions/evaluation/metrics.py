"""Agreement between two lists of numbers, in plain Python: correlations, kappa, calibration and intervals.

Pure arithmetic. What is not defined, such as the correlation with a constant, is None and never a number.
"""

import random
import zlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import floor, sqrt
from statistics import correlation, fmean, quantiles
from typing import TypeVar

from sessions import isotonic

FOLDS = 10
FEWEST_ANSWERS = 5
RESAMPLES = 1_000
SEED = 1

Pairs = Sequence[tuple[float, float]]
Group = TypeVar("Group", bound=Hashable)


def pearson(pairs: Pairs) -> float | None:
    """Return Pearson's product-moment correlation, or None where one side does not vary."""
    if not (_varies(x for x, _y in pairs) and _varies(y for _x, y in pairs)):
        return None
    return correlation([x for x, _y in pairs], [y for _x, y in pairs])


def spearman(pairs: Pairs) -> float | None:
    """Return Spearman's rank correlation: Pearson's of the ranks, equal values sharing the mean of theirs."""
    return pearson(list(zip(ranks([x for x, _y in pairs]), ranks([y for _x, y in pairs]), strict=True)))


def ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value, from 1."""
    result = [0.0] * len(values)
    before = 0
    for _value, equal in groupby(sorted(range(len(values)), key=values.__getitem__), key=values.__getitem__):
        places = list(equal)
        for place in places:
            result[place] = before + (len(places) + 1) / 2
        before += len(places)
    return result


def within(groups: Iterable[Pairs], fewest: int = FEWEST_ANSWERS) -> tuple[float | None, int]:
    """Return the mean Pearson inside groups of at least `fewest` in which both sides vary, and how many those are."""
    found = [value for pairs in groups if len(pairs) >= fewest and (value := pearson(pairs)) is not None]
    return (fmean(found) if found else None), len(found)


def weighted_kappa(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Return Cohen's kappa with quadratic weights (Cohen, Psychological Bulletin 70, 1968) of two whole-number marks.

    It is 1 minus the mean squared difference over the one expected if both marked independently, each with its own
    frequencies; None where that is 0.
    """
    if not pairs:
        return None
    seen = fmean((x - y) ** 2 for x, y in pairs)
    xs, ys = [x for x, _y in pairs], [y for _x, y in pairs]
    mean_x, mean_y = fmean(xs), fmean(ys)
    # The mean of (x - y)² over all n² pairs, taken apart into variances and the distance of the means.
    expected = fmean((x - mean_x) ** 2 for x in xs) + fmean((y - mean_y) ** 2 for y in ys) + (mean_x - mean_y) ** 2
    return 1 - seen / expected if expected else None


def whole(marks: float) -> int:
    """Return marks rounded to whole ones, halves up."""
    return floor(marks + 0.5)


def rmse(pairs: Pairs) -> float:
    """Return the root of the mean squared difference."""
    return sqrt(fmean((x - y) ** 2 for x, y in pairs))


def fold_of(groups: Iterable[str], folds: int = FOLDS) -> dict[str, int]:
    """Return a fold for each group, evenly and the same in every run: by order of the names' checksums."""
    ordered = sorted(set(groups), key=lambda name: (zlib.crc32(name.encode()), name))
    return {name: number % folds for number, name in enumerate(ordered)}


def calibrated(pairs: Pairs, groups: Sequence[str], folds: int = FOLDS) -> list[float] | None:
    """Return for each x the y (0..1) of an isotonic curve that has seen no pair of its group; None with one group."""
    fold = fold_of(groups, folds)
    if len(fold) < 2:
        return None
    curves = {}
    for number in set(fold.values()):
        seen = [pair for pair, group in zip(pairs, groups, strict=True) if fold[group] != number]
        curves[number] = isotonic.fit([x for x, _y in seen], [y for _x, y in seen])
    return [curves[fold[group]].at(x) for (x, _y), group in zip(pairs, groups, strict=True)]


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 95 % of what resampling gave."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Sums:
    """What Pearson's correlation needs of some pairs; the sums of two sets are those of both together."""

    n: float = 0
    x: float = 0
    y: float = 0
    xx: float = 0
    yy: float = 0
    xy: float = 0

    def correlation(self) -> float | None:
        spread = (self.xx - self.x * self.x / self.n) * (self.yy - self.y * self.y / self.n)
        return (self.xy - self.x * self.y / self.n) / sqrt(spread) if spread > 1e-18 else None


def bootstrap(
    groups: Mapping[Group, Pairs], other: Mapping[Group, Pairs] | None = None, resamples: int = RESAMPLES
) -> Interval | None:
    """Return the interval of Pearson's correlation over whole groups drawn with replacement (Efron 1979, clustered).

    With `other`, the same groups as another grader scored them, it is that of this correlation minus the other's, both
    over the same draws. None where too few draws define it.
    """
    own, theirs = _sums(groups), _sums(other or {})
    source = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    names = list(own)
    found: list[float] = []
    for _number in range(resamples):
        drawn = source.choices(names, k=len(names))
        value = _total(own, drawn).correlation()
        less = _total(theirs, drawn).correlation() if theirs else 0.0
        if value is not None and less is not None:
            found.append(value - less)
    if len(found) < max(2, resamples // 2):
        return None
    cuts = quantiles(found, n=40, method="inclusive")
    return Interval(cuts[0], cuts[-1])


def _sums(groups: Mapping[Group, Pairs]) -> dict[Group, _Sums]:
    if not groups:
        return {}
    mean_x = fmean(x for pairs in groups.values() for x, _y in pairs)
    mean_y = fmean(y for pairs in groups.values() for _x, y in pairs)
    return {name: _sums_of([(x - mean_x, y - mean_y) for x, y in pairs]) for name, pairs in groups.items()}


def _sums_of(pairs: Pairs) -> _Sums:
    return _Sums(
        n=len(pairs),
        x=sum(x for x, _y in pairs),
        y=sum(y for _x, y in pairs),
        xx=sum(x * x for x, _y in pairs),
        yy=sum(y * y for _x, y in pairs),
        xy=sum(x * y for x, y in pairs),
    )


def _total(sums: Mapping[Group, _Sums], drawn: Iterable[Group]) -> _Sums:
    n = x = y = xx = yy = xy = 0.0
    for name in drawn:
        one = sums[name]
        n, x, y, xx, yy, xy = n + one.n, x + one.x, y + one.y, xx + one.xx, yy + one.yy, xy + one.xy
    return _Sums(n, x, y, xx, yy, xy)


def _varies(values: Iterable[float]) -> bool:
    return len(set(values)) > 1

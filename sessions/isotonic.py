"""Isotonic regression: the monotone curve that lies closest to some points, by pooling adjacent violators.

Pure arithmetic on floats, for the level of a question and for the evaluation of graders. It never reads a row.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Curve:
    """A map that never falls: straight lines between `knots` (x, y), whose x and y rise; level beyond both ends."""

    knots: tuple[tuple[float, float], ...]

    def at(self, x: float) -> float:
        """Return the value at `x`, never outside 0..1."""
        after = bisect_right(self.knots, x, key=lambda knot: knot[0])
        (x0, y0), (x1, y1) = self.knots[max(after - 1, 0)], self.knots[min(after, len(self.knots) - 1)]
        value = y0 if x <= x0 or x1 <= x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        return min(max(value, 0.0), 1.0)


def fit(xs: Sequence[float], ys: Sequence[float], weights: Sequence[float] | None = None) -> Curve:
    """Return the curve through the means of the blocks that the weighted least-squares monotone step function has.

    Pool adjacent violators: Ayer, Brunk, Ewing, Reid & Silverman, "An empirical distribution function for sampling
    with incomplete information", Ann. Math. Statist. 26 (1955); Barlow, Bartholomew, Bremner & Brunk, "Statistical
    Inference under Order Restrictions" (1972). Equal xs are one point at the mean of their ys. `weights` are above 0,
    and 1 each where there are none. Raises ValueError for no points, lengths that differ, or another weight.
    """
    given = [1.0] * len(xs) if weights is None else weights
    if not xs or any(weight <= 0 for weight in given):
        raise ValueError("isotonic regression needs points, each with a weight above 0")
    blocks: list[tuple[float, float, float]] = []  # mean x, mean y, weight
    for _x, equal in groupby(sorted(zip(xs, ys, given, strict=True)), key=lambda point: point[0]):
        block = reduce(_pooled, equal)
        while blocks and blocks[-1][1] >= block[1]:
            block = _pooled(blocks.pop(), block)
        blocks.append(block)
    return Curve(tuple((x, y) for x, y, _weight in blocks))


def _pooled(left: tuple[float, float, float], right: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return two blocks as one: the weighted means of x and of y, and the weight of both."""
    total = left[2] + right[2]
    share = right[2] / total
    return (left[0] + (right[0] - left[0]) * share, left[1] + (right[1] - left[1]) * share, total)

"""How well something is known: scored answers in, an estimate with an interval and a count out.

Pure arithmetic. It never reads a row, never rounds for display, and never hides how little it rests on.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

# The two-sided 90 % point of the normal distribution.
Z_90 = 1.6448536269514722
# Below this many answers an estimate is shown in words: not enough evidence.
ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """One scored answer: the share of its points that was reached (0..1), and how much it counts (> 0)."""

    fraction: float
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not (0 <= self.fraction <= 1 and 0 < self.weight < math.inf):
            raise ValueError(f"not a scored answer: fraction {self.fraction}, weight {self.weight}")


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean share with its 90 % interval, all in 0..1, and the number of answers behind it.

    Without any answer the mean is None and the interval is everything.
    """

    mean: float | None
    low: float
    high: float
    count: int
    enough: bool


def estimate(evidence: Iterable[Evidence]) -> Estimate:
    """Return the weighted mean of the fractions with its Wilson score interval at 90 %.

    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). It was made for
    successes and failures. Fractions in [0, 1] with mean p have a variance of at most p(1-p), with equality exactly
    for successes and failures, so for partly right answers the interval is too wide rather than too narrow.
    The number of answers enters as Kish's effective size (sum w)^2 / sum w^2: the count when all weigh the same, and
    less when few of them carry the mean.
    """
    known = list(evidence)
    if not known:
        return Estimate(mean=None, low=0.0, high=1.0, count=0, enough=False)
    heaviest = max(item.weight for item in known)
    # Scaled, so that weights near the ends of the float range neither overflow nor vanish when squared.
    weights = [item.weight / heaviest for item in known]
    total = math.fsum(weights)
    mean = math.fsum(w * item.fraction for w, item in zip(weights, known, strict=True)) / total
    size = total * total / math.fsum(w * w for w in weights)
    low, high = wilson_interval(min(max(mean, 0.0), 1.0), size)
    mean = min(max(mean, low), high)
    return Estimate(mean=mean, low=low, high=high, count=len(known), enough=len(known) >= ENOUGH)


def wilson_interval(mean: float, size: float) -> tuple[float, float]:
    """Return the 90 % Wilson score interval of a share `mean` (0..1) seen in `size` (> 0) trials."""
    z2 = Z_90 * Z_90
    centre = (mean + z2 / (2 * size)) / (1 + z2 / size)
    half = Z_90 / (1 + z2 / size) * math.sqrt(mean * (1 - mean) / size + z2 / (4 * size * size))
    # The ends are exact at the borders; rounding errors must not carry them over.
    return (0.0 if mean == 0 else max(0.0, centre - half)), (1.0 if mean == 1 else min(1.0, centre + half))

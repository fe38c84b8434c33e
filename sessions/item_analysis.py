"""Classical item analysis: what candidates did with one version of a question in, statistics with their errors out.

Pure arithmetic, no rows and no clock. Candidates draw different questions, so "rest" is the share of points over the
other questions of the same session: a stand-in for the ability that one fixed test would measure.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

# Below this many attempts nothing but the count is shown: it is too early to say.
ENOUGH_ATTEMPTS = 15
# A session says something of a candidate's other answers from this many on.
ENOUGH_REST = 3
# Kelley, "The selection of upper and lower groups for the validation of test items", J. Educ. Psychology 30 (1939).
GROUP_SHARE = 0.27


@dataclass(frozen=True, slots=True)
class Observation:
    """What one candidate did with one version, seen for the first time.

    `share` (0..1) is of the question's points, None where there is no answer that says anything; `rest` (0..1) of the
    points of the session's other questions, None where these are too few. `chosen` are the keys of choices.
    """

    share: float | None
    rest: float | None
    time_ms: int
    skipped: bool = False
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionUse:
    """How often a choice was taken: in all, by the strong and by the weak group (counts)."""

    key: str
    chosen: int
    by_strong: int
    by_weak: int


@dataclass(frozen=True, slots=True)
class ItemAnalysis:
    """The statistics of one version. What cannot be computed is None; times are in milliseconds.

    `attempts` counts answers that were scored, `seen` everybody who had the question before them. `group_size` is that
    of the strong group and of the weak one.
    """

    seen: int
    attempts: int
    skipped: int
    facility: float | None
    facility_se: float | None
    discrimination: float | None
    discrimination_se: float | None
    discrimination_count: int
    time_q1_ms: int | None
    time_median_ms: int | None
    time_q3_ms: int | None
    group_size: int
    options: tuple[OptionUse, ...]


def analyse(observations: Sequence[Observation], *, option_keys: Sequence[str] = ()) -> ItemAnalysis:
    """Return the statistics of one version from one observation for each candidate."""
    answered = [seen for seen in observations if seen.share is not None]
    shares = [seen.share for seen in answered if seen.share is not None]
    pairs = [(seen.share, seen.rest) for seen in answered if seen.share is not None and seen.rest is not None]
    discrimination = correlation(pairs)
    quartiles = _quartiles([seen.time_ms for seen in answered])
    strong, weak = _groups(answered)
    return ItemAnalysis(
        seen=len(observations),
        attempts=len(answered),
        skipped=sum(seen.skipped for seen in observations),
        facility=statistics.fmean(shares) if shares else None,
        facility_se=standard_error_of_mean(shares),
        discrimination=discrimination,
        discrimination_se=standard_error_of_correlation(discrimination, len(pairs)),
        discrimination_count=len(pairs),
        time_q1_ms=quartiles[0],
        time_median_ms=quartiles[1],
        time_q3_ms=quartiles[2],
        group_size=len(strong),
        options=tuple(_option_use(key, answered, strong, weak) for key in option_keys),
    )


def standard_error_of_mean(values: Sequence[float]) -> float | None:
    """Return s / sqrt(n) with the sample's standard deviation s; None for fewer than two values."""
    return statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return Pearson's correlation of an item's share with that of the rest: the item-rest discrimination.

    The item itself is left out of the rest, which would otherwise correlate with itself (Allen & Yen, Introduction to
    Measurement Theory, 1979, chapter 6). None for fewer than four pairs, or where one side never varies.
    """
    if len(pairs) < 4:
        return None
    left, right = zip(*pairs, strict=True)
    try:
        return min(max(statistics.correlation(left, right), -1.0), 1.0)
    except statistics.StatisticsError:
        return None


def standard_error_of_correlation(value: float | None, count: int) -> float | None:
    """Return (1 - r^2) / sqrt(n - 3), which is least biased in small samples.

    Bonett, "Meta-analytic interval estimation for bivariate correlations", Psychological Methods 13 (2008); compared
    with nine others by Gnambs, "A brief note on the standard error of the Pearson correlation", Collabra 9 (2023).
    """
    return None if value is None else (1 - value * value) / math.sqrt(count - 3)


def _quartiles(times: Sequence[int]) -> tuple[int | None, int | None, int | None]:
    if len(times) < 2:
        return (None, times[0] if times else None, None)
    low, middle, high = statistics.quantiles(times, n=4, method="inclusive")
    return round(low), round(middle), round(high)


def _groups(answered: Sequence[Observation]) -> tuple[list[Observation], list[Observation]]:
    """Return the strongest and the weakest 27 % by the rest of their sessions; both empty below one candidate."""
    ranked = sorted((seen for seen in answered if seen.rest is not None), key=lambda seen: seen.rest or 0.0)
    size = round(GROUP_SHARE * len(ranked))
    return (ranked[-size:], ranked[:size]) if size else ([], [])


def _option_use(
    key: str, answered: Sequence[Observation], strong: Sequence[Observation], weak: Sequence[Observation]
) -> OptionUse:
    taken = [sum(key in seen.chosen for seen in group) for group in (answered, strong, weak)]
    return OptionUse(key, *taken)

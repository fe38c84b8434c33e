"""Where things go in a chart: estimates in, positions out. The templates in templates/charts draw them as inline SVG.

Pure geometry. Positions across are percentages of the width, so that a chart fits a phone without shrinking its
text; positions down are pixels. All are strings, because a number in a template follows the reader's language.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sessions.mastery import Estimate

# Room at both ends for half a dot; in the trend for the shares on the left and half a date on the right, on a phone.
MARGIN_PERCENT = 2.0
TREND_LEFT_PERCENT, TREND_RIGHT_PERCENT = 14.0, 92.0
TREND_TOP, TREND_BOTTOM = 14, 190
TREND_HEIGHT = 222
MARKED_PERCENT = (0, 50, 100)


@dataclass(frozen=True, slots=True)
class Tick:
    """A marked share: its place on the axis and its label."""

    place: str
    label: str


@dataclass(frozen=True, slots=True)
class Whisker:
    """An estimate on an axis. `solid` is False where there is too little evidence for more than an impression."""

    dot: str
    low: str
    high: str
    solid: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the dot chart: a name, its estimate in words, and the whisker; None without an answer."""

    name: str
    words: str
    whisker: Whisker | None


@dataclass(frozen=True, slots=True)
class DotChart:
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One session in the trend, with its estimate in words."""

    across: str
    whisker: Whisker
    words: str


@dataclass(frozen=True, slots=True)
class TrendChart:
    """Points in time order, the lines between neighbours as pairs, and the marked shares with their height."""

    points: tuple[Point, ...]
    lines: tuple[tuple[Point, Point], ...]
    ticks: tuple[Tick, ...]
    height: int = TREND_HEIGHT


def dot_chart(subjects: Sequence[tuple[str, str, Estimate]]) -> DotChart:
    """Lay out (name, words, estimate) as dots with whiskers, in the order given."""
    rows = tuple(Row(name, words, _lying_whisker(known)) for name, words, known in subjects)
    return DotChart(rows, tuple(Tick(_across(percent / 100), f"{percent} %") for percent in MARKED_PERCENT))


def trend_chart(sessions: Sequence[tuple[str, Estimate]]) -> TrendChart:
    """Lay out (words, estimate) from left to right at even distances; sessions without an answer are left out."""
    standing = [(words, whisker) for words, known in sessions if (whisker := _standing_whisker(known))]
    places = _even_places(len(standing))
    points = tuple(Point(place, whisker, words) for place, (words, whisker) in zip(places, standing, strict=True))
    ticks = tuple(Tick(_down(percent / 100), f"{percent} %") for percent in MARKED_PERCENT)
    return TrendChart(points, tuple(pairwise(points)), ticks)


def _even_places(count: int) -> list[str]:
    width = TREND_RIGHT_PERCENT - TREND_LEFT_PERCENT
    return [f"{TREND_LEFT_PERCENT + width * index / max(1, count - 1):.2f}%" for index in range(count)]


def _lying_whisker(known: Estimate) -> Whisker | None:
    if known.mean is None:
        return None
    return Whisker(_across(known.mean), low=_across(known.low), high=_across(known.high), solid=known.enough)


def _standing_whisker(known: Estimate) -> Whisker | None:
    if known.mean is None:
        return None
    return Whisker(_down(known.mean), low=_down(known.low), high=_down(known.high), solid=known.enough)


def _across(share: float) -> str:
    return f"{MARGIN_PERCENT + (100 - 2 * MARGIN_PERCENT) * share:.2f}%"


def _down(share: float) -> str:
    return f"{TREND_BOTTOM - (TREND_BOTTOM - TREND_TOP) * share:.1f}"


# Facility against discrimination

SCATTER_TOP, SCATTER_BOTTOM, SCATTER_HEIGHT = 14, 270, 306
SCATTER_LEFT_PERCENT, SCATTER_RIGHT_PERCENT = 9.0, 97.0
# Nothing is lost below: a correlation this bad is drawn at the edge, and its figure stands in the table.
SCATTER_LOWEST = -0.5


@dataclass(frozen=True, slots=True)
class ScatterPoint:
    """What is to be drawn: `x` in 0..1, `y` in -1..1, a name in `words`, and the `key` it links to."""

    x: float
    y: float
    words: str
    key: str
    marked: bool


@dataclass(frozen=True, slots=True)
class ScatterDot:
    across: str
    down: str
    words: str
    key: str
    marked: bool


@dataclass(frozen=True, slots=True)
class ScatterChart:
    """Dots, the marked facilities with their place across, and the marked correlations with their height."""

    dots: tuple[ScatterDot, ...]
    across: tuple[Tick, ...]
    down: tuple[Tick, ...]
    height: int = SCATTER_HEIGHT
    left: str = f"{SCATTER_LEFT_PERCENT}%"
    right: str = f"{SCATTER_RIGHT_PERCENT}%"
    bottom: int = SCATTER_BOTTOM


def scatter_chart(points: Sequence[ScatterPoint]) -> ScatterChart:
    """Lay out points with the facility from left to right and the discrimination upwards."""
    dots = tuple(
        ScatterDot(_scatter_across(point.x), _scatter_down(point.y), point.words, point.key, point.marked)
        for point in points
    )
    across = tuple(Tick(_scatter_across(share), f"{round(100 * share)} %") for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    down = tuple(Tick(_scatter_down(value), f"{value:.1f}") for value in (-0.4, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0))
    return ScatterChart(dots, across, down)


def _scatter_across(share: float) -> str:
    return f"{SCATTER_LEFT_PERCENT + (SCATTER_RIGHT_PERCENT - SCATTER_LEFT_PERCENT) * share:.2f}%"


def _scatter_down(value: float) -> str:
    bounded = max(value, SCATTER_LOWEST)
    return f"{SCATTER_BOTTOM - (SCATTER_BOTTOM - SCATTER_TOP) * (bounded - SCATTER_LOWEST) / (1 - SCATTER_LOWEST):.1f}"


# Confidence against result

STEPS_TOP, STEPS_BOTTOM, STEPS_HEIGHT = 16, 176, 206
STEPS_LEFT_PERCENT, STEPS_RIGHT_PERCENT = 18.0, 92.0


@dataclass(frozen=True, slots=True)
class StepsDot:
    """A pair of steps that occurs `count` times; its area grows with them."""

    across: str
    down: str
    radius: str
    count: int


@dataclass(frozen=True, slots=True)
class StepsChart:
    """Dots on a grid of two scales with the same number of steps; on the line from corner to corner both agree."""

    dots: tuple[StepsDot, ...]
    across: tuple[Tick, ...]
    down: tuple[Tick, ...]
    height: int = STEPS_HEIGHT
    bottom: int = STEPS_BOTTOM


def steps_chart(
    pairs: Sequence[tuple[int, int]], *, across: Sequence[tuple[int, str]], down: Sequence[tuple[int, str]], last: int
) -> StepsChart:
    """Lay out pairs of steps 0..`last`, the first to the right and the second upwards; labels are (step, text)."""
    dots = tuple(
        StepsDot(_step_across(x / last), _step_down(y / last), f"{5.5 * count**0.5:.1f}", count)
        for (x, y), count in sorted(Counter(pairs).items())
    )
    return StepsChart(
        dots,
        across=tuple(Tick(_step_across(step / last), label) for step, label in across),
        down=tuple(Tick(_step_down(step / last), label) for step, label in down),
    )


def _step_across(share: float) -> str:
    return f"{STEPS_LEFT_PERCENT + (STEPS_RIGHT_PERCENT - STEPS_LEFT_PERCENT) * share:.2f}%"


def _step_down(share: float) -> str:
    return f"{STEPS_BOTTOM - (STEPS_BOTTOM - STEPS_TOP) * share:.1f}"

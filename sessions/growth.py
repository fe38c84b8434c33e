"""Where things go in the picture of how an answer grew: its saves in, an SVG's points and a table's rows out.

Pure geometry, as `charts` is. The picture is drawn on a canvas of fixed units that the page stretches to its width.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sessions import clock
from sessions.history import Growth, Save

WIDTH, HEIGHT = 1000, 120
TOP = 6
# More steps than this cannot be told apart in the picture, nor read in the table.
POINTS_SHOWN = 300


@dataclass(frozen=True, slots=True)
class GrowthRow:
    """One save in the table: its number, when it came, after which pause, and how long the text was then."""

    save: Save
    at_ms: int
    pause_ms: int
    length: int | None


@dataclass(frozen=True, slots=True)
class GrowthChart:
    """`points` of a stepped line, the places of late saves, and the rows that say the same; `every` n-th is shown."""

    points: str
    late: tuple[str, ...]
    rows: tuple[GrowthRow, ...]
    every: int
    duration_ms: int
    longest: int
    width: int = WIDTH
    height: int = HEIGHT


def growth_rows(growth: Growth, *, since: datetime) -> list[GrowthRow]:
    """Return a row for every save, with its time since `since` and the pause before it."""
    lengths, rows, before = growth.lengths(), [], since
    for save in growth.saves:
        at, pause = clock.elapsed_ms(since=since, now=save.saved_at), clock.elapsed_ms(since=before, now=save.saved_at)
        rows.append(GrowthRow(save, max(0, at), max(0, pause), lengths.get(save.revision)))
        before = save.saved_at
    return rows


def growth_chart(rows: Sequence[GrowthRow]) -> GrowthChart:
    """Lay out the length of the text over time; a save whose length is not known is left out of the line."""
    every = -(-len(rows) // POINTS_SHOWN) or 1
    # The last one is the answer: it is always among them.
    shown = tuple(reversed(rows[::-1][::every]))
    duration = max((row.at_ms for row in rows), default=0)
    longest = max((row.length or 0 for row in rows), default=0)
    known = [(row.at_ms, row.length) for row in shown if row.length is not None]
    corners = (
        [(0, 0), *known]
        if known and known[0] == (rows[0].at_ms, rows[0].length) and rows[0].save.revision == 1
        else known
    )
    stepped = corners[:1] + [corner for a, b in pairwise(corners) for corner in ((b[0], a[1]), b)]
    return GrowthChart(
        points=" ".join(f"{_across(at, duration)},{_down(length, longest)}" for at, length in stepped),
        late=tuple(_across(row.at_ms, duration) for row in rows if row.save.late),
        rows=shown,
        every=every,
        duration_ms=duration,
        longest=longest,
    )


def across(row: GrowthRow, chart: GrowthChart) -> str:
    """Return where on the chart a save stands."""
    return _across(row.at_ms, chart.duration_ms)


def _across(at_ms: int, duration_ms: int) -> str:
    return f"{WIDTH * at_ms / max(1, duration_ms):.1f}"


def _down(length: int, longest: int) -> str:
    return f"{HEIGHT - (HEIGHT - TOP) * length / max(1, longest):.1f}"

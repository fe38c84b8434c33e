"""Measured figures, the targets they are held against, and the table that shows both."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Target:
    cpu_ms: float | None = None
    statements: int | None = None


TARGETS = {
    "autosave": Target(cpu_ms=2.0, statements=2),
    "page load": Target(cpu_ms=3.0, statements=3),
    "submit + next": Target(cpu_ms=6.0, statements=6),
    "start": Target(cpu_ms=5.0),
    "finish": Target(cpu_ms=4.0),
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One line of the table, per action. Latencies are None where nothing went over HTTP.

    `statements` counts what reads or writes; `framing` counts BEGIN, COMMIT and savepoints.
    """

    action: str
    count: int
    cpu_ms: float
    statements: int
    framing: int
    postgres_cpu_ms: float
    p50_ms: float | None = None
    p95_ms: float | None = None

    @property
    def target(self) -> Target:
        return TARGETS.get(self.action, Target())

    @property
    def total_cpu_ms(self) -> float:
        """The web server's and PostgreSQL's together, which is what the targets are about."""
        return self.cpu_ms + self.postgres_cpu_ms

    @property
    def is_over(self) -> bool:
        too_slow = self.target.cpu_ms is not None and self.total_cpu_ms > self.target.cpu_ms
        return too_slow or (self.target.statements is not None and self.statements > self.target.statements)

    def verdict(self) -> str:
        """Return for example "ok (at most 2 SQL, 3 ms CPU)"; a dash where no target is set."""
        wanted = []
        if self.target.statements is not None:
            wanted.append(f"{self.target.statements} SQL")
        if self.target.cpu_ms is not None:
            wanted.append(f"{self.target.cpu_ms:g} ms CPU")
        return f"{'over' if self.is_over else 'ok'} (at most {', '.join(wanted)})" if wanted else "–"


def percentiles(latencies_ms: Sequence[float]) -> tuple[float, float]:
    """Return the 50th and the 95th percentile."""
    cuts = statistics.quantiles(latencies_ms, n=20)
    return cuts[9], cuts[18]


FLOOR = "floor"
HEAD = [
    *("action", "CPU ms", "x floor", "SQL", "target"),
    *("times", "BEGIN/COMMIT", "web ms", "PostgreSQL ms", "p50 ms", "p95 ms"),
]


def markdown(lines: Sequence[Figures]) -> str:
    floor_ms = next(figures.total_cpu_ms for figures in lines if figures.action == FLOOR)
    rows = [HEAD, ["---", *["---:"] * 3, "---", *["---:"] * 6], *(_row(figures, floor_ms) for figures in lines)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _row(figures: Figures, floor_ms: float) -> list[str]:
    latencies = ["–" if value is None else f"{value:.1f}" for value in (figures.p50_ms, figures.p95_ms)]
    return [
        figures.action,
        f"{figures.total_cpu_ms:.2f}",
        f"{figures.total_cpu_ms / floor_ms:.1f}",
        str(figures.statements),
        figures.verdict(),
        str(figures.count),
        str(figures.framing),
        f"{figures.cpu_ms:.2f}",
        f"{figures.postgres_cpu_ms:.2f}",
        *latencies,
    ]


def as_json(figures: Figures) -> dict[str, object]:
    return {**asdict(figures), "target": asdict(figures.target), "over": figures.is_over}

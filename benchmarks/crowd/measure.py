"""Seats a crowd, lets it save, and prints how long it waited and what that cost, one line for each size of crowd.

Run by `python -m benchmarks.crowd` beside servers that are thrown away afterwards.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "interviewprep.settings"
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from redis import Redis

from benchmarks.crowd import seating
from benchmarks.crowd.generator import Result
from benchmarks.crowd.options import Options, read
from benchmarks.processes import Postgres, WebServer, cpu_ms, machine_cpu_ms, web_server

TARGET_P95_MS = 250.0
WARM_UP_SECONDS = 15.0
SEATS_PER_GENERATOR = 1000
SEARCH_SECONDS = 40.0
SEARCH_STEP = 50
# Sequence numbers of a run begin where those of no earlier run have been.
SEQUENCES_PER_RUN = 100_000


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One crowd. CPU is in per cent of one core; latencies are those of saves that were answered 200."""

    candidates: int
    every: float
    seconds: float
    saves: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    longest_ms: float
    errors: dict[str, int]
    skipped: int
    connections: int
    web_cpu: float
    postgres_cpu: float
    valkey_cpu: float
    generator_cpu: float
    machine_cpu: float

    @property
    def foreign_cpu(self) -> float:
        """What other programs used meanwhile."""
        return self.machine_cpu - self.web_cpu - self.postgres_cpu - self.valkey_cpu - self.generator_cpu

    @property
    def holds(self) -> bool:
        return not self.errors and not self.skipped and self.p95_ms < TARGET_P95_MS


@dataclass
class Bench:
    """The servers and the seated crowd; `runs` counts what was measured."""

    web: WebServer
    postgres: Postgres
    valkey_pid: int
    seats: Sequence[seating.Seat]
    options: Options
    runs: int = 0

    def used_cpu_ms(self) -> list[float]:
        return [self.web.cpu_ms(), self.postgres.cpu_ms(), cpu_ms(self.valkey_pid), machine_cpu_ms()]

    def measure(self, candidates: int, seconds: float) -> Figures:
        """Let the first `candidates` save for `seconds`, after warming up."""
        self.runs += 1
        generators = self._start(candidates, seconds)
        time.sleep(WARM_UP_SECONDS)
        before = self.used_cpu_ms()
        time.sleep(seconds)
        used = [after - first for after, first in zip(self.used_cpu_ms(), before, strict=True)]
        results = [Result(**json.loads(generator.communicate()[0])) for generator in generators]
        if any(generator.returncode for generator in generators):
            raise RuntimeError("a load generator failed")
        return self._figures(candidates, seconds, used, results)

    def _start(self, candidates: int, seconds: float) -> "list[subprocess.Popen[str]]":
        seats = [asdict(seat) for seat in self.seats[:candidates]]
        groups = [seats[start : start + SEATS_PER_GENERATOR] for start in range(0, candidates, SEATS_PER_GENERATOR)]
        started = []
        for number, group in enumerate(groups):
            job = {
                "port": self.web.port,
                "seats": group,
                "every": self.options.every,
                "warm_up": WARM_UP_SECONDS,
                "seconds": seconds,
                "own_connections": self.options.own_connections,
                "first_sequence": self.runs * SEQUENCES_PER_RUN,
                "seed": self.runs * 100 + number,
            }
            command = [sys.executable, "-m", "benchmarks.crowd.generator"]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert process.stdin is not None
            process.stdin.write(json.dumps(job))
            process.stdin.close()
            process.stdin = None
            started.append(process)
        return started

    def _figures(self, candidates: int, seconds: float, used_ms: Sequence[float], results: Sequence[Result]) -> Figures:
        latencies: list[float] = []
        errors: Counter[str] = Counter()
        for result in results:
            latencies += result.latencies_ms
            errors.update(result.errors)
        if len(latencies) < 100:
            raise RuntimeError(f"too few saves were answered: {len(latencies)}, {dict(errors)}")
        cuts = statistics.quantiles(latencies, n=100)
        per_core = [100 * each / (seconds * 1000) for each in used_ms]
        return Figures(
            candidates=candidates,
            every=self.options.every,
            seconds=seconds,
            saves=len(latencies),
            p50_ms=cuts[49],
            p95_ms=cuts[94],
            p99_ms=cuts[98],
            longest_ms=max(latencies),
            errors=dict(errors),
            skipped=sum(result.skipped for result in results),
            connections=sum(result.connections for result in results),
            web_cpu=per_core[0],
            postgres_cpu=per_core[1],
            valkey_cpu=per_core[2],
            machine_cpu=per_core[3],
            generator_cpu=sum(result.cpu_ms for result in results) / (seconds * 10),
        )


def largest_that_holds(most: int, holds: Callable[[int], bool]) -> int:
    """Return the largest crowd below `most`, in steps of SEARCH_STEP, that still holds; 0 when none does."""
    low, high = 0, -(-most // SEARCH_STEP)
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle * SEARCH_STEP):
            low = middle
        else:
            high = middle
    return low * SEARCH_STEP


# --- The program --------------------------------------------------------------------------------------------------


def main() -> None:
    options = read(sys.argv[1:])
    load_before = os.getloadavg()[0]
    _say("Filling a database of its own …")
    for command in (["migrate", "--noinput"], ["load_bank"], ["load_plans"], ["collectstatic", "--noinput"]):
        call_command(*command, verbosity=0)
    began = time.monotonic()
    seats = seating.seat(options.candidates, now=timezone.now())
    _say(f"{len(seats)} candidates were seated in {time.monotonic() - began:.0f} s.")
    with ExitStack() as stack:
        web = stack.enter_context(web_server("interviewprep.settings"))
        valkey_pid = Redis.from_url(settings.REDIS_URL).info("server")["process_id"]
        bench = Bench(web, Postgres.of_this_connection(), valkey_pid, seats, options)
        _measure_and_print(bench, load_before)


def _measure_and_print(bench: Bench, load_before: float) -> None:
    options = bench.options
    print(HEAD, flush=True)
    whole = _measured(bench, options.candidates, options.seconds)
    if not whole.holds and options.searches:
        limit = largest_that_holds(options.candidates, lambda count: _measured(bench, count, SEARCH_SECONDS).holds)
        # Short runs find it, a whole one says whether it is true.
        while limit and not _measured(bench, limit, options.seconds).holds:
            limit -= SEARCH_STEP
        print(f"\nLargest crowd with a 95th percentile below {TARGET_P95_MS:.0f} ms and no error: {limit} candidates.")
    connections = "one for each candidate" if options.own_connections else "shared"
    print(
        f"\ndate {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, cores {os.cpu_count()}, load before {load_before:.1f}, "
        f"Python {platform.python_version()}, Django {django.get_version()}, connections {connections}"
    )


HEAD = """\
| candidates | saves/s due | saves/s answered | p50 ms | p95 ms | p99 ms | longest ms | errors | given way to newer \
| connections | web CPU | PostgreSQL CPU | Valkey CPU | generator CPU | other programs' CPU |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""


def _measured(bench: Bench, candidates: int, seconds: float) -> Figures:
    _say(f"{candidates} candidates for {seconds:.0f} s …")
    figures = bench.measure(candidates, seconds)
    print(row(figures), flush=True)
    return figures


def row(figures: Figures) -> str:
    due, answered = figures.candidates / figures.every, figures.saves / figures.seconds
    errors = ", ".join(f"{count} × {kind}" for kind, count in sorted(figures.errors.items())) or "0"
    times = [figures.p50_ms, figures.p95_ms, figures.p99_ms, figures.longest_ms]
    cpu = [figures.web_cpu, figures.postgres_cpu, figures.valkey_cpu, figures.generator_cpu, figures.foreign_cpu]
    cells = [
        str(figures.candidates),
        *(f"{due:.0f}", f"{answered:.1f}"),
        *(f"{each:.0f}" for each in times),
        *(errors, str(figures.skipped), str(figures.connections)),
        *(f"{each:.0f} %" for each in cpu),
    ]
    return f"| {' | '.join(cells)} |"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

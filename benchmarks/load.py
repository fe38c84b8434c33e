"""Eight candidates at a time over HTTP, and the CPU time the servers spend on each of their actions.

Candidates do one thing at a time and the next as soon as it is answered: the servers are busy, which people never make
them, but work is divided by actions, so the load itself does not enter the figures.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, cycle, islice

from benchmarks import candidates
from benchmarks.browsers import HttpBrowser
from benchmarks.candidates import Action, Sitting
from benchmarks.processes import Postgres, WebServer, web_server
from benchmarks.statements import Statements
from benchmarks.table import Figures, percentiles

AT_ONCE = 8
WARMING_UP, MEASURED = 3, 15
TIMES = {
    "floor": 100,
    "page load": 100,
    "autosave": 150,
    "submit + next": 5 * MEASURED,
    "finish": MEASURED,
    "start page": MEASURED,
    "start": MEASURED,
}
WARMING_UP_TIMES = {
    "floor": 50,
    "page load": 2 * (WARMING_UP + MEASURED),
    "autosave": 50,
    "submit + next": 9 * WARMING_UP,
    "finish": WARMING_UP,
    "start page": WARMING_UP,
    "start": WARMING_UP,
}
# A measurement ends early when the machine is so busy with other things that it takes longer.
PHASE_SECONDS = 8.0

Seats = Sequence[Sequence[Sitting]]


@dataclass(frozen=True)
class Servers:
    web: WebServer
    postgres: Postgres


def measure_all(counts: Mapping[str, Statements], postgres: Postgres, *, now: datetime) -> list[Figures]:
    """Measure every action, and the floor once more without middleware. Each is warmed up before."""
    before = [candidates.seat(WARMING_UP, now=now) for _ in range(AT_ONCE)]
    seats = [candidates.seat(MEASURED, now=now) for _ in range(AT_ONCE)]
    figures = []
    with web_server("benchmarks.bare_settings") as web:
        figures.append(_measured("floor", before, seats, Servers(web, postgres), counts, " without middleware"))
    with web_server("benchmarks.settings") as web:
        for name in candidates.ACTIONS:
            measured = _measured(name, before, seats, Servers(web, postgres), counts)
            if name not in candidates.UNMEASURED:
                figures.append(measured)
    return figures


def _measured(
    name: str, before: Seats, seats: Seats, servers: Servers, counts: Mapping[str, Statements], remark: str = ""
) -> Figures:
    """Measure one action. What can be done only so often is warmed up by other candidates, `before`."""
    if name in {"floor", "autosave"}:
        before = seats = [[sitting for sitting in own if sitting.is_open] for own in seats]
    elif name == "page load":
        before = [[*others, *own] for others, own in zip(before, seats, strict=True)]
    _all_do(name, before, servers.web, WARMING_UP_TIMES[name])
    web_ms, postgres_ms = servers.web.cpu_ms(), servers.postgres.cpu_ms()
    latencies_ms = _all_do(name, seats, servers.web, TIMES[name])
    web_ms, postgres_ms = servers.web.cpu_ms() - web_ms, servers.postgres.cpu_ms() - postgres_ms
    p50, p95 = percentiles(latencies_ms)
    return Figures(
        action=name + remark,
        count=len(latencies_ms),
        cpu_ms=web_ms / len(latencies_ms),
        statements=counts[name].working,
        framing=counts[name].framing,
        postgres_cpu_ms=postgres_ms / len(latencies_ms),
        p50_ms=p50,
        p95_ms=p95,
    )


def _all_do(name: str, seats: Seats, web: WebServer, times: int) -> list[float]:
    """Let one candidate of each row act at a time, all rows at once; return the latencies in milliseconds."""
    stop_at = time.monotonic() + PHASE_SECONDS
    with ThreadPoolExecutor(AT_ONCE) as threads:
        rows = [threads.submit(_act, candidates.ACTIONS[name], row, web.port, times, stop_at) for row in seats]
        return list(chain.from_iterable(row.result() for row in rows))


def _act(action: Action, sittings: Sequence[Sitting], port: int, times: int, stop_at: float) -> list[float]:
    browser = HttpBrowser(port)
    latencies_ms = []
    for sitting in islice(cycle(sittings), times):
        started_at = time.monotonic()
        if started_at > stop_at:
            break
        action(browser, sitting)
        latencies_ms.append((time.monotonic() - started_at) * 1000)
    browser.close()
    return latencies_ms

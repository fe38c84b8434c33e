"""What a crowd can be asked for."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """`every` and `seconds` are seconds; with `own_connections` each candidate keeps a connection alive."""

    candidates: int
    every: float
    seconds: float
    own_connections: bool
    searches: bool


def read(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd", description="How long a crowd waits.")
    parser.add_argument("--candidates", type=int, default=1000, help="how many sit an interview at once (1000)")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two saves of one candidate (5)")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long is measured, after warming up (120)")
    parser.add_argument(
        "--own-connections",
        action="store_true",
        help="a connection for each candidate, instead of few that all share as behind a reverse proxy",
    )
    parser.add_argument("--no-search", action="store_true", help="measure this crowd only, however slow it is")
    given = parser.parse_args(arguments)
    return Options(given.candidates, given.every, given.seconds, given.own_connections, not given.no_search)

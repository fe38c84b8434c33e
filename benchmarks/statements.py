"""SQL statements per action, counted in this process, one action at a time, with all middleware."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import candidates
from benchmarks.browsers import InProcessBrowser

FRAMING = {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}


@dataclass(frozen=True)
class Statements:
    """How many statements read or write, and how many only begin or end a transaction."""

    working: int
    framing: int


def counted(work: Callable[[], object]) -> Statements:
    """Do the work and return its statements; the pool's check of a connection is not among them."""
    with CaptureQueriesContext(connection) as captured:
        work()
    verbs = [query["sql"].split(maxsplit=1)[0].upper() for query in captured.captured_queries]
    framing = sum(verb.rstrip(";") in FRAMING for verb in verbs)
    return Statements(len(verbs) - framing, framing)


def count_all(*, now: datetime) -> dict[str, Statements]:
    """Return each action's statements, after another candidate has done the same and filled what is cached."""
    browser = InProcessBrowser()
    before, sitting = candidates.seat(2, now=now)
    found = {}
    for name, action in candidates.ACTIONS.items():
        action(browser, before)
        found[name] = counted(lambda action=action: action(browser, sitting))  # type: ignore[misc]  # mypy knows no defaults
    return found

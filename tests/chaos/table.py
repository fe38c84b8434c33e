"""What happened, as a table for people, and the one line that says what was lost."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from tests.chaos.checks import LOST, OPEN, REPORT, Violation
from tests.chaos.ledger import Ledger
from tests.chaos.services import Outage

SHOWN_OF_EACH_CHECK = 10


def print_saves(ledger: Ledger) -> None:
    _head("Saves")
    _line("saves and clicks that carried words, acknowledged", len(ledger.saves))
    for status, count in sorted(ledger.saves_by_status().items()):
        _line(f"  {MEANINGS[status]}", count)
    _head("What the candidates and the network did")
    for what, count in sorted(ledger.counts.items()):
        _line(what, count)


MEANINGS = {
    "saved": "saved (200)",
    "click": "saved by a button of the page (302)",
    "overtaken": "overtaken by newer words of the same tab (200, kept)",
    "stale": "refused as stale (409, kept)",
    "lease": "refused without the lease (409, kept)",
    "late": "refused as late (409, kept)",
    "closed": "refused after the submission (409, kept)",
}


def print_outages(outages: Sequence[Outage]) -> None:
    _head("Kills (SIGKILL)                       times   back after: median    longest")
    for victim in sorted({outage.victim for outage in outages}):
        times = sorted(outage.seconds for outage in outages if outage.victim == victim and outage.seconds is not None)
        lost = sum(outage.victim == victim and outage.back_at is None for outage in outages)
        away = f"{times[len(times) // 2]:16.1f} s {times[-1]:8.1f} s" if times else ""
        print(f"  {victim:<33}{len(times) + lost:8}{away}" + (f"   {lost} NOT BACK" if lost else ""))


def print_sessions(endings: Mapping[str, int], delays: Iterable[tuple[timedelta, timedelta]], reports: str) -> None:
    _head("Sessions")
    for ending, count in sorted(endings.items()):
        _line(ending, count)
    pairs = list(delays)
    if pairs:
        after_deadline, after_grace = max(first for first, _ in pairs), max(second for _, second in pairs)
        _line("longest open after the deadline, services well", f"{after_deadline.total_seconds():.1f} s")
        _line("longest open after deadline and grace of 15 s, services well", f"{after_grace.total_seconds():.1f} s")
    _line("reports", reports)


def print_violations(violations: Sequence[Violation]) -> None:
    by_check = Counter(violation.check for violation in violations)
    for check, count in by_check.items():
        _head(f"VIOLATED: {check} ({count})")
        texts = [violation.text for violation in violations if violation.check == check]
        for text in texts[:SHOWN_OF_EACH_CHECK]:
            print(f"  {text}")
        if count > SHOWN_OF_EACH_CHECK:
            print(f"  … and {count - SHOWN_OF_EACH_CHECK} more")


def verdict(saves: int, violations: Sequence[Violation]) -> str:
    """Return the line that says what was lost."""
    counts = Counter(violation.check for violation in violations)
    parts = [
        f"{counts.pop(LOST, 0):,} of {saves:,} acknowledged saves",
        f"{counts.pop(OPEN, 0)} sessions left open",
        f"{counts.pop(REPORT, 0)} reports missing",
    ]
    parts += [f"{count} × {check}" for check, count in counts.items()]
    return f"lost: {'; '.join(parts)}"


def _head(title: str) -> None:
    print(f"\n{title}")


def _line(what: str, value: object) -> None:
    print(f"  {what:<62} {value:>10}")

"""`python -m tests.chaos [--seconds 180] [--candidates 32] [--seed N]`: the proof under fire, on servers of its own.

Candidates sit interviews over HTTP while every service is killed with SIGKILL in turn. Afterwards SQL says whether an
acknowledged word is missing, an overdue interview open, a report owed. The last line says what was lost; the exit
code is 1 when anything was, or when any other check found something. Linux only.
"""

import argparse
import os
import random
import secrets
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING

from tests.chaos.ledger import Ledger
from tests.chaos.services import Outage, Reaper, Services, Witness
from tests.chaos.stack import Stack, StackFailure, running_stack, wait_until

if TYPE_CHECKING:
    from tests.chaos.candidate import Candidate
    from tests.chaos.checks import Evidence, Violation

# Between two kills, on average, in a run that is long enough for several rounds.
REST_SECONDS = 4.0
# After the last kill: whoever sits an interview comes to its end, the sweep closes the rest, reports are compiled.
GOING_HOME_SECONDS = 90.0
SETTLING_SECONDS = 180.0
# Interviews that end this soon are waited for; a practice that nobody ends may run for hours.
WAITED_FOR_SECONDS = 60.0


@dataclass(frozen=True)
class Options:
    seconds: float
    candidates: int
    seed: int


def main(arguments: Sequence[str]) -> int:
    options = read(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    say(f"seed {options.seed}: {options.candidates} candidates, {options.seconds:.0f} s of kills; starting the stack …")
    try:
        with running_stack() as stack:
            _set_up_django(stack)
            return burn(stack, options)
    except StackFailure as error:
        say(str(error))
    except KeyboardInterrupt:
        say("Interrupted; everything was stopped and removed.")
        return 130
    print("lost: unknown, the run did not come to its end")
    return 1


def read(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Kill everything; lose nothing.")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long services are killed (180)")
    parser.add_argument("--candidates", type=int, default=32, help="how many sit interviews meanwhile (32)")
    parser.add_argument("--seed", type=int, default=None, help="repeats the choices of an earlier run")
    given = parser.parse_args(arguments)
    return Options(given.seconds, given.candidates, secrets.randbits(32) if given.seed is None else given.seed)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _set_up_django(stack: Stack) -> None:
    """Let this process look into the stack's database with the project's own models."""
    os.environ.update(stack.environment())
    os.environ["DJANGO_SETTINGS_MODULE"] = "interviewprep.settings"
    import django

    django.setup()


def _ping_worker() -> bool:
    """Say whether a Celery worker answers over the broker: then it will also take the next task."""
    from interviewprep.celery import app

    try:
        return bool(app.control.ping(timeout=0.7))
    except Exception:  # whatever the broker's client raises means: not yet
        return False


# --- The fire -----------------------------------------------------------------------------------------------------


def burn(stack: Stack, options: Options) -> int:
    from tests.chaos.preparing import Staff

    ledger = Ledger()
    services = Services(stack, _ping_worker)
    candidates = _candidates(stack, options, ledger)
    witness = Witness(stack.servers()["DATABASE_URL"])
    staff = Staff(ledger, random.Random(f"{options.seed}/staff"), every_seconds=max(3.0, options.seconds / 30))
    rest_seconds = min(REST_SECONDS, options.seconds / 20)
    reaper = Reaper(services, random.Random(f"{options.seed}/reaper"), say, rest_seconds=rest_seconds)
    if not wait_until(services.all_are_well, seconds=60):
        raise StackFailure(f"not every service came up\n{stack.last_words()}")
    say("Signing in …")
    _sign_in(candidates)
    witness.start()
    stop_at = time.monotonic() + options.seconds
    for candidate in candidates:
        candidate.stop_at = stop_at
        candidate.start()
    staff.start()
    reaper.start()
    while time.monotonic() < stop_at and reaper.failure is None:
        time.sleep(0.2)
    staff.stopped.set()
    reaper.stopped.set()
    reaper.join()
    if reaper.failure is not None:
        raise StackFailure(f"killing failed: {reaper.failure}\n{stack.last_words()}") from reaper.failure
    return _after_the_fire(stack, services, candidates, witness, reaper, ledger)


def _candidates(stack: Stack, options: Options, ledger: Ledger) -> "list[Candidate]":
    from tests.chaos import preparing
    from tests.chaos.candidate import Candidate

    addresses = preparing.make_people(options.candidates)
    plans = preparing.make_plans(options.seconds)
    return [
        Candidate(
            number=number,
            email=email,
            password=preparing.PASSWORD,
            port=stack.port,
            plans=plans,
            ledger=ledger,
            seed=options.seed,
        )
        for number, email in enumerate(addresses)
    ]


def _sign_in(candidates: "Sequence[Candidate]") -> None:
    """Let everybody sign in, a few at a time: hashing passwords is not what is tested here."""
    waiting = list(candidates)

    def sign_in() -> None:
        while waiting:
            waiting.pop().log_in()

    threads = [threading.Thread(target=sign_in, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- Afterwards ---------------------------------------------------------------------------------------------------


def _after_the_fire(
    stack: Stack,
    services: Services,
    candidates: "Sequence[Candidate]",
    witness: Witness,
    reaper: Reaper,
    ledger: Ledger,
) -> int:
    from tests.chaos import checks, table
    from tests.chaos.checks import Violation

    say("No more kills. Waiting for services, candidates, sweeps and reports …")
    found: list[Violation] = []
    if not wait_until(services.all_are_well, seconds=GOING_HOME_SECONDS):
        found.append(Violation("service away", f"not everything was well again:\n{stack.last_words()}"))
    give_up = time.monotonic() + GOING_HOME_SECONDS
    for candidate in candidates:
        candidate.join(max(0.1, give_up - time.monotonic()))
    found += [Violation("candidate stuck", each.email) for each in candidates if each.is_alive()]
    wait_until(_is_settled, seconds=SETTLING_SECONDS)
    time.sleep(1)  # one more look for the witness
    witness.stopped.set()
    witness.join()
    evidence = checks.Evidence(
        saves=list(ledger.saves),
        now=datetime.now(UTC),
        sessions=frozenset(ledger.sessions),
        seen_closed=dict(witness.closed_at),
        away=[(each.killed_at, each.back_at or datetime.now(UTC)) for each in _closing_outages(reaper.outages)],
    )
    found += [Violation("service did not come back", each.victim) for each in reaper.outages if each.back_at is None]
    found += [Violation("candidate in trouble", text) for text in ledger.troubles]
    found += checks.violations(evidence)
    _report(evidence, found, reaper, ledger)
    print(f"\n{table.verdict(len(evidence.saves), found)}", flush=True)
    return 1 if found else 0


def _closing_outages(outages: Sequence[Outage]) -> list[Outage]:
    return [outage for outage in outages if outage.victim in Services.CLOSING]


def _is_settled() -> bool:
    """Whether the sweep has closed all that is over or soon will be, and no report is owed."""
    from datetime import timedelta

    from django.db import Error as DatabaseFailure
    from django.db import connection
    from django.utils import timezone

    from sessions.models import InterviewSession, Report

    try:
        soon = timezone.now() + timedelta(seconds=WAITED_FOR_SECONDS)
        running = InterviewSession.objects.running().filter(deadline__lt=soon).exists()
        return not running and not Report.objects.unfinished().exists()
    except DatabaseFailure:
        connection.close()  # it may be one from before a kill
        return False


def _report(evidence: "Evidence", found: "Sequence[Violation]", reaper: Reaper, ledger: Ledger) -> None:
    from django.db.models import Count

    from sessions.models import InterviewSession, Report
    from tests.chaos import checks, table

    table.print_saves(ledger)
    table.print_outages(reaper.outages)
    rows = InterviewSession.objects.values_list("state", "end_reason").annotate(Count("pk"))
    endings = {f"{state} {f'by the {reason}' if reason else ''}".strip(): count for state, reason, count in rows}
    reports = dict(Report.objects.values_list("state").annotate(Count("pk")))
    words = ", ".join(f"{count} {state}" for state, count in sorted(reports.items())) or "none"
    table.print_sessions(endings, checks.closing_delays(evidence).values(), words)
    table.print_violations(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

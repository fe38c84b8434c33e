"""The measurement itself: fills the database, counts, measures, and prints one table.

Run by `python -m benchmarks` beside servers that are thrown away afterwards; it writes hundreds of interviews.
"""

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
django.setup()

from django.core.management import call_command
from django.utils import timezone

from benchmarks import footprint, load, reporting, statements, table
from benchmarks.processes import Postgres


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure CPU and SQL per action.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    _say("Filling a database of its own …")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_bank", verbosity=0)
    call_command("load_plans", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    _say("Counting statements …")
    counts = statements.count_all(now=timezone.now())
    _say("Measuring requests …")
    postgres = Postgres.of_this_connection()
    figures = load.measure_all(counts, postgres, now=timezone.now())
    _say("Measuring reports …")
    figures.append(reporting.measure(postgres, now=timezone.now()))
    _say("Weighing saves and sessions …")
    footprints = footprint.measure(now=timezone.now())
    if options.json:
        print(
            json.dumps(
                {
                    **_machine(before),
                    "figures": [table.as_json(each) for each in figures],
                    "bytes": [asdict(each) for each in footprints],
                },
                indent=2,
            )
        )
    else:
        print(f"{table.markdown(figures)}\n\n{footprint.markdown(footprints)}")
        print(f"\n{', '.join(f'{name} {value}' for name, value in _machine(before).items())}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _machine(load_before: float) -> dict[str, str]:
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "cores": str(os.cpu_count()),
        "load before": f"{load_before:.1f}",
        "Python": platform.python_version(),
        "Django": django.get_version(),
    }


if __name__ == "__main__":
    main()

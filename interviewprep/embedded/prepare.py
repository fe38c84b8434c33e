"""Carry out management commands one after the other in one process, which loads Django once.

Standard output shows the titles; each command's own words go to a log of its own. The exit code is 0, or
FIRST_FAILURE plus the number of the step that failed.
"""

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from .terminal import progress

FIRST_FAILURE = 100


class Step(NamedTuple):
    """A line for the terminal, and the management command it stands for."""

    title: str
    arguments: list[str]

    @property
    def name(self) -> str:
        return self.arguments[0]


class StepFailed(Exception):  # never leaves this module
    pass


@contextmanager
def _output_to(log: Path) -> Iterator[None]:
    """Send everything this process writes to `log`, whichever way it is written."""
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def carry_out(arguments: list[str], log: Path) -> None:
    """Run one management command; StepFailed when it fails, with the reason in its log."""
    from django.core.management import execute_from_command_line

    with _output_to(log):
        try:
            execute_from_command_line(["manage.py", *arguments])
        except SystemExit as ending:
            if ending.code:
                raise StepFailed from ending
        except Exception as error:
            traceback.print_exc()
            raise StepFailed from error


def main(steps: list[Step], logs: Path) -> int:
    with os.fdopen(os.dup(1), "w") as terminal:
        for number, step in enumerate(steps):
            try:
                with redirect_stdout(terminal), progress(step.title), redirect_stdout(sys.__stdout__):
                    carry_out(step.arguments, logs / f"{step.name}.log")
            except StepFailed:
                return FIRST_FAILURE + number
    return 0


if __name__ == "__main__":
    sys.exit(main([Step(*step) for step in json.loads(sys.argv[1])], Path(sys.argv[2])))

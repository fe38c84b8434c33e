"""Runs the code of a coding question: its setup and one program against its cases, each on its own.

For the shipped bank in the test suite only. It executes what it is given, without any fence around it, so it must never
meet a candidate's answer or an imported file.
"""

import math
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from questions.content import CodeCase, CodeExercise, Language

REL_TOLERANCE = 1e-9
# Beside zero, where no relative difference is small.
ABS_TOLERANCE = 1e-12
RAISES = "raises "


def failures(code: CodeExercise, program: str) -> list[str]:
    """Return what went wrong in each case that `program` does not pass, in the order of the cases."""
    run = _RUNNERS[Language(code.language)]
    return [f"{case.call or 'rows'}: {why}" for case in code.cases for why in run(code.setup, program, case)]


def same(got: Any, expected: Any) -> bool:
    """Compare recursively: floats by tolerance, arrays as lists, NaN equal to NaN, everything else by `==`."""
    got, expected = _plain(got), _plain(expected)
    if isinstance(expected, float) or isinstance(got, float):
        return _same_number(got, expected)
    if isinstance(expected, list | tuple):
        alike = type(got) is type(expected) and len(got) == len(expected)
        return alike and all(map(same, got, expected))
    if isinstance(expected, dict):
        alike = isinstance(got, dict) and got.keys() == expected.keys()
        return alike and all(same(got[key], expected[key]) for key in expected)
    return bool(got == expected)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _same_number(got: Any, expected: Any) -> bool:
    if not (isinstance(got, int | float) and isinstance(expected, int | float)):
        return False
    if math.isnan(got) or math.isnan(expected):
        return math.isnan(got) and math.isnan(expected)
    return math.isclose(got, expected, rel_tol=REL_TOLERANCE, abs_tol=ABS_TOLERANCE)


def _python(setup: str, program: str, case: CodeCase) -> Iterator[str]:
    space: dict[str, Any] = {}
    try:
        exec(f"{setup}\n\n{program}", space)
        got = eval(case.call, space)
    except Exception as error:
        # SystemExit and interrupts are not among what a case may expect.
        if case.expected != RAISES + type(error).__name__:
            yield f"raised {type(error).__name__}: {error}"
        return
    if case.expected.startswith(RAISES):
        yield f"gave {got!r} and did not raise"
    elif not same(got, eval(case.expected, space)):
        yield f"gave {got!r}, not {case.expected}"


def _sql(setup: str, program: str, case: CodeCase) -> Iterator[str]:
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.executescript(f"{setup}\n;{case.call}")
            rows = database.execute(program).fetchall()
        except sqlite3.Error as error:
            yield f"raised {type(error).__name__}: {error}"
            return
    if not same(rows, eval(case.expected, {})):
        yield f"gave {rows!r}, not {case.expected}"


_RUNNERS: dict[Language, Callable[[str, str, CodeCase], Iterator[str]]] = {
    Language.PYTHON: _python,
    Language.SQL: _sql,
}

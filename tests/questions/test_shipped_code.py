"""The code in the shipped bank runs: each solution passes its cases, and its starter does not pass them all."""

from functools import cache
from pathlib import Path

import pytest

from questions.bankfiles import read_bank
from questions.content import CodeCase, CodeExercise, Language
from tests.questions.coderunner import failures, same

ROOT = Path(__file__).resolve().parents[2] / "questions" / "bank"
FEWEST_EXERCISES = 25
FEWEST_CASES = 4


@cache
def exercises() -> dict[str, CodeExercise]:
    return {q.path: q.content.code for q in read_bank(ROOT).questions if q.content.code}


@pytest.mark.parametrize("path", exercises())
def test_a_solution_passes_its_cases_and_the_starter_fails_some(path: str) -> None:
    code = exercises()[path]
    assert len(code.cases) >= FEWEST_CASES
    assert len({case.call for case in code.cases}) == len(code.cases), "the same case stands here twice"
    assert failures(code, code.solution) == []
    assert failures(code, code.starter) != []


def test_there_are_enough_exercises_in_both_languages() -> None:
    assert len(exercises()) >= FEWEST_EXERCISES
    assert {code.language for code in exercises().values()} == {*Language}


# The runner itself


def python(*cases: tuple[str, str]) -> CodeExercise:
    return CodeExercise(
        language=Language.PYTHON,
        setup="import math",
        starter="def half(x):\n    ...",
        solution="def half(x):\n    return math.fabs(x) / 2",
        cases=tuple(CodeCase(call=call, expected=expected) for call, expected in cases),
    )


def test_a_wrong_value_is_reported_with_its_case() -> None:
    code = python(("half(3)", "1.5"), ("half(-3)", "-1.5"))
    assert failures(code, code.solution) == ["half(-3): gave 1.5, not -1.5"]


def test_an_expected_error_must_come_and_must_be_that_one() -> None:
    code = python(
        ("half('a')", "raises TypeError"), ("half('b')", "raises ValueError"), ("half(1)", "raises TypeError")
    )
    wrong, missing = failures(code, code.solution)
    assert wrong.startswith("half('b'): raised TypeError")
    assert missing == "half(1): gave 0.5 and did not raise"


def test_a_program_that_cannot_be_read_fails_every_case() -> None:
    code = python(("half(3)", "1.5"), ("half(4)", "2.0"))
    assert len(failures(code, "def half(x) return x")) == 2


def test_no_case_sees_what_another_one_left_behind() -> None:
    code = python(("seen.append(1) or len(seen)", "1"), ("seen.append(2) or len(seen)", "1"))
    assert failures(code, "seen = []") == []


def test_rows_of_sql_are_compared_in_their_order() -> None:
    code = CodeExercise(
        language=Language.SQL,
        setup="CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (2), (1);",
        starter="SELECT",
        solution="SELECT x FROM t ORDER BY x",
        cases=(
            CodeCase(call="", expected="[(1,), (2,)]"),
            CodeCase(call="INSERT INTO t VALUES (0)", expected="[(0,), (1,), (2,)]"),
        ),
    )
    assert failures(code, code.solution) == []
    assert len(failures(code, "SELECT x FROM t ORDER BY x DESC")) == 2
    assert len(failures(code, code.starter)) == 2


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (0.1 + 0.2, 0.3),
        ([1, {"a": (0.1 + 0.2,)}], [1, {"a": (0.3,)}]),
        (float("nan"), float("nan")),
        (1e-17, 0.0),
        (2, 2.0),
    ],
)
def test_values_that_differ_only_by_rounding_are_the_same(got: object, expected: object) -> None:
    assert same(got, expected)


@pytest.mark.parametrize(
    ("got", "expected"),
    [(0.3001, 0.3), ((1,), [1]), ([1], [1, 2]), ({"a": 1}, {"b": 1}), (None, 0.0), ("1.0", 1.0), (float("nan"), 1.0)],
)
def test_values_that_differ_are_not_the_same(got: object, expected: object) -> None:
    assert not same(got, expected)

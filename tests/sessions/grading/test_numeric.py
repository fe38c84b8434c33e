"""The grader for number questions: tolerance, units, percent, and the note that says how an answer was read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.grading import Grade, Status, Verdict, grade
from tests.sessions.grading.contents import make_number


def verdict_of(result: Grade) -> Verdict:
    (verdict,) = result.verdicts
    return verdict


def is_right(body: str, value: float, *, tolerance: float = 0.0, unit: str = "") -> bool:
    result = grade(make_number(value, tolerance=tolerance, unit=unit), body)
    right = verdict_of(result).status == Status.RIGHT
    assert result.points == (1 if right else 0)
    return right


def test_a_number_within_the_tolerance_is_right_and_worth_one_point() -> None:
    result = grade(make_number(0.0909, tolerance=0.001), "1/11")
    assert (result.points, result.max_points) == (Decimal(1), Decimal(1))
    assert verdict_of(result).evidence == "1/11"


def test_the_edge_of_the_tolerance_counts_exactly() -> None:
    assert is_right("0.0919", 0.0909, tolerance=0.001)
    assert is_right("0.0899", 0.0909, tolerance=0.001)
    assert not is_right("0.09190001", 0.0909, tolerance=0.001)


def test_without_tolerance_the_decimal_as_written_counts() -> None:
    assert is_right("0.1", 0.1)
    assert is_right("1/10", 0.1)
    assert not is_right("0.1000000000000000055", 0.1)


def test_a_wrong_number_is_surely_wrong() -> None:
    verdict = verdict_of(grade(make_number(0.25), "0.3"))
    assert (verdict.status, verdict.confidence) == (Status.WRONG, 1.0)
    assert verdict.note == "Read as 0.3."


def test_a_percentage_equals_its_fraction_where_no_unit_is_asked_for() -> None:
    assert is_right("25 %", 0.25)
    assert not is_right("25", 0.25)


@pytest.mark.parametrize("body", ["25 %", "25", "25.0 percent", "50/2"])
def test_in_percent_the_sign_may_be_typed_or_not(body: str) -> None:
    assert is_right(body, 25, unit="%")


def test_a_bare_fraction_where_percent_is_asked_for_is_not_guessed_but_pointed_out() -> None:
    verdict = verdict_of(grade(make_number(25, tolerance=0.5, unit="%"), "0.25"))
    assert verdict.status == Status.WRONG
    assert verdict.confidence == 0.5
    assert verdict.note == "Read as 0.25 %. If you meant the fraction: the answer is asked for in percent."


def test_a_percentage_does_not_fit_another_unit() -> None:
    verdict = verdict_of(grade(make_number(0.12, unit="GB"), "12 %"))
    assert verdict.status == Status.WRONG
    assert "asked for in GB" in verdict.note


@pytest.mark.parametrize("body", ["12", "12 GB", "12GB", "12 gb", "12 gigabytes", "12 (rounded)"])
def test_the_unit_may_be_typed_or_not(body: str) -> None:
    assert is_right(body, 12, unit="GB")


@pytest.mark.parametrize(("body", "unit"), [("12 MB", "GB"), ("12 seconds", "ms"), ("12 h", "min")])
def test_another_unit_is_refused_and_never_converted(body: str, unit: str) -> None:
    verdict = verdict_of(grade(make_number(12, unit=unit), body))
    assert (verdict.status, verdict.confidence) == (Status.WRONG, 0.5)
    assert "asked for" in verdict.note


def test_thousands_may_be_words() -> None:
    assert is_right("10k", 10_000)
    assert is_right("3 million", 3_000_000)
    assert is_right("3 million", 3, unit="million")


def test_a_letter_with_two_meanings_is_refused() -> None:
    assert not is_right("3M", 3_000_000)
    assert not is_right("3M", 3)


def test_an_ambiguous_number_is_refused_with_both_readings_and_little_confidence() -> None:
    verdict = verdict_of(grade(make_number(1234), "1,234"))
    assert (verdict.status, verdict.confidence) == (Status.WRONG, 0.5)
    assert "1234 or 1.234" in verdict.note
    assert (verdict.evidence, verdict.start, verdict.end) == ("", -1, -1)


@pytest.mark.parametrize("body", ["", " \r\n"])
def test_no_answer_is_surely_wrong(body: str) -> None:
    verdict = verdict_of(grade(make_number(0), body))
    assert (verdict.status, verdict.confidence) == (Status.WRONG, 1.0)


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("1/3", "Read as 1/3 ≈ 0.333333."),
        ("2.5e-3", "Read as 0.0025."),
        ("1e-12", "Read as 1e-12."),
        ("1e300", "Read as 1e+300."),
        ("123456789e300", "Read as 1.23457e+308."),
        ("1e300 million", "Read as 1e+306."),
    ],
)
def test_the_note_says_how_the_number_was_read(body: str, note: str) -> None:
    assert verdict_of(grade(make_number(1), body)).note == note


@given(st.text(alphabet="0123456789.,-/%e kMGB", max_size=20) | st.text(max_size=40))
def test_any_text_gets_a_grade(body: str) -> None:
    for unit in ("", "%", "GB"):
        assert grade(make_number(12, unit=unit), body) == grade(make_number(12, unit=unit), body)

"""Reading one number out of a text: generous about its form, exact about its value, never guessing."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.grading.answers import UnreadableNumberError, read_number
from sessions.grading.numerals import MAX_TEXT

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.25", "1/4"),
        (".5", "1/2"),
        ("5.", "5"),
        ("1,5", "3/2"),
        ("0,125", "1/8"),
        ("1234,567", "1234.567"),
        ("1.234", "1.234"),
        ("-0.5", "-1/2"),
        ("−0.5", "-1/2"),
        ("–0.5", "-1/2"),
        ("minus 0.5", "-1/2"),
        ("+0.5", "1/2"),
        ("00.5", "1/2"),
        ("٣.٥", "7/2"),
        ("１２", "12"),
    ],
)
def test_a_decimal_is_read_with_point_or_comma_and_any_minus(text: str, value: str) -> None:
    assert read_number(text).value == Fraction(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("17 333", 17333),
        ("17\u202f333", 17333),
        ("1'000", 1000),
        ("1_000", 1000),
    ],
)
def test_groups_of_digits_are_read_where_they_can_only_be_groups(text: str, value: int | str) -> None:
    assert read_number(text).value == Fraction(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.5e-3", "1/400"),
        ("2.5E+3", "2500"),
        ("2.5e−3", "1/400"),
        ("2.5×10^-3", "1/400"),
        ("2.5 x 10^-3", "1/400"),
        ("2,5 * 10**-3", "1/400"),
        ("2·10⁻³", "1/500"),
        ("10^-3", "1/1000"),
        ("10^{-3}", "1/1000"),
        ("10⁶", "1000000"),
    ],
)
def test_powers_of_ten_are_exact(text: str, value: str) -> None:
    assert read_number(text).value == Fraction(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/4", "1/4"),
        ("-1/4", "-1/4"),
        ("1 / 3", "1/3"),
        ("1⁄3", "1/3"),
        ("1.5/2", "3/4"),
        ("1 1/2", "3/2"),
        ("½", "1/2"),
        ("1½", "3/2"),
        ("2 ⅔", "8/3"),
    ],
)
def test_fractions_are_exact(text: str, value: str) -> None:
    assert read_number(text).value == Fraction(value)


@pytest.mark.parametrize("text", ["25 %", "25%", "25 percent", "25 per cent", "25 pct", "25\\%", "25％", "50/2 %"])
def test_a_percentage_is_a_hundredth_and_says_so(text: str) -> None:
    number = read_number(text)
    assert number.value == Fraction(1, 4)
    assert number.percent


@pytest.mark.parametrize(
    "text",
    [
        "about 0.75",
        "≈ 0.75",
        "~0.75",
        "0.75.",
        "**0.75**",
        "`0.75`",
        "$0.75$",
        "F1 = 0.75",
        "F1 is 0.75",
        "3*0.25 = 0.75",
        "0.5 + 0.25 = 3/4",
        "x => 0.75",
        "-> 0.75",
        "(0.75)",
        "0.75 ± 0.01",
        "0.75 (75 %)",
        "3/4 (0.75)",
        "top-5 recall 0.75",
        "The answer is 0.75, because it is.",
        "\r\n0.75\r\n",
    ],
)
def test_words_marks_and_working_around_the_number_do_not_matter(text: str) -> None:
    assert read_number(text).value == Fraction(3, 4)


@pytest.mark.parametrize("text", ["", " ", "abc", "=", "nan", "inf", "one half", "top-5", "F1"])
def test_without_digits_there_is_no_number(text: str) -> None:
    with pytest.raises(UnreadableNumberError, match="No number"):
        read_number(text)


@pytest.mark.parametrize(
    "text",
    ["0.25 or 0.3", "3-4", "5 − 3", "1:30", "1/4/2", "0.25 (or 0.3)", "1\n234", "2^10", "3 out of 4"],
)
def test_two_numbers_are_refused(text: str) -> None:
    with pytest.raises(UnreadableNumberError, match="more than one number"):
        read_number(text)


@pytest.mark.parametrize("text", ["1,234", "-1,234", "12,345 ms"])
def test_a_comma_before_three_digits_is_refused_and_both_readings_are_named(text: str) -> None:
    with pytest.raises(UnreadableNumberError, match=r"can mean 1\d+ or 1\d*\.\d+"):
        read_number(text)


@pytest.mark.parametrize("text", ["1.2.3", "1,23,4", "1,234.567.8"])
def test_marks_without_a_meaning_are_refused(text: str) -> None:
    with pytest.raises(UnreadableNumberError, match="no one meaning"):
        read_number(text)


@pytest.mark.parametrize("text", ["sqrt(2)", "√2", "log 2", "ln(2)", "2π", "5²", "1/e", "e^2", "x^-1", "f(2)", "0x10"])
def test_a_part_of_a_formula_is_not_taken_for_its_value(text: str) -> None:
    with pytest.raises(UnreadableNumberError, match="formula"):
        read_number(text)


@pytest.mark.parametrize("text", ["< 0.05", "≥3", "p > 1", "0.1 ≠ 1", "!= 2"])
def test_a_bound_is_not_a_number(text: str) -> None:
    with pytest.raises(UnreadableNumberError, match="bound"):
        read_number(text)


@pytest.mark.parametrize("text", ["- 0.5", "--5"])
def test_a_doubtful_minus_is_refused(text: str) -> None:
    with pytest.raises(UnreadableNumberError, match="minus"):
        read_number(text)


@pytest.mark.parametrize("text", ["1/0", "0/0"])
def test_division_by_zero_is_refused(text: str) -> None:
    with pytest.raises(UnreadableNumberError, match="divides by zero"):
        read_number(text)


@pytest.mark.parametrize("text", ["1e999999999", "10^9999", "1e301", "9" * 61, "1" * 5_000, "10⁹⁹⁹⁹⁹⁹"])
def test_a_number_beyond_reason_is_refused_at_once(text: str) -> None:
    with pytest.raises(UnreadableNumberError):
        read_number(text)


@pytest.mark.parametrize(
    "text",
    ["1" * 700 + "(" + "1" * 1290, "1(" * 101, "1." * 101, "1 " * 101, " " * 200 + "1", "sqrt of " * 26],
)
def test_a_text_longer_than_the_field_is_refused_without_being_read(text: str) -> None:
    with pytest.raises(UnreadableNumberError, match="too long"):
        read_number(text)


def test_a_text_as_long_as_the_field_allows_is_read() -> None:
    assert read_number("the share is 0.25 (25 %)".rjust(MAX_TEXT)).value == Fraction(1, 4)


def test_the_field_and_the_reader_agree_on_the_greatest_length() -> None:
    assert f'maxlength="{MAX_TEXT}"' in (ROOT / "templates/sessions/_editor.html").read_text()


def test_what_follows_the_number_is_handed_on() -> None:
    assert read_number("12 GB").rest == "GB"
    assert read_number("25 % of users").rest == "of users"


def test_the_place_of_the_number_is_one_in_the_text_as_given() -> None:
    text = "  x ≈ −2,5 % roughly"
    number = read_number(text)
    assert text[number.start : number.end] == "−2,5 %"


@given(st.fractions(max_denominator=10**6, min_value=-(10**9), max_value=10**9))
def test_every_fraction_is_read_back(value: Fraction) -> None:
    assert read_number(str(value)).value == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_every_decimal_is_read_back(value: object) -> None:
    assert read_number(f"{value:f}").value == Fraction(str(value))


@given(st.just(0.0) | st.floats(min_value=1e-200, max_value=1e200) | st.floats(min_value=-1e200, max_value=-1e-200))
def test_every_float_is_read_as_it_is_written(value: float) -> None:
    assert read_number(repr(value)).value == Fraction(repr(value))


@given(st.text(alphabet="0123456789.,-+/%eE^*x ()=≈½⁻³~'\n√", max_size=30) | st.text(max_size=30))
def test_any_text_is_read_or_refused_but_never_breaks(text: str) -> None:
    with suppress(UnreadableNumberError):
        number = read_number(text)
        assert 0 <= number.start < number.end <= len(text)

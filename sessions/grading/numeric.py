"""The grader for number questions: exact comparison within the tolerance, and a note on how the answer was read."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from questions.content import Content, Kind, NumericAnswer
from sessions.grading.numerals import ParsedNumber, UnreadableNumberError, read_number
from sessions.grading.registry import register
from sessions.grading.results import MAX_POINTS, NO_EVIDENCE, Grade, Status, Verdict

NAME = "numeric"
VERSION = 1

# How sure we are of "wrong" when the number could not be read, or may have been meant differently.
_DOUBTFUL = 0.5

_SCALES = {"k": 3, "thousand": 3, "million": 6, "millions": 6, "billion": 9, "billions": 9, "bn": 9}
PERCENT_UNITS = {"%", "percent", "per cent", "pp", "percentage points", "percentage point"}
# Words that name the same unit. Only used to notice that another unit was typed; nothing is converted.
_UNITS: dict[str, str] = {
    alias: names[0]
    for names in (
        ("ns", "nanosecond", "nanoseconds"),
        ("us", "µs", "μs", "microsecond", "microseconds"),
        ("ms", "msec", "millisecond", "milliseconds"),
        ("s", "sec", "secs", "second", "seconds"),
        ("min", "mins", "minute", "minutes"),
        ("h", "hr", "hrs", "hour", "hours"),
        ("day", "d", "days"),
        ("week", "weeks"),
        ("month", "months"),
        ("year", "yr", "years"),
        ("bit", "bits"),
        ("byte", "bytes"),
        ("kb", "kilobyte", "kilobytes"),
        ("mb", "megabyte", "megabytes"),
        ("gb", "gigabyte", "gigabytes"),
        ("tb", "terabyte", "terabytes"),
        ("kib",),
        ("mib",),
        ("gib",),
        ("tib",),
        ("nat", "nats"),
    )
    for alias in names
}


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the answer was taken for, in the unit of the expected number; `value` is None when refused."""

    value: Fraction | None
    note: str
    confidence: float
    start: int = NO_EVIDENCE
    end: int = NO_EVIDENCE


@register(Kind.NUMERIC)
def grade_number(content: Content, body: str) -> Grade:
    """Return full points within the tolerance (its edge included), else none. Raises ValueError without a number."""
    expected = content.numeric_answer
    if expected is None:
        raise ValueError("a number question without its number cannot be graded")
    reading = _read(body, expected)
    right = reading.value is not None and _within(reading.value, expected)
    verdict = Verdict(
        key="answer",
        text=f"{plain(exact(expected.value))} {expected.unit}".strip(),
        weight=1,
        status=Status.RIGHT if right else Status.WRONG,
        coverage=float(right),
        confidence=1.0 if right else reading.confidence,
        evidence="" if reading.start == NO_EVIDENCE else body[reading.start : reading.end],
        start=reading.start,
        end=reading.end,
        note=reading.note,
    )
    return Grade(MAX_POINTS if right else Decimal(0), MAX_POINTS, (verdict,), NAME, VERSION)


def exact(number: float) -> Fraction:
    """Return the decimal number a curator wrote, 0.1 as 1/10, and not the float nearest to it."""
    return Fraction(repr(number))


def plain(value: Fraction) -> str:
    """Return a value for people: as a decimal when that is exact and short, else as a fraction and about what it is."""
    if 0 < abs(value) < Fraction(1, 10**9) or abs(value) >= 10**15:
        return _six_digits(value)
    rounded = round(value, 12)
    if rounded == value:
        return f"{_decimal(rounded):f}"
    return f"{value.numerator}/{value.denominator} ≈ {_six_digits(value)}"


def _six_digits(value: Fraction) -> str:
    return f"{Decimal(f'{_decimal(value):.6g}').normalize():g}"


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _within(value: Fraction, expected: NumericAnswer) -> bool:
    return abs(value - exact(expected.value)) <= exact(expected.tolerance)


def _read(body: str, expected: NumericAnswer) -> _Reading:
    if not body.strip():
        return _Reading(None, _("There is no answer."), 1.0)
    try:
        number = read_number(body)
    except UnreadableNumberError as error:
        return _Reading(None, str(error), _DOUBTFUL)
    unit = expected.unit.casefold()
    word = _first_word(number.rest)
    refusal = _refusal(number, word, expected.unit)
    if refusal:
        return _Reading(None, refusal, _DOUBTFUL, number.start, number.end)
    if unit in PERCENT_UNITS:
        return _read_as_percent(number, expected)
    scale = 10 ** _SCALES.get(word, 0) if word not in unit.split() else 1
    value = number.value * scale
    return _Reading(value, _read_as(f"{plain(value)} {expected.unit}"), 1.0, number.start, number.end)


def _read_as(text: str) -> str:
    return _("Read as %s.") % text.strip()


def _first_word(rest: str) -> str:
    match = re.match(r"[^\W\d_]+", rest)
    return match[0].casefold() if match else ""


def _refusal(number: ParsedNumber, word: str, unit: str) -> str:
    """Return why what was typed after the number does not fit the expected unit, or "" when it does."""
    folded = unit.casefold()
    if number.percent:
        fits = unit == "" or folded in PERCENT_UNITS
        return "" if fits else _("A percentage was typed, but the answer is asked for in %s.") % unit
    if not word or (unit and (number.rest.casefold().startswith(folded) or folded.startswith(word))):
        return ""
    if word in {"m", "b"}:
        return _("“%s” after a number has more than one meaning. Write the word or the zeros.") % word.upper()
    if unit and word in _UNITS and _UNITS[word] != _UNITS.get(folded):
        return _("Typed in “%(typed)s”, but the answer is asked for in “%(unit)s”.") % {"typed": word, "unit": unit}
    return ""


def _read_as_percent(number: ParsedNumber, expected: NumericAnswer) -> _Reading:
    """Read a number for an answer in percent: "25" and "25 %" are 25; a bare 0.25 is 0.25 %, with a warning."""
    value = number.value * 100 if number.percent else number.value
    note, confidence = _read_as(f"{plain(value)} {expected.unit}"), 1.0
    if not number.percent and not _within(value, expected) and _within(value * 100, expected):
        note += " " + _("If you meant the fraction: the answer is asked for in percent.")
        confidence = _DOUBTFUL
    return _Reading(value, note, confidence, number.start, number.end)

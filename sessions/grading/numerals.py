"""Reading one number out of what a candidate typed: generous about form, exact about value.

Knows decimals and fractions, both decimal signs, digit groups, powers of ten and percent. Where two readings are
possible, or where it would have to calculate, it refuses and says why; it never guesses.
"""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from django.utils.translation import gettext as _

# As many characters as the field takes (templates/sessions/_editor.html).
MAX_TEXT = 200
# Exact arithmetic computes 10**exponent in full; nobody types more than this by intent.
MAX_DIGITS = 60
MAX_EXPONENT = 300


class UnreadableNumberError(ValueError):
    """The text is not one unmistakable number; the message says why, in words for the candidate."""


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """One number read from a text.

    `value` is exact; with `percent` it is already divided by 100. `rest` is what follows the number (and the percent
    sign), such as a unit. The number is `text[start:end]`, percent sign included, words like "minus" not.
    """

    value: Fraction
    percent: bool
    rest: str
    start: int
    end: int


# One character for one character, so that positions in the cleaned text are positions in the text as given.
_LOOKALIKES = str.maketrans(
    "−–‐‑⁄∕×·⋅∙’％≅≃∼~→⇒\\\u00a0\u2007\u2009\u202f",
    "----//****'%≈≈≈≈==     ",
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")

_POWER = r"10\s?(?:(?:\^|\*\*)\s?(?:[-+]?\d+|[({]\s?[-+]?\d+\s?[)}])|[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
_TERM = re.compile(
    rf"(?<![\w.,])(?:(?P<power>{_POWER})"
    r"|(?P<whole>\d{1,9}\s?)?(?P<vulgar>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])"
    r"|(?P<digits>\d{1,3}(?P<gap>[ '_])\d{3}(?:(?P=gap)\d{3})*(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*|[.,]\d+)"
    rf"(?:[eE](?P<e>[-+]?\d+)(?!\w)|\s?[*xX]\s?(?P<times>{_POWER}))?)"
)
_PERCENT = re.compile(r"\s?(?:%|(?:percent|per\s+cent|pct)\b)", re.IGNORECASE)
_SIGN_WORD = re.compile(r"\b(?:minus|negative)\s+$", re.IGNORECASE)
_FUNCTION = re.compile(
    r"\b(?:a?sin|a?cos|tan|exp|ln|log\d*|sqrt|root|square|squared|cubed)\s*(?:of\s*)?$", re.IGNORECASE
)
# A digit can only be the first one here: with any other to choose from, matching takes cubic time.
_REMARK = re.compile(r"([^()\d]*\d[^()]*)\(([^()\d]*\d[^()]*)\)[\s.]*")
_TRIM = " \t\r\n`*_$\"'"


def read_number(text: str) -> ParsedNumber:
    """Return the one number in `text`. Raises UnreadableNumberError with the reason when there is none or doubt.

    Words around it are allowed. After an equals sign only what follows the last one counts, so that working may be
    shown; what follows "±" does not count.
    """
    if len(text) > MAX_TEXT:
        raise UnreadableNumberError(_("This is too long to be read as one number."))
    clean = text.translate(_LOOKALIKES).replace("=>", " =").replace("->", " =")
    if re.search(r"[<>≤≥≠]|!=", clean):
        raise UnreadableNumberError(_("This is a bound, not one number."))
    start = max(clean.rfind("="), clean.rfind("≈")) + 1
    stop = re.search(r"±|\+/-|\+-", clean[start:])
    end = start + stop.start() if stop else len(clean)
    return _read_twice(clean, start, end) or _read_piece(clean, start, end)


def _read_twice(clean: str, start: int, end: int) -> ParsedNumber | None:
    """Return the number of "0.25 (25 %)" if what stands in the brackets says the same, else None."""
    remark = _REMARK.fullmatch(clean, start, end)
    if not remark:
        return None
    try:
        number, again = _read_piece(clean, *remark.span(1)), _read_piece(clean, *remark.span(2))
    except UnreadableNumberError:
        return None
    return number if number.value == again.value else None


def _read_piece(clean: str, start: int, end: int) -> ParsedNumber:
    while start < end and clean[start] in _TRIM:
        start += 1
    while end > start and clean[end - 1] in _TRIM + ".!":
        end -= 1
    terms = [term for term in _TERM.finditer(clean, start, end) if not _belongs_to_word(clean, term.start())]
    if not terms:
        raise UnreadableNumberError(_("No number was found. Write it in digits."))
    value = _combine(clean, terms)
    first, last = terms[0].start(), terms[-1].end()
    _refuse_formula(clean[start:first], clean[last:end])
    first, sign = _sign(clean, start, first)
    percent = _PERCENT.match(clean, last, end)
    if percent:
        value, last = value / 100, percent.end()
    return ParsedNumber(sign * value, percent is not None, clean[last:end].strip(), first, last)


def _belongs_to_word(clean: str, start: int) -> bool:
    """Whether the digits are part of a name, as in "top-5"."""
    return start >= 2 and clean[start - 1] == "-" and clean[start - 2].isalpha()


def _combine(clean: str, terms: list[re.Match[str]]) -> Fraction:
    """Return one value for "a", "a/b" or "a b/c"; anything else is more than one number."""
    gaps = [clean[left.end() : right.start()].strip(" ") for left, right in pairwise(terms)]
    values = [_value(term) for term in terms]
    if not gaps:
        return values[0]
    numerator, denominator = values[-2:]
    mixed = gaps == ["", "/"] and all(value.denominator == 1 for value in values) and numerator < denominator
    if gaps != ["/"] and not mixed:
        raise UnreadableNumberError(_("There is more than one number here."))
    if denominator == 0:
        raise UnreadableNumberError(_("This divides by zero."))
    return (values[0] if mixed else 0) + numerator / denominator


def _refuse_formula(before: str, after: str) -> None:
    """Refuse what would have to be calculated: a part of it must not be taken for the whole."""
    head = before.rstrip(" -+")
    called = re.search(r"\w\($", head) or _FUNCTION.search(before.rstrip("( "))
    if called or head[-1:] in tuple("^*/√!") or re.match(r"\s?[\^*/!√π+²³⁻]|\(|\s-|[^\W\d]\w*\d", after):
        raise UnreadableNumberError(_("This is a formula. Write the number it comes to."))


def _sign(clean: str, start: int, first: int) -> tuple[int, int]:
    """Return where the number starts with its sign, and the sign as 1 or -1."""
    before = clean[start:first]
    if _SIGN_WORD.search(before):
        return first, -1
    if before.rstrip().endswith("-"):
        if not before.endswith("-"):
            raise UnreadableNumberError(_("A dash and a space may be a minus or a list mark. Write the minus close."))
        if before.endswith("--"):
            raise UnreadableNumberError(_("There is more than one minus sign here."))
        return first - 1, -1
    return (first - 1, 1) if before.endswith("+") else (first, 1)


def _value(term: re.Match[str]) -> Fraction:
    if term["power"]:
        return _power(term["power"])
    if term["vulgar"]:
        return int(term["whole"] or 0) + Fraction(unicodedata.numeric(term["vulgar"])).limit_denominator(10)
    value = _decimal(term["digits"])
    if term["e"]:
        return value * _ten_to(term["e"])
    return value * (_power(term["times"]) if term["times"] else 1)


def _power(text: str) -> Fraction:
    """Return the value of "10^-3", "10**(-3)" or "10⁻³"."""
    return _ten_to(text[2:].translate(_SUPERSCRIPTS).strip(" ^*(){}"))


def _ten_to(exponent: str) -> Fraction:
    if len(exponent) > 5 or abs(int(exponent)) > MAX_EXPONENT:
        raise UnreadableNumberError(_("The exponent is too large."))
    return Fraction(10) ** int(exponent)


def _decimal(text: str) -> Fraction:
    """Return the value of digits with decimal and group signs, or refuse when both readings are possible."""
    digits = re.sub(r"[ '_]", "", text)
    if len(digits) > MAX_DIGITS:
        raise UnreadableNumberError(_("The number has too many digits."))
    groups = re.split(r"[.,]", digits)
    marks = re.findall(r"[.,]", digits)
    if len(marks) == 1:
        if marks == [","] and digits == text and _could_be_groups(groups):
            raise UnreadableNumberError(
                _("%(text)s can mean %(whole)s or %(decimal)s. Write it without the comma, or with a point.")
                % {"text": text, "whole": "".join(groups), "decimal": ".".join(groups)}
            )
        return Fraction(f"{groups[0] or 0}.{groups[1]}")
    if len(set(marks)) <= 1 and (not marks or _could_be_groups(groups)):
        return Fraction("".join(groups))
    if len(set(marks[:-1])) == 1 and marks[-1] != marks[0] and _could_be_groups(groups[:-1]):
        return Fraction(f"{''.join(groups[:-1])}.{groups[-1]}")
    raise UnreadableNumberError(
        _("%(text)s mixes points and commas in a way that has no one meaning.") % {"text": text}
    )


def _could_be_groups(groups: list[str]) -> bool:
    """Whether these could be thousands: one to three digits without a leading zero, then threes."""
    head, *tail = groups
    return 1 <= len(head) <= 3 and not head.startswith("0") and all(len(group) == 3 for group in tail)


# Enough for "negative " and a sign; a longer look back would make many numbers take quadratic time.
_LOOK_BACK = 12


def stated_numbers(text: str) -> list[ParsedNumber]:
    """Return every number that `text` states in passing, each read by itself; what cannot be read is left out.

    "1,234" is taken for digits in groups here, which is what it means in running English.
    """
    clean = text.translate(_LOOKALIKES)
    terms = (term for term in _TERM.finditer(clean) if not _belongs_to_word(clean, term.start()))
    return [number for number in (_stated(clean, term) for term in terms) if number]


def _stated(clean: str, term: re.Match[str]) -> ParsedNumber | None:
    try:
        start, sign = _sign(clean, max(0, term.start() - _LOOK_BACK), term.start())
        grouped = re.fullmatch(r"[1-9]\d{0,2},\d{3}", term[0])
        value = sign * (Fraction(term[0].replace(",", "")) if grouped else _value(term))
    except UnreadableNumberError:
        return None
    percent = _PERCENT.match(clean, term.end())
    end = percent.end() if percent else term.end()
    return ParsedNumber(value / 100 if percent else value, percent is not None, "", start, end)

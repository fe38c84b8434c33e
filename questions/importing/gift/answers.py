"""What stands between the braces of a GIFT question, by the rules of Moodle's own reader.

Owns which sort of question the answers make, and what each says. Gives data or raises `GiftError` with the place.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from questions.importing.base import Markup, NotCarried, ParsedChoice, ParsedNumber, ParsedPair, Passage, Sort
from questions.importing.gift.blocks import Block, protected, unescaped

_MARKUPS = {
    "html": Markup.HTML,
    "markdown": Markup.MARKDOWN,
    "plain": Markup.PLAIN,
    "moodle": Markup.MOODLE,
}
_WEIGHT = re.compile(r"%\s*(-?\d{1,3}(?:[.,]\d*)?)\s*%")
_NUMBER = r"[-+−]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,4})?"
_RANGE = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})")
_TOLERANT = re.compile(rf"({_NUMBER})\s*(?::\s*({_NUMBER}))?")
_LINE_MARK = re.compile(r"^[ \t]*[=~]", re.MULTILINE)
_INNER_EQUALS = re.compile(r"(?<=[^\s=~])=(?=[^\s=~])")
_TRUTHS = {"T": True, "TRUE": True, "F": False, "FALSE": False}


class GiftError(ValueError):
    """Something in a block cannot be read; `place` is where in its text."""

    def __init__(self, place: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.place, self.message, self.hint = place, message, hint


@dataclass(slots=True)
class Answers:
    """What was between the braces, with what a person should know about it: the place and the words."""

    sort: Sort
    choices: tuple[ParsedChoice, ...] = ()
    accepted: tuple[ParsedChoice, ...] = ()
    numbers: tuple[ParsedNumber, ...] = ()
    pairs: tuple[ParsedPair, ...] = ()
    not_carried: tuple[NotCarried, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """One answer: its mark (`=`, `~` or none), its text with feedback, and where it begins."""

    mark: str
    text: str
    place: int


def passage(text: str, default: Markup) -> Passage:
    """Return a text with the markup that its `[format]` says, or else the one of the question."""
    text, markup = text.strip(), default
    if text.startswith("["):
        name, closed, _rest = text[1:12].partition("]")
        if closed and name in _MARKUPS:
            markup, text = _MARKUPS[name], text[len(name) + 2 :].strip()
    if markup in {Markup.MOODLE, Markup.PLAIN}:
        # Lines that were only wrapped in the file are one line; what was written as \n stays a line break.
        text = " ".join(text.replace("\ufdde", " ").split())
    return Passage(unescaped(text).strip(), markup)


def parse_answers(block: Block, start: int, end: int, markup: Markup, *, by_moodle: bool) -> Answers:
    """Return what `block.text[start:end]` says. Raises GiftError."""
    reader = _Reader(block, start, block.text[start:end], markup, by_moodle)
    return reader.read()


@dataclass(slots=True)
class _Reader:
    block: Block
    start: int
    text: str
    markup: Markup
    by_moodle: bool

    def read(self) -> Answers:
        text = self.text.replace("\ufdde", " ").strip()
        if not text:
            return Answers(Sort.OPEN)
        if text.startswith("#"):
            return self._numeric()
        if "~" in text:
            return self._choices()
        if "=" in text and "->" in text:
            return self._matching()
        head = text.partition("#")[0].strip().upper()
        if head in _TRUTHS:
            return self._truth(_TRUTHS[head])
        return self._short()

    # Parts

    def _parts(self, marks: str, *, bare: bool, start: int = 0) -> Iterator[_Part]:
        """Yield the answers, split at `marks`; one without a mark may only come first, and only where `bare`."""
        places = [match.start() for match in re.finditer(f"[{marks}]", self.text[start:])]
        places = [start + place for place in places]
        first = self.text[start : places[0] if places else len(self.text)]
        if first.replace("\ufdde", "").strip():
            lead = len(first) - len(first.lstrip())
            if not bare:
                words = unescaped(first).strip()[:40]
                message = _("“%s” stands before the first answer.") % words
                raise GiftError(self.start + start + lead, message, _("An answer begins with = or ~."))
            yield _Part("", first.strip(), self.start + start + lead)
        for place, end in pairwise([*places, len(self.text)]):
            yield _Part(self.text[place], self.text[place + 1 : end].strip(), self.start + place)

    def _weight(self, part: _Part) -> tuple[float | None, str]:
        """Return the weight that a part begins with, in percent, and the rest of it."""
        match = _WEIGHT.match(part.text)
        if not match:
            return None, part.text
        percent = float(match[1].replace(",", "."))
        if abs(percent) > 100:
            raise GiftError(part.place, _("The weight %s %% is not between -100 and 100.") % match[1])
        return percent, part.text[match.end() :]

    def _choice(self, part: _Part, markup: Markup) -> ParsedChoice:
        percent, text = self._weight(part)
        words, feedback = self._with_feedback(text)
        correct = part.mark != "~" if percent is None else percent > 0
        line = self.block.line_at(part.place)
        return ParsedChoice(passage(words, markup), correct, percent, feedback, line)

    def _with_feedback(self, text: str) -> tuple[str, Passage | None]:
        words, _mark, feedback = text.partition("#")
        said = passage(feedback, self.markup)
        return words, said if said.text else None

    # Sorts

    def _choices(self) -> Answers:
        forgotten = self._protect_equals()
        parts = _without_doubled_marks(list(self._parts("~=", bare=False)))
        choices = tuple(self._choice(part, self.markup) for part in parts)
        if len(choices) < 2:
            raise GiftError(parts[0].place, _("A choice question needs at least two choices."))
        # Only `=` says that one choice alone is right; weights share the points between several.
        equals = [number for number, part in enumerate(parts) if part.mark == "="]
        if len(equals) == 1 and choices[equals[0]].percent in (None, 100.0):
            whole = tuple(choice if number == equals[0] else _wrong(choice) for number, choice in enumerate(choices))
            return Answers(Sort.SINGLE, choices=whole, warnings=forgotten)
        several = len(equals) > 1 and all(choices[number].percent is None for number in equals)
        words = _(
            "Several choices are marked as right with =, so this is read as a multiple choice question."
            " An = inside a text is written with a backslash before it."
        )
        return Answers(Sort.MULTIPLE, choices=choices, warnings=(*forgotten, words) if several else forgotten)

    def _protect_equals(self) -> tuple[str, ...]:
        """Take `x=1` for text where every answer begins its own line, and return the warning about it.

        Moodle begins an answer at each =, wherever it stands; whoever writes answers on lines of their own forgot a
        backslash.
        """
        if len(_LINE_MARK.findall(self.text)) < 2:
            return ()
        self.text, count = _INNER_EQUALS.subn(protected("="), self.text)
        words = _("An = inside a line was read as text; Moodle begins an answer there. Write a backslash before it.")
        return (words,) if count else ()

    def _truth(self, right: bool) -> Answers:
        _truth, *feedback = self.text.split("#", 2)
        said = [passage(text, self.markup) for text in feedback] + [Passage(""), Passage("")]
        first, second = (text if text.text else None for text in said[:2])
        # Moodle shows the first to who is wrong, and writes it so; people write the one for “true” first.
        swapped = right and self.by_moodle
        for_true, for_false = (second, first) if swapped else (first, second)
        line = self.block.line_at(self.start)
        choices = (
            ParsedChoice(Passage("True", Markup.PLAIN), right, None, for_true, line),
            ParsedChoice(Passage("False", Markup.PLAIN), not right, None, for_false, line),
        )
        doubtful = right and not self.by_moodle and first is not None
        words = _("The first feedback was read as the one for “true”; Moodle shows it to those who say “false”.")
        return Answers(Sort.TRUE_FALSE, choices=choices, warnings=(words,) if doubtful else ())

    def _short(self) -> Answers:
        accepted = tuple(self._choice(part, self.markup) for part in self._parts("=", bare=True))
        return Answers(Sort.SHORT, accepted=accepted)

    def _matching(self) -> Answers:
        pairs = tuple(self._pair(part) for part in self._parts("=", bare=False))
        if len(pairs) < 2:
            raise GiftError(self.start, _("A matching question needs at least two pairs."))
        return Answers(Sort.MATCHING, pairs=pairs)

    def _pair(self, part: _Part) -> ParsedPair:
        left, arrow, right = part.text.partition("->")
        if not arrow:
            words = unescaped(part.text)[:40]
            raise GiftError(part.place, _("“%s” has no -> between question and match.") % words)
        question, match = passage(left, self.markup), passage(right, Markup.PLAIN)
        return ParsedPair(question if question.text else None, match, self.block.line_at(part.place))

    # Numbers

    def _numeric(self) -> Answers:
        begin = self.text.index("#") + 1
        wrong = self.text.find("~", begin)
        left: tuple[NotCarried, ...] = ()
        if wrong >= 0:
            said = passage(self.text[wrong + 1 :].strip().removeprefix("#"), self.markup).text
            if said:
                left = (NotCarried(_("the feedback for all other numbers"), self.block.line_at(self.start + wrong)),)
            self.text = self.text[:wrong]
        numbers = tuple(self._number(part) for part in self._parts("=", bare=True, start=begin))
        if not numbers:
            raise GiftError(self.start, _("A numeric question needs a number."), _("Write {#3.14} or {#3.14:0.01}."))
        kept = tuple(number for number in numbers if number is not None)
        if len(kept) < len(numbers):
            left += (NotCarried(_("the feedback for all other numbers"), self.block.line_at(self.start)),)
        return Answers(Sort.NUMERIC, numbers=kept, not_carried=left)

    def _number(self, part: _Part) -> ParsedNumber | None:
        """Return one accepted number; None for `*`, which stands for all others."""
        percent, text = self._weight(part)
        written, feedback = self._with_feedback(text)
        written = unescaped(written).strip()
        if written == "*":
            return None
        value, tolerance = _value(written, part.place)
        return ParsedNumber(value, tolerance, "", percent, feedback, self.block.line_at(part.place))


def _value(written: str, place: int) -> tuple[float, float]:
    """Return the number and its tolerance. Raises GiftError."""
    written = written if len(written) <= 200 else f"{written[:40]}…"
    if match := _RANGE.fullmatch(written):
        low, high = sorted(map(_float, match.groups()))
        value, tolerance = (low + high) / 2, (high - low) / 2
    elif match := _TOLERANT.fullmatch(written):
        value, tolerance = _float(match[1]), abs(_float(match[2] or "0"))
    else:
        hint = _("Write 3.14, 3.14:0.01 or 3.1..3.2, with a decimal point.")
        raise GiftError(place, _("“%s” is not a number.") % written[:40], hint)
    if not (math.isfinite(value) and math.isfinite(tolerance)):
        raise GiftError(place, _("“%s” is too large a number.") % written[:40])
    return value, tolerance


def _float(text: str) -> float:
    return float(text.replace("−", "-"))


def _without_doubled_marks(parts: list[_Part]) -> list[_Part]:
    """Take `~=` for `=`, as those mean it who write it."""
    following = [*parts[1:], None]
    doubled = [
        part.mark == "~" and not part.text and after is not None and after.mark == "=" and after.place == part.place + 1
        for part, after in zip(parts, following, strict=True)
    ]
    return [part for part, is_doubled in zip(parts, doubled, strict=True) if not is_doubled]


def _wrong(choice: ParsedChoice) -> ParsedChoice:
    return ParsedChoice(choice.text, False, choice.percent, choice.feedback, choice.line)

"""The answers of each sort of question in Moodle XML.

Owns fractions, numbers and their units, and what Moodle accepts that is no longer usual. Gives data or raises
`MoodleError` with the line.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from questions.importing.base import Markup, NotCarried, ParsedChoice, ParsedNumber, ParsedPair, Passage, Sort
from questions.importing.numbers import plain_number
from questions.importing.xmltree import Element, inner_html

_MARKUPS = {
    "html": Markup.HTML,
    "moodle_auto_format": Markup.MOODLE,
    "plain_text": Markup.PLAIN,
    "markdown": Markup.MARKDOWN,
}


class MoodleError(ValueError):
    """Something in a question cannot be read."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line, self.message, self.hint = line, message, hint


@dataclass(frozen=True, slots=True)
class Answers:
    sort: Sort
    choices: tuple[ParsedChoice, ...] = ()
    accepted: tuple[ParsedChoice, ...] = ()
    numbers: tuple[ParsedNumber, ...] = ()
    pairs: tuple[ParsedPair, ...] = ()
    reference: Passage | None = None
    not_carried: tuple[NotCarried, ...] = ()
    warnings: tuple[tuple[int, str], ...] = ()


def text_of(element: Element | None) -> str:
    """Return the text of an element: of its `<text>`, as Moodle writes it, or its own. HTML in it stays HTML."""
    if element is None:
        return ""
    inner = element.first("text")
    if inner is None:
        return element.text.strip()
    return (inner_html(inner) if _has_elements(inner) else inner.text).strip()


def _has_elements(element: Element) -> bool:
    return any(isinstance(child, Element) for child in element.children)


def passage(element: Element | None, default: Markup) -> Passage:
    """Return the text of an element with the markup that its `format` says."""
    markup = _MARKUPS.get((element.attributes.get("format") or "").strip(), default) if element else default
    return Passage(text_of(element), markup)


def number_of(element: Element | None) -> float | None:
    """Return the number that an element holds, or None."""
    return plain_number(element.all_text) if element else None


# Choices


def _choices(question: Element, markup: Markup) -> Answers:
    answers = [_choice(answer, markup) for answer in question.all("answer")]
    if len(answers) < 2:
        raise MoodleError(question.line, _("A choice question needs at least two answers."))
    single = (text_of(question.first("single")) or "true").lower() not in {"false", "0", ""}
    if not single:
        return Answers(Sort.MULTIPLE, choices=tuple(answers))
    best = max(answer.percent or 0.0 for answer in answers)
    right = [answer for answer in answers if (answer.percent or 0.0) == best]
    if best <= 0:
        raise MoodleError(question.line, _("No answer has a fraction above 0, so none is right."))
    if len(right) > 1:
        words = _("Several answers have the fraction %g, so this is read as a multiple choice question.") % best
        return Answers(Sort.MULTIPLE, choices=tuple(answers), warnings=((right[1].line, words),))
    words = _("No answer has the fraction 100; the one with %g was taken as right.") % best
    warnings = ((right[0].line, words),) if best < 100 else ()
    choices = tuple(_marked(answer, correct=answer is right[0]) for answer in answers)
    return Answers(Sort.SINGLE, choices=choices, warnings=warnings)


def _choice(answer: Element, markup: Markup) -> ParsedChoice:
    percent = _percent(answer)
    return ParsedChoice(passage(answer, markup), percent > 0, percent, _said(answer, markup), answer.line)


def _marked(choice: ParsedChoice, *, correct: bool) -> ParsedChoice:
    percent = None if choice.percent in (0.0, 100.0) else choice.percent
    return ParsedChoice(choice.text, correct, percent, choice.feedback, choice.line)


def _said(answer: Element, markup: Markup) -> Passage | None:
    said = passage(answer.first("feedback"), markup)
    return said if said.text else None


def _percent(answer: Element) -> float:
    """Return the fraction of an answer, in percent. As an element of its own, which is old, it is a share of 1."""
    written = answer.attributes.get("fraction", "").strip()
    own = number_of(answer.first("fraction"))
    if not written and own is not None:
        return _in_range(own * 100, answer)
    if not written:
        return 0.0
    percent = plain_number(written.replace(",", ".").rstrip("% "))
    if percent is None:
        raise MoodleError(answer.line, _("The fraction “%s” is not a number.") % written[:40])
    return _in_range(percent, answer)


def _in_range(percent: float, answer: Element) -> float:
    if not -100 <= percent <= 100:
        raise MoodleError(answer.line, _("The fraction %g is not between -100 and 100.") % percent)
    return percent


def _truth(question: Element, markup: Markup) -> Answers:
    """Read true and false by their names; old files have them in another language, true first."""
    said: dict[bool, Element] = {}
    for number, answer in enumerate(question.all("answer")):
        name = text_of(answer).casefold()
        said.setdefault(name == "true" if name in {"true", "false"} else number == 0, answer)
    if set(said) != {True, False}:
        raise MoodleError(question.line, _("A true/false question needs the two answers “true” and “false”."))
    percents = {truth: _percent(answer) for truth, answer in said.items()}
    if (percents[True] > 0) == (percents[False] > 0):
        raise MoodleError(question.line, _("Exactly one of “true” and “false” must have a fraction above 0."))
    choices = tuple(
        ParsedChoice(
            Passage("True" if truth else "False", Markup.PLAIN),
            percents[truth] > 0,
            None,
            _said(said[truth], markup),
            said[truth].line,
        )
        for truth in (True, False)
    )
    return Answers(Sort.TRUE_FALSE, choices=choices)


# Words and numbers


def _short(question: Element, markup: Markup) -> Answers:
    accepted = []
    for answer in question.all("answer"):
        percent = _percent(answer)
        text = Passage(text_of(answer), Markup.PLAIN)
        accepted.append(ParsedChoice(text, percent > 0, percent, _said(answer, markup), answer.line))
    if not any(choice.correct for choice in accepted):
        raise MoodleError(question.line, _("No answer has a fraction above 0, so none is right."))
    left: tuple[NotCarried, ...] = ()
    if text_of(question.first("usecase")) == "1":
        left = (NotCarried(_("that capital and small letters differ"), question.line),)
    return Answers(Sort.SHORT, accepted=tuple(accepted), not_carried=left)


def _numeric(question: Element, markup: Markup) -> Answers:
    unit, left = _unit(question)
    numbers = []
    for answer in question.all("answer"):
        text = text_of(answer)
        if text in {"*", ""}:
            if _said(answer, markup):
                left.append(NotCarried(_("the feedback for all other numbers"), answer.line))
            continue
        numbers.append(
            ParsedNumber(
                value=_value(text, answer),
                tolerance=abs(number_of(answer.first("tolerance")) or 0.0),
                unit=unit,
                percent=_percent(answer),
                feedback=_said(answer, markup),
                line=answer.line,
            )
        )
    if not any((number.percent or 0.0) > 0 for number in numbers):
        raise MoodleError(question.line, _("No number has a fraction above 0, so none is right."))
    return Answers(Sort.NUMERIC, numbers=tuple(numbers), not_carried=tuple(left))


def _value(text: str, answer: Element) -> float:
    value = plain_number(text)
    if value is not None:
        return value
    raise MoodleError(answer.line, _("“%s” is not a number.") % text[:40], _("Write it with a decimal point."))


def _unit(question: Element) -> tuple[str, list[NotCarried]]:
    """Return the unit that numbers are in, and a note about the others that Moodle converts."""
    units = [unit for group in question.all("units") for unit in group.all("unit")]
    base = next((unit for unit in units if (number_of(unit.first("multiplier")) or 1.0) == 1.0), None)
    names = [text_of(unit.first("unit_name")) for unit in units if unit is not base]
    others = ", ".join(filter(None, names))
    left = [NotCarried(_("other units (%s)") % others[:200], units[0].line)] if others else []
    return text_of(base.first("unit_name")) if base else "", left


# The others


def _matching(question: Element, markup: Markup) -> Answers:
    pairs = []
    for sub in question.all("subquestion"):
        left = passage(sub, markup)
        right = Passage(text_of(sub.first("answer")), Markup.PLAIN)
        pairs.append(ParsedPair(left if left.text else None, right, sub.line))
    if len(pairs) < 2:
        raise MoodleError(question.line, _("A matching question needs at least two pairs."))
    return Answers(Sort.MATCHING, pairs=tuple(pairs))


def _essay(question: Element, markup: Markup) -> Answers:
    graders = passage(question.first("graderinfo"), markup)
    left = list(_essay_notes(question))
    return Answers(Sort.OPEN, reference=graders if graders.text else None, not_carried=tuple(left))


def _essay_notes(question: Element) -> Iterator[NotCarried]:
    template, attachments = question.first("responsetemplate"), number_of(question.first("attachments"))
    if template and text_of(template):
        yield NotCarried(_("the template for answers"), template.line)
    if attachments:
        yield NotCarried(_("that files may be attached to the answer"), question.line)


def _description(question: Element, markup: Markup) -> Answers:
    return Answers(Sort.DESCRIPTION)


READERS: dict[str, Callable[[Element, Markup], Answers]] = {
    "multichoice": _choices,
    "truefalse": _truth,
    "shortanswer": _short,
    "numerical": _numeric,
    "matching": _matching,
    "match": _matching,
    "essay": _essay,
    "description": _description,
}

"""Aiken: a question on one line, lettered choices, and a line that names the right one, as Moodle reads them.

Complains where Moodle does, with the same lines. Beyond it, small letters, several right letters and questions on more
than one line are read too, with a warning.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.importing.base import (
    ImportProblem,
    Item,
    Markup,
    ParsedChoice,
    ParsedQuestion,
    ParseOptions,
    Passage,
    Severity,
    Sort,
)
from questions.importing.lines import encoding_of, encoding_warning, numbered_lines, shown
from questions.importing.provenance import from_inline_provenance

_CHOICE = re.compile(r"([A-Za-z])[.)][ \t]?(.*)")
_ANSWER = re.compile(r"ANSWER\s*:(.*)", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Za-z](?:\s*(?:,|;|&|\band\b)\s*[A-Za-z])*", re.IGNORECASE)
_LOOKS = re.compile(rb"^[ \t]*[A-Z][.)].*\r?\n(?:[ \t]*\r?\n)?[ \t]*ANSWER[ \t]*:[ \t]*[A-Z]\b", re.MULTILINE)
MAX_QUESTION_CHARACTERS = 1_000_000


@dataclass(slots=True)
class _Open:
    """The question that is being read."""

    line: int
    text: list[str]
    choices: list[ParsedChoice] = field(default_factory=list)
    problem: ImportProblem | None = None
    size: int = 0

    def expects(self, letter: str) -> bool:
        """Say whether `letter` is the next one. Only then a small one begins a choice."""
        return letter.upper() == chr(ord("A") + len(self.choices))


class AikenParser:
    name = "aiken"
    label = gettext_lazy("Aiken")
    extensions = ("txt", "aiken")

    def recognises(self, head: bytes) -> bool:
        return bool(_LOOKS.search(head.replace(b"\x00", b"")))

    def read(self, file: BinaryIO, options: ParseOptions) -> Iterator[Item]:
        encoding = encoding_of(file)
        if warning := encoding_warning(encoding):
            yield warning
        yield from _Reader().read(numbered_lines(file, encoding))


PARSER = AikenParser()


class _Reader:
    def __init__(self) -> None:
        self.open: _Open | None = None
        self.after_gap = False

    def read(self, lines: Iterator[tuple[int, str]]) -> Iterator[Item]:
        for number, raw in lines:
            line = raw.strip().lstrip("\ufeff")
            if not line:
                self.after_gap = True
                continue
            yield from self._line(number, line)
            self.after_gap = False
        if self.open:
            question, self.open = self.open, None
            yield _problem(question.line, question.text[0], _("The question has no ANSWER line before the file ends."))

    def _line(self, number: int, line: str) -> Iterator[Item]:
        if match := _ANSWER.match(line):
            yield from self._answer(number, line, match[1].strip())
        elif (match := _CHOICE.match(line)) and self._begins_choice(match[1]):
            yield from self._choice(number, line, match)
        else:
            yield from self._text(number, line)

    def _begins_choice(self, letter: str) -> bool:
        return letter.isupper() or (self.open is not None and self.open.expects(letter))

    def _choice(self, number: int, line: str, match: re.Match[str]) -> Iterator[Item]:
        if self.open is None:
            yield _not_started(number, line)
            return
        letter = match[1].upper()
        if not self.open.expects(letter) and not self.open.problem:
            expected = chr(ord("A") + len(self.open.choices))
            words = _("The choice %(found)s comes where %(expected)s should be.")
            self.open.problem = _problem(number, line, words % {"found": letter, "expected": expected})
        text = Passage(match[2].strip(), Markup.PLAIN)
        self._grow(number, line)
        self.open.choices.append(ParsedChoice(text, False, line=number, key=letter.lower()))

    def _text(self, number: int, line: str) -> Iterator[Item]:
        if self.open is None:
            self.open = _Open(number, [line])
        elif not self.open.choices and not self.after_gap:
            self.open.text.append(line)
            self._grow(number, line)
        else:
            words = _("The question of line %d has no ANSWER line before the next one begins here.") % self.open.line
            yield _problem(number, line, words)
            self.open = _Open(number, [line])

    def _grow(self, number: int, line: str) -> None:
        assert self.open is not None
        self.open.size += len(line)
        if self.open.size > MAX_QUESTION_CHARACTERS or len(self.open.choices) > 26:
            self.open.problem = self.open.problem or _problem(number, line, _("The question is too long."))
            self.open.text, self.open.choices = self.open.text[:1], self.open.choices[:26]

    def _answer(self, number: int, line: str, written: str) -> Iterator[Item]:
        question, self.open = self.open, None
        if question is None:
            yield _not_started(number, line)
        elif question.problem:
            yield question.problem
        elif len(question.choices) < 2:
            yield _problem(number, line, _("The question has fewer than two choices."))
        elif not _LETTERS.fullmatch(written.rstrip(".) ")):
            hint = _("Write ANSWER: and the letter of the right choice.")
            yield _problem(number, line, _("“%s” is not the letter of a choice.") % written[:40], hint)
        else:
            yield from self._finished(question, number, line, written)

    def _finished(self, question: _Open, number: int, line: str, written: str) -> Iterator[Item]:
        letters = set(re.findall(r"\b[a-z]\b", written.lower().replace("and", " ")))
        keys = {choice.key for choice in question.choices}
        if unknown := sorted(letters - keys):
            yield _problem(number, line, _("There is no choice %s.") % unknown[0].upper())
            return
        if len(question.text) > 1:
            yield _warning(question.line, _("The question has more than one line, which Moodle would not read."))
        if len(letters) > 1:
            words = _("Several letters are right, so this is read as multiple choice; Moodle would take the first.")
            yield _warning(number, words)
        choices = tuple(
            ParsedChoice(choice.text, choice.key in letters, line=choice.line, key=choice.key)
            for choice in question.choices
        )
        parsed = ParsedQuestion(
            sort=Sort.SINGLE if len(letters) == 1 else Sort.MULTIPLE,
            prompt=Passage("\n".join(question.text), Markup.PLAIN),
            line=question.line,
            choices=choices,
        )
        yield from_inline_provenance(parsed)


def _problem(line: int, text: str, message: str, hint: str = "") -> ImportProblem:
    return ImportProblem(message, hint=hint, line=line, text=shown(text))


def _warning(line: int, message: str) -> ImportProblem:
    return ImportProblem(message, line=line, severity=Severity.WARNING)


def _not_started(line: int, text: str) -> ImportProblem:
    hint = _("The question's text comes first, on a line of its own, then its choices, then the ANSWER line.")
    return _problem(line, text, _("No question has begun here."), hint)

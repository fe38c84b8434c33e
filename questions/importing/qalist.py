"""Question-and-answer lists in Markdown: headings are topics, bold lines are questions, an emoji is the difficulty.

What comes between one bold line and the next is the answer and stays Markdown: lists, code, tables, formulas, pictures.
A question without one is kept, without an answer.
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
    NotCarried,
    ParsedQuestion,
    ParseOptions,
    Passage,
    Severity,
    Sort,
)
from questions.importing.lines import encoding_of, encoding_warning, numbered_lines, shown
from questions.importing.provenance import END, GENERATOR, from_note, is_note

MAX_ANSWER_CHARACTERS = 1_000_000
MAX_QUESTION_LINES = 6
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]|\Z)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\Z")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})(.*)")
_BOLD = re.compile(r" {0,3}(\*\*|__)(?=\S)")
_SYMBOLS = "👶⭐🌟🚀🟢🟡🔴🟠🔵🐣🌱🔥💀"
_SYMBOL = rf"[{_SYMBOLS}][\ufe0e\ufe0f\u200d]*"
# One stray letter may follow: the marks are typed by hand.
_MARK = re.compile(rf"[\s\u200d]*((?:{_SYMBOL}\s*)+)[A-Za-z]?[\s\u200d]*\Z")
_LEGEND = re.compile(rf"({_SYMBOL})\s*[-–:=]?\s*([A-Za-z]{{3,12}})")
_NUMBER = re.compile(r"(?:Q(?:uestion)?\s*)?\d{1,4}\s*[.):]\s+", re.IGNORECASE)
_IMPERATIVES = """
    analyse analyze argue calculate classify code compare compute consider construct contrast convert create define
    demonstrate derive describe design determine differentiate discuss distinguish draw estimate evaluate explain
    find give how illustrate imagine implement interpret justify list mention name outline prove provide sketch show
    solve state suggest suppose tell use walk what when where which who why write you
"""
_VERBS = frozenset(_IMPERATIVES.split())
_SEPARATOR = re.compile(r"(?:<br\s{0,9}/?>|-{3,}|\*{3,}|_{3,})?", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\W*(?:answer (?:here|goes here|pending)|todo|tbd|no answer yet|to be answered)\W*", re.I)


class QaListParser:
    name = "qalist"
    label = gettext_lazy("Questions and answers in Markdown")
    extensions = ("md", "markdown", "txt")

    def recognises(self, head: bytes) -> bool:
        """Say yes to bold lines of their own outside of front matter, which our own Markdown begins with."""
        text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        lines = text.split(b"\n")
        bold = sum(line.startswith(b"**") and line.rstrip().endswith(b"**") and len(line) > 6 for line in lines)
        return bold > 0 and not text.startswith((b"---\n", b"<", b"{")) and b"\x00" not in text

    def read(self, file: BinaryIO, options: ParseOptions) -> Iterator[Item]:
        encoding = encoding_of(file)
        if warning := encoding_warning(encoding):
            yield warning
        reader = _Reader()
        for number, line in numbered_lines(file, encoding):
            yield from reader.line(number, line)
        yield from reader.end()


PARSER = QaListParser()


@dataclass(slots=True)
class _Open:
    """The question whose answer is being read; without `text`, what stands before the first one of a topic."""

    line: int
    text: str = ""
    symbol: str = ""
    topics: tuple[str, ...] = ()
    answer: list[str] = field(default_factory=list)
    size: int = 0


class _Reader:
    def __init__(self) -> None:
        self.open = _Open(1)
        self.headings: dict[int, str] = {}
        self.legend: dict[str, str] = {}
        self.fence = ""
        self.started: list[tuple[int, str]] = []  # a question that goes on in the next line
        self.marked = False  # whether questions of this file say their difficulty
        self.asking = False  # whether they end in question marks
        self.ours = False  # whether we wrote the file
        self.verbatim = False  # whether an answer of ours is being read, whose end is marked

    def line(self, number: int, line: str) -> Iterator[Item]:
        if self.verbatim:
            self.verbatim = line.strip() != END
            self._keep(number, line)
        elif self.started:
            yield from self._go_on(number, line)
        elif self.ours and is_note(line) and self.open.text and not "".join(self.open.answer).strip():
            self.verbatim = True
            self._keep(number, line)
        elif self.fence or _FENCE.match(line):
            self._code(line)
            self._keep(number, line)
        elif match := _HEADING.match(line):
            yield from self._finish()
            self._heading(len(match[1]), _heading_text(line[match.end() :]), number)
        elif (match := _UNDERLINE.match(line)) and self._is_heading_above():
            text = self.open.answer.pop()
            yield from self._finish()
            self._heading(1 if match[1].startswith("=") else 2, text, number)
        elif _BOLD.match(line):
            yield from self._bold(number, line)
        else:
            self._keep(number, line)

    def end(self) -> Iterator[Item]:
        for number, line in self.started:
            self._keep(number, line)
        if self.verbatim:
            words = _("The end of this question's answer is not marked, so everything after it was taken for answer.")
            hint = _("Write a line %s after the answer.") % END
            yield ImportProblem(words, hint=hint, line=self.open.line, severity=Severity.WARNING)
        yield from self._finish()

    # Lines

    def _keep(self, number: int, line: str) -> None:
        self.ours = self.ours or (not self.open.text and line.strip() == GENERATOR)
        if not self.open.text and "legend" in line.lower():
            self.legend |= {_bare(symbol): word.lower() for symbol, word in _LEGEND.findall(line[:2_000])}
            self.marked = self.marked or bool(self.legend)
        self.open.size += len(line) + 1
        if self.open.size <= MAX_ANSWER_CHARACTERS:
            self.open.answer.append(line)

    def _code(self, line: str) -> None:
        match = _FENCE.match(line)
        if match and not self.fence:
            self.fence = match[1]
        elif match and match[1].startswith(self.fence) and not match[2].strip():
            self.fence = ""

    def _is_heading_above(self) -> bool:
        lines = self.open.answer
        last, previous = (lines[-1] if lines else ""), (lines[-2] if len(lines) > 1 else "")
        return bool(last.strip()) and last[0] not in " \t|-*>" and not previous.strip()

    def _heading(self, level: int, text: str, number: int) -> None:
        self.headings = {above: name for above, name in self.headings.items() if above < level}
        self.headings[level] = text.strip().strip("*_ ")
        self.open = _Open(number + 1)

    def _topics(self) -> tuple[str, ...]:
        """Return the headings a question stands below; the one of the whole list only where there is no other."""
        names = [name for level, name in sorted(self.headings.items()) if level > 1 and name]
        return tuple(names) or tuple(name for name in self.headings.values() if name)

    # Questions

    def _bold(self, number: int, line: str) -> Iterator[Item]:
        text = line.strip()
        mark = text[:2]
        if text.count(mark) % 2:
            self.started = [(number, line)]
            return
        yield from self._whole(number, text, [(number, line)])

    def _go_on(self, number: int, line: str) -> Iterator[Item]:
        self.started.append((number, line))
        text = " ".join(part.strip() for _number, part in self.started)
        lines, first = self.started, self.started[0][0]
        if text.count(text[:2]) % 2 == 0:
            self.started = []
            yield from self._whole(first, text, lines)
        elif not line.strip() or len(lines) >= MAX_QUESTION_LINES:
            self.started = []
            for kept, part in lines:
                self._keep(kept, part)

    def _whole(self, number: int, text: str, lines: list[tuple[int, str]]) -> Iterator[Item]:
        """Begin a question, if all of `text` is bold; else it belongs to an answer."""
        question, symbol = self._question(text)
        if question and not self._asks(question):
            question = ""
            words = _("This bold line asks nothing, so it stays in the answer above it.")
            hint = _("To make it a question of its own, end it with a question mark.")
            yield ImportProblem(words, hint=hint, line=number, text=shown(text), severity=Severity.WARNING)
        if not question:
            for kept, part in lines:
                self._keep(kept, part)
            return
        yield from self._finish()
        self.marked = self.marked or bool(symbol)
        self.asking = self.asking or "?" in question
        self.open = _Open(number, question, symbol, self._topics())

    def _question(self, text: str) -> tuple[str, str]:
        """Return what a bold line says and its mark; nothing if it is not all bold, or a heading in an answer."""
        mark = text[:2]
        inside, _mark, after = text[2:].rpartition(mark)
        if mark in inside or any(letter.isalnum() for letter in after):
            return "", ""
        inside, symbol = split_mark(inside)
        rest, after_symbol = split_mark(after)
        symbol = symbol or after_symbol
        inside = inside.strip() if self.ours else _NUMBER.sub("", inside.strip(), count=1).strip()
        unmarked = not symbol and (inside.endswith(":") or (self.marked and "?" not in inside))
        if not inside or unmarked or rest.strip(" .:?!"):
            return "", ""
        return inside, symbol

    def _asks(self, question: str) -> bool:
        """Say whether a bold line asks something, in a file whose questions do: by its mark, its end or its verb."""
        if self.ours or not self.asking or not self.open.text or "?" in question or question.endswith((".", "…", "!")):
            return True
        return question.split()[0].strip(",").lower() in _VERBS

    def _finish(self) -> Iterator[Item]:
        question, self.open = self.open, _Open(0)
        first, lines = _trimmed(question.answer)
        if not question.text:
            own = self.ours and all(_is_ours(line) for line in lines)
            if (lines and not own) or question.size > MAX_ANSWER_CHARACTERS:
                yield NotCarried(_("text that belongs to no question"), max(1, question.line + first))
            return
        if question.size > MAX_ANSWER_CHARACTERS:
            words = _("The answer has more than a million characters.")
            yield ImportProblem(words, line=question.line, text=shown(question.text))
            return
        yield self._parsed(question, lines)

    def _parsed(self, question: _Open, lines: list[str]) -> ParsedQuestion:
        note = lines[0] if lines and is_note(lines[0]) else ""
        if note:
            lines = lines[1:-1] if lines[-1].strip() == END else lines[1:]
        text = "\n".join(lines).strip("\n")
        answered = bool(text) and not _PLACEHOLDER.fullmatch(text[:100])
        symbol = _bare(question.symbol)
        parsed = ParsedQuestion(
            sort=Sort.OPEN,
            prompt=Passage(question.text),
            line=question.line,
            reference=Passage(text) if answered else None,
            topics=question.topics,
            difficulty=self.legend.get(symbol, question.symbol),
        )
        return from_note(parsed, note) if note else parsed


def _is_ours(line: str) -> bool:
    """Say whether a line is of those that we write before the first question."""
    return not line.strip() or line.strip() == GENERATOR or line.startswith("Legend:")


def _heading_text(text: str) -> str:
    """Return the words of a heading, without the marks that may close it."""
    text = text.strip()
    open_end = text.rstrip("#")
    return open_end.strip() if not open_end or open_end[-1].isspace() else text


def split_mark(text: str) -> tuple[str, str]:
    """Return `text` without the emoji at its end, and the last of these: of two, the harder one."""
    match = _MARK.search(text[-60:])
    if not match:
        return text, ""
    symbols = re.findall(_SYMBOL, match[1])
    return text[: len(text) - len(text[-60:]) + match.start()], symbols[-1]


def _bare(symbol: str) -> str:
    return re.sub(r"[\ufe0e\ufe0f\u200d\s]", "", symbol)


def _trimmed(lines: list[str]) -> tuple[int, list[str]]:
    """Return `lines` without the separators around them, and how many came before."""
    start, end = 0, len(lines)
    while start < end and _SEPARATOR.fullmatch(lines[start].strip()):
        start += 1
    while end > start and _SEPARATOR.fullmatch(lines[end - 1].strip()):
        end -= 1
    return start, lines[start:end]

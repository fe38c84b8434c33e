"""Question-and-answer lists in Markdown: for open questions and numbers whose text fits on one bold line.

Title, time, tags and where a question comes from stand in a comment below it, which pages do not show and our own
import reads back. Another comment ends the answer, which may have headings and bold lines of its own.
"""

from collections.abc import Iterable
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.content import Content, Difficulty, Kind
from questions.exporting.base import ExportedQuestion
from questions.exporting.phrases import lost, writable
from questions.exporting.places import place_of
from questions.exporting.plain import on_one_line
from questions.importing.provenance import END, GENERATOR, note
from questions.importing.qalist import split_mark

_SYMBOLS = {Difficulty.EASY: "👶", Difficulty.MEDIUM: "⭐️", Difficulty.HARD: "🚀"}
_KEPT = frozenset({"title", "difficulty", "time_limit_seconds", "reference_answer", "tags"})


class QaListWriter:
    name = "qalist"
    label = gettext_lazy("Questions and answers in Markdown")
    extension = "md"
    media_type = "text/markdown; charset=utf-8"

    def carries(self, content: Content) -> bool:
        return content.kind in {Kind.OPEN, Kind.NUMERIC} and bool(_bold(content, ""))

    def cannot_carry(self, content: Content) -> list[str]:
        if content.kind not in {Kind.OPEN, Kind.NUMERIC}:
            return [_("the question: a list of questions and answers has no choices")]
        if not self.carries(content):
            return [_("the question: it has to fit on one bold line, without code, lists or tables")]
        phrases = lost(content, _KEPT)
        if content.numeric_answer:
            phrases.append(_("that the answer is a number; it stays in the reference answer as text"))
        return phrases

    def write(self, questions: Iterable[ExportedQuestion], file: BinaryIO) -> None:
        legend = ", ".join(f"{symbol} {difficulty}" for difficulty, symbol in _SYMBOLS.items())
        file.write(f"# {_('Questions')}\n\n{GENERATOR}\n\nLegend: {legend}\n".encode())
        place: tuple[str, ...] = ()
        for question in questions:
            if not self.carries(question.content):
                continue
            names = place_of(question)
            for level, name in enumerate(names):
                if names[: level + 1] != place[: level + 1]:
                    file.write(f"\n{'#' * (level + 2)} {' '.join(name.split())}\n".encode())
            place = names
            file.write(_question(question.content).encode())


WRITER = QaListWriter()


def _question(content: Content) -> str:
    bold = _bold(content, f" {_SYMBOLS[content.difficulty]}")
    return f"\n{bold}\n\n{note(content)}\n\n{writable(content.reference_answer)}\n\n{END}\n"


def _bold(content: Content, after: str) -> str:
    """Return the question as a bold line, between marks that it does not hold itself; nothing if there are none."""
    text = writable(on_one_line(content.prompt) or "")
    if split_mark(text)[1]:
        return ""  # its own emoji would be taken for its difficulty
    marks = [mark for mark in ("**", "__") if mark not in text]
    return f"{marks[0]}{text}{after}{marks[0]}" if text and marks else ""

"""Aiken: single choice questions whose texts fit on one line, and nothing else; Aiken has no place for more.

Where a question comes from stands in brackets at the end of its text, the only place there is.
"""

import re
from collections.abc import Iterable
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.content import Content, Kind
from questions.exporting.base import ExportedQuestion
from questions.exporting.phrases import lost, writable
from questions.exporting.plain import on_one_line
from questions.importing.provenance import inline_provenance

MAX_CHOICES = 26
# A line that begins so is a choice, or the answer.
_TAKEN = re.compile(r"[A-Za-z][.)]|ANSWER\s*:", re.IGNORECASE)


class AikenWriter:
    name = "aiken"
    label = gettext_lazy("Aiken")
    extension = "txt"
    media_type = "text/plain; charset=utf-8"

    def carries(self, content: Content) -> bool:
        return not _hindrance(content)

    def cannot_carry(self, content: Content) -> list[str]:
        hindrance = _hindrance(content)
        return [hindrance] if hindrance else lost(content, ())

    def write(self, questions: Iterable[ExportedQuestion], file: BinaryIO) -> None:
        for question in questions:
            if self.carries(question.content):
                file.write(_question(question.content).encode())


WRITER = AikenWriter()


def _hindrance(content: Content) -> str:
    """Return why a question has no place in Aiken, if it has none."""
    texts = [content.prompt, *(choice.text for choice in content.choices)]
    if content.kind != Kind.SINGLE:
        return _("the question: Aiken has single choice only")
    if not all(on_one_line(text) for text in texts):
        return _("the question: in Aiken, every text is one line without code, lists or tables")
    if len(content.choices) > MAX_CHOICES:
        return _("the question: Aiken has letters for 26 choices")
    if _TAKEN.match(content.prompt):
        return _("the question: it begins as a choice does in Aiken")
    return ""


def _question(content: Content) -> str:
    letters = [chr(ord("A") + number) for number in range(len(content.choices))]
    right = next(letter for letter, choice in zip(letters, content.choices, strict=True) if choice.correct)
    lines = [
        _line(content.prompt) + inline_provenance(content),
        *(f"{letter}) {_line(choice.text)}" for letter, choice in zip(letters, content.choices, strict=True)),
        f"ANSWER: {right}",
    ]
    return "\n".join(lines) + "\n\n"


def _line(text: str) -> str:
    return writable(on_one_line(text) or "")

"""Moodle GIFT, in Markdown. Title, text, choices with explanations, number, tags and reference answer go along.

The reference answer is the general feedback, and where the question comes from is its last paragraph: Moodle keeps it
and shows it. Difficulty and time are tags. Our own import reads all of it back.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.utils.translation import gettext_lazy

from questions.content import Content, Kind
from questions.exporting.base import ExportedQuestion
from questions.exporting.phrases import lost, writable
from questions.exporting.places import place_of
from questions.exporting.shares import shares
from questions.importing.provenance import after_words, category_words, tags_of

KEPT = frozenset({"title", "difficulty", "time_limit_seconds", "reference_answer", "explanations", "tags"})
_ESCAPED = re.compile(r"([\\~=#{}:])")
# A text that begins so would be taken for the name of a markup or for a weight.
_AMBIGUOUS = ("[", "%")


class GiftWriter:
    name = "gift"
    label = gettext_lazy("Moodle GIFT")
    extension = "gift"
    media_type = "text/plain; charset=utf-8"

    def carries(self, content: Content) -> bool:
        return True

    def cannot_carry(self, content: Content) -> list[str]:
        return lost(content, KEPT)

    def write(self, questions: Iterable[ExportedQuestion], file: BinaryIO) -> None:
        place: tuple[str, ...] = ()
        for question in questions:
            if (names := place_of(question)) != place:
                place = names
                file.write(f"$CATEGORY: {category_words(names)}\n\n".encode())
            file.write(("\n".join(_lines(question)) + "\n\n").encode())


WRITER = GiftWriter()


def _lines(question: ExportedQuestion) -> Iterator[str]:
    content = question.content
    tags = " ".join(f"[tag:{_in_brackets(tag)}]" for tag in tags_of(content))
    yield f"// [id:{_in_brackets(question.slug)}] {tags}"
    general = f"####{_text(after_words(content.reference_answer, content))}"
    begin = f"::{_escaped(' '.join(content.title.split()))}::[markdown]{_escaped(content.prompt)}"
    if content.kind == Kind.OPEN:
        yield f"{begin}{{{general}}}"
        return
    if number := content.numeric_answer:
        yield f"{begin}{{#"
        yield f"\t={number.value!r}:{number.tolerance!r}"
    else:
        yield f"{begin}{{"
        for choice, share in zip(content.choices, shares(content), strict=True):
            mark = _mark(share, single=content.kind == Kind.SINGLE)
            yield f"\t{mark}{_text(choice.text)}#{_text(choice.explanation)}"
    yield f"\t{general}"
    yield "}"


def _mark(share: str, *, single: bool) -> str:
    if single:
        return "=" if share == "100" else "~"
    return f"~%{share}%"


def _text(text: str) -> str:
    """Return a text in the question's markup, which is said where it could be taken for something else."""
    return f"[markdown]{_escaped(text)}" if text.startswith(_AMBIGUOUS) else _escaped(text)


def _escaped(text: str) -> str:
    return _ESCAPED.sub(r"\\\1", writable(text)).replace("\n", "\\n")


def _in_brackets(text: str) -> str:
    return re.sub(r"([\\\]])", r"\\\1", " ".join(writable(text).split()))

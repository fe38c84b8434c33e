"""Moodle XML, in Markdown. It keeps what GIFT keeps, and the unit of a number besides.

The reference answer is the general feedback, and where the question comes from is its last paragraph: Moodle keeps it
and shows it. Difficulty and time are tags. Our own import reads all of it back.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.sax.saxutils import escape

from django.utils.translation import gettext_lazy

from questions.content import Content, Kind, NumericAnswer
from questions.exporting.base import ExportedQuestion
from questions.exporting.gift import KEPT
from questions.exporting.phrases import lost, writable
from questions.exporting.places import place_of
from questions.exporting.shares import shares
from questions.importing.provenance import after_words, category_words, tags_of

_SORTS = {
    Kind.OPEN: "essay",
    Kind.SINGLE: "multichoice",
    Kind.MULTIPLE: "multichoice",
    Kind.NUMERIC: "numerical",
}


class MoodleXmlWriter:
    name = "moodlexml"
    label = gettext_lazy("Moodle XML")
    extension = "xml"
    media_type = "application/xml"

    def carries(self, content: Content) -> bool:
        return True

    def cannot_carry(self, content: Content) -> list[str]:
        return lost(content, KEPT | {"unit"})

    def write(self, questions: Iterable[ExportedQuestion], file: BinaryIO) -> None:
        file.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n')
        place: tuple[str, ...] = ()
        for question in questions:
            if (names := place_of(question)) != place:
                place = names
                file.write(_category(names).encode())
            file.write("\n".join(_lines(question)).encode() + b"\n")
        file.write(b"</quiz>\n")


WRITER = MoodleXmlWriter()


def _category(names: tuple[str, ...]) -> str:
    path = _text(category_words(names))
    return f'  <question type="category">\n    <category>{path}</category>\n  </question>\n'


def _lines(question: ExportedQuestion) -> Iterator[str]:
    content = question.content
    yield f'  <question type="{_SORTS[content.kind]}">'
    yield f"    <name>{_text(' '.join(content.title.split()))}</name>"
    yield f"    {_passage('questiontext', content.prompt)}"
    yield f"    {_passage('generalfeedback', after_words(content.reference_answer, content))}"
    yield "    <defaultgrade>1.0000000</defaultgrade>"
    yield "    <penalty>0.3333333</penalty>"
    yield "    <hidden>0</hidden>"
    yield f"    <idnumber>{_escaped(question.slug)}</idnumber>"
    yield from (f"    {line}" for line in _answers(content))
    tags = "".join(f"<tag>{_text(tag)}</tag>" for tag in tags_of(content))
    yield f"    <tags>{tags}</tags>"
    yield "  </question>"


def _answers(content: Content) -> Iterator[str]:
    if content.kind == Kind.OPEN:
        yield "<responseformat>editor</responseformat>"
        yield "<responserequired>1</responserequired>"
        yield "<responsefieldlines>15</responsefieldlines>"
        yield "<attachments>0</attachments>"
        yield _passage("graderinfo", "")
        yield _passage("responsetemplate", "")
    elif number := content.numeric_answer:
        yield from _number(number)
    else:
        yield f"<single>{'true' if content.kind == Kind.SINGLE else 'false'}</single>"
        yield "<shuffleanswers>true</shuffleanswers>"
        yield "<answernumbering>abc</answernumbering>"
        for choice, share in zip(content.choices, shares(content), strict=True):
            feedback = _passage("feedback", choice.explanation)
            yield f'<answer fraction="{share}" format="markdown">{_text(choice.text)}{feedback}</answer>'


def _number(number: NumericAnswer) -> Iterator[str]:
    feedback = _passage("feedback", "")
    yield (
        f'<answer fraction="100" format="moodle_auto_format">{_text(repr(number.value))}{feedback}'
        f"<tolerance>{number.tolerance!r}</tolerance></answer>"
    )
    if number.unit:
        unit = f"<unit><multiplier>1</multiplier><unit_name>{_escaped(number.unit)}</unit_name></unit>"
        yield f"<units>{unit}</units>"
        yield "<unitgradingtype>0</unitgradingtype>"
        # Whoever leaves the unit out is right too, as here.
        yield "<showunits>0</showunits>"


def _passage(name: str, text: str) -> str:
    return f'<{name} format="markdown">{_text(text)}</{name}>'


def _text(text: str) -> str:
    return f"<text>{_escaped(text)}</text>"


def _escaped(text: str) -> str:
    return escape(writable(text))

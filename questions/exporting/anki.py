"""An Anki package: one note a question, with what was asked in front and everything worth knowing behind.

A note keeps its identity from export to export by the slug of its question, so that importing a newer package updates
the card and keeps what was learned. Formulas are written for Anki's MathJax, drawings are drawn. There is no media.
"""

import itertools
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import BinaryIO

import genanki
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from genanki.apkg_col import APKG_COL
from genanki.apkg_schema import APKG_SCHEMA

from questions.content import Content
from questions.exporting.base import ExportedQuestion
from questions.exporting.phrases import lost, writable
from questions.exporting.places import place_of
from questions.exporting.xhtml import Xhtml, tex
from questions.importing.provenance import provenance

DECK = "Interview Prep"
_KEPT = frozenset(
    {"title", "difficulty", "reference_answer", "explanations", "key_points", "unit", "follow_ups", "misconceptions"}
    | {"tags", "format"}
)
# Anki finds the fields and the look of our notes again by this number. It never changes.
_MODEL_ID = 1_734_091_562
_FIELDS = ("Question", "Answer", "Title", "Source", "Slug")
_TEXTS = Xhtml(formula=tex, drawings=True)
_STYLE = """
.card { font-family: system-ui, sans-serif; font-size: 18px; line-height: 1.5; text-align: left; max-width: 42em;
  margin: 0 auto; padding: 0 1em; }
pre { overflow-x: auto; padding: .6em; border: 1px solid currentColor; border-radius: 4px; }
table { border-collapse: collapse; } td, th { border: 1px solid currentColor; padding: .2em .6em; }
.title, .from { opacity: .7; font-size: .8em; }
svg { max-width: min(100%, 30em); height: auto; }
.stroke, .stroke-muted, .stroke-main, .stroke-second { stroke: currentColor; stroke-width: 2; fill: none; }
.stroke-muted { opacity: .5; } .stroke-main { stroke: #3b82f6; } .stroke-second { stroke: #d97706; }
.dashed { stroke-dasharray: 6 4; } .fill { fill: currentColor; } .fill-main { fill: #3b82f6; }
.fill-second { fill: #d97706; } .fill-soft { fill: currentColor; opacity: .12; }
svg text { fill: currentColor; font-size: 14px; } svg .small { font-size: 12px; } svg .muted { opacity: .7; }
"""


class AnkiWriter:
    name = "anki"
    label = gettext_lazy("Anki package")
    extension = "apkg"
    media_type = "application/octet-stream"

    def carries(self, content: Content) -> bool:
        return True

    def cannot_carry(self, content: Content) -> list[str]:
        phrases = lost(content, _KEPT)
        if content.choices or content.numeric_answer:
            phrases.append(_("that an answer is checked: on a card, you judge it yourself"))
        return phrases

    def write(self, questions: Iterable[ExportedQuestion], file: BinaryIO) -> None:
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "collection.anki2"
            _fill(database, questions)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.write(database, database.name)
                archive.writestr("media", json.dumps({}))


WRITER = AnkiWriter()


def _fill(database: Path, questions: Iterable[ExportedQuestion]) -> None:
    """Write the collection deck by deck, so that only the notes of one topic are held at a time."""
    connection = sqlite3.connect(database)
    try:
        cursor = connection.cursor()
        cursor.executescript(APKG_SCHEMA)
        cursor.executescript(APKG_COL)
        # Anki takes the newer of two notes; this package is as new as its own file.
        made_at = database.stat().st_mtime
        ids = itertools.count(int(made_at * 1000))
        for names, group in itertools.groupby(questions, key=place_of):
            _deck(names, group).write_to_db(cursor, made_at, ids)
        connection.commit()
    finally:
        connection.close()


def _deck(names: tuple[str, ...], questions: Iterable[ExportedQuestion]) -> genanki.Deck:
    # A colon parts the levels of decks.
    name = "::".join([DECK, *(writable(" ".join(one.split())).replace("::", ":") for one in names)])
    deck = genanki.Deck(int(sha256(name.encode()).hexdigest()[:8], 16) | 1 << 32, name)
    for question in questions:
        deck.add_note(_note(question))
    return deck


def _note(question: ExportedQuestion) -> genanki.Note:
    content = question.content
    fields = [
        "\n".join(_front(content)),
        "\n".join(_back(content)),
        escape(writable(content.title)),
        "<br>".join(escape(writable(line.strip())) for line in provenance(content).split("\n")),
        escape(question.slug),
    ]
    tags = [_tag(tag) for tag in (*content.tags, f"difficulty::{content.difficulty}", f"kind::{content.kind}")]
    return genanki.Note(
        model=_model(), fields=fields, tags=tags, guid=genanki.guid_for("interview-prep", question.slug)
    )


def _tag(tag: str) -> str:
    return "-".join(tag.split())


def _model() -> genanki.Model:
    question = '<div class="title">{{Title}}</div>\n{{Question}}'
    answer = '{{FrontSide}}\n<hr id="answer">\n{{Answer}}\n<p class="from">{{Source}}</p>'
    return genanki.Model(
        _MODEL_ID,
        "Interview Prep question",
        fields=[{"name": name} for name in _FIELDS],
        templates=[{"name": "Question", "qfmt": question, "afmt": answer}],
        css=_STYLE,
        sort_field_index=_FIELDS.index("Title"),
    )


# The two sides


def _front(content: Content) -> Iterator[str]:
    yield _TEXTS.block(content.prompt)
    if content.choices:
        yield _list("ol", (choice.text for choice in content.choices))
    if content.code:
        yield _code(content.code.language, content.code.starter)


def _back(content: Content) -> Iterator[str]:
    if number := content.numeric_answer:
        yield f"<p><b>{escape(_number(number.value, number.tolerance, number.unit))}</b></p>"
    if content.choices:
        verdicts = ((_("Right."), _("Wrong."))[not choice.correct] for choice in content.choices)
        said = zip(verdicts, content.choices, strict=True)
        yield _list("ol", (f"**{verdict}** {choice.text}: {choice.explanation}" for verdict, choice in said))
    yield _TEXTS.block(content.reference_answer)
    if content.code:
        yield _section(_("One solution"), _code(content.code.language, content.code.solution))
    if content.key_points:
        yield _section(_("Key points"), _list("ul", (point.text for point in content.key_points)))
    if content.misconceptions:
        wrong = (f"{one.text} {one.why}" for one in content.misconceptions)
        yield _section(_("Often said, and wrong"), _list("ul", wrong))
    if content.follow_ups:
        yield _section(_("Follow-up questions"), _list("ul", content.follow_ups))


def _number(value: float, tolerance: float, unit: str) -> str:
    words = f"{value:.10g}"
    if tolerance:
        words += f" ± {tolerance:.6g}"
    return f"{words} {unit}".strip()


def _code(language: str, code: str) -> str:
    return _TEXTS.block(f"````{language}\n{code}\n````")


def _section(title: str, html: str) -> str:
    return f"<h3>{escape(title)}</h3>\n{html}"


def _list(tag: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{_TEXTS.inline(line)}</li>" for line in lines)
    return f"<{tag}>{items}</{tag}>"

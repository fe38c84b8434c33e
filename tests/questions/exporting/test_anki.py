"""An Anki package holds a card a question, and the same card again in the next package."""

import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from questions.content import Content
from questions.exporting.anki import WRITER
from tests.factories import make_content
from tests.questions.exporting.exported import EVERY_KIND, NUMERIC, OPEN, SINGLE, leaving, written


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The database of a package with one question of each kind."""
    (tmp_path / "collection.anki2").write_bytes(database(list(EVERY_KIND.values())))
    with closing(sqlite3.connect(tmp_path / "collection.anki2")) as connection:
        yield connection


def database(contents: list[Content]) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(written(WRITER, contents)))
    assert sorted(archive.namelist()) == ["collection.anki2", "media"]
    assert json.loads(archive.read("media")) == {}
    return archive.read("collection.anki2")


def notes(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the fields of the notes by the slug of their question, which is the last field."""
    found = [fields.split("\x1f") for (fields,) in connection.execute("select flds from notes")]
    return {fields[-1]: fields for fields in found}


def test_every_question_has_one_card_in_the_deck_of_its_topic(collection: sqlite3.Connection) -> None:
    assert collection.execute("select count(*) from cards").fetchone() == (4,)
    (decks,) = collection.execute("select decks from col").fetchone()
    names = {deck["name"] for deck in json.loads(decks).values()}
    assert "Interview Prep::Evaluation & Co.::A/B tests" in names


def test_choices_are_in_front_and_their_verdicts_behind(collection: sqlite3.Connection) -> None:
    front, back, *_others = notes(collection)["q1"]
    assert "<ol><li>[html] 50% of <code>x = {1}</code></li>" in front
    assert "<strong>Right.</strong> %50% is -&gt; that: [markdown] yes" in back
    assert "Right." not in front


def test_formulas_are_written_for_mathjax_and_nothing_is_raw_html(collection: sqlite3.Connection) -> None:
    front, _back, title, *_others = notes(collection)["q1"]
    assert "\\(x_1 = 2\\)" in front
    assert "&lt;i&gt;" in front
    assert title == "Costs: 5 % of = {all} ~ #1"


def test_a_number_has_its_tolerance_and_unit_behind(collection: sqlite3.Connection) -> None:
    assert "<b>0.1 ± 0.005 m/s</b>" in notes(collection)["q3"][1]


def test_an_open_question_has_points_code_misconceptions_and_follow_ups_behind(collection: sqlite3.Connection) -> None:
    front, back, *_others = notes(collection)["q0"]
    assert "def f(x):\n    ..." in front
    for words in ("return x", "An idea", "All are. Some are not.", "And then?"):
        assert words in back
        assert words not in front


def test_licence_author_and_source_are_on_every_card(collection: sqlite3.Connection) -> None:
    lines = "Licence: CC-BY-SA-4.0<br>Author: Ada Löwe | Sons<br>Source: https://example.com/q?a=1&amp;b=2"
    assert {fields[3] for fields in notes(collection).values()} == {lines}
    (models,) = collection.execute("select models from col").fetchone()
    assert "{{Source}}" in next(iter(json.loads(models).values()))["tmpls"][0]["afmt"]


def test_tags_difficulty_and_kind_are_tags(collection: sqlite3.Connection) -> None:
    (tags,) = collection.execute("select tags from notes where flds like '%q1'").fetchone()
    assert tags.split() == ["cost-of-errors", "thresholds", "difficulty::hard", "kind::single"]


def identities(contents: list[Content], folder: Path) -> dict[str, str]:
    path = folder / "one.anki2"
    path.write_bytes(database(contents))
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("select guid, flds from notes").fetchall()
    return {fields.split("\x1f")[-1]: guid for guid, fields in rows}


def test_a_question_keeps_its_card_when_its_words_change(tmp_path: Path) -> None:
    before = identities([SINGLE, NUMERIC], tmp_path)
    after = identities([make_content("single", title="Other words"), NUMERIC, OPEN], tmp_path)
    assert {slug: after[slug] for slug in before} == before
    assert len(set(after.values())) == 3


def test_drawings_are_drawn() -> None:
    drawing = '```svg\n<svg viewBox="0 0 1 1"><title>A curve</title><path class="stroke" d="M0 0"/></svg>\n```'
    data = database([make_content("numeric", prompt=f"What is it?\n\n{drawing}")])
    assert b'<path class="stroke"' in data


def test_nothing_is_left_behind_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    WRITER.write([leaving(OPEN)], io.BytesIO())
    assert list(tmp_path.iterdir()) == []


def test_an_empty_export_is_a_package_without_cards() -> None:
    assert zipfile.is_zipfile(io.BytesIO(written(WRITER, [])))


def test_what_a_card_cannot_do_is_said() -> None:
    demands = "what 1 key point demands: terms, a figure, or some of several items"
    assert demands in WRITER.cannot_carry(OPEN) and demands not in WRITER.cannot_carry(make_content())
    assert WRITER.carries(NUMERIC)
    assert WRITER.cannot_carry(NUMERIC) == [
        "the time limit (215 s)",
        "how the number is worked out (1 / 10)",
        "the guidance",
        "that an answer is checked: on a card, you judge it yourself",
    ]

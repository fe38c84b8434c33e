"""docs/exchange-formats.md says what each format carries, and this holds it to what the code does.

Every kind of question, saying something in every field, goes out in every format and comes in again. A cell says `yes`
exactly where a field comes back as it went; where it does not, the writer must have said so before.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from questions.content import Content
from questions.exporting.phrases import _WORDS, lost
from questions.exporting.registry import writers
from questions.importing.registry import parsers
from tests.questions.exporting.exported import AREA, EVERY_KIND, TOPIC, back, mapped

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "exchange-formats.md"
# How the document's rows and columns are called here.
ROWS = {
    "Open question": "kind:open",
    "Single choice": "kind:single",
    "Multiple choice": "kind:multiple",
    "Number": "kind:numeric",
    "Title": "title",
    "Question": "prompt",
    "Reference answer": "reference_answer",
    "Explanation of each choice": "explanations",
    "Number and tolerance": "number",
    "Unit": "unit",
    "How the number is worked out": "expression",
    "Topic": "topics",
    "Tags": "tags",
    "Difficulty": "difficulty",
    "Time limit": "time_limit_seconds",
    "Licence, author, source": "provenance",
    "Key points": "key_points",
    "What key points demand": "key_point_parts",
    "Misconceptions": "misconceptions",
    "Follow-up questions": "follow_ups",
    "Form (coding, design …)": "format",
    "Code with its cases": "code",
    "Guidance": "guidance",
    "Sample answers": "samples",
}
COLUMNS = {"Moodle XML": "moodlexml", "GIFT": "gift", "Aiken": "aiken", "QTI 2.1": "qti", "Q&A list": "qalist"}
OURS = ["folder", "json", "csv", "xlsx"]


def table() -> dict[tuple[str, str], bool]:
    """Return what the document says, by row and column."""
    lines = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("|")]
    head, *rest = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    rows = [row for row in rest if row[0] in ROWS]
    cells = [(row[0], column, cell) for row in rows for column, cell in zip(head[1:], row[1:], strict=True)]
    return {(name, column): cell.startswith("yes") for name, column, cell in cells}


def part(content: Content | dict[str, Any], name: str) -> Any:
    values = content if isinstance(content, dict) else content.model_dump(mode="json")
    number = values.get("numeric_answer") or {}
    match name:
        case "explanations":
            return [choice["explanation"] for choice in values.get("choices") or ()]
        case "number":
            return number.get("value"), number.get("tolerance")
        case "unit" | "expression":
            return number.get(name, "")
        case "provenance":
            # A bar parts the three where they share a line.
            return [str(values.get(field)).replace("|", "/") for field in ("licence", "author", "source")]
        case "samples":
            return [values.get("strong_sample") or "", values.get("middling_sample") or ""]
        case "key_point_parts":
            points = values.get("key_points") or []
            return [[point.get(name) for name in ("required", "number", "any_of")] for point in points]
        case "prompt":
            return " ".join(str(values.get("prompt")).split())
        case "format":
            return values.get("format") or "explanation"
    return values.get(name) or ""


def says_something(content: Content, name: str) -> bool:
    if name.startswith("kind:"):
        return name == f"kind:{content.kind}"
    return name == "topics" or part(content, name) not in (None, "", [], ["", ""], (None, None), "explanation")


@cache
def returns(form: str, name: str) -> bool:
    """Say whether a field comes back as it went, in every kind of question that has it and that the format takes."""
    writer, parser = writers()[form], parsers()[form]
    having = [content for content in EVERY_KIND.values() if says_something(content, name)]
    taken = [content for content in having if writer.carries(content)]
    return bool(taken) and all(_returns(writer, parser, content, name) for content in taken)


def _returns(writer: Any, parser: Any, content: Content, name: str) -> bool:
    if name == "topics":
        return back(writer, parser, content).topics in {(AREA.name, TOPIC.name), (AREA.slug, TOPIC.slug)}
    found = mapped(writer, parser, content).values
    if name.startswith("kind:"):
        return bool(found["kind"] == str(content.kind))
    return bool(part(found, name) == part(content, name))


@pytest.mark.parametrize("row", ROWS)
def test_the_document_says_what_comes_back(row: str) -> None:
    said = {column: carried for (name, column), carried in table().items() if name == row}
    assert said == {column: returns(form, ROWS[row]) for column, form in COLUMNS.items()}


@pytest.mark.parametrize("form", OURS)
def test_our_own_formats_carry_everything(form: str) -> None:
    assert [row for row, name in ROWS.items() if not returns(form, name)] == []


@pytest.mark.parametrize("form", [*COLUMNS.values(), "anki"])
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_whatever_does_not_come_back_was_said_before(form: str, kind: str) -> None:
    content, writer = EVERY_KIND[kind], writers()[form]
    if not writer.carries(content):
        assert writer.cannot_carry(content)
        return
    said = set(writer.cannot_carry(content))
    fields = {"number": "", "provenance": "", "samples": "strong_sample"}
    for row, name in ROWS.items():
        field = fields.get(name, name)
        if field not in _WORDS or not says_something(content, name) or form == "anki":
            continue
        (phrase,) = lost(content, set(_WORDS) - {field}) or [""]
        assert (phrase in said) != returns(form, name), row


def test_a_question_that_says_little_loses_little() -> None:
    for form in ("moodlexml", "gift", "qti"):
        assert (
            writers()[form].cannot_carry(EVERY_KIND["multiple"].model_copy(update={"guidance": "", "follow_ups": ()}))
            == []
        )

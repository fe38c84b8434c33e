"""Every public GIFT sample is read as the .json file beside it says, field by field."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from questions.importing.base import (
    Markup,
    ParsedChoice,
    ParsedNumber,
    ParsedPair,
    ParsedQuestion,
    ParseOptions,
    Passage,
    Sort,
    collect,
)
from questions.importing.gift import BLANK, PARSER
from questions.importing.provenance import category_path
from tests.questions.importing.samples import SAMPLES, needs_samples

FILES = sorted((SAMPLES / "gift").glob("*.gift"))
SORTS = {
    "TF": Sort.TRUE_FALSE,
    "Short": Sort.SHORT,
    "Numerical": Sort.NUMERIC,
    "Essay": Sort.OPEN,
    "Matching": Sort.MATCHING,
    "Description": Sort.DESCRIPTION,
}


def text(said: Mapping[str, Any] | None) -> Passage | None:
    return Passage(said["text"], Markup(said["format"])) if said else None


def needed(said: Mapping[str, Any] | None) -> Passage:
    found = text(said)
    assert found is not None
    return found


def is_right(sort: Sort, choice: Mapping[str, Any]) -> bool:
    """Say what counts as right here: `=`, and in a multiple choice question also a positive weight."""
    if sort == Sort.SINGLE:
        return bool(choice["isCorrect"])
    if choice["weight"] is None:
        return bool(choice["isCorrect"])
    return bool(choice["weight"] > 0)


def choices(sort: Sort, said: list[Mapping[str, Any]]) -> list[tuple[Passage, bool, float | None, Passage | None]]:
    return [(needed(one["text"]), is_right(sort, one), one["weight"], text(one["feedback"])) for one in said]


def found_choices(found: tuple[ParsedChoice, ...]) -> list[tuple[Passage, bool, float | None, Passage | None]]:
    return [(one.text, one.correct, one.percent, one.feedback) for one in found]


def number(said: Mapping[str, Any]) -> tuple[float, float]:
    """Return a number of the .json file as its value and tolerance."""
    match said["type"]:
        case "simple":
            return said["number"], 0.0
        case "range":
            return said["number"], said["range"]
    low, high = said["numberLow"], said["numberHigh"]
    return (low + high) / 2, (high - low) / 2


def numbers(said: Any) -> list[tuple[float, float, float | None, Passage | None]]:
    if isinstance(said, Mapping):
        return [(*number(said), None, None)]
    return [(*number(one["text"]), one["weight"], text(one["feedback"])) for one in said]


def found_numbers(found: tuple[ParsedNumber, ...]) -> list[tuple[float, float, float | None, Passage | None]]:
    return [(one.value, one.tolerance, one.percent, one.feedback) for one in found]


def truth(said: Mapping[str, Any]) -> list[tuple[Passage, bool, float | None, Passage | None]]:
    return [
        (Passage("True", Markup.PLAIN), said["isTrue"], None, text(said["trueFeedback"])),
        (Passage("False", Markup.PLAIN), not said["isTrue"], None, text(said["falseFeedback"])),
    ]


def pairs(found: tuple[ParsedPair, ...]) -> list[tuple[Passage | None, str]]:
    return [(one.left, one.right.text) for one in found]


def sort_of(said: Mapping[str, Any]) -> Sort:
    if said["type"] != "MC":
        return SORTS[said["type"]]
    return Sort.SINGLE if sum(one["isCorrect"] for one in said["choices"]) == 1 else Sort.MULTIPLE


def assert_equal(found: ParsedQuestion, said: Mapping[str, Any]) -> None:
    sort = sort_of(said)
    assert found.sort == sort
    assert found.title == (said["title"] or "")
    assert found.prompt == text(said["stem"])
    assert (BLANK in found.prompt.text) == said["hasEmbeddedAnswers"]
    assert found.reference == text(said["globalFeedback"])
    assert found.external_id == (said["id"] or "")
    assert list(found.tags) == (said["tags"] or [])
    answers = said.get("choices", [])
    of_choices = choices(sort, answers) if sort in {Sort.SINGLE, Sort.MULTIPLE} else []
    assert found_choices(found.choices) == (truth(said) if sort == Sort.TRUE_FALSE else of_choices)
    assert found_choices(found.accepted) == (choices(sort, answers) if sort == Sort.SHORT else [])
    assert found_numbers(found.numbers) == (numbers(answers) if sort == Sort.NUMERIC else [])
    assert pairs(found.pairs) == [(text(one["subquestion"]), one["subanswer"]) for one in said.get("matchPairs", [])]


@needs_samples
def test_all_samples_are_there() -> None:
    assert len(FILES) >= 14


@needs_samples
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_is_read_as_its_json_says(path: Any) -> None:
    said = json.loads(path.with_suffix(".json").read_text("utf-8"))
    with path.open("rb") as file:
        found = collect(PARSER.read(file, ParseOptions(filename=path.name)))
    assert found.errors == ()
    asked = [one for one in said if one["type"] != "Category"]
    assert len(found.questions) == len(asked)
    for question, expected in zip(found.questions, asked, strict=True):
        assert_equal(question, expected)


@needs_samples
def test_the_sample_of_a_category_names_it() -> None:
    (said,) = json.loads((SAMPLES / "gift" / "category1.json").read_text("utf-8"))
    source = (SAMPLES / "gift" / "category1.gift").read_bytes()
    assert said["title"] in source.decode()
    assert category_path(said["title"]) == ("Default for LING-373-2194-B",)

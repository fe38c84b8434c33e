"""Our JSON, in one piece or line by line, with the place of whatever is wrong."""

import io
import json

import pytest

from questions.importing.base import ParseOptions, ParseResult, collect
from questions.importing.jsonformat import CHUNK, PARSER
from questions.importing.mapping import Defaults, map_question
from tests.factories import make_content

QUESTION = {"slug": "one", "area": "a", "topic": "b", **make_content("single").model_dump(mode="json")}


def read(text: str) -> ParseResult:
    return collect(PARSER.read(io.BytesIO(text.encode()), ParseOptions()))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([QUESTION, QUESTION]),
        json.dumps([QUESTION, QUESTION], indent=2),
        f"[\n{json.dumps(QUESTION)},\n{json.dumps(QUESTION)}\n]\n",
        f"{json.dumps(QUESTION)}\n{json.dumps(QUESTION)}\n",
        "\ufeff" + json.dumps([QUESTION, QUESTION]),
    ],
)
def test_a_list_and_lines_of_objects_are_read(text: str) -> None:
    result = read(text)
    assert [question.slug for question in result.questions] == ["one", "one"]
    assert result.problems == ()


def test_each_question_has_the_line_where_it_begins() -> None:
    result = read(f"[\n\n{json.dumps(QUESTION, indent=1)},\n{json.dumps(QUESTION)}]")
    lines = json.dumps(QUESTION, indent=1).count("\n")
    assert [question.line for question in result.questions] == [3, 4 + lines]


def test_a_question_longer_than_a_piece_of_the_file_is_read_whole() -> None:
    long = QUESTION | {"guidance": "x" * 3 * CHUNK}
    (question,) = read(json.dumps([long])).questions
    assert question.content and len(question.content["guidance"]) == 3 * CHUNK


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('[\n{"title": "a",}\n]', "2:15", "no valid JSON"),
        ('[\n{"title": "a"}\n{"title": "b"}]', "3:1", "A comma is missing"),
        ('[{"title": "a"},\n,{"title": "b"}]', "2:1", "a comma too many"),
        ('[{"title": "a"}\n', "2:1", "is not closed"),
        ('[{"title": "a"}] x', "1:18", "behind the end"),
        ('[{"title": "a", "title": "b"}]', "1:2", "“title” is given twice"),
        ('[{"value": NaN}]', "1:2", "NaN is no number of JSON"),
        ("[" * 100_000, "1:2", "cannot be read"),
    ],
)
def test_broken_json_is_refused_with_line_and_column(text: str, place: str, words: str) -> None:
    (problem,) = read(text).problems
    assert (problem.place, words in problem.message) == (place, True), problem


def test_what_is_no_question_is_a_fault_and_the_others_are_read() -> None:
    result = read(json.dumps([17, QUESTION, {"frage": "Was?"}]))
    assert len(result.questions) == 1
    assert [problem.message for problem in result.problems] == [
        "This is no question: an object with named values is expected.",
        "None of its names is one of a question's.",
    ]


def test_unknown_names_do_not_come_along_and_the_one_that_was_meant_is_named() -> None:
    (question,) = read(json.dumps([QUESTION | {"promt": "What?"}])).questions
    assert question.not_carried[0].what == "promt: is not a known name; did you mean “prompt”?"
    assert map_question(question, Defaults()).content is not None


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    (problem,) = collect(PARSER.read(io.BytesIO('["Größe"]'.encode("cp1252")), ParseOptions())).problems
    assert problem.hint == "Save it as UTF-8."

"""Aiken is read as Moodle reads it, and complained about on the same lines."""

import pytest

from questions.importing.aiken import PARSER
from questions.importing.base import Markup, Passage, Sort
from tests.questions.importing.reading import errors_of, only, questions_of, result_of, warnings_of

BEFORE_NEXT = "ANSWER line before the next one begins here."
GOOD = "What is it?\nA) Bias\nB) Variance\nANSWER: B\n"


@pytest.mark.parametrize(
    "source", [GOOD, GOOD.replace(") ", ". "), GOOD.replace(") ", ")"), GOOD.replace("\n", "\r\n")]
)
def test_letters_with_a_dot_or_a_bracket_are_choices(source: str) -> None:
    question = only(PARSER, source)
    assert question.sort == Sort.SINGLE
    assert question.prompt == Passage("What is it?", Markup.PLAIN)
    assert [(choice.key, choice.text.text, choice.correct, choice.line) for choice in question.choices] == [
        ("a", "Bias", False, 2),
        ("b", "Variance", True, 3),
    ]


def test_questions_follow_each_other_with_or_without_empty_lines() -> None:
    assert [question.line for question in questions_of(PARSER, f"{GOOD}{GOOD}\n\n{GOOD}")] == [1, 5, 11]


def test_html_and_formulas_stay_what_they_are() -> None:
    question = only(PARSER, 'Is <html class="x"> & $x^2$ so?\nA) List<int>\nB) &lt;\nANSWER: A')
    assert question.prompt.text == 'Is <html class="x"> & $x^2$ so?'
    assert [choice.text.text for choice in question.choices] == ["List<int>", "&lt;"]


def test_complaints_are_on_the_lines_on_which_moodle_complains() -> None:
    source = "\n".join(
        [
            "A question with one choice",
            "A) Only this",
            "ANSWER: A",
            "",
            "A) No question has begun",
            "",
            "ANSWER: neither here",
            "",
            "A good one",
            "A) Right",
            "B) Wrong",
            "ANSWER: A",
            "",
            "Begun and not finished",
            "A) Something",
            "B) Else",
            "",
            "A second good one",
            "A)Without a space",
            "B)Here neither",
            "ANSWER: B",
        ]
    )
    assert [line for line, _words in errors_of(PARSER, source)] == [3, 5, 7, 18]
    assert [question.line for question in result_of(PARSER, source).questions] == [9, 18]


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("Q\nA) a\nB) b\nANSWER: C", 4, "There is no choice C."),
        ("Q\nA) a\nB) b\nANSWER: 2", 4, "“2” is not the letter of a choice."),
        ("Q\nA) a\nB) b\nANSWER:", 4, "“” is not the letter of a choice."),
        ("Q\nA) a\nC) c\nANSWER: A", 3, "The choice C comes where B should be."),
        ("Q\nA) a\nA) b\nANSWER: A", 3, "The choice A comes where B should be."),
        ("Q\nA) a\nB) b\n", 1, "The question has no ANSWER line before the file ends."),
        (
            "Q\nA) a\nB) b\nstray\nANSWER: A",
            4,
            "The question of line 1 has no ANSWER line before the next one begins here.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(source: str, line: int, words: str) -> None:
    assert (line, words) in errors_of(PARSER, source)


def test_more_than_moodle_reads_is_read_with_a_warning() -> None:
    source = "A question\non two lines?\na) one\nb) two\nc) three\nAnswer: a, C"
    question = only(PARSER, source)
    assert question.sort == Sort.MULTIPLE
    assert question.prompt.text == "A question\non two lines?"
    assert [choice.correct for choice in question.choices] == [True, False, True]
    assert [line for line, _words in warnings_of(PARSER, source)] == [1, 6]


def test_a_line_that_only_looks_like_a_choice_is_text() -> None:
    question = only(PARSER, "Which is right?\nc) is not first\nA) a\nB) b\nANSWER: A")
    assert question.prompt.text == "Which is right?\nc) is not first"


def test_aiken_is_recognised_by_a_choice_before_its_answer() -> None:
    assert PARSER.recognises(GOOD.encode())
    assert PARSER.recognises(GOOD.replace("\n", "\r\n").encode())
    assert not PARSER.recognises(b"Q{=a ~b}")
    assert not PARSER.recognises(b"The ANSWER: B is wrong")

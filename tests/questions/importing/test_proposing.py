"""Key points proposed from an answer: its list or its sentences, said to be proposals, and only when asked for."""

import pytest

from questions.importing.base import ParsedQuestion, Passage, Sort
from questions.importing.mapping import Defaults, map_question
from questions.importing.proposing import points_from_reference, proposed_points

LIST = """There are two parts:

- **Bias** is the error of a model that is too simple
- *Variance* is the error of a model that [follows](https://example.org) the noise

```python
- not = "a point of the answer at all"
```
"""
PROSE = (
    "High bias shows as high training error. It does not shrink with more data, e.g. ten times as much. Yes. Why so?"
)


def texts(answer: str) -> list[str]:
    return [point["text"] for point in proposed_points(answer)]


def test_the_entries_of_a_list_are_the_points() -> None:
    assert texts(LIST) == [
        "Bias is the error of a model that is too simple",
        "Variance is the error of a model that follows the noise",
    ]


def test_without_a_list_the_sentences_are() -> None:
    assert texts(PROSE) == [
        "High bias shows as high training error",
        "It does not shrink with more data, e.g. ten times as much",
    ]


@pytest.mark.parametrize("answer", ["", "Bias.", "One sentence of enough words only.", "word " * 300])
def test_too_little_to_choose_from_gives_none(answer: str) -> None:
    assert proposed_points(answer) == []


def test_an_entry_goes_on_over_its_lines() -> None:
    answer = "1. The gate opens when the water\n   has lifted the float\n2) It closes as soon as\nthe Canal is full"
    assert texts(answer) == [
        "The gate opens when the water has lifted the float",
        "It closes as soon as the Canal is full",
    ]


def test_an_entry_that_is_too_long_is_taken_sentence_by_sentence() -> None:
    long = "The gate opens when the water has lifted the float. " * 5
    assert texts(f"- It closes when the canal is full\n- {long}It has a handle for the winter.") == [
        "It closes when the canal is full",
        "The gate opens when the water has lifted the float",
        "It has a handle for the winter",
    ]


@pytest.mark.parametrize("mark", ["- ", "-", "• ", "●", "1.", "12) ", "iv)", "b) ", "      + "])
def test_lists_are_known_by_many_marks(mark: str) -> None:
    assert texts(f"Two of these:\n{mark}the float lifts the bolt\n{mark}a handle for the winter") == [
        "the float lifts the bolt",
        "a handle for the winter",
    ]


@pytest.mark.parametrize("start", ["-5 degrees", "2.5 degrees", "*Five* degrees", "a degree"])
def test_a_number_or_a_word_is_no_mark(start: str) -> None:
    answer = f"{start} is what the gate can bear in winter. It has a heater for colder days."
    assert texts(answer)[0].split()[-1] == "winter"
    assert len(texts(answer)) == 2


def test_lines_that_end_early_are_statements_of_their_own_and_wrapped_ones_are_not() -> None:
    assert texts("The float lifts the bolt\nA handle opens it in winter, when the float is frozen") == [
        "The float lifts the bolt",
        "A handle opens it in winter, when the float is frozen",
    ]
    assert texts("The float that was built by old Mr\nMiller lifts the bolt. A handle opens\nit in winter too.") == [
        "The float that was built by old Mr Miller lifts the bolt",
        "A handle opens it in winter too",
    ]


def test_there_are_never_too_many() -> None:
    assert len(texts("\n".join(f"- point number {n} of the answer" for n in range(50)))) == 6


def test_a_formula_keeps_its_marks() -> None:
    assert (
        texts("- the loss is $a_i * b_i$ in sum\n- the penalty is $w_j^2$ in sum")[0]
        == "the loss is $a_i * b_i$ in sum"
    )


@pytest.mark.parametrize("proposes", [True, False])
def test_they_are_proposed_only_when_asked_for_and_said_to_be_proposals(proposes: bool) -> None:
    parsed = ParsedQuestion(Sort.OPEN, Passage("What is bias?"), line=3, reference=Passage(PROSE))
    found = map_question(parsed, Defaults("MIT", "Ada", "", "list.md", proposes))
    assert (found.content is not None) == proposes
    assert any("proposed from the answer" in problem.message for problem in found.problems) == proposes


def test_points_that_a_file_brings_are_never_replaced() -> None:
    point = {"key": "own", "text": "Its own point", "weight": 3, "accepted": []}
    values = {"kind": "open", "prompt": "What?", "reference_answer": PROSE, "key_points": [point]}
    parsed = ParsedQuestion(Sort.OPEN, Passage("What?"), content=values)
    found = map_question(parsed, Defaults("MIT", "Ada", "", "q.json", True))
    assert found.content and [each.key for each in found.content.key_points] == ["own"]


def test_the_points_of_a_reference_are_those_proposed_for_it() -> None:
    assert [point.text for point in points_from_reference(LIST)] == texts(LIST)


@pytest.mark.parametrize("answer", ["Bias.", "One sentence of enough words only.", "…", "word " * 300])
def test_a_reference_that_says_too_little_to_choose_from_is_one_point(answer: str) -> None:
    (point,) = points_from_reference(answer)
    assert (point.key, point.weight) == ("answer", 3)
    assert 1 <= len(point.text) <= 1_000

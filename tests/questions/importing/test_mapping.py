"""What other systems' questions become here, and what is said of everything that does not come along."""

from typing import Any

import pytest

from questions.content import Content
from questions.importing.base import (
    Markup,
    ParsedChoice,
    ParsedNumber,
    ParsedPair,
    ParsedQuestion,
    Passage,
    Severity,
    Sort,
)
from questions.importing.mapping import Defaults, Mapped, map_question
from questions.quality import PLAUSIBLE_SECONDS

DEFAULTS = Defaults(licence="CC-BY-4.0", author="Tests", filename="file.gift")


def choice(text: str, correct: bool = False, feedback: str = "", percent: float | None = None) -> ParsedChoice:
    return ParsedChoice(Passage(text), correct, percent, Passage(feedback) if feedback else None, line=7)


def mapped(sort: Sort = Sort.OPEN, prompt: str = "What is bias?", defaults: Defaults = DEFAULTS, **said: Any) -> Mapped:
    return map_question(ParsedQuestion(sort, Passage(prompt), line=3, **said), defaults)


def content(*args: Any, **said: Any) -> Content:
    found = mapped(*args, **said).content
    assert found is not None
    return found


def test_a_single_choice_keeps_its_choices_with_their_feedback() -> None:
    found = content(
        Sort.SINGLE, choices=(choice("Bias", True, "Both errors are high."), choice("Variance", False, "No."))
    )
    assert [(one.key, one.text, one.correct, one.explanation) for one in found.choices] == [
        ("a", "Bias", True, "Both errors are high."),
        ("b", "Variance", False, "No."),
    ]
    assert found.reference_answer == "Bias"


def test_a_choice_without_feedback_says_only_whether_it_is_right_and_that_is_told() -> None:
    found = mapped(Sort.SINGLE, choices=(choice("Bias", True), choice("Variance", False, "No.")))
    assert found.content and [one.explanation for one in found.content.choices] == ["Correct.", "No."]
    (warning,) = found.problems
    assert (warning.severity, "1 choice has no explanation" in warning.message) == (Severity.WARNING, True)


def test_of_a_single_choice_only_the_best_is_right_and_the_weights_are_told() -> None:
    found = mapped(Sort.SINGLE, choices=(choice("a", True, "x", 100.0), choice("b", True, "x", 50.0), choice("c")))
    assert found.content and [one.correct for one in found.content.choices] == [True, False, False]
    assert found.not_carried == ("weights of choices (50 %)",)


def test_of_a_multiple_choice_everything_with_a_positive_weight_is_right() -> None:
    choices = (choice("a", True, "x", 50.0), choice("b", True, "x", 50.0), choice("c", False, "x", -100.0))
    found = mapped(Sort.MULTIPLE, choices=choices)
    assert found.content and [one.correct for one in found.content.choices] == [True, True, False]
    assert found.not_carried == ("weights of choices (-100 %)",)


def test_a_choice_question_without_a_right_choice_is_incomplete_not_wrong() -> None:
    found = mapped(Sort.SINGLE, choices=(choice("a"), choice("b")))
    assert (found.content, found.is_wrong) == (None, False)
    assert "exactly one correct choice" in found.missing[-1].message


def test_true_or_false_is_a_single_choice_of_two() -> None:
    found = content(Sort.TRUE_FALSE, choices=(choice("True", False, "No."), choice("False", True, "Yes.")))
    assert (found.kind, [one.correct for one in found.choices]) == ("single", [False, True])


def test_a_short_answer_becomes_one_key_point_with_its_phrasings() -> None:
    found = mapped(Sort.SHORT, accepted=(choice("four", True), choice("4", True), choice("for", True, percent=50.0)))
    assert found.content and [(p.text, p.accepted, p.weight) for p in found.content.key_points] == [("four", ("4",), 3)]
    assert found.not_carried == ("the answer “for (50 %)”, which is right only in part or not at all",)


def test_a_short_answer_that_is_one_number_becomes_a_number() -> None:
    found = content(Sort.SHORT, accepted=(choice("4", True), choice("4.0", True)))
    assert found.numeric_answer and (found.kind, found.numeric_answer.value) == ("numeric", 4.0)


def test_stars_in_a_short_answer_are_taken_out_and_told() -> None:
    found = mapped(Sort.SHORT, accepted=(choice("*regulari*ation*", True),))
    assert found.content and found.content.key_points[0].text == "regulari ation"
    assert "stars" in found.not_carried[0]


def test_a_number_keeps_value_tolerance_and_unit_and_tells_of_the_others() -> None:
    numbers = (ParsedNumber(1822.0, 0.5, "AD"), ParsedNumber(1822.0, 2.0, percent=50.0))
    found = mapped(Sort.NUMERIC, numbers=numbers)
    assert found.content and found.content.numeric_answer
    answer = found.content.numeric_answer
    assert (answer.value, answer.tolerance, answer.unit) == (1822.0, 0.5, "AD")
    assert found.not_carried == ("the other number 1822 ± 2 (50 %)",)


def test_a_matching_question_is_asked_in_words_with_a_point_for_each_pair() -> None:
    pairs = (
        ParsedPair(Passage("Canada"), Passage("Ottawa")),
        ParsedPair(Passage("Italy"), Passage("Rome")),
        ParsedPair(None, Passage("Oslo")),
    )
    found = mapped(Sort.MATCHING, "Match the capitals.", pairs=pairs)
    assert found.content and [point.text for point in found.content.key_points] == ["Canada: Ottawa", "Italy: Rome"]
    # The right side stands in alphabetical order, so that its order gives nothing away.
    assert found.content.prompt.endswith("- Oslo\n- Ottawa\n- Rome")
    assert "matching" in found.not_carried[0]


@pytest.mark.parametrize("reference", [None, Passage("Both errors are high.")])
def test_an_open_question_without_key_points_is_incomplete(reference: Passage | None) -> None:
    found = mapped(reference=reference)
    lacking = [problem.message for problem in found.missing]
    assert lacking == ["key points"] if reference else ["an answer", "key points"]
    assert (found.content, found.is_wrong, found.values["prompt"]) == (None, False, "What is bias?")


@pytest.mark.parametrize("sort", [Sort.DESCRIPTION, Sort.UNSUPPORTED])
def test_what_asks_nothing_we_know_is_left_out_with_its_reason(sort: Sort) -> None:
    found = mapped(sort, sort_name="drag and drop")
    assert found.left_out and found.content is None and not found.is_wrong


def test_an_empty_prompt_is_a_fault_with_its_line() -> None:
    found = mapped(Sort.SINGLE, " ", choices=(choice("a", True), choice("b")))
    assert [(p.field, p.line) for p in found.problems if p.severity == Severity.ERROR] == [("prompt", 3)]


def test_a_fault_in_a_choice_has_the_choices_line() -> None:
    found = mapped(Sort.SINGLE, choices=(choice("x" * 1_001, True), choice("b")))
    assert [(p.field, p.line) for p in found.problems if p.severity == Severity.ERROR] == [("choices[1].text", 7)]


def test_html_is_cleaned_and_becomes_markdown() -> None:
    prompt = Passage('<p onclick="x()">What is <b>bias</b>?</p><script>alert(1)</script>', Markup.HTML)
    found = map_question(ParsedQuestion(Sort.SHORT, prompt, accepted=(choice("error", True),)), DEFAULTS)
    assert found.content and found.content.prompt == "What is **bias**?"
    assert "a script" in found.not_carried


# Licence and author


def test_without_a_licence_or_an_author_a_question_is_refused() -> None:
    found = mapped(Sort.SHORT, defaults=Defaults(filename="a.gift"), accepted=(choice("error", True),))
    assert [problem.field for problem in found.problems] == ["licence", "author"]
    assert found.is_wrong and found.content is None


def test_what_the_file_says_wins_over_the_form() -> None:
    said = {"licence": "CC BY-SA 4.0", "author": "Ada", "source": "A book"}
    found = content(Sort.SHORT, accepted=(choice("error", True),), **said)
    assert (found.licence, found.author, found.source) == ("CC-BY-SA-4.0", "Ada", "A book")


def test_a_licence_that_the_bank_cannot_use_is_refused_even_when_the_form_has_another() -> None:
    found = mapped(Sort.SHORT, accepted=(choice("error", True),), licence="CC BY-NC 4.0")
    assert "forbids commercial use" in found.problems[0].message and found.content is None


def test_the_source_is_the_files_name_with_the_questions_own_name_in_it() -> None:
    assert content(Sort.SHORT, accepted=(choice("e", True),), external_id="Q-17").source == "file.gift · Q-17"


# Titles, difficulty and time


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("What is bias? Say why.", "What is bias?"),
        ("When was Ulysses S. Grant born?", "When was Ulysses S. Grant born?"),
        ("It", "Question It"),
        ("word " * 40, ("word " * 40)[:99].rsplit(" ", 1)[0] + "…"),
    ],
)
def test_a_question_without_a_title_gets_one_from_its_words(prompt: str, title: str) -> None:
    assert mapped(prompt=prompt).values["title"] == title


@pytest.mark.parametrize(
    ("written", "difficulty"), [("👶", "easy"), ("‍⭐️", "medium"), ("🚀", "hard"), ("", "medium"), ("Expert", "hard")]
)
def test_a_difficulty_may_be_a_word_or_an_emoji(written: str, difficulty: str) -> None:
    found = mapped(difficulty=written)
    assert (found.values["difficulty"], found.problems) == (difficulty, ())


def test_an_unknown_difficulty_becomes_medium_and_is_told() -> None:
    found = mapped(difficulty="nightmare")
    assert found.values["difficulty"] == "medium" and "nightmare" in found.problems[0].message


@pytest.mark.parametrize("difficulty", ["easy", "medium", "hard"])
@pytest.mark.parametrize("sort", [Sort.SINGLE, Sort.NUMERIC, Sort.OPEN])
def test_the_usual_times_are_plausible_ones(sort: Sort, difficulty: str) -> None:
    found = mapped(sort, difficulty=difficulty).values
    low, high = PLAUSIBLE_SECONDS["explanation" if found["kind"] == "open" else found["kind"]]  # type: ignore[index]
    assert low <= found["time_limit_seconds"] <= high


def test_a_long_prompt_gets_the_time_that_reading_takes() -> None:
    assert mapped(Sort.SINGLE, "word " * 800).values["time_limit_seconds"] >= 1.5 * 60 * 800 / 200

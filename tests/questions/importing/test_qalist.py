"""Lists of questions and answers: headings are topics, bold lines are questions, what follows is the answer."""

from collections import Counter

import pytest

from questions.importing.base import ParsedQuestion, Severity, Sort
from questions.importing.qalist import PARSER
from tests.questions.importing.reading import only, questions_of, result_of, warnings_of
from tests.questions.importing.samples import SAMPLES, needs_samples


def asked(source: str) -> list[str]:
    return [question.prompt.text for question in questions_of(PARSER, source)]


def answer(question: ParsedQuestion) -> str:
    return question.reference.text if question.reference else ""


def test_a_bold_line_asks_and_what_follows_answers() -> None:
    question = only(PARSER, "# All\n\n## Trees\n\n**What is a tree? 👶**\n\nA *model*.\n\n- one\n\n<br/>\n")
    assert (question.sort, question.prompt.text, question.line) == (Sort.OPEN, "What is a tree?", 5)
    assert (question.topics, question.difficulty) == (("Trees",), "👶")
    assert answer(question) == "A *model*.\n\n- one"


def test_nested_headings_are_nested_topics() -> None:
    source = "# All\n## A\n### B\n**One?**\n## C\n**Two?**\n"
    assert [question.topics for question in questions_of(PARSER, source)] == [("A", "B"), ("C",)]


def test_the_only_heading_is_the_topic_and_underlined_headings_count() -> None:
    assert only(PARSER, "# Statistics\n**One?**").topics == ("Statistics",)
    assert only(PARSER, "Statistics\n----------\n\n**One?**").topics == ("Statistics",)


def test_code_lists_tables_formulas_and_pictures_stay_in_the_answer() -> None:
    inside = (
        "```md\n**Not a question?**\n## Nor a topic\n```\n\n1. a\n   - b\n\n|x|y|\n|-|-|\n|1|2|\n\n$$a^2$$ ![p](q.png)"
    )
    question, _after = questions_of(PARSER, f"**One?**\n\n{inside}\n\n**Two?**\n")
    assert answer(question) == inside


@pytest.mark.parametrize("nothing", ["", "Answer here", "TODO", "*Answer goes here.*", "<br/>", "---"])
def test_a_question_without_an_answer_is_kept_without_one(nothing: str) -> None:
    assert [question.reference for question in questions_of(PARSER, f"**One?**\n\n{nothing}\n\n**Two?**\n")] == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("line", "text", "difficulty"),
    [
        ("**What? \u200d⭐️**", "What?", "⭐️"),
        ("**What?** 🚀", "What?", "🚀"),
        ("**What? ⭐️I**", "What?", "⭐️"),
        ("**What? ⭐️🚀**", "What?", "🚀"),
        ("__What `a*b`?__", "What `a*b`?", ""),
        ("**3. What?**", "What?", ""),
        ("**Q12: What?**", "What?", ""),
        ("**Explain it.**", "Explain it.", ""),
    ],
)
def test_marks_and_numbers_are_no_part_of_the_question(line: str, text: str, difficulty: str) -> None:
    question = only(PARSER, f"{line}\n\nanswer\n")
    assert (question.prompt.text, question.difficulty) == (text, difficulty)


def test_a_legend_says_what_the_marks_of_a_file_mean() -> None:
    source = "Legend: 🐣 easy, 🔥 hard\n\n**One? 🔥**\n\n**Two? 🐣**\n"
    assert [question.difficulty for question in questions_of(PARSER, source)] == ["hard", "easy"]


def test_a_question_may_go_on_in_the_next_line() -> None:
    assert asked("**What is\nthe use\nof it?**\n\nanswer") == ["What is the use of it?"]


@pytest.mark.parametrize("line", ["**Advantages:**", "**Bias** is one, **variance** another", "- **Bagging?**", "**"])
def test_bold_words_in_an_answer_are_no_questions(line: str) -> None:
    question = only(PARSER, f"**One?**\n\nText.\n\n{line}\n\nMore.")
    assert answer(question) == f"Text.\n\n{line}\n\nMore."


def test_a_bold_line_that_asks_nothing_stays_in_the_answer_with_a_warning() -> None:
    source = "**What is recall? 👶**\n\nText.\n\n**The trade-off 👶**\n\nMore.\n"
    assert answer(only(PARSER, source)) == "Text.\n\n**The trade-off 👶**\n\nMore."
    assert [line for line, _words in warnings_of(PARSER, source)] == [5]


def test_where_no_bold_line_ends_in_a_question_mark_all_of_them_ask() -> None:
    assert asked("**Overfitting**\n\na\n\n**Underfitting**\n\nb\n") == ["Overfitting", "Underfitting"]


def test_text_before_the_first_question_is_listed() -> None:
    result = result_of(PARSER, "# Title\n\nSome words.\n\n## A\n\n**One?**\n\nx\n")
    assert [(note.line, note.what) for note in result.not_carried] == [(3, "text that belongs to no question")]


def test_an_answer_without_end_is_a_problem_with_the_line_of_its_question() -> None:
    source = "**One?**\n" + "words and more words\n" * 60_000 + "**Two?**\n"
    result = result_of(PARSER, source)
    assert [problem.line for problem in result.errors] == [1]
    assert [question.prompt.text for question in result.questions] == ["Two?"]


def test_a_list_of_ours_whose_end_marks_are_gone_is_read_with_a_warning() -> None:
    source = (
        "<!-- questions of Interview Prep -->\n\n## A\n\n**One?**\n\n<!-- title: T | source: s -->\n\nx\n\n**Two?**\n"
    )
    assert only(PARSER, source).prompt.text == "One?"
    assert [problem.severity for problem in result_of(PARSER, source).problems] == [Severity.WARNING]


def test_lists_are_recognised_by_their_bold_lines() -> None:
    assert PARSER.recognises(b"# A\n\n**What is it?**\n\nx")
    assert not PARSER.recognises(b"---\ntitle: x\n---\n**bold line**\n")
    assert not PARSER.recognises(b"# A\n\nno questions")


@needs_samples
def test_the_public_list_has_165_questions_of_which_151_are_answered() -> None:
    path = SAMPLES / "markdown" / "data-science-interviews-theory.md"
    result = result_of(PARSER, path.read_bytes())
    assert result.errors == ()
    assert len(result.questions) == 165
    assert sum(question.reference is not None for question in result.questions) == 151
    # What the file's legend calls its marks.
    assert Counter(question.difficulty for question in result.questions) == {"easy": 40, "medium": 112, "expert": 13}
    topics = {question.topics for question in result.questions}
    assert len(topics) == 19
    assert all(len(topic) == 1 for topic in topics)


@needs_samples
def test_no_word_of_the_public_list_is_lost_between_its_questions() -> None:
    path = SAMPLES / "markdown" / "data-science-interviews-theory.md"
    source = path.read_text("utf-8")
    first = source.index("## Supervised")
    kept = " ".join(f"{question.prompt.text} {answer(question)}" for question in questions_of(PARSER, source.encode()))
    headings = " ".join(line for line in source.splitlines() if line.startswith("## "))
    known = f"{kept} {headings} Answer here <br/> \u200d⭐️I".replace("**", " ").split()
    lost = set(source[first:].replace("**", " ").split()) - set(known)
    assert not [word for word in lost if any(letter.isalpha() for letter in word)]

"""GIFT is read by Moodle's rules; what is wrong is said with its line, and everything else is read all the same."""

import pytest

from questions.importing.base import Markup, ParsedQuestion, Passage, Severity, Sort
from questions.importing.gift import PARSER
from questions.importing.provenance import category_path
from tests.questions.importing.reading import errors_of, left_of, only, questions_of, result_of, warnings_of


def choices(question: ParsedQuestion) -> list[tuple[str, bool, float | None]]:
    return [(choice.text.text, choice.correct, choice.percent) for choice in question.choices]


def test_a_single_choice_question_has_one_right_choice() -> None:
    question = only(PARSER, "::Bias::Which is it?{\n  =Underfitting#Both are high.\n  ~Overfitting\n}")
    assert question.sort == Sort.SINGLE
    assert (question.title, question.prompt.text, question.line) == ("Bias", "Which is it?", 1)
    assert choices(question) == [("Underfitting", True, None), ("Overfitting", False, None)]
    assert question.choices[0].feedback == Passage("Both are high.", Markup.MOODLE)
    assert [choice.line for choice in question.choices] == [2, 3]


def test_a_choice_worth_half_is_not_the_right_one() -> None:
    question = only(PARSER, "Q{~%50%nearly =right ~wrong}")
    assert question.sort == Sort.SINGLE
    assert choices(question) == [("nearly", False, 50.0), ("right", True, None), ("wrong", False, None)]


def test_weights_alone_make_a_multiple_choice_question() -> None:
    question = only(PARSER, "Q{~%33.33333%a ~%-100%b ~%33.33333%c ~d ~%66,66667%e}")
    assert question.sort == Sort.MULTIPLE
    assert [(correct, percent) for _text, correct, percent in choices(question)] == [
        (True, 33.33333),
        (False, -100.0),
        (True, 33.33333),
        (False, None),
        (True, 66.66667),
    ]


def test_two_right_choices_are_read_as_multiple_choice_with_a_warning() -> None:
    source = "\nQ{=a =b ~c}"
    assert only(PARSER, source).sort == Sort.MULTIPLE
    ((line, words),) = warnings_of(PARSER, source)
    assert line == 2
    assert words.startswith("Several choices are marked as right")


def test_a_forgotten_backslash_is_forgiven_where_answers_have_lines_of_their_own() -> None:
    source = "Q{\n  =use `header=True` # or x=1\n  ~nothing\n}"
    question = only(PARSER, source)
    assert choices(question) == [("use `header=True`", True, None), ("nothing", False, None)]
    assert question.choices[0].feedback == Passage("or x=1", Markup.MOODLE)
    assert [line for line, _words in warnings_of(PARSER, source)] == [1]
    assert [text for text, _correct, _percent in choices(only(PARSER, "Q{~a=b~c}"))] == ["a", "b", "c"]


@pytest.mark.parametrize("mark", ["T", "TRUE", "true"])
def test_true_and_false_stand_in_this_order(mark: str) -> None:
    question = only(PARSER, f"The earth is round.{{{mark}}}")
    assert question.sort == Sort.TRUE_FALSE
    assert choices(question) == [("True", True, None), ("False", False, None)]


def test_the_first_feedback_of_a_true_statement_is_read_as_written_and_doubted() -> None:
    source = "Round.{T#well seen#look again}"
    true, false = only(PARSER, source).choices
    assert (true.feedback, false.feedback) == (
        Passage("well seen", Markup.MOODLE),
        Passage("look again", Markup.MOODLE),
    )
    assert [line for line, _words in warnings_of(PARSER, source)] == [1]


def test_feedback_that_moodle_wrote_goes_to_whom_moodle_shows_it() -> None:
    source = "// question: 45  name: Round\n::Round::Round.{TRUE#look again#well seen}"
    true, false = only(PARSER, source).choices
    assert true.feedback == Passage("well seen", Markup.MOODLE)
    assert false.feedback == Passage("look again", Markup.MOODLE)
    assert warnings_of(PARSER, source) == []


def test_a_short_answer_has_phrasings_with_weights() -> None:
    question = only(PARSER, "Who?{=%100%Nazareth#Yes =%25%Bethlehem =%0%*#No}")
    assert question.sort == Sort.SHORT
    assert [(one.text.text, one.correct, one.percent) for one in question.accepted] == [
        ("Nazareth", True, 100.0),
        ("Bethlehem", True, 25.0),
        ("*", False, 0.0),
    ]


def test_a_bare_word_in_braces_is_a_short_answer() -> None:
    assert [one.text.text for one in only(PARSER, "Capital of Canada?{Ottawa}").accepted] == ["Ottawa"]


@pytest.mark.parametrize(
    ("written", "value", "tolerance"),
    [
        ("#1822", 1822, 0),
        ("#1822:5", 1822, 5),
        ("#=3.1415:0.0005", 3.1415, 0.0005),
        ("#-5..5", 0, 5),
        ("#5..1", 3, 2),
        ("# .5 : .1", 0.5, 0.1),
        ("#1e-3", 0.001, 0),
        ("#−2", -2, 0),
    ],
)
def test_numbers_have_tolerances_or_ranges(written: str, value: float, tolerance: float) -> None:
    (number,) = only(PARSER, f"How many?{{{written}}}").numbers
    assert (number.value, number.tolerance) == (value, tolerance)


def test_several_numbers_have_weights_and_feedback() -> None:
    question = only(PARSER, "When?{#\n\t=1822:0#Right\n\t=%50%1822:2#Close\n\t~#Wrong\n}")
    assert [(number.value, number.tolerance, number.percent, number.line) for number in question.numbers] == [
        (1822, 0, None, 2),
        (1822, 2, 50, 3),
    ]
    assert left_of(question) == ["the feedback for all other numbers"]


def test_pairs_are_matched_and_an_answer_may_belong_to_nothing() -> None:
    question = only(PARSER, "Match.{=Canada -> Ottawa =[html]<b>Italy</b> -> Rome = -> Paris}")
    assert [(pair.left, pair.right.text) for pair in question.pairs] == [
        (Passage("Canada", Markup.MOODLE), "Ottawa"),
        (Passage("<b>Italy</b>", Markup.HTML), "Rome"),
        (None, "Paris"),
    ]


def test_an_essay_has_empty_braces_and_general_feedback() -> None:
    question = only(PARSER, "Write about it.{####[html]<p>Look for this.</p>}")
    assert question.sort == Sort.OPEN
    assert question.reference == Passage("<p>Look for this.</p>", Markup.HTML)


def test_text_without_braces_asks_nothing() -> None:
    assert only(PARSER, "You may use paper.").sort == Sort.DESCRIPTION


def test_a_missing_word_leaves_a_blank() -> None:
    assert only(PARSER, "Two plus {=two =2} equals four.").prompt.text == "Two plus _____ equals four."
    assert only(PARSER, "{=Asia} is large.").prompt.text == "_____ is large."


def test_tags_that_only_close_after_the_braces_leave_no_blank() -> None:
    assert only(PARSER, "[html]<p>Which?{=a ~b}</p>").prompt.text == "<p>Which?</p>"


def test_escaped_characters_are_text() -> None:
    source = r"::A\:\:B::\{x\} \= 1\: a\~b \# \\ \x{=\=1 ~\~2#\#3}"
    question = only(PARSER, source)
    assert (question.title, question.prompt.text) == ("A::B", r"{x} = 1: a~b # \ \x")
    assert [choice.text.text for choice in question.choices] == ["=1", "~2"]
    assert question.choices[1].feedback == Passage("#3", Markup.MOODLE)


def test_an_escaped_n_is_a_line_break_and_a_wrapped_line_is_none() -> None:
    question = only(PARSER, "First\\nsecond\nstill   second{}")
    assert question.prompt.text == "First\nsecond still second"


def test_the_markup_of_a_text_is_said_before_it_or_is_the_questions() -> None:
    question = only(PARSER, "[markdown]Is **this**\nit?{=[html]<i>a</i>#[plain]*no* ~b ~[x]c}")
    assert question.prompt == Passage("Is **this**\nit?", Markup.MARKDOWN)
    assert [choice.text for choice in question.choices] == [
        Passage("<i>a</i>", Markup.HTML),
        Passage("b", Markup.MARKDOWN),
        Passage("[x]c", Markup.MARKDOWN),
    ]
    assert question.choices[0].feedback == Passage("*no*", Markup.PLAIN)


def test_comments_are_left_out_wherever_a_line_begins_with_them() -> None:
    source = "// about\n::T::Is it\n  // between\nso?{\n// inside\n=yes\n~no // not a comment\n}\n// after"
    question = only(PARSER, source)
    assert (question.prompt.text, question.line) == ("Is it so?", 2)
    assert [choice.text.text for choice in question.choices] == ["yes", "no // not a comment"]


def test_ids_and_tags_stand_in_comments() -> None:
    question = only(
        PARSER, "// [id:a\\]1] [tag:one two] [tags:x, y]\n// [tag:difficulty:hard] [tag:time-limit:90]\nQ{}"
    )
    assert question.external_id == "a]1"
    assert question.tags == ("one two", "x", "y")
    assert (question.difficulty, question.time_limit_seconds) == ("hard", 90)


def test_categories_hold_until_the_next_one() -> None:
    source = "$CATEGORY: $course$/top/Stats/A//B tests\n\nQ1{T}\n\nQ2{F}\n\n$CATEGORY: tom/dick\nQ3{T}"
    assert [question.topics for question in questions_of(PARSER, source)] == [
        ("Stats", "A/B tests"),
        ("Stats", "A/B tests"),
        ("tom", "dick"),
    ]


@pytest.mark.parametrize(
    ("written", "names"),
    [("$course$", ()), ("$system$/top", ()), ("top", ()), ("a / b ", ("a", "b")), ("$course$/top/x//y", ("x/y",))],
)
def test_where_moodle_keeps_a_category_is_no_name(written: str, names: tuple[str, ...]) -> None:
    assert category_path(written) == names


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    source = "::T::Q\nmore{\n=a\n~b\n}\n\nSecond{T}"
    plain = questions_of(PARSER, source)
    assert questions_of(PARSER, b"\xef\xbb\xbf" + source.replace("\n", "\r\n").encode()) == plain
    assert questions_of(PARSER, source.replace("\n", "\r")) == plain


def test_a_file_in_an_old_encoding_is_read_with_a_warning() -> None:
    result = result_of(PARSER, "Größe?{=groß}".encode("cp1252"))
    assert result.questions[0].prompt.text == "Größe?"
    assert [problem.severity for problem in result.problems] == [Severity.WARNING]


def test_questions_without_an_empty_line_between_them_are_told_apart_by_their_titles() -> None:
    source = "::A::One?{T}\n::B::Two?{F}\n::C::Only text\n::D::Three?{#3}"
    assert [(question.title, question.line) for question in questions_of(PARSER, source)] == [
        ("A", 1),
        ("B", 2),
        ("C", 3),
        ("D", 4),
    ]


def test_an_empty_line_inside_the_braces_is_passed_over_with_a_warning() -> None:
    source = "Q{\n\n=a\n\n~b\n}"
    assert [(choice.text.text, choice.line) for choice in only(PARSER, source).choices] == [("a", 3), ("b", 5)]
    assert [line for line, _words in warnings_of(PARSER, source)] == [1]


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("Fine{T}\n\nOpen\nhere {\n=a\n\nNext{T}", 4, "This { is never closed."),
        ("Fine{T}\n\nNot } here", 3, "This } closes nothing."),
        ("Q{=a\n~\\frac{1}{2}}", 2, "This { stands inside the answers."),
        ("Q{=a ~b}\nand {=c ~d}", 2, "This { comes after the answers have ended."),
        ("\nQ{#\nabout 3}", 3, "“about 3” is not a number."),
        ("Q{#1,5}", 1, "“1,5” is not a number."),
        ("Q{#1e999}", 1, "“1e999” is too large a number."),
        ("Q{#}", 1, "A numeric question needs a number."),
        ("Q{\n=%500%a\n~b}", 2, "The weight 500 % is not between -100 and 100."),
        ("Q{\nfirst ~a =b}", 2, "“first” stands before the first answer."),
        ("Q{~only one}", 1, "A choice question needs at least two choices."),
        ("Q{=a->b\n=c}", 2, "“c” has no -> between question and match."),
        ("Q{\n=a->b}", 1, "A matching question needs at least two pairs."),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(source: str, line: int, words: str) -> None:
    assert (line, words) in errors_of(PARSER, source)


def test_a_faulty_question_does_not_stop_the_others() -> None:
    result = result_of(PARSER, "Bad{\n\nGood{T}\n\nWorse}\n\nFine{F}")
    assert [question.prompt.text for question in result.questions] == ["Good", "Fine"]
    assert [problem.line for problem in result.errors] == [1, 5]


def test_a_title_without_its_end_is_text() -> None:
    source = "::No end{T}"
    assert only(PARSER, source).prompt.text == "No end"
    assert [line for line, _words in warnings_of(PARSER, source)] == [1]


@pytest.mark.parametrize("head", [b"::T::Q{T}", b"\xef\xbb\xbf$CATEGORY: x", b"Q?{~a =b}", b"Q {}", b"n{#3}"])
def test_gift_is_recognised(head: bytes) -> None:
    assert PARSER.recognises(head)


@pytest.mark.parametrize("head", [b"", b"<quiz>", b'{"a": 1}', b"a,b\n1,2", b"Q\nA) a\nB) b\nANSWER: A", b"# Title\n"])
def test_other_files_are_not(head: bytes) -> None:
    assert not PARSER.recognises(head)

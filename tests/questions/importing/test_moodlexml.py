"""Moodle XML is read piece by piece and safely; every complaint has the line of the element it is about."""

import io
import socket
import tracemalloc

import pytest

from questions.importing.base import (
    ImportRefusedError,
    Markup,
    NotCarried,
    ParsedQuestion,
    ParseOptions,
    Passage,
    Sort,
)
from questions.importing.moodlexml import PARSER
from tests.questions.importing.reading import errors_of, left_of, only, questions_of, result_of, warnings_of


def quiz(*questions: str) -> str:
    """Return a file whose questions begin on line 3, 4 …, if each is one line."""
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>", *questions, "</quiz>", ""])


def question(sort: str, inside: str, text: str = "Which?", name: str = "N") -> str:
    head = f'<name><text>{name}</text></name><questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>'
    return f'<question type="{sort}">{head}{inside}</question>'


def answer(fraction: float | str, text: str, feedback: str = "", more: str = "") -> str:
    said = f'<feedback format="html"><text>{feedback}</text></feedback>'
    return f'<answer fraction="{fraction}" format="html"><text>{text}</text>{said}{more}</answer>'


def marks(parsed: ParsedQuestion) -> list[tuple[str, bool, float | None]]:
    return [(choice.text.text, choice.correct, choice.percent) for choice in parsed.choices]


def test_single_choice_has_the_answer_with_the_whole_fraction() -> None:
    parsed = only(PARSER, quiz(question("multichoice", answer(100, "a", "yes") + answer("0", "b") + answer(50, "c"))))
    assert parsed.sort == Sort.SINGLE
    assert (parsed.line, parsed.title, parsed.prompt) == (3, "N", Passage("Which?", Markup.HTML))
    assert marks(parsed) == [("a", True, None), ("b", False, None), ("c", False, 50.0)]
    assert parsed.choices[0].feedback == Passage("yes", Markup.HTML)


def test_several_answers_have_shares() -> None:
    inside = "<single>false</single>" + answer(50, "a") + answer("50.0", "b") + answer("-33,33333", "c")
    parsed = only(PARSER, quiz(question("multichoice", inside)))
    assert parsed.sort == Sort.MULTIPLE
    assert marks(parsed) == [("a", True, 50.0), ("b", True, 50.0), ("c", False, -33.33333)]


def test_grades_that_moodle_has_not_are_read_all_the_same() -> None:
    inside = "<single>false</single>" + answer(-50, "1") + answer(33, "2") + answer(33.33333, "3")
    assert [percent for _text, _correct, percent in marks(only(PARSER, quiz(question("multichoice", inside))))] == [
        -50,
        33,
        33.33333,
    ]


def test_without_a_whole_fraction_the_best_answer_is_taken_with_a_warning() -> None:
    source = quiz("", question("multichoice", answer(90, "a") + answer(10, "b")))
    assert marks(only(PARSER, source)) == [("a", True, 90.0), ("b", False, 10.0)]
    assert warnings_of(PARSER, source) == [(4, "No answer has the fraction 100; the one with 90 was taken as right.")]


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (answer("lots", "a") + answer(0, "b"), "The fraction “lots” is not a number."),
        (answer(150, "a") + answer(0, "b"), "The fraction 150 is not between -100 and 100."),
        (answer(0, "a") + answer(0, "b"), "No answer has a fraction above 0, so none is right."),
        (answer(100, "a"), "A choice question needs at least two answers."),
    ],
)
def test_wrong_grades_are_said_with_their_line_and_stop_nothing(inside: str, words: str) -> None:
    source = quiz(question("essay", ""), question("multichoice", inside), question("essay", ""))
    assert errors_of(PARSER, source) == [(4, words)]
    assert [parsed.line for parsed in result_of(PARSER, source).questions] == [3, 5]


def test_true_and_false_are_known_by_their_names_or_their_order() -> None:
    named = question("truefalse", answer(0, "false", "look") + answer(100, "true", "well"))
    foreign = question("truefalse", answer(0, "Wahr") + answer(100, "Falsch"))
    first, second = questions_of(PARSER, quiz(named, foreign))
    assert marks(first) == [("True", True, None), ("False", False, None)]
    assert first.choices[0].feedback == Passage("well", Markup.HTML)
    assert marks(second) == [("True", False, None), ("False", True, None)]


def test_numbers_have_tolerances_and_units() -> None:
    units = "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit>"
    units += "<unit><multiplier>1000</multiplier><unit_name>km</unit_name></unit></units>"
    inside = answer(100, "3.5", "good", "<tolerance>0.1</tolerance>") + answer(0, "*", "no") + units
    parsed = only(PARSER, quiz(question("numerical", inside)))
    (number,) = parsed.numbers
    assert (number.value, number.tolerance, number.unit, number.percent) == (3.5, 0.1, "m", 100)
    assert left_of(parsed) == ["other units (km)", "the feedback for all other numbers"]


def test_a_number_with_a_comma_is_refused_with_its_line() -> None:
    assert errors_of(PARSER, quiz(question("numerical", answer(100, "3,5")))) == [(3, "“3,5” is not a number.")]


def test_short_answers_pairs_essays_and_descriptions_have_their_sorts() -> None:
    pair = "<subquestion><text>{0}</text><answer><text>{1}</text></answer></subquestion>"
    short, match, essay, text = questions_of(
        PARSER,
        quiz(
            question("shortanswer", answer(100, "Frog") + answer(80, "Cat") + "<usecase>1</usecase>"),
            question("matching", pair.format("a", "1") + pair.format("", "2") + pair.format("b", "3")),
            question("essay", '<graderinfo format="html"><text>look</text></graderinfo>'),
            question("description", ""),
        ),
    )
    assert [(one.text.text, one.percent) for one in short.accepted] == [("Frog", 100), ("Cat", 80)]
    assert left_of(short) == ["that capital and small letters differ"]
    assert [(pair.left and pair.left.text, pair.right.text) for pair in match.pairs] == [
        ("a", "1"),
        (None, "2"),
        ("b", "3"),
    ]
    assert (essay.sort, essay.reference) == (Sort.OPEN, Passage("look", Markup.HTML))
    assert text.sort == Sort.DESCRIPTION


@pytest.mark.parametrize("sort", ["cloze", "calculated", "ddwtos", "coderunner", "gapselect", "stack"])
def test_sorts_without_a_counterpart_are_named(sort: str) -> None:
    parsed = only(PARSER, quiz(question(sort, "", "{1:SA:=x}")))
    assert (parsed.sort, parsed.sort_name, parsed.prompt.text) == (Sort.UNSUPPORTED, sort, "{1:SA:=x}")


def test_categories_are_nested_and_hold_until_the_next_one() -> None:
    category = '<question type="category"><category><text>{}</text></category>{}</question>'
    info = '<info format="html"><text>About.</text></info>'
    result = result_of(
        PARSER,
        quiz(
            category.format("$course$/top/Statistics/Tests", info),
            question("essay", ""),
            category.format("$course$/A//B", ""),
            question("essay", ""),
        ),
    )
    assert [parsed.topics for parsed in result.questions] == [("Statistics", "Tests"), ("A/B",)]
    assert result.not_carried == (NotCarried("the description of the category “Statistics/Tests”", 3),)


def test_tags_ids_difficulty_and_time_are_read() -> None:
    tags = "".join(f"<tag><text>{tag}</text></tag>" for tag in ("pca", "difficulty:hard", "time-limit:90", ""))
    parsed = only(PARSER, quiz(question("essay", f"<idnumber> A-1 </idnumber><tags>{tags}</tags>")))
    assert (parsed.external_id, parsed.tags, parsed.difficulty) == ("A-1", ("pca",), "hard")
    assert parsed.time_limit_seconds == 90


def test_what_does_not_come_along_is_listed() -> None:
    inside = (
        '<file name="plot.png" path="/" encoding="base64">QUJD</file>'
        "<defaultgrade>2.0</defaultgrade><penalty>0.5</penalty><hidden>1</hidden>"
        "<correctfeedback><text>Well done, all of it</text></correctfeedback>"
        "<incorrectfeedback><text>Your answer is incorrect.</text></incorrectfeedback>"
        "<responsetemplate><text>Dear …</text></responsetemplate><attachments>2</attachments>"
        "<hint><text>Think</text></hint><hint><text> </text></hint>"
    )
    assert left_of(only(PARSER, quiz(question("essay", inside)))) == [
        "the template for answers",
        "that files may be attached to the answer",
        "an attached file (plot.png)",
        "the feedback for right answers",
        "1 hint",
        "the mark (2 points)",
        "the penalty for each further try (0.5)",
        "that the question is hidden in Moodle",
    ]


def test_what_moodle_gives_every_question_is_said_once() -> None:
    usual = "<defaultgrade>1</defaultgrade><penalty>0.3333333</penalty><hidden>0</hidden>"
    result = result_of(PARSER, quiz(question("essay", usual), question("essay", usual)))
    assert [note.what.split(":")[0] for note in result.not_carried] == ["Moodle's settings"]
    assert [left_of(parsed) for parsed in result.questions] == [[], []]


def test_text_may_be_escaped_wrapped_in_cdata_or_bare() -> None:
    cdata = "<text><![CDATA[<p>x</p>]]></text>"
    forms = [cdata, "<text>&lt;p&gt;x&lt;/p&gt;</text>", "<text><p>x</p></text>", "<![CDATA[<p>x</p>]]>"]
    source = quiz(*(f'<question type="essay"><questiontext>{form}</questiontext></question>' for form in forms))
    assert {parsed.prompt for parsed in questions_of(PARSER, source)} == {Passage("<p>x</p>", Markup.HTML)}


@pytest.mark.parametrize(
    ("written", "markup"),
    [("html", Markup.HTML), ("markdown", Markup.MARKDOWN), ("plain_text", Markup.PLAIN), ("wiki_like", Markup.HTML)],
)
def test_a_text_says_its_markup(written: str, markup: Markup) -> None:
    text = f'<questiontext format="{written}"><text>x</text></questiontext>'
    assert only(PARSER, quiz(f'<question type="essay">{text}</question>')).prompt.markup == markup


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (quiz(question("essay", "<x>a &nbsp; b</x>")), 3),
        (quiz(question("essay", "<x>a & b</x>")), 3),
        ("<?xml version='1.0'?>\n<quiz>\n<question type='essay'>", 3),
        ("<quiz>\n<question>\n</quiz>", 3),
        ("\n\n<questestinterop/>", 3),
        ("", 1),
        ("no XML at all", 1),
        ("<quiz>\n\x01</quiz>", 2),
    ],
)
def test_what_is_no_moodle_xml_is_refused_with_its_line(source: str, line: int) -> None:
    assert [found for found, _words in errors_of(PARSER, source)] == [line]


def test_space_before_the_declaration_is_forgiven_and_counted() -> None:
    source = "\n\n  " + quiz(question("essay", ""))
    assert only(PARSER, source).line == 5


BOMB = '<!DOCTYPE q [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "doctype",
    [BOMB, '<!DOCTYPE q [<!ENTITY a SYSTEM "file:///etc/passwd">]>', '<!DOCTYPE q [<!ENTITY % a SYSTEM "http://x/">]>'],
)
def test_entities_are_refused_before_anything_is_opened(doctype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", None)
    source = quiz(question("essay", "", "&a;")).replace("<quiz>", f"{doctype}\n<quiz>")
    assert [line for line, _words in errors_of(PARSER, source)] == [2]


def test_a_named_dtd_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", None)
    doctype = '<!DOCTYPE quiz SYSTEM "http://127.0.0.1:1/quiz.dtd">'
    source = quiz(question("essay", "", "x")).replace("<quiz>", f"{doctype}\n<quiz>")
    assert only(PARSER, source).line == 4


def test_elements_nested_too_deeply_are_refused() -> None:
    assert errors_of(PARSER, quiz("<b>" * 200)) == [(3, "Elements are nested more than 100 deep.")]


def test_a_tag_without_end_is_refused_before_it_costs_the_square_of_its_length() -> None:
    source = b'<quiz>\n<question type="' + b"x" * 5_000_000
    assert errors_of(PARSER, source) == [(2, "A tag or comment has more than 4 MB.")]


def test_a_question_too_large_to_be_one_is_a_problem_and_the_next_is_read() -> None:
    large = question("essay", "", "x" * 8_100_000, name="Large")
    result = result_of(PARSER, quiz(large, question("essay", "", name="Small")))
    assert [problem.line for problem in result.errors] == [3]
    assert [parsed.title for parsed in result.questions] == ["Small"]


def test_the_memory_for_a_large_file_is_that_of_one_question() -> None:
    file = f'<file name="a.png" encoding="base64">{"QUJD" * 5_000}</file>'
    source = io.BytesIO(quiz(*(question("essay", file) for _ in range(500))).encode())
    assert source.getbuffer().nbytes > 10_000_000
    tracemalloc.start()
    try:
        count = sum(isinstance(item, ParsedQuestion) for item in PARSER.read(source, ParseOptions()))
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 500
    assert most < 2_000_000


def test_reading_stops_at_the_first_thing_that_cannot_be_trusted() -> None:
    items = PARSER.read(io.BytesIO(quiz(question("essay", ""), "<broken").encode()), ParseOptions())
    with pytest.raises(ImportRefusedError):
        list(items)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings_that_a_file_declares_are_read(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    source = quiz(question("essay", "", "Größe")).replace("UTF-8", name)
    assert only(PARSER, source.encode(encoding)).prompt.text == "Größe"


def test_bytes_that_are_not_in_the_encoding_are_refused_with_their_line() -> None:
    assert [line for line, _words in errors_of(PARSER, quiz(question("essay", "", "é")).encode("latin-1"))] == [3]


def test_moodle_xml_is_recognised_by_its_root() -> None:
    assert PARSER.recognises(quiz().encode())
    assert PARSER.recognises(quiz().encode("utf-16"))
    assert not PARSER.recognises(b"<assessmentItem>")

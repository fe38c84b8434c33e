"""Tables that other people make: columns guessed or said, answers in many ways, and every fault with its row."""

import io

import pytest
from openpyxl import Workbook

from questions.importing import columns
from questions.importing.base import (
    ImportProblem,
    NotCarried,
    ParsedColumns,
    ParsedQuestion,
    ParseOptions,
    ParseResult,
    Sort,
    collect,
)
from questions.importing.mapping import Defaults, map_question
from questions.importing.tables import CSV, XLSX


def read(text: str, chosen: dict[str, str] | None = None) -> ParseResult:
    return collect(CSV.read(io.BytesIO(text.encode()), ParseOptions(columns=chosen)))


def one(text: str, chosen: dict[str, str] | None = None) -> ParsedQuestion:
    result = read(text, chosen)
    assert result.problems == ()
    (question,) = result.questions
    return question


def fault(text: str) -> ImportProblem:
    (problem,) = read(text).problems
    return problem


# Columns


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (["Question", "Answer"], ["prompt", "reference_answer"]),
        (["Q", "A"], ["prompt", "reference_answer"]),
        (["Question", "A", "B", "C", "Correct"], ["prompt", "choice_a", "choice_b", "choice_c", "correct"]),
        (["question text", "Option 1", "Option 2", "Answer"], ["prompt", "choice_a", "choice_b", "correct"]),
        (["Prompt", "choice_a", "explanation_a", "choice_b"], ["prompt", "choice_a", "explanation_a", "choice_b"]),
        (["Question", "Category", "Level", "License"], ["prompt", "topic", "difficulty", "licence"]),
        (["Question", "Stem"], ["prompt", ""]),
        (["Question", "Shoe size"], ["prompt", ""]),
    ],
)
def test_usual_headings_are_recognised(headings: list[str], fields: list[str]) -> None:
    assert list(columns.guess(headings).values()) == fields


def test_a_person_may_say_what_a_column_is() -> None:
    text = "Frage;Antwort\nWas ist Bias?;Ein Fehler\n"
    assert read(text).problems[0].message == "No column was recognised as the question."
    found = one(text, {"Frage": "prompt", "Antwort": "reference_answer", "Other": "title"})
    assert found.prompt.text == "Was ist Bias?" and found.reference and found.reference.text == "Ein Fehler"


def test_the_columns_and_their_first_row_are_told() -> None:
    found = list(CSV.read(io.BytesIO(b"question,shoe\nWhat?,42\n"), ParseOptions()))
    assert found[0] == NotCarried("the column “shoe”")
    assert found[1] == ParsedColumns({"question": "prompt", "shoe": ""}, {"question": "What?", "shoe": "42"})


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_mark_between_cells_is_recognised(mark: str) -> None:
    assert one(f'question{mark}answer\n"a{mark}b"{mark}c\n').prompt.text == f"a{mark}b"


# Answers


def right(answer: str) -> list[str]:
    found = one(f'question,A,B,C,answer\nWhat?,red,green,blue,"{answer}"\n')
    return [choice.key for choice in found.choices if choice.correct]


@pytest.mark.parametrize(
    ("answer", "keys"),
    [
        ("A", ["a"]),
        ("b", ["b"]),
        ("A, C", ["a", "c"]),
        ("AC", ["a", "c"]),
        ("1;3", ["a", "c"]),
        ("green", ["b"]),
        ("Red and Blue", ["a", "c"]),
        ("Option B", ["b"]),
        ("(c)", ["c"]),
    ],
)
def test_right_choices_may_be_letters_numbers_or_texts(answer: str, keys: list[str]) -> None:
    assert right(answer) == keys


@pytest.mark.parametrize(("answer", "words"), [("yellow", "none of the choices"), ("E", "There is no choice E")])
def test_a_right_choice_that_is_not_there_is_a_fault_of_its_row(answer: str, words: str) -> None:
    found = fault(f"question,A,B,answer\nWhat?,red,green,A\nWhich?,red,green,{answer}\n")
    assert words in found.message and (found.line, found.field) == (3, "correct")


def test_several_right_choices_make_it_a_multiple_choice() -> None:
    assert one('question,A,B,C,answer\nWhat?,x,y,z,"A,B"\n').sort == Sort.MULTIPLE
    assert one("question,A,B,C,answer\nWhat?,x,y,z,A\n").sort == Sort.SINGLE


@pytest.mark.parametrize(
    ("kind", "sort"), [("Multiple Choice", Sort.SINGLE), ("essay", Sort.OPEN), ("short_answer", Sort.SHORT)]
)
def test_kinds_have_the_names_that_people_give_them(kind: str, sort: Sort) -> None:
    assert one(f"question,type,A,B,answer\nWhat?,{kind},x,y,A\n").sort == sort


def test_an_unknown_kind_is_a_fault_with_the_known_ones() -> None:
    found = fault("question,type\nWhat?,riddle\n")
    assert "riddle" in found.message and "multiple choice" in found.hint and found.text == "What? | riddle"


@pytest.mark.parametrize(("answer", "truth"), [("TRUE", True), ("f", False), ("0", False)])
def test_true_or_false_needs_no_choices(answer: str, truth: bool) -> None:
    found = one(f"question,type,correct answer\nIs it?,true/false,{answer}\n")
    assert [choice.correct for choice in found.choices] == [truth, not truth]


@pytest.mark.parametrize(("cell", "value"), [("0.25", 0.25), ("1,5", 1.5), ("1,234.5", 1234.5), ("-3", -3.0)])
def test_numbers_are_read_as_people_write_them(cell: str, value: float) -> None:
    found = one(f'question,number,tolerance,unit\nHow many?,"{cell}",0.1,kg\n')
    assert (found.numbers[0].value, found.numbers[0].tolerance, found.numbers[0].unit) == (value, 0.1, "kg")


def test_what_is_no_number_is_a_fault() -> None:
    assert fault("question,number\nHow many?,many\n").message == "“many” is no number."


def test_accepted_answers_stand_one_below_the_other() -> None:
    found = one('question,accepted answers\nHow many?,"four\n4"\n')
    assert [choice.text.text for choice in found.accepted] == ["four", "4"]


def test_explanations_belong_to_their_choices_and_the_general_one_to_the_question() -> None:
    found = one("question,A,B,answer,feedback A,explanation\nWhat?,x,y,A,since,because\n")
    mapped = map_question(found, Defaults("MIT", "Ada", "", "f.csv")).content
    assert mapped and mapped.choices[0].explanation == "since" and mapped.reference_answer == "x\n\nbecause"


# Rows


def test_a_fault_names_the_line_at_which_its_row_begins() -> None:
    found = fault('question,number\n"Two\nlines?",1\n\n"Three\n\nlines?",x\n')
    assert found.line == 5


def test_a_row_with_more_cells_than_headings_is_a_fault() -> None:
    found = fault("question,answer\nWhat, really?,This\n")
    assert "more cells than there are headings" in found.message and found.text == "What | really? | This"


def test_empty_rows_are_passed_over() -> None:
    assert len(read("\n\nquestion\n\n,,\nWhat?\n\n").questions) == 1


def test_headings_that_are_empty_or_used_twice_get_a_number() -> None:
    result = list(CSV.read(io.BytesIO(b"question,,note,note\na?,b,c,d\n"), ParseOptions()))
    assert [item.what for item in result if isinstance(item, NotCarried)] == [
        "the column “column 2”",
        "the column “note”",
        "the column “note (4)”",
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_files_of_other_encodings_are_read(encoding: str) -> None:
    result = collect(CSV.read(io.BytesIO("question\nGröße?\n".encode(encoding)), ParseOptions()))
    assert result.questions[0].prompt.text == "Größe?"
    assert bool(result.problems) == (encoding == "cp1252")


def test_a_quotation_mark_that_is_never_closed_refuses_the_file_with_its_line() -> None:
    found = fault('question,answer\nOne?,a\n"Two?,b\n' + "x,y\n" * 40_000)
    assert found.line == 3 and "may not be closed" in found.hint


# XLSX


def workbook(*table: list[object], sheets: tuple[str, ...] = ()) -> io.BytesIO:
    book, file = Workbook(), io.BytesIO()
    for row in table:
        book.active.append(row)  # type: ignore[union-attr]
    for name in sheets:
        book.create_sheet(name)
    book.save(file)
    file.seek(0)
    return file


def test_a_workbook_is_read_like_a_table_with_its_numbers() -> None:
    file = workbook(
        ["question", "number", "seconds"], ["How many?", 2.5, 90.0], [None, None, None], ["And now?", 3, 60]
    )
    first, second = collect(XLSX.read(file, ParseOptions())).questions
    assert (first.numbers[0].value, first.time_limit_seconds, first.line) == (2.5, 90, 2)
    assert (second.numbers[0].value, second.line) == (3.0, 4)


def test_only_the_first_sheet_is_read_and_the_others_are_told() -> None:
    result = collect(XLSX.read(workbook(["question"], ["What?"], sheets=("Notes",)), ParseOptions()))
    assert result.not_carried == (NotCarried("the sheet “Notes”: only the first one is read"),)


def test_a_formula_in_a_workbook_counts_by_its_value_and_is_never_worked_out() -> None:
    result = collect(XLSX.read(workbook(["question", "answer"], ["What?", "=1+1"]), ParseOptions()))
    assert result.questions[0].reference is None

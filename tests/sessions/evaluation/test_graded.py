"""Reading answers that people have marked: every fault is named with its line."""

from pathlib import Path

import pytest

from sessions.evaluation.graded import GradedFileError, read_graded, sampled
from tests.questions.importing.samples import SAMPLES, needs_samples
from tests.sessions.evaluation.marked import GATE, HEADER, ROWS, write_marked


def test_rows_become_answers_to_questions_of_ours(tmp_path: Path) -> None:
    answers = read_graded(write_marked(tmp_path / "a.tsv"))
    assert [(answer.question_id, answer.marks) for answer in answers[:3]] == [("gate", 5), ("gate", 4.5), ("gate", 2)]
    assert answers[5].body == "Yeast turns the sugar into gas\nand gluten traps this gas. Warmth helps."
    assert len({id(answer.content) for answer in answers}) == 2


def test_the_points_are_those_that_an_import_proposes_or_the_whole_of_one_sentence(tmp_path: Path) -> None:
    answers = read_graded(write_marked(tmp_path / "a.tsv"))
    gate, bread = answers[0].content, answers[5].content
    assert [point.text for point in gate.key_points] == [GATE[2].rstrip(".")]
    # Its second sentence has three words, too few for a point; so the answer is taken as a whole.
    assert [point.key for point in bread.key_points] == ["answer"]


def test_columns_may_come_in_any_order_with_others_between_and_windows_line_ends(tmp_path: Path) -> None:
    rows = [reversed(row) for row in (HEADER, *ROWS)]
    path = tmp_path / "a.tsv"
    path.write_bytes(b"\xef\xbb\xbf" + "".join("\t".join(row) + "\r\n" for row in rows).encode())
    assert [answer.marks for answer in read_graded(path)] == [float(row[-1]) for row in ROWS]


def test_quotation_marks_are_letters_like_others(tmp_path: Path) -> None:
    (answer,) = read_graded(write_marked(tmp_path / "a.tsv", [("t", *GATE, '"Float', "1")]))
    assert answer.body == '"Float'


@pytest.mark.parametrize("marks", ["", "good", "nan", "inf", "5.01", "-1", "4,5"])
def test_marks_that_are_no_number_from_0_to_5_are_refused_with_their_line(tmp_path: Path, marks: str) -> None:
    path = write_marked(tmp_path / "a.tsv", [ROWS[0], ("t", *GATE, "Something", marks)])
    with pytest.raises(GradedFileError, match=r"a\.tsv, line 3: score_avg"):
        read_graded(path)


@pytest.mark.parametrize("name", ["question", "reference_answer", "student_answer", "score_avg", "question_id"])
def test_a_column_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    header = [column if column != name else "other" for column in HEADER]
    with pytest.raises(GradedFileError, match=rf"line 1: lacks the column\(s\) {name}$"):
        read_graded(write_marked(tmp_path / "a.tsv", header=header))


def test_a_column_given_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(GradedFileError, match=r"line 1: has the column\(s\) question more than once"):
        read_graded(write_marked(tmp_path / "a.tsv", header=("question", *HEADER[1:])))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (ROWS[0][:-1], "5 column"),
        ((*ROWS[0], "more"), "7 column"),
        (("t", "gate", "Why?", " ", "Because", "1"), "no reference_answer"),
        (("t", "", "Why?", "So", "Because", "1"), "no question_id"),
        (("t", "gate", "Why?", "x" * 20_001, "Because", "1"), "reference_answer"),
    ],
)
def test_rows_that_cannot_be_read_are_refused_with_their_line(tmp_path: Path, row: tuple[str, ...], words: str) -> None:
    with pytest.raises(GradedFileError, match=f"line 3: {words}"):
        read_graded(write_marked(tmp_path / "a.tsv", [ROWS[0], row]))


@pytest.mark.parametrize("data", [b"", b"\n\n", b"  \n"])
def test_an_empty_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.tsv").write_bytes(data)
    with pytest.raises(GradedFileError, match="line 1: no header"):
        read_graded(tmp_path / "a.tsv")


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GradedFileError, match="holds no answer"):
        read_graded(write_marked(tmp_path / "a.tsv", []))


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes("question\tétude".encode("latin-1"))
    with pytest.raises(GradedFileError, match="not UTF-8, at byte 10"):
        read_graded(tmp_path / "a.tsv")


def test_a_question_without_words_is_read(tmp_path: Path) -> None:
    (answer,) = read_graded(write_marked(tmp_path / "a.tsv", [("t", "gate", "", GATE[2], "The float", "1")]))
    assert answer.content.prompt == "-"


def test_a_sample_is_the_same_each_time_and_keeps_the_order() -> None:
    assert sampled(range(1_000), 20) == sampled(range(1_000), 20) == sorted(sampled(range(1_000), 20))
    assert sampled(range(5), 9) == sampled(range(5), None) == [0, 1, 2, 3, 4]


@needs_samples
@pytest.mark.parametrize(("name", "count"), [("beetle", 3257), ("saf_en", 1090), ("scientsbank", 5214)])
def test_the_public_files_are_read_whole(name: str, count: int) -> None:
    assert len(read_graded(SAMPLES / "graded" / f"{name}.dev.tsv")) == count

"""Zip files that would fill a disk, leave their folder or lead astray; and folders that are only untidy."""

import io
import stat
import zipfile

import pytest
from pytest_django import Settings

from questions.bankformat import write_question
from questions.importing.bankfolder import PARSER
from questions.importing.base import ParsedTopic, ParseOptions, ParseResult, collect
from questions.importing.tables import XLSX
from tests.factories import make_content

FILE = write_question(make_content())
AREA = """\
name: Evaluation
order: 3
description: What counts.
topics:
  metrics:
    name: Metrics
    description: Numbers.
"""


def packed(*files: tuple[str | zipfile.ZipInfo, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data, method)
    file.seek(0)
    return file


def read(file: io.BytesIO) -> ParseResult:
    return collect(PARSER.read(file, ParseOptions()))


def refusal(file: io.BytesIO) -> str:
    result = read(file)
    assert result.questions == ()
    return result.problems[0].message


@pytest.mark.parametrize("root", ["", "bank/", "repo-main/questions/bank/"])
def test_a_folder_is_read_wherever_it_lies_in_the_archive(root: str) -> None:
    result = read(packed((f"{root}evaluation/metrics/one.md", FILE), (f"{root}evaluation/area.yaml", AREA)))
    (question,) = result.questions
    assert (question.slug, question.topics) == ("one", ("evaluation", "metrics"))
    assert result.topics == (
        ParsedTopic("evaluation", "Evaluation", "What counts.", 3, "", f"{root}evaluation/area.yaml"),
        ParsedTopic("metrics", "Metrics", "Numbers.", 1, "evaluation", f"{root}evaluation/area.yaml"),
    )


def test_one_faulty_file_is_one_fault_with_its_path_and_line() -> None:
    bad = FILE.replace("---\n", "---\ntags: [a\n", 1)
    result = read(packed(("e/m/good.md", FILE), ("e/m/bad.md", bad)))
    assert len(result.questions) == 1
    assert [(problem.path, problem.line) for problem in result.problems] == [("e/m/bad.md", 2)]


def test_an_area_that_cannot_be_read_is_a_warning_and_its_questions_are_read() -> None:
    result = read(packed(("e/m/one.md", FILE), ("e/area.yaml", "name: [")))
    assert len(result.questions) == 1
    assert [str(problem.severity) for problem in result.problems] == ["warning"]


def test_other_files_are_told_and_those_that_belong_to_a_bank_are_not() -> None:
    result = read(
        packed(("e/m/one.md", FILE), ("e/plot.png", b"\x89PNG"), ("README.md", "x"), ("__MACOSX/e/._one.md", "x"))
    )
    assert [note.what for note in result.not_carried] == ["the file e/plot.png, which is no question"]


@pytest.mark.parametrize(
    "path", ["../outside.md", "/etc/passwd.md", "a/../../b.md", "c:\\windows\\x.md", "a\\..\\..\\b.md"]
)
def test_a_path_that_leads_out_of_the_archive_is_refused(path: str) -> None:
    assert "leads out of it" in refusal(packed((path, FILE)))


def test_a_link_is_refused() -> None:
    link = zipfile.ZipInfo("e/m/one.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "holds a link" in refusal(packed((link, "/etc/passwd")))


def test_two_files_of_the_same_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        file = packed(("e/m/one.md", FILE), ("e/m/one.md", FILE))
    assert "two files of the same name" in refusal(file)


def test_what_is_packed_too_densely_is_refused_before_it_is_unpacked() -> None:
    assert "more densely than text can be" in refusal(packed(("e/m/one.md", b"\0" * 5_000_000)))


def test_an_archive_that_unpacks_to_too_much_is_refused(settings: Settings) -> None:
    settings.IMPORT_MAX_UNPACKED_BYTES = 10_000
    assert "unpacks to" in refusal(packed(*((f"e/m/q{n}.md", FILE * 2) for n in range(10))))


def test_a_file_that_claims_to_be_smaller_than_it_is_cannot_be_more_than_it_claims() -> None:
    data = packed(("e/m/one.md", b"x" * 4_000_000), method=zipfile.ZIP_STORED).getvalue()
    lying = data.replace((4_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert refusal(io.BytesIO(lying)) in {
        "The file in the archive is damaged.",
        "The file is no zip archive, or a damaged one.",
    }


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(method: int) -> None:
    assert "packed in a way" in refusal(packed(("e/m/one.md", FILE), method=method))


def test_an_encrypted_archive_is_refused() -> None:
    data = bytearray(packed(("e/m/one.md", FILE)).getvalue())
    start = data.index(b"PK\x01\x02")
    data[start + 8] |= 1
    assert "encrypted" in refusal(io.BytesIO(bytes(data)))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x03\x04" + b"x" * 100, b"no zip at all"])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    assert "no zip archive" in refusal(io.BytesIO(data))


def test_a_damaged_member_is_refused_with_its_path() -> None:
    data = bytearray(packed(("e/m/one.md", FILE)).getvalue())
    data[60] ^= 0xFF
    (problem,) = read(io.BytesIO(bytes(data))).problems
    assert (problem.path, "damaged" in problem.message) == ("e/m/one.md", True)


def test_a_file_that_is_too_large_for_a_question_is_a_fault() -> None:
    (problem,) = read(packed(("e/m/one.md", "".join(f"{n} " for n in range(60_000))))).problems
    assert "larger than 200 kB" in problem.message


# Workbooks are archives too


def refused_workbook(file: io.BytesIO) -> str:
    return collect(XLSX.read(file, ParseOptions())).problems[0].message


def test_a_workbook_that_is_a_bomb_is_refused_before_it_is_read() -> None:
    file = packed(("[Content_Types].xml", "<x/>"), ("xl/worksheets/sheet1.xml", b"0" * 60_000_000))
    assert "more densely" in refused_workbook(file)


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    assert "no Excel workbook" in refused_workbook(packed(("xl/a.txt", "x")))


def test_entities_in_a_workbook_are_not_expanded() -> None:
    from openpyxl import Workbook

    plain = io.BytesIO()
    book = Workbook()
    book.active["A1"] = "question"  # type: ignore[index]
    book.save(plain)
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    hostile = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(hostile, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                data = bomb.encode() + data.replace(b"question", b"&b;")
            target.writestr(name, data)
    hostile.seek(0)
    assert "no Excel workbook" in refused_workbook(hostile)


def test_a_sheet_that_claims_a_million_rows_is_read_to_its_last_row() -> None:
    from openpyxl import Workbook

    plain, lying = io.BytesIO(), io.BytesIO()
    book = Workbook()
    for row in (["question"], ["What?"]):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(lying, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'))
    lying.seek(0)
    assert len(collect(XLSX.read(lying, ParseOptions())).questions) == 1

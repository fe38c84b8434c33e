"""Tables, as CSV or XLSX: one question in a row, every field in a column of its own, lists and blocks as YAML.

A cell that a spreadsheet would take for a formula is never one: in CSV it gets an apostrophe, which our import takes
away again, and in XLSX it is marked as text.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from questions import yamltext
from questions.content import Content, Format
from questions.exporting.base import ExportedQuestion
from questions.importing.columns import OWN
from questions.importing.rows import FORMULA_MARKS, GUARDED, LISTS, STRUCTURED

# What Excel keeps of one cell.
MAX_CELL_CHARACTERS = 32_767
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


class CsvWriter:
    name = "csv"
    label = gettext_lazy("Table (CSV)")
    extension = "csv"
    media_type = "text/csv; charset=utf-8"

    def carries(self, content: Content) -> bool:
        return True

    def cannot_carry(self, content: Content) -> list[str]:
        return []

    def write(self, questions: Iterable[ExportedQuestion], file: BinaryIO) -> None:
        self.write_rows(rows(questions), file)

    def write_rows(self, table: Iterable[Sequence[str]], file: BinaryIO) -> None:
        # The mark at the beginning tells spreadsheets that it is UTF-8.
        file.write(b"\xef\xbb\xbf")
        for row in table:
            line = io.StringIO()
            csv.writer(line).writerow(guarded(cell) for cell in row)
            file.write(line.getvalue().encode())


class XlsxWriter:
    name = "xlsx"
    label = gettext_lazy("Table (Excel, XLSX)")
    extension = "xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def carries(self, content: Content) -> bool:
        return all(len(cell) <= MAX_CELL_CHARACTERS for cell in _cells(content).values())

    def cannot_carry(self, content: Content) -> list[str]:
        cells = _cells(content)
        long = [name for name, cell in cells.items() if len(cell) > MAX_CELL_CHARACTERS]
        strange = [name for name, cell in cells.items() if _UNWRITABLE.search(cell)]
        most = MAX_CELL_CHARACTERS
        return [
            *(
                _("the question: %(field)s has more than %(most)d characters") % {"field": f, "most": most}
                for f in long
            ),
            *(_("control characters in %s") % field for field in strange),
        ]

    def write(self, questions: Iterable[ExportedQuestion], file: BinaryIO) -> None:
        self.write_rows(rows(question for question in questions if self.carries(question.content)), file)

    def write_rows(self, table: Iterable[Sequence[str]], file: BinaryIO) -> None:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Questions")
        sheet.freeze_panes = "A2"
        for number, row in enumerate(table):
            sheet.append([_text_cell(sheet, cell, bold=number == 0) for cell in row])
        book.save(file)


CSV, XLSX = CsvWriter(), XlsxWriter()


def rows(questions: Iterable[ExportedQuestion]) -> Iterator[list[str]]:
    """Yield the headings, then a row of texts for each question."""
    yield list(OWN)
    for question in questions:
        cells = _cells(question.content)
        place = {"slug": question.slug, "area": question.area.slug, "topic": question.topic.slug}
        yield [place.get(name) or cells.get(name, "") for name in OWN]


def _cells(content: Content) -> dict[str, str]:
    values = content.model_dump(mode="json")
    cells = {name: _cell(name, value) for name, value in values.items()}
    if content.format == Format.EXPLANATION:
        cells["format"] = ""
    return cells


def _cell(name: str, value: Any) -> str:
    if value in (None, [], ""):
        return ""
    if name in LISTS and not any(_is_no_line(entry) for entry in value):
        return "\n".join(value)
    return yamltext.dump(value).rstrip("\n") if name in STRUCTURED | LISTS else str(value)


def _is_no_line(entry: str) -> bool:
    """Whether an entry of a list would not come back from a line of its own."""
    return "\n" in entry or entry.startswith(("- ", "[")) or entry != entry.strip() or "," in entry or ";" in entry


def guarded(cell: str) -> str:
    if cell[:1] in FORMULA_MARKS and cell and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    # What begins like a guarded cell is guarded too, so that the import takes away only what was put there.
    return f"'{cell}" if cell[:1] == "'" and cell[1:2] in GUARDED and len(cell) > 1 else cell


def _text_cell(sheet: Any, text: str, *, bold: bool) -> Any:
    cell = WriteOnlyCell(sheet, value=_UNWRITABLE.sub("\ufffd", text))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell

"""Tables, as CSV or XLSX: one question in a row, and headings that say what the columns are.

Reads row by row. Our own tables come back exactly; of other people's, the columns are guessed until somebody says
better. A cell is taken as Markdown.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.importing import columns, rows
from questions.importing.archives import Archive
from questions.importing.base import (
    ImportProblem,
    ImportRefusedError,
    Item,
    NotCarried,
    ParsedColumns,
    ParseOptions,
)
from questions.importing.lines import encoding_of, encoding_warning, numbered_lines, shown

MAX_COLUMNS = 200
MAX_EMPTY_ROWS = 1_000
# A workbook's texts are held in memory as a whole, by whoever reads it.
MAX_SHARED_STRINGS_BYTES = 60_000_000
_DELIMITERS = ",;\t|"
Row = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class TableParser:
    """One of the two: they differ in how rows are read, and in nothing else."""

    name: str
    label: Any
    extensions: tuple[str, ...]

    def recognises(self, head: bytes) -> bool:
        if self.name == "xlsx":
            return head.startswith(b"PK\x03\x04") and (b"xl/" in head or b"[Content_Types].xml" in head)
        # An archive's bytes are no table, and a lone carriage return in them is more than the reader of tables takes.
        if head.startswith(b"PK") or b"\x00" in head:
            return False
        line = head.decode("utf-8", "replace").removeprefix("\ufeff").lstrip().replace("\r", "\n").split("\n", 1)[0]
        if not any(mark in line for mark in _DELIMITERS):
            return False
        guessed = columns.guess(next(csv.reader([line], delimiter=_delimiter(line)), []))
        return "prompt" in guessed.values()

    def read(self, file: BinaryIO, options: ParseOptions) -> Iterator[Item]:
        source = _xlsx_rows(file) if self.name == "xlsx" else _csv_rows(file)
        yield from _items(source, options)


CSV = TableParser("csv", gettext_lazy("Table (CSV)"), ("csv", "tsv"))
XLSX = TableParser("xlsx", gettext_lazy("Table (Excel, XLSX)"), ("xlsx",))


def _items(source: Iterator[Row | Item], options: ParseOptions) -> Iterator[Item]:
    fields: dict[str, str] | None = None
    headings: list[str] = []
    waiting: ParsedColumns | None = None
    for entry in source:
        if not isinstance(entry, tuple):
            yield entry
            continue
        number, cells = entry
        if not any(cell.strip() for cell in cells):
            continue
        if fields is None:
            headings = _headings(cells)
            fields = columns.usable(options.columns, headings)
            waiting = ParsedColumns(fields)
            yield from _unusable(fields, number, cells)
            continue
        values = dict(zip(headings, cells, strict=False))
        if waiting is not None:
            yield ParsedColumns(fields, {name: value.strip() for name, value in values.items()})
            waiting = None
        if any(cell.strip() for cell in cells[len(headings) :]):
            yield _problem(number, cells, _("The row has more cells than there are headings."))
            continue
        yield from rows.question(number, {fields[name]: cell for name, cell in values.items() if fields[name]})
    if waiting is not None:
        yield waiting


def _headings(cells: Sequence[str]) -> list[str]:
    """Return the headings; one that is empty or used before gets its number, so that each is unlike the others."""
    found: list[str] = []
    for number, cell in enumerate(cells[:MAX_COLUMNS], 1):
        name = " ".join(cell.split())[:100] or _("column %d") % number
        found.append(name if name not in found else f"{name} ({number})")
    return found


def _unusable(fields: Mapping[str, str], number: int, cells: Sequence[str]) -> Iterator[Item]:
    if "prompt" not in fields.values():
        hint = _("Say below which column holds the question, or give it the heading “question”.")
        yield ImportProblem(_("No column was recognised as the question."), hint=hint, text=_shown(cells))
    if len(cells) > MAX_COLUMNS:
        yield _problem(number, cells, _("There are more than %d columns; the others were not read.") % MAX_COLUMNS)
    for heading, field in fields.items():
        if not field:
            yield NotCarried(_("the column “%s”") % heading)


def _problem(number: int, cells: Sequence[str], message: str) -> ImportProblem:
    return ImportProblem(message, line=number, text=_shown(cells))


def _shown(cells: Sequence[str]) -> str:
    return shown(" | ".join(" ".join(cell.split()) for cell in cells))


# CSV


def _csv_rows(file: BinaryIO) -> Iterator[Row | Item]:
    encoding = encoding_of(file)
    if warning := encoding_warning(encoding):
        yield warning
    lines = numbered_lines(file, encoding)
    first = next(lines, None)
    if first is None:
        return
    reader = csv.reader(_with_ends(first[1], lines), delimiter=_delimiter(first[1]))
    start = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _broken(start, error) from error
        if cells is None:
            return
        yield start, [_unguarded(cell) for cell in cells]
        start = reader.line_num + 1


def _with_ends(first: str, lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    yield first + "\n"
    for _number, line in lines:
        yield line + "\n"


def _delimiter(line: str) -> str:
    """Return what parts the cells: whatever stands outside quotes most often in the first line."""
    bare = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def _broken(line: int, error: csv.Error) -> ImportRefusedError:
    hint = _("A quotation mark that opens a cell may not be closed. Nothing after this place can be read.")
    return ImportRefusedError(ImportProblem(_("This row is no valid CSV: %s.") % error, hint=hint, line=line))


def _unguarded(cell: str) -> str:
    """Undo what our export does to cells that a spreadsheet would take for formulas."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in rows.GUARDED and len(cell) > 1 else cell


# XLSX


def _xlsx_rows(file: BinaryIO) -> Iterator[Row | Item]:
    _check_workbook(file)
    from openpyxl import load_workbook

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except Exception as error:  # whatever its parsers trip over, the file is no workbook
        message = _("The file is no Excel workbook (XLSX), or a damaged one.")
        hint = _("Save it again as XLSX, or as CSV in UTF-8.")
        raise ImportRefusedError(ImportProblem(message, hint=hint)) from error
    try:
        for sheet in book.worksheets[1:]:
            yield NotCarried(_("the sheet “%s”: only the first one is read") % sheet.title)
        if book.worksheets:
            yield from _sheet_rows(book.worksheets[0])
    finally:
        book.close()


def _check_workbook(file: BinaryIO) -> None:
    archive = Archive(file)
    for member in archive.members():
        if member.path.endswith("sharedStrings.xml") and member.size > MAX_SHARED_STRINGS_BYTES:
            message = _("The workbook holds more text than can be read at once (%d MB).")
            most = MAX_SHARED_STRINGS_BYTES // 1_000_000
            raise ImportRefusedError(ImportProblem(message % most, hint=_("Save it as CSV in UTF-8.")))
    file.seek(0)


def _sheet_rows(sheet: Any) -> Iterator[Row | Item]:
    sheet.reset_dimensions()
    empty = 0
    try:
        for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), 1):
            texts = [_text(cell) for cell in cells]
            while texts and not texts[-1].strip():
                texts.pop()
            empty = 0 if texts else empty + 1
            if empty > MAX_EMPTY_ROWS:
                return
            yield number, texts
    except ImportRefusedError:
        raise
    except Exception as error:
        message = _("The workbook cannot be read beyond this place.")
        problem = ImportProblem(message, hint=_("Save it again as XLSX, or as CSV in UTF-8."), line=0)
        raise ImportRefusedError(problem) from error


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
    return str(value)

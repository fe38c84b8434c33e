"""From one row of a table to a question: our own columns exactly, and the simpler ones of other people's tables.

Pure: cells by the names of `columns.FIELDS` come in, one parsed question or its problem goes out.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from questions import yamltext
from questions.content import Content, Kind
from questions.importing.base import (
    ImportProblem,
    Item,
    ParsedChoice,
    ParsedNumber,
    ParsedQuestion,
    Passage,
    Sort,
)
from questions.importing.columns import LETTERS
from questions.importing.lines import shown

# What a spreadsheet takes for the beginning of a formula.
FORMULA_MARKS = ("=", "+", "-", "@", "\t")
# What our export puts an apostrophe before; the import takes it away again.
GUARDED = (*FORMULA_MARKS, "'")
# Columns that hold more than text, as YAML.
STRUCTURED = frozenset({"key_points", "choices", "numeric_answer", "misconceptions", "code"})
LISTS = frozenset({"follow_ups", "tags"})
SIMPLE = frozenset({"correct", "number", "tolerance", "unit", "accepted"})
_SORTS = {
    "single": Sort.SINGLE,
    "single choice": Sort.SINGLE,
    "multiple choice": Sort.SINGLE,
    "mc": Sort.SINGLE,
    "mcq": Sort.SINGLE,
    "multichoice": Sort.SINGLE,
    "multiple": Sort.MULTIPLE,
    "multiple answer": Sort.MULTIPLE,
    "multiple answers": Sort.MULTIPLE,
    "multiple response": Sort.MULTIPLE,
    "checkbox": Sort.MULTIPLE,
    "true false": Sort.TRUE_FALSE,
    "truefalse": Sort.TRUE_FALSE,
    "tf": Sort.TRUE_FALSE,
    "numeric": Sort.NUMERIC,
    "numerical": Sort.NUMERIC,
    "number": Sort.NUMERIC,
    "short": Sort.SHORT,
    "short answer": Sort.SHORT,
    "shortanswer": Sort.SHORT,
    "open": Sort.OPEN,
    "essay": Sort.OPEN,
    "text": Sort.OPEN,
}


class _CellError(ValueError):
    def __init__(self, field: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.field, self.hint = field, hint


def question(number: int, cells: Mapping[str, str]) -> Iterator[Item]:
    """Yield the question in the row `number`, or what is wrong with the row."""
    filled = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    try:
        yield _own(number, filled) if _is_own(filled) else _other(number, filled)
    except _CellError as error:
        text = shown(" | ".join(" ".join(cell.split()) for cell in filled.values()))
        yield ImportProblem(str(error), hint=error.hint, line=number, field=error.field, text=text)


def _is_own(cells: Mapping[str, str]) -> bool:
    """Whether the row is written in our terms: one of our kinds, and none of the simpler columns."""
    simple = SIMPLE & cells.keys() or any(name.startswith(("choice_", "explanation_")) for name in cells)
    return cells.get("kind", "") in Kind.values and not simple


# Our own rows


def _own(number: int, cells: Mapping[str, str]) -> ParsedQuestion:
    values: dict[str, Any] = {name: _value(name, cells[name]) for name in Content.model_fields if name in cells}
    return ParsedQuestion(
        sort=Sort.OPEN,
        prompt=Passage(cells.get("prompt", "")),
        line=number,
        slug=cells.get("slug", ""),
        topics=_topics(cells),
        content=values,
    )


def _value(name: str, cell: str) -> Any:
    if name in STRUCTURED:
        return _yaml(name, cell)
    if name in LISTS:
        return _list(name, cell)
    if name == "time_limit_seconds":
        return _seconds(cell)
    return cell


def _yaml(name: str, cell: str) -> Any:
    try:
        return yamltext.load(cell).data
    except yamltext.YamlError as error:
        words = {"line": error.line, "message": error.message}
        raise _CellError(name, _("Line %(line)d of the cell: %(message)s") % words) from error


def _list(name: str, cell: str) -> list[str]:
    """Return the entries of a cell: a YAML list, one on each line, or parted by commas where they are single words."""
    if cell.startswith(("- ", "[")):
        value = _yaml(name, cell)
        if isinstance(value, list):
            return [str(entry) for entry in value]
    lines = [line.strip() for line in cell.split("\n") if line.strip()]
    if name == "tags" and len(lines) == 1:
        return [tag.strip() for tag in re.split(r"[,;]", cell) if tag.strip()]
    return lines


def _seconds(cell: str) -> int | str:
    return int(cell) if re.fullmatch(r"\d{1,6}", cell) else cell


def _topics(cells: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(cells[name] for name in ("area", "topic") if name in cells)


# Other people's rows


def _other(number: int, cells: Mapping[str, str]) -> ParsedQuestion:
    choices = _choices(number, cells)
    sort = _sort(cells, choices)
    reference = cells.get("reference_answer", "")
    if sort == Sort.TRUE_FALSE and not choices:
        choices = _true_or_false(number, cells)
    seconds = cells.get("time_limit_seconds", "")
    return ParsedQuestion(
        sort=sort,
        prompt=Passage(cells.get("prompt", "")),
        line=number,
        title=cells.get("title", ""),
        choices=choices if sort in {Sort.SINGLE, Sort.MULTIPLE, Sort.TRUE_FALSE} else (),
        accepted=_accepted(number, cells) if sort == Sort.SHORT else (),
        numbers=(_number(number, cells),) if sort == Sort.NUMERIC and cells.get("number") else (),
        reference=Passage(reference) if reference else None,
        topics=_topics(cells),
        tags=tuple(_list("tags", cells.get("tags", ""))),
        difficulty=cells.get("difficulty", ""),
        time_limit_seconds=_whole("time_limit_seconds", seconds) if seconds else None,
        licence=cells.get("licence", ""),
        author=cells.get("author", ""),
        source=cells.get("source", ""),
        slug=cells.get("slug", ""),
    )


def _sort(cells: Mapping[str, str], choices: tuple[ParsedChoice, ...]) -> Sort:
    right = sum(choice.correct for choice in choices)
    if written := cells.get("kind", ""):
        sort = _SORTS.get(re.sub(r"[\s_/-]+", " ", written.casefold()).strip())
        if sort is None:
            hint = _("Known are: %s.") % ", ".join(sorted(_SORTS))
            raise _CellError("kind", _("“%s” is not a kind of question that is known here.") % written, hint)
        return Sort.MULTIPLE if sort == Sort.SINGLE and right > 1 else sort
    if choices:
        return Sort.MULTIPLE if right > 1 else Sort.SINGLE
    if "number" in cells:
        return Sort.NUMERIC
    return Sort.SHORT if "accepted" in cells else Sort.OPEN


def _choices(number: int, cells: Mapping[str, str]) -> tuple[ParsedChoice, ...]:
    found = {letter: cells[f"choice_{letter}"] for letter in LETTERS if f"choice_{letter}" in cells}
    right = _right(found, cells.get("correct", ""))
    return tuple(
        ParsedChoice(
            Passage(text),
            correct=letter in right,
            feedback=Passage(cells[f"explanation_{letter}"]) if f"explanation_{letter}" in cells else None,
            line=number,
            key=letter,
        )
        for letter, text in found.items()
    )


def _right(choices: Mapping[str, str], written: str) -> set[str]:
    """Return the letters of the right choices, which may be written as letters, as numbers or as their texts."""
    if not choices or not written:
        return set()
    by_text = {" ".join(text.casefold().split()): letter for letter, text in choices.items()}
    whole = " ".join(written.casefold().split())
    if whole in by_text:
        return {by_text[whole]}
    parts = [part.strip(" .()").casefold() for part in re.split(r"[,;|/\n&]|\band\b", written) if part.strip(" .()")]
    if len(parts) == 1 and len(parts[0]) <= len(choices) and set(parts[0]) <= set(choices):
        parts = list(parts[0])  # “AC”
    found = {by_text.get(" ".join(part.split())) or _letter(part) for part in parts}
    if unknown := [
        part for part, letter in zip(parts, map(_letter, parts), strict=True) if _lost(part, letter, by_text)
    ]:
        raise _CellError("correct", _("“%s” is none of the choices of this row.") % unknown[0])
    if strangers := sorted(letter for letter in found if letter and letter not in choices):
        raise _CellError("correct", _("There is no choice %s in this row.") % strangers[0].upper())
    return {letter for letter in found if letter}


def _letter(part: str) -> str:
    part = re.sub(r"^(?:option|choice|answer)\s*", "", part)
    if part in LETTERS and len(part) == 1:
        return part
    return LETTERS[int(part) - 1] if part.isdecimal() and 1 <= int(part) <= len(LETTERS) else ""


def _lost(part: str, letter: str, by_text: Mapping[str, str]) -> bool:
    return not letter and " ".join(part.split()) not in by_text


def _true_or_false(number: int, cells: Mapping[str, str]) -> tuple[ParsedChoice, ...]:
    written = (cells.get("correct") or cells.get("reference_answer") or "").casefold()
    if written not in {"true", "t", "yes", "1", "false", "f", "no", "0"}:
        raise _CellError("correct", _("Say whether it is true or false."))
    is_true = written in {"true", "t", "yes", "1"}
    return (
        ParsedChoice(Passage(_("True")), correct=is_true, line=number),
        ParsedChoice(Passage(_("False")), correct=not is_true, line=number),
    )


def _accepted(number: int, cells: Mapping[str, str]) -> tuple[ParsedChoice, ...]:
    written = cells.get("accepted") or cells.get("correct") or cells.get("reference_answer", "")
    return tuple(ParsedChoice(Passage(line), correct=True, line=number) for line in _list("accepted", written))


def _number(number: int, cells: Mapping[str, str]) -> ParsedNumber:
    return ParsedNumber(
        value=_decimal("number", cells["number"]),
        tolerance=_decimal("tolerance", cells["tolerance"]) if "tolerance" in cells else 0.0,
        unit=cells.get("unit", ""),
        line=number,
    )


def _decimal(field: str, cell: str) -> float:
    text = cell.replace(" ", "").replace("\u00a0", "")
    text = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text.replace(",", "")
    try:
        return float(text)
    except ValueError as error:
        raise _CellError(field, _("“%s” is no number.") % cell) from error


def _whole(field: str, cell: str) -> int:
    if not re.fullmatch(r"\d{1,6}", cell):
        raise _CellError(field, _("“%s” is no whole number of seconds.") % cell)
    return int(cell)

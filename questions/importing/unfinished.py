"""What an import found of a question that it could not complete: where whoever completes it begins to write.

Such a question has no version yet. Its words stay with its import until somebody saves the first one. Reads only.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from questions.editing.typed import BLOCKS, ROWS, TEXTS, Typed, blank, of_point
from questions.models import ImportItem, Question


def imported_words(question: Question) -> Typed | None:
    """Return the editor's form with what the file said, or None for a question that no import left unfinished."""
    found = ImportItem.objects.filter(question=question, outcome=ImportItem.Outcome.UNFINISHED)
    item = found.order_by("-run__imported_at").first()
    return typed_of(item.values) if item else None


def typed_of(values: Mapping[str, Any]) -> Typed:
    """Return the form that says `values`, which are a content's as far as they go; what is not there stays empty."""
    typed = blank(author="")
    typed |= {name: str(values[name]) for name in TEXTS if values.get(name) not in (None, "")}
    if isinstance(number := values.get("numeric_answer"), Mapping):
        typed["number"] = typed["number"] | {name: _figure(number[name]) for name in BLOCKS["number"] if name in number}
    code = values.get("code")
    if isinstance(code, Mapping):
        typed["code"] = typed["code"] | {name: str(code[name]) for name in BLOCKS["code"] if code.get(name)}
    cases = code.get("cases") if isinstance(code, Mapping) else None
    lists = {name: values.get(name) for name in ROWS if name != "cases"} | {"cases": cases}
    for name, entries in lists.items():
        if rows := _rows(name, entries):
            typed[name] = rows
    return typed


def _rows(name: str, entries: Any) -> list[dict[str, str]]:
    if not isinstance(entries, Iterable) or isinstance(entries, str | Mapping):
        return []
    return [{"row": f"r{number}", **_row(name, entry)} for number, entry in enumerate(entries, 1)]


def _row(name: str, entry: Any) -> dict[str, str]:
    if name == "key_points":
        return of_point(entry if isinstance(entry, Mapping) else {})
    return {part: _text(_part(entry, part)) for part in ROWS[name]}


def _part(entry: Any, part: str) -> Any:
    if isinstance(entry, Mapping):
        return entry.get(part, "")
    return entry if part == "text" else ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    return str(value)


def _figure(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, int | float) else str(value)

"""What an import found and what became of it, as a file to keep or to send to whoever wrote the questions.

Streams item by item: a report may be longer than the file it is about. Reads only.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from questions.exporting.tables import guarded
from questions.models import ImportItem, ImportRun

BATCH = 500
COLUMNS = (
    "line",
    "title",
    "state",
    "outcome",
    "slug",
    "repeats",
    "missing",
    "not_carried",
    "severity",
    "problem",
    "text",
)
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def as_json(run: ImportRun) -> Iterator[str]:
    """Yield a JSON object: the run, its notes, and its items, one on each line."""
    head = json.dumps({"import": _facts(run), "notes": run.notes}, ensure_ascii=False)
    yield head[:-1] + ', "items": ['
    separator = "\n"
    for item in _items(run):
        yield separator + json.dumps(_item_facts(item), ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def as_csv(run: ImportRun) -> Iterator[str]:
    """Yield a table: a row for each problem of each item, and one for an item without any; first the file's notes."""
    yield "\ufeff" + _row(COLUMNS)
    for note in run.notes:
        yield _row(_cells({"line": _place("", note.get("line"))}, note))
    for item in _items(run):
        facts = {
            "line": _place(item.path, item.line),
            "title": item.title,
            "state": item.get_state_display(),
            "outcome": item.get_outcome_display() if run.imported_at else "",
            "slug": item.question.slug if item.question else "",
            "repeats": item.matched.slug if item.matched else _above(item),
            "missing": "; ".join(lack["message"] for lack in item.missing),
            "not_carried": "; ".join([*item.not_carried, *([item.reason] if item.reason else [])]),
        }
        for problem in item.problems or [{}]:
            place = _place(problem.get("path", item.path), problem.get("line", item.line))
            yield _row(_cells(facts | {"line": place}, problem))


WRITERS = {"csv": as_csv, "json": as_json}


def _items(run: ImportRun) -> Iterator[ImportItem]:
    items = run.items.select_related("question", "matched").defer("values").order_by("position")
    yield from items.iterator(chunk_size=BATCH)


def _facts(run: ImportRun) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "file": run.filename,
        "sha256": run.sha256,
        "format": run.format,
        "state": run.state,
        "sent": run.created_at.isoformat(),
        "sent_by": str(run.created_by or ""),
        "imported": run.imported_at.isoformat() if run.imported_at else None,
        "imported_by": str(run.imported_by or ""),
        "undone": run.undone_at.isoformat() if run.undone_at else None,
        "questions": run.question_count,
        "faults": run.error_count,
    }


def _item_facts(item: ImportItem) -> dict[str, Any]:
    return {
        "line": item.line,
        "path": item.path,
        "title": item.title,
        "topics": item.topics,
        "state": item.state,
        "reason": item.reason,
        "outcome": item.outcome,
        "slug": item.question.slug if item.question else None,
        "repeats": item.matched.slug if item.matched else item.matched_position,
        "match": item.match,
        "missing": item.missing,
        "problems": item.problems,
        "not_carried": item.not_carried,
    }


def _cells(facts: dict[str, str], problem: dict[str, Any]) -> list[str]:
    words = " ".join(filter(None, [problem.get("field", ""), problem.get("message", ""), problem.get("hint", "")]))
    more = {"severity": problem.get("severity", ""), "problem": words, "text": problem.get("text", "")}
    return [(facts | more).get(name, "") for name in COLUMNS]


def _row(cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(guarded(str(cell)) for cell in cells)
    return line.getvalue()


def _place(path: str, line: Any) -> str:
    return ":".join(filter(None, [path, str(line) if line else ""]))


def _above(item: ImportItem) -> str:
    return f"#{item.matched_position}" if item.matched_position else ""

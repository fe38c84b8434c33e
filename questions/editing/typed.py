"""What the editor's form holds, as plain data: every field as it was typed, lists as rows that can be rearranged.

Pure. `Typed` is what a working copy stores. `raw` turns it into what `Content.parse` reads; rows that are empty are
left out there, and so is what another kind of question would need.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify

from questions.content import MOST_ENTRIES, Content, Difficulty, Format, Kind

Row = dict[str, str]
Typed = dict[str, Any]

TEXTS = (
    "title",
    "kind",
    "format",
    "difficulty",
    "time_limit_seconds",
    "prompt",
    "reference_answer",
    "guidance",
    "strong_sample",
    "middling_sample",
    "licence",
    "author",
    "source",
    "topic",
    "slug",
)
BLOCKS: dict[str, tuple[str, ...]] = {
    "number": ("value", "tolerance", "unit", "expression"),
    "code": ("language", "setup", "starter", "solution"),
}
ROWS: dict[str, tuple[str, ...]] = {
    "key_points": (
        "key",
        "text",
        "weight",
        "accepted",
        "required",
        "number_value",
        "number_tolerance",
        "number_unit",
        "any_of_items",
        "any_of_need",
    ),
    "choices": ("key", "text", "correct", "explanation"),
    "misconceptions": ("text", "why"),
    "cases": ("call", "expected"),
    "follow_ups": ("text",),
    "tags": ("text",),
}
# A row is empty when nothing but these was given: they have a value from the start.
PRESET = {"key", "weight", "correct"}
# A content has no more entries and no longer texts than these, so nothing of a question is cut off by opening it.
MOST_ROWS = MOST_ENTRIES
LONGEST_TEXT = 50_000
LONGEST_ID = re.compile(r"r[0-9]{1,4}")

# What only some kinds of question have.
ONLY_OPEN = ("key_points", "misconceptions", "strong_sample", "middling_sample")


def blank(*, author: str) -> Typed:
    """Return the form of a new question: open, with room for four points."""
    typed: Typed = dict.fromkeys(TEXTS, "")
    typed |= {"kind": Kind.OPEN.value, "format": Format.EXPLANATION.value, "difficulty": Difficulty.MEDIUM.value}
    typed |= {"time_limit_seconds": "240", "licence": "CC-BY-4.0", "author": author, "source": "original"}
    typed |= {name: dict.fromkeys(parts, "") for name, parts in BLOCKS.items()}
    typed["code"]["language"] = "python"
    typed |= {name: [] for name in ROWS}
    for name, count in {"key_points": 4, "choices": 4, "misconceptions": 1, "cases": 4, "follow_ups": 1}.items():
        typed[name] = [_new_row(name, number) for number in range(1, count + 1)]
    return typed


def _new_row(name: str, number: int) -> Row:
    row = {"row": f"r{number}", **dict.fromkeys(ROWS[name], "")}
    return row | ({"weight": "2"} if name == "key_points" else {})


def completed(stored: Typed) -> Typed:
    """Return a form that was kept, with what the form of its time did not have yet: empty."""
    typed = blank(author="") | stored
    return typed | {name: [dict.fromkeys(parts, "") | row for row in typed[name]] for name, parts in ROWS.items()}


def of_content(content: Content, *, topic: str = "", slug: str = "") -> Typed:
    """Return the form that says exactly `content`."""
    values = content.model_dump(mode="json")
    typed = blank(author="") | {name: str(values[name]) for name in TEXTS if name in values}
    typed |= {"topic": topic, "slug": slug}
    if number := values["numeric_answer"]:
        typed["number"] = number | {"value": figure(number["value"]), "tolerance": figure(number["tolerance"])}
    rows: dict[str, list[dict[str, Any]]] = {
        "key_points": [of_point(point) for point in values["key_points"]],
        "choices": [{**choice, "correct": "on" if choice["correct"] else ""} for choice in values["choices"]],
        "misconceptions": values["misconceptions"],
        "follow_ups": [{"text": text} for text in values["follow_ups"]],
        "tags": [{"text": text} for text in values["tags"]],
        "cases": [],
    }
    if code := values["code"]:
        rows["cases"] = code.pop("cases")
        typed["code"] = code
    for name, entries in rows.items():
        # A list that says nothing yet keeps the empty rows it is offered with.
        if entries:
            typed[name] = [
                {"row": f"r{number}", **{part: str(entry[part]) for part in ROWS[name]}}
                for number, entry in enumerate(entries, 1)
            ]
    return typed


def of_point(point: Mapping[str, Any]) -> Row:
    """Return the row that says exactly `point`, or as much of it as there is."""
    number, any_of = (part if isinstance(part := point.get(name), Mapping) else {} for name in ("number", "any_of"))
    return {
        **{name: str(point.get(name, "")) for name in ("key", "text", "weight")},
        **{name: _one_per_line(point.get(name)) for name in ("accepted", "required")},
        **{f"number_{name}": figure(number.get(name, "")) for name in ("value", "tolerance", "unit")},
        "any_of_items": _one_per_line(any_of.get("items")),
        "any_of_need": str(any_of.get("need", "")),
    }


def _one_per_line(entries: Any) -> str:
    # Each has its own line here, so one that goes over two would come back as two.
    listed = entries if isinstance(entries, list | tuple) else []
    return "\n".join(str(entry).replace("\n", " ") for entry in listed)


def figure(number: Any) -> str:
    """Return a number as short as it can be without being another one, in plain decimals unless it has many zeros.

    What is no number is returned as it was typed.
    """
    if not isinstance(number, float):
        return str(number)
    shortest = Decimal(repr(number)).normalize()
    return f"{shortest:f}" if not number or 1e-9 <= abs(number) < 1e15 else f"{shortest:g}"


# --- From the form --------------------------------------------------------------------------------------------------


def read(data: QueryDict) -> Typed:
    """Return what a posted form says. Line ends become Unix ones, and what is far too long is cut."""
    typed: Typed = {name: _text(data, name) for name in TEXTS}
    for name, parts in BLOCKS.items():
        typed[name] = {part: _text(data, f"{name}-{part}") for part in parts}
    for name, parts in ROWS.items():
        ids = [row for row in dict.fromkeys(data.getlist(name)) if LONGEST_ID.fullmatch(row)][:MOST_ROWS]
        typed[name] = [{"row": row, **{part: _text(data, f"{name}-{row}-{part}") for part in parts}} for row in ids]
    return typed


def _text(data: QueryDict, name: str) -> str:
    text = str(data.get(name, "")).replace("\x00", "")
    return text.replace("\r\n", "\n").replace("\r", "\n")[:LONGEST_TEXT]


def is_empty(name: str, row: Mapping[str, str]) -> bool:
    return not any(row[part].strip() for part in ROWS[name] if part not in PRESET)


# --- Rearranging ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rearranged:
    """The form after a button was pressed; `name` is the list it changed, `focus` where one goes on writing."""

    typed: Typed
    name: str
    focus: str


def rearranged(typed: Typed, action: str) -> Rearranged | None:
    """Return the form after `add:LIST`, `remove:LIST:ROW`, `up:LIST:ROW` or `down:LIST:ROW`; None for anything else."""
    verb, _colon, rest = action.partition(":")
    name, _colon, row_id = rest.partition(":")
    if name not in ROWS or verb not in {"add", "remove", "up", "down"}:
        return None
    rows: list[Row] = [dict(row) for row in typed[name]]
    at = next((place for place, row in enumerate(rows) if row["row"] == row_id), None)
    focus = f"add-{name}"
    if verb == "add" and len(rows) < MOST_ROWS:
        number = max((int(row["row"][1:]) for row in rows), default=0) + 1
        rows.append(_new_row(name, number))
        focus = f"{name}-r{number}-{next(part for part in ROWS[name] if part not in PRESET)}"
    elif at is not None and verb == "remove":
        del rows[at]
    elif at is not None:
        to = at - 1 if verb == "up" else at + 1
        if 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
        focus = f"{verb}-{name}-{row_id}"
    return Rearranged({**typed, name: rows}, name, focus)


# --- For Content.parse ----------------------------------------------------------------------------------------------


def raw(typed: Typed) -> dict[str, Any]:
    """Return the fields of a content, as far as they can be read; without what this kind of question does not have."""
    kind, is_open = typed["kind"], typed["kind"] == Kind.OPEN
    fields: dict[str, Any] = {name: typed[name].strip() for name in TEXTS if name not in {"topic", "slug"}}
    fields["time_limit_seconds"] = _whole(fields["time_limit_seconds"])
    fields["format"] = fields["format"] if is_open and fields["format"] else Format.EXPLANATION.value
    fields |= {name: _entries(typed, name) for name in ("key_points", "choices", "misconceptions")}
    fields["follow_ups"] = [row["text"] for row in filled(typed, "follow_ups")]
    fields["tags"] = [row["text"].strip() for row in filled(typed, "tags")]
    fields["numeric_answer"] = _number(typed["number"]) if kind == Kind.NUMERIC else None
    is_coding = is_open and fields["format"] == Format.CODING
    fields["code"] = {**typed["code"], "cases": _entries(typed, "cases")} if is_coding and has_code(typed) else None
    for name in left_out(typed):
        if name in (*ONLY_OPEN, "choices"):
            fields[name] = "" if isinstance(fields[name], str) else []
    return fields


def has_code(typed: Typed) -> bool:
    """Whether anything of a program was typed."""
    parts = [typed["code"][part] for part in ("setup", "starter", "solution")]
    return any(part.strip() for part in parts) or bool(filled(typed, "cases"))


def left_out(typed: Typed) -> list[str]:
    """Return the fields that were filled in although this kind of question has none: they are not saved with it."""
    kind = typed["kind"]
    unfit = list(ONLY_OPEN) if kind != Kind.OPEN else []
    unfit += ["choices"] if kind not in {Kind.SINGLE, Kind.MULTIPLE} else []
    found = [name for name in unfit if (filled(typed, name) if name in ROWS else typed[name].strip())]
    if kind != Kind.NUMERIC and any(text.strip() for text in typed["number"].values()):
        found.append("numeric_answer")
    if (kind != Kind.OPEN or typed["format"] != Format.CODING) and has_code(typed):
        found.append("code")
    return found


def filled(typed: Typed, name: str) -> list[Row]:
    """Return the rows of a list in which something was typed."""
    return [row for row in typed[name] if not is_empty(name, row)]


def _entries(typed: Typed, name: str) -> list[dict[str, Any]]:
    rows = filled(typed, name)
    if name == "key_points":
        keys = _keys(rows)
        return [
            {
                "key": key,
                "text": row["text"],
                "weight": _whole(row["weight"]),
                "accepted": _lines(row["accepted"]),
                "required": _lines(row["required"]),
                "number": _point_number(row),
                "any_of": _any_of(row),
            }
            for key, row in zip(keys, rows, strict=True)
        ]
    if name == "choices":
        keys = _letters(rows)
        return [
            {"key": key, "text": row["text"], "correct": row["correct"] == "on", "explanation": row["explanation"]}
            for key, row in zip(keys, rows, strict=True)
        ]
    return [{part: row[part] for part in ROWS[name]} for row in rows]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _point_number(row: Row) -> dict[str, Any] | None:
    value, tolerance, unit = (row[f"number_{part}"].strip() for part in ("value", "tolerance", "unit"))
    if not (value or tolerance or unit):
        return None
    return {"value": _decimal(value), "tolerance": _decimal(tolerance or "0"), "unit": unit}


def _any_of(row: Row) -> dict[str, Any] | None:
    items, need = _lines(row["any_of_items"]), row["any_of_need"].strip()
    return {"need": _whole(need), "items": items} if items or need else None


def _keys(rows: Iterable[Row]) -> list[str]:
    """Return the key of each point: as typed, else made of its first words and used once."""
    keys: list[str] = []
    given = {row["key"].strip() for row in rows}
    for row in rows:
        key = row["key"].strip()
        if not key:
            base = "-".join(slugify(row["text"]).split("-")[:4])[:55] or "point"
            tries = (base if n == 1 else f"{base}-{n}" for n in range(1, MOST_ROWS + 2))
            key = next(each for each in tries if each not in given and each not in keys)
        keys.append(key)
    return keys


def _letters(rows: Iterable[Row]) -> list[str]:
    given = {row["key"].strip() for row in rows}
    free = (letter for letter in [*"abcdefghijklmnopqrstuvwxyz", *(f"z{n}" for n in range(40))] if letter not in given)
    return [row["key"].strip() or next(free) for row in rows]


def _number(block: Mapping[str, str]) -> dict[str, Any] | None:
    if not any(text.strip() for text in block.values()):
        return None
    values = {name: _decimal(block[name]) for name in ("value", "tolerance")}
    return {**values, "unit": block["unit"], "expression": block["expression"]}


def _whole(text: str) -> Any:
    """Return `text` as a whole number if it is one, for the check to complain about it if not."""
    return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else text.strip()


def _decimal(text: str) -> Any:
    try:
        return float(text.strip())
    except ValueError:
        return text.strip()

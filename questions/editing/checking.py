"""What is wrong with what was typed, each thing at its field: what keeps it from being saved, and what is only weak.

Pure. The rules are those of `questions.content` and `questions.quality`; here they are placed in the form.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from questions.content import Content, ContentError, Problem
from questions.editing.typed import ROWS, Typed, filled, raw
from questions.quality import weaknesses

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
# The 3 of `key_points[2].any_of.items[3]`.
_ENTRY_OF_A_PART = re.compile(r"\]\.[a-z_.]+\[(\d+)\]$")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing to mend. `field` is the id of the control in the form, `label` what people call it."""

    field: str
    label: str
    message: str
    is_missing: bool = False


@dataclass(frozen=True)
class Checked:
    """`content` is None while `faults` keep it from being saved; `hints` say what could be better about it."""

    content: Content | None
    faults: Sequence[Complaint]
    hints: Sequence[Complaint]

    @property
    def missing(self) -> list[Complaint]:
        """What was not typed yet: to be expected while somebody is at it."""
        return [fault for fault in self.faults if fault.is_missing]

    @property
    def wrong(self) -> list[Complaint]:
        return [fault for fault in self.faults if not fault.is_missing]

    def at(self, *, with_missing: bool) -> dict[str, list[Complaint]]:
        """Return the complaints by control."""
        found: dict[str, list[Complaint]] = {}
        for complaint in [*(self.faults if with_missing else self.wrong), *self.hints]:
            found.setdefault(complaint.field, []).append(complaint)
        return found


def check(typed: Typed, *, is_new: bool = False) -> Checked:
    """Return what `typed` comes to; a new question needs a topic too, and its slug must be one."""
    values = raw(typed)
    place = _Places(typed)
    own = list(_about_question(typed)) if is_new else []
    try:
        content = Content.parse(values)
    except ContentError as error:
        return Checked(None, [*own, *_merged(place.fault(problem, values) for problem in error.problems)], [])
    hints = _merged(place.hint(problem) for problem in weaknesses(content))
    return Checked(None if own else content, own, hints)


def _about_question(typed: Typed) -> Iterable[Complaint]:
    if not typed["topic"]:
        yield Complaint("topic", _("Topic"), _("choose the topic it belongs to"), is_missing=True)
    if typed["slug"].strip() and not SLUG.fullmatch(typed["slug"].strip()):
        yield Complaint("slug", _("Short name"), _("may only have lower-case letters, digits and hyphens, at most 60"))


def _merged(complaints: Iterable[Complaint]) -> list[Complaint]:
    return list(dict.fromkeys(complaints))


class _Places:
    """From the paths of a content's problems to the controls of one form."""

    def __init__(self, typed: Typed) -> None:
        # Empty rows are not part of the content, so its third point may be the form's fourth.
        self._rows = {name: [row["row"] for row in filled(typed, name)] for name in ROWS}

    def fault(self, problem: Problem, values: dict[str, Any]) -> Complaint:
        field = self._control(problem.field)
        is_missing = _value_at(values, problem.field) in ("", None, [])
        is_named = not is_missing or problem.field.startswith(("choices", "key"))
        message = _with_entry(problem) if is_named else _("is missing")
        return Complaint(field, self._label(problem.field), message, is_missing=is_missing)

    def hint(self, problem: Problem) -> Complaint:
        return Complaint(self._control(problem.field), self._label(problem.field), _with_entry(problem))

    def _control(self, path: str) -> str:
        parts = [part for part in re.split(r"[.\[\]]+", path) if part]
        if not parts:
            return "title"
        if parts[0] == "code":
            parts = parts[1:] or ["code"]
        if parts[0] == "numeric_answer":
            return f"number-{parts[1]}" if len(parts) > 1 else "number-value"
        if parts[0] in ROWS and len(parts) > 1:
            return self._in_row(parts)
        return f"code-{parts[0]}" if path.startswith("code.") and parts[0] not in ROWS else parts[0]

    def _in_row(self, parts: Sequence[str]) -> str:
        name, number = parts[0], int(parts[1]) if parts[1].isdecimal() else 0
        rows = self._rows[name]
        if not 0 < number <= len(rows):
            return name
        # A part of a part, such as `any_of.need`, is a control of its own; an entry of a list is a line of one.
        named = [part for part in ("_".join(parts[2:4]), *parts[2:3]) if part in ROWS[name]]
        first = next(part for part in ROWS[name] if part != "key")
        return f"{name}-{rows[number - 1]}-{next(iter(named), first)}"

    def _label(self, path: str) -> str:
        """Return the path in words, such as “Key point 2, accepted”."""
        parts = [part for part in re.split(r"[.\[\]]+", path) if part and part != "code"] or ["code"]
        name = field_name(parts[0])
        if len(parts) > 1 and parts[1].isdecimal():
            name = _("%(name)s, no. %(n)s") % {"name": name, "n": parts[1]}
        return name


def _with_entry(problem: Problem) -> str:
    """Return the message with the entry it is about, where one control holds several."""
    if entry := _ENTRY_OF_A_PART.search(problem.field):
        return _("entry %(number)s: %(message)s") % {"number": entry[1], "message": problem.message}
    return problem.message


def _value_at(values: Any, path: str) -> Any:
    for part in [part for part in re.split(r"[.\[\]]+", path) if part]:
        if isinstance(values, dict):
            values = values.get(part)
        elif isinstance(values, list) and part.isdecimal() and 0 < int(part) <= len(values):
            values = values[int(part) - 1]
        else:
            return None
    return values


def field_name(name: str) -> str:
    """Return what the editor calls a field."""
    return {
        "title": _("Title"),
        "kind": _("Kind"),
        "format": _("Format"),
        "difficulty": _("Difficulty"),
        "time_limit_seconds": _("Suggested time"),
        "prompt": _("Question"),
        "reference_answer": _("Reference answer"),
        "key_points": _("Key points"),
        "choices": _("Choices"),
        "numeric_answer": _("Number"),
        "follow_ups": _("Follow-up questions"),
        "misconceptions": _("Misconceptions"),
        "code": _("Code"),
        "cases": _("Cases"),
        "guidance": _("Guidance"),
        "strong_sample": _("Strong sample"),
        "middling_sample": _("Middling sample"),
        "tags": _("Tags"),
        "licence": _("Licence"),
        "author": _("Author"),
        "source": _("Source"),
    }.get(name, name)


def gradable(typed: Typed) -> tuple[Content | None, list[Complaint]]:
    """Return a content that a grader can use although texts are missing, or what keeps it from being graded.

    Only what an answer is compared with has to be there; the rest is filled in with a dash.
    """
    values = raw(typed)
    for name in ("title", "prompt", "reference_answer", "author", "source"):
        values[name] = values[name] or "---"
    for choice in values["choices"]:
        choice["explanation"] = choice["explanation"].strip() or "-"
    values |= {"misconceptions": [], "follow_ups": [], "tags": [], "code": None, "licence": "CC-BY-4.0"}
    values["time_limit_seconds"] = 240
    place = _Places(typed)
    try:
        return Content.parse(values), []
    except ContentError as error:
        return None, _merged(place.fault(problem, values) for problem in error.problems)

"""The editor's form and its preview as data for templates: controls with their values, lists with their rows.

Words and plain data; reads and writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from questions.content import LICENCES, Difficulty, Format, Kind, Language
from questions.editing.checking import Complaint, field_name
from questions.editing.typed import MOST_ROWS, ROWS, Row, Typed, raw

Complaints = Mapping[str, Sequence[Complaint]]
Choices = Sequence[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Control:
    """One control. `sort` is line, text, code, choice or box; `height` is in lines."""

    id: str
    label: str
    value: str
    sort: str = "line"
    help: str = ""
    height: int = 3
    choices: Choices = ()
    complaints: Sequence[Complaint] = ()
    longest: int | None = None
    is_number: bool = False

    @property
    def is_checked(self) -> bool:
        return self.sort == "box" and self.value == "on"


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a list, with the names its buttons go by. `folded` are the controls that few rows need."""

    row: str
    number: int
    name: str
    controls: Sequence[Control]
    folded: Sequence[Control]
    is_first: bool
    is_last: bool

    @property
    def is_unfolded(self) -> bool:
        return any(control.value.strip() or control.complaints for control in self.folded)


@dataclass(frozen=True, slots=True)
class ListView:
    """A list that can be added to and rearranged."""

    name: str
    label: str
    help: str
    row_label: str
    add_label: str
    folded_label: str
    rows: Sequence[RowView]
    complaints: Sequence[Complaint]

    @property
    def can_add(self) -> bool:
        return len(self.rows) < MOST_ROWS


# --- Single fields --------------------------------------------------------------------------------------------------


def controls(typed: Typed, complaints: Complaints) -> dict[str, Control]:
    """Return every control that is not in a list, by its name in the form."""
    texts = _texts()
    found = {}
    for name, options in texts.items():
        block, _dash, part = name.partition("-")
        value = typed[block][part] if part else typed[name]
        label = options.pop("label", "") or field_name(name)
        found[name] = Control(name, label, value, complaints=complaints.get(name, ()), **options)
    return found


def _texts() -> dict[str, dict[str, Any]]:
    markdown = _("Markdown; formulas between dollar signs, code in fences.")
    return {
        "title": {"help": _("What the list and the report call it. It must not give the answer away."), "longest": 100},
        "slug": {
            "label": _("Short name"),
            "help": _("In addresses of files; made of the title if empty."),
            "longest": 60,
        },
        "kind": {"sort": "choice", "choices": Kind.choices},
        "format": {
            "sort": "choice",
            "choices": Format.choices,
            "help": _("What is shown for it, not how it is graded."),
        },
        "difficulty": {"sort": "choice", "choices": Difficulty.choices},
        "time_limit_seconds": {"label": _("Time in seconds"), "is_number": True},
        "prompt": {"sort": "text", "height": 9, "help": markdown},
        "reference_answer": {
            "sort": "text",
            "height": 10,
            "help": _("What a strong senior candidate would say. It should cover every key point."),
        },
        "guidance": {"sort": "text", "height": 5, "help": _("How to build the answer. A behavioural question: STAR.")},
        "strong_sample": {"sort": "text", "height": 6, "help": _("As a strong candidate would type it.")},
        "middling_sample": {"sort": "text", "height": 5, "help": _("An answer that gets some of it.")},
        "number-value": {"label": _("The number"), "is_number": True},
        "number-tolerance": {"label": _("Tolerance"), "is_number": True, "help": _("Absolute, in the same unit.")},
        "number-unit": {"label": _("Unit"), "longest": 20},
        "number-expression": {"label": _("Worked out again"), "help": _("Such as 0.01 * 0.99 / (0.01 * 0.99 + 0.05)")},
        "code-language": {"label": _("Language"), "sort": "choice", "choices": Language.choices},
        "code-setup": {"label": _("What is there already"), "sort": "code", "height": 4},
        "code-starter": {"label": _("Starter"), "sort": "code", "height": 5},
        "code-solution": {"label": _("Solution"), "sort": "code", "height": 8},
        "licence": {"sort": "choice", "choices": [(name, name) for name in LICENCES]},
        "author": {"longest": 200},
        "source": {"longest": 300, "help": _("“original”, or where it comes from.")},
    }


# --- Lists ----------------------------------------------------------------------------------------------------------


def lists(typed: Typed, complaints: Complaints) -> dict[str, ListView]:
    return {name: list_view(name, typed[name], complaints) for name in ROWS}


def list_view(name: str, rows: Sequence[Row], complaints: Complaints) -> ListView:
    label, row_label, add_label, help_text = _list_words()[name]
    parts = _parts()[name]
    few = _few_need().get(name, {})
    return ListView(
        name=name,
        label=label,
        help=help_text,
        row_label=row_label,
        add_label=add_label,
        folded_label=_("Required terms, a figure, any N of these") if few else "",
        rows=[
            RowView(
                row=row["row"],
                number=number,
                name=row_label % number,
                controls=[_row_control(name, row, part, words, complaints) for part, words in parts.items()],
                folded=[_row_control(name, row, part, words, complaints) for part, words in few.items()],
                is_first=number == 1,
                is_last=number == len(rows),
            )
            for number, row in enumerate(rows, 1)
        ],
        complaints=complaints.get(name, ()),
    )


def _row_control(name: str, row: Row, part: str, options: Mapping[str, Any], complaints: Complaints) -> Control:
    control_id = f"{name}-{row['row']}-{part}"
    return Control(control_id, value=row[part], complaints=complaints.get(control_id, ()), **options)


def _list_words() -> dict[str, tuple[str, str, str, str]]:
    return {
        "key_points": (
            _("Key points"),
            _("Point %d"),
            _("Add a key point"),
            _("Four to eight ideas of a good answer that can be checked one by one."),
        ),
        "choices": (_("Choices"), _("Choice %d"), _("Add a choice"), _("Each with why it is right or wrong.")),
        "misconceptions": (
            _("Misconceptions"),
            _("Misconception %d"),
            _("Add a misconception"),
            _("What people often say that is wrong, and why it is."),
        ),
        "cases": (
            _("Cases"),
            _("Case %d"),
            _("Add a case"),
            _("What every solution has to pass; at least four, with the awkward ones."),
        ),
        "follow_ups": (
            _("Follow-up questions"),
            _("Follow-up %d"),
            _("Add a follow-up"),
            _("What an interviewer asks next."),
        ),
        "tags": (_("Tags"), _("Tag %d"), _("Add a tag"), _("The concepts it tests, such as class-imbalance.")),
    }


def _parts() -> dict[str, dict[str, dict[str, Any]]]:
    weights = [("3", _("essential")), ("2", _("expected")), ("1", _("nice to have"))]
    return {
        "key_points": {
            "text": {"label": _("The idea"), "sort": "text", "height": 2},
            "accepted": {
                "label": _("Phrasings that count, one per line"),
                "sort": "text",
                "height": 3,
                "help": _("Two to five, as people really type them."),
            },
            "weight": {"label": _("Weight"), "sort": "choice", "choices": weights},
            "key": {"label": _("Key"), "help": _("Made of the words if empty."), "longest": 60},
        },
        "choices": {
            "text": {"label": _("Choice"), "sort": "text", "height": 2},
            "correct": {"label": _("This one is right"), "sort": "box"},
            "explanation": {"label": _("Why it is right or wrong"), "sort": "text", "height": 2},
            "key": {"label": _("Key"), "help": _("a, b, c … if empty."), "longest": 60},
        },
        "misconceptions": {
            "text": {"label": _("What people say"), "sort": "text", "height": 2},
            "why": {"label": _("Why it is wrong"), "sort": "text", "height": 2},
        },
        "cases": {
            "call": {"label": _("Call"), "sort": "code", "height": 2},
            "expected": {"label": _("Expected"), "sort": "code", "height": 1},
        },
        "follow_ups": {"text": {"label": _("Question"), "sort": "text", "height": 2}},
        "tags": {"text": {"label": _("Tag"), "longest": 60}},
    }


def _few_need() -> dict[str, dict[str, dict[str, Any]]]:
    ways = _("Ways to say the same are parted by a bar: variance | spread")
    return {
        "key_points": {
            "required": {
                "label": _("Terms that must be said, one per line"),
                "sort": "text",
                "height": 2,
                "help": _("Without all of them the point is at most partly found.") + f" {ways}",
            },
            "number_value": {"label": _("Figure that must be stated"), "is_number": True},
            "number_tolerance": {"label": _("Give or take"), "is_number": True},
            "number_unit": {"label": _("Unit of the figure"), "longest": 20},
            "any_of_items": {
                "label": _("Any of these count, one per line"),
                "sort": "text",
                "height": 3,
                "help": ways,
            },
            "any_of_need": {"label": _("So many of them are enough"), "is_number": True},
        },
    }


# --- What candidates will see ---------------------------------------------------------------------------------------


def preview(typed: Typed, *, topic_name: str) -> dict[str, Any]:
    """Return what `bank/_version.html` shows, of words that need not be complete."""
    content = raw(typed)
    seconds = content["time_limit_seconds"]
    content["time_limit_seconds"] = seconds if isinstance(seconds, int) else "–"
    difficulty = content["difficulty"]
    return {
        "content": content,
        "version": content
        | {
            "question": {"topic": {"name": topic_name}},
            "get_difficulty_display": Difficulty(difficulty).label if difficulty in Difficulty.values else "",
        },
    }

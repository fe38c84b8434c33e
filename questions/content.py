"""What a question says: the typed content of one version, checked field by field.

Pure data, no database. Everything that brings a question in (bank files, imports, the admin form) passes through
`Content.parse`, so a version in the database is always complete and consistent for its kind.
"""

import difflib
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

MAX_TIME_LIMIT_SECONDS = 4 * 3600
# Of every list: what a question can sensibly have, and what the editor's form can hold.
MOST_ENTRIES = 40
# "Any N of these" begins where there is a choice, and ends where a list would be no answer any more.
FEWEST_ITEMS, MOST_ITEMS = 2, 20
# What the shipped bank and every import must carry; others can be added when an importer needs them.
LICENCES = ("CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-3.0", "CC-BY-SA-3.0", "CC0-1.0", "MIT", "proprietary")


class Kind(models.TextChoices):
    OPEN = "open", gettext_lazy("open answer")
    SINGLE = "single", gettext_lazy("single choice")
    MULTIPLE = "multiple", gettext_lazy("multiple choice")
    NUMERIC = "numeric", gettext_lazy("number")


class Format(models.TextChoices):
    """What an open question asks for; other kinds are explanations. It changes what is shown, not how it is graded."""

    EXPLANATION = "explanation", gettext_lazy("explanation")
    CODING = "coding", gettext_lazy("coding")
    BEHAVIOURAL = "behavioural", gettext_lazy("behavioural")
    DESIGN = "design", gettext_lazy("system design")
    WHITEBOARD = "whiteboard", gettext_lazy("whiteboard")


class Difficulty(models.TextChoices):
    EASY = "easy", gettext_lazy("easy")
    MEDIUM = "medium", gettext_lazy("medium")
    HARD = "hard", gettext_lazy("hard")


def _storable(text: str) -> str:
    """Return `text` with Unix line ends: browsers and editors disagree, and a version must not change with them."""
    if "\x00" in text:
        raise ValueError(_("contains a NUL character, which cannot be stored"))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _code(text: str) -> str:
    """Return program text without blank lines around it; its indentation stays."""
    return _storable(text).strip("\n").rstrip()


def _needed_code(text: str) -> str:
    if not (code := _code(text)):
        raise ValueError(_("is empty"))
    return code


_BAR = re.compile(r"(?:^|\s)\|(?=\s|$)")


def alternatives(line: str) -> tuple[str, ...]:
    """Return the ways to say a required term or an item: `line` parted at each " | ". “P(A|B)” is one."""
    return tuple(part.strip() for part in _BAR.split(line))


def _alternatives(line: str) -> str:
    if not all(any(map(str.isalnum, way)) for way in alternatives(line)):
        raise ValueError(_("needs a word on both sides of each “ | ”") if "|" in line else _("needs a word"))
    return line


def _text(longest: int, shortest: int = 1) -> StringConstraints:
    return StringConstraints(min_length=shortest, max_length=longest, strip_whitespace=True)


_Storable = AfterValidator(_storable)
_Few = Field(max_length=MOST_ENTRIES)
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Line = Annotated[str, _text(1_000), _Storable]
Markdown = Annotated[str, _text(20_000), _Storable]
OptionalMarkdown = Annotated[str, _text(20_000, shortest=0), _Storable]
Code = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_code)]
NeededCode = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_needed_code)]
Expression = Annotated[str, _text(300, shortest=0), _Storable]
Alternatives = Annotated[Line, AfterValidator(_alternatives)]
# These are as wide as their database columns.
Title = Annotated[str, _text(100, shortest=3), _Storable]
Author = Annotated[str, _text(200), _Storable]
Source = Annotated[str, _text(300), _Storable]
Unit = Annotated[str, _text(20, shortest=0), _Storable]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeyNumber(_Frozen):
    """A figure that has to be stated; `tolerance` is absolute, in the same unit."""

    value: Annotated[float, Field(allow_inf_nan=False)]
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    unit: Unit = ""


class AnyOf(_Frozen):
    """“Any `need` of these”: so many `items`, each with its ways to say it (`alternatives`), are the whole point."""

    need: Annotated[int, Field(ge=1)]
    items: Annotated[tuple[Alternatives, ...], Field(min_length=FEWEST_ITEMS, max_length=MOST_ITEMS)]

    @model_validator(mode="after")
    def _asks_for_what_there_is(self) -> Self:
        if self.need > len(self.items):
            values = {"need": self.need, "count": len(self.items)}
            raise PydanticCustomError("asks_for_more", "asks for {need} of {count} items", values)
        return self


class KeyPoint(_Frozen):
    """One checkable idea of a good open answer, with the phrasings that count as saying it.

    Without every one of the `required` terms (each with its `alternatives`), or without the `number`, it is at most
    partly found. A point with `any_of` is covered by the best of its items, with or without phrasings.
    """

    key: Key
    text: Line
    weight: Annotated[int, Field(ge=1, le=3)]
    accepted: Annotated[tuple[Line, ...], _Few] = ()
    required: Annotated[tuple[Alternatives, ...], _Few] = ()
    number: KeyNumber | None = None
    any_of: AnyOf | None = None

    @model_serializer(mode="wrap")
    def _as_said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the parts that came later and say nothing: older rows, files and fingerprints stay true."""
        values: dict[str, Any] = handler(self)
        return {name: value for name, value in values.items() if value or name not in _LATER_PARTS}


_LATER_PARTS = {"required", "number", "any_of"}


class Choice(_Frozen):
    key: Key
    text: Line
    correct: bool
    explanation: Line


class NumericAnswer(_Frozen):
    """The expected number; `tolerance` is absolute, in the same unit.

    `expression` works the number out again, in the arithmetic that `questions.arithmetic` evaluates.
    """

    value: Annotated[float, Field(allow_inf_nan=False)]
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    unit: Unit = ""
    expression: Expression = ""


class Misconception(_Frozen):
    """What people often say that is wrong, and why it is."""

    text: Line
    why: Line


class Language(models.TextChoices):
    PYTHON = "python", "Python"
    SQL = "sql", "SQL"


class CodeCase(_Frozen):
    """One test of a solution. Python: an expression and the expression of its value, or `raises NameOfError`.

    SQL: statements to run before the solution (may be empty), and its rows as a list of tuples.
    """

    call: Annotated[str, StringConstraints(max_length=4_000), AfterValidator(_code)] = ""
    expected: Annotated[str, _text(4_000), _Storable]


class CodeExercise(_Frozen):
    """What a coding question starts from, one solution of it, and the cases every solution has to pass.

    `setup` runs before all of them: definitions or imports in Python, tables with their rows in SQL.
    """

    language: Language
    starter: NeededCode
    solution: NeededCode
    setup: Code = ""
    cases: Annotated[tuple[CodeCase, ...], _Few]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a content: the field's path, such as `choices[2].explanation`, and what is wrong."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class ContentError(ValueError):
    """The content is not usable; `problems` lists everything that is wrong, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


class Content(_Frozen):
    """Everything a version freezes. `prompt`, `reference_answer`, `guidance` and the samples are Markdown.

    `guidance` says how to build the answer (for a behavioural question: its STAR parts, and what a strong and a weak
    answer sound like). The samples are answers as candidates give them, and are always shown as samples. `tags` name
    the concepts a question tests.
    """

    title: Title
    kind: Kind
    difficulty: Difficulty
    time_limit_seconds: Annotated[int, Field(ge=10, le=MAX_TIME_LIMIT_SECONDS)]
    prompt: Markdown
    reference_answer: Markdown
    key_points: Annotated[tuple[KeyPoint, ...], _Few] = ()
    choices: Annotated[tuple[Choice, ...], _Few] = ()
    numeric_answer: NumericAnswer | None = None
    follow_ups: Annotated[tuple[Line, ...], _Few] = ()
    format: Format = Format.EXPLANATION
    misconceptions: Annotated[tuple[Misconception, ...], _Few] = ()
    code: CodeExercise | None = None
    guidance: OptionalMarkdown = ""
    strong_sample: OptionalMarkdown = ""
    middling_sample: OptionalMarkdown = ""
    tags: Annotated[tuple[Key, ...], _Few] = ()
    licence: str
    author: Author
    source: Source

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if problems := kind_problems(self.model_dump()):
            raise ContentError(problems)
        return self

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """Return the checked content of `raw`, or raise ContentError with every problem found."""
        try:
            return cls.model_validate(dict(raw))
        except ValidationError as error:
            raise ContentError(_problems(error, raw)) from error

    def digest(self) -> str:
        """Return a fingerprint that is equal exactly when two contents are equal.

        Fields that came later count only when they say something, so older fingerprints stay true.
        """
        values = self.model_dump(mode="json")
        silent: dict[str, Any] = {name: True for name, unsaid in _UNSAID.items() if values[name] == unsaid}
        if self.numeric_answer and not self.numeric_answer.expression:
            silent["numeric_answer"] = {"expression"}
        return hashlib.sha256(self.model_dump_json(exclude=silent).encode()).hexdigest()


_UNSAID: dict[str, Any] = {
    "format": Format.EXPLANATION.value,
    "misconceptions": [],
    "code": None,
    "guidance": "",
    "strong_sample": "",
    "middling_sample": "",
    "tags": [],
}


def kind_problems(raw: Mapping[str, Any]) -> list[Problem]:
    """Return which rules about kinds, keys and licences `raw` breaks, as far as its fields can be read at all."""
    kind, numeric = raw.get("kind"), raw.get("numeric_answer")
    points, choices = _entries(raw.get("key_points")), _entries(raw.get("choices"))
    return [
        *_repeated_keys("key_points", points),
        *_repeated_keys("choices", choices),
        *(Problem(field, _(message)) for wrong, field, message in _rules(kind, points, choices, numeric) if wrong),
        *(Problem(field, _(message)) for wrong, field, message in _format_rules(kind, raw) if wrong),
        *_licence_problems(raw.get("licence")),
    ]


def _rules(
    kind: Any, points: Sequence[Mapping[str, Any]], choices: Sequence[Mapping[str, Any]], numeric: Any
) -> list[tuple[bool, str, str]]:
    """Return what may be wrong: whether it is, the field, and the words, which are translated only when it is."""
    if kind not in Kind.values:
        return []
    has_choices = kind in {Kind.SINGLE, Kind.MULTIPLE}
    correct = sum(choice.get("correct") is True for choice in choices)
    return [
        (kind != Kind.OPEN and bool(points), "key_points", gettext_noop("only open questions have key points")),
        (kind == Kind.OPEN and not points, "key_points", gettext_noop("an open question needs key points")),
        (has_choices and len(choices) < 2, "choices", gettext_noop("a choice question needs at least two choices")),
        (not has_choices and bool(choices), "choices", gettext_noop("only choice questions have choices")),
        (
            kind == Kind.SINGLE and correct != 1,
            "choices",
            gettext_noop("a single choice question has exactly one correct choice"),
        ),
        (
            kind == Kind.MULTIPLE and correct < 1,
            "choices",
            gettext_noop("a multiple choice question has a correct choice"),
        ),
        (
            kind == Kind.NUMERIC and numeric is None,
            "numeric_answer",
            gettext_noop("a number question needs its answer"),
        ),
        (
            kind != Kind.NUMERIC and numeric is not None,
            "numeric_answer",
            gettext_noop("only number questions have a number"),
        ),
    ]


def _format_rules(kind: Any, raw: Mapping[str, Any]) -> list[tuple[bool, str, str]]:
    form = raw.get("format", Format.EXPLANATION)
    if kind not in Kind.values or form not in Format.values:
        return []
    is_open, has_code = kind == Kind.OPEN, raw.get("code") is not None
    samples = [name for name in ("strong_sample", "middling_sample") if str(raw.get(name) or "").strip()]
    return [
        (not is_open and form != Format.EXPLANATION, "format", gettext_noop("only open questions have another format")),
        (form != Format.CODING and has_code, "code", gettext_noop("only coding questions have code")),
        (
            not is_open and bool(raw.get("misconceptions")),
            "misconceptions",
            gettext_noop("only open questions have them"),
        ),
        *((not is_open, name, gettext_noop("only open questions have sample answers")) for name in samples),
    ]


def _entries(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list | tuple) else []


def _repeated_keys(field: str, entries: Sequence[Mapping[str, Any]]) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for number, entry in enumerate(entries, 1):
        key = entry.get("key")
        if not isinstance(key, str):
            continue  # that is complained about elsewhere
        if key in seen:
            problems.append(Problem(f"{field}[{number}].key", _("every key must be used once")))
        seen.add(key)
    return problems


def _licence_problems(licence: Any) -> list[Problem]:
    if licence in LICENCES or not isinstance(licence, str):
        return []
    return [Problem("licence", _("the licence must be one of %s") % ", ".join(LICENCES))]


def _problems(error: ValidationError, raw: Mapping[str, Any]) -> list[Problem]:
    """Return the fields' problems; the rules about kinds are asked too, as pydantic only gets there without any."""
    details = error.errors()
    for item in details:
        if isinstance(cause := item.get("ctx", {}).get("error"), ContentError):
            return list(cause.problems)
    fields = field_problems(error, Content, _PARTS)
    unreadable = {problem.field for problem in fields}
    return [*fields, *(problem for problem in kind_problems(raw) if problem.field not in unreadable)]


_PARTS: dict[str, type[BaseModel]] = {
    "key_points": KeyPoint,
    "number": KeyNumber,
    "any_of": AnyOf,
    "choices": Choice,
    "numeric_answer": NumericAnswer,
    "misconceptions": Misconception,
    "code": CodeExercise,
    "cases": CodeCase,
}


def field_problems(
    error: ValidationError, model: type[BaseModel], parts: Mapping[str, type[BaseModel]]
) -> list[Problem]:
    """Return pydantic's complaints about `model` in our words; `parts` are the models of its fields that have one."""
    return [_field_problem(item, model, parts) for item in error.errors()]


def _field_problem(error: ErrorDetails, model: type[BaseModel], parts: Mapping[str, type[BaseModel]]) -> Problem:
    *parents, name = error["loc"] or ("",)
    location = (*error["loc"], *_INNER_FIELD.get(error["type"], ()))
    path = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    if error["type"] == "extra_forbidden":
        # The innermost name of a model's own field says which one it is.
        inner = next((parts[str(part)] for part in reversed(parents) if part in parts), model)
        return Problem(path, unknown_name(str(name), inner.model_fields))
    known = _messages().get(error["type"])
    message = known % error.get("ctx", {}) if known else error["msg"].removeprefix("Value error, ")
    return Problem(path, message)


# Complaints about a whole block that belong to one field of it.
_INNER_FIELD = {"asks_for_more": ("need",)}


def _messages() -> dict[str, str]:
    """Return our words for pydantic's commonest errors, by its name for them."""
    return {
        "missing": _("is missing"),
        "string_type": _("must be text; in YAML, put it in quotes"),
        "string_too_short": _("needs at least %(min_length)d characters"),
        "string_too_long": _("may have at most %(max_length)d characters"),
        "string_pattern_mismatch": _("may only have lower-case letters, digits and hyphens, at most 60"),
        "enum": _("must be one of %(expected)s"),
        "int_type": _("must be a whole number"),
        "int_parsing": _("must be a whole number"),
        "int_parsing_size": _("must be a whole number"),
        "int_from_float": _("must be a whole number"),
        "float_type": _("must be a number"),
        "float_parsing": _("must be a number"),
        "bool_type": _("must be true or false"),
        "bool_parsing": _("must be true or false"),
        "tuple_type": _("must be a list"),
        "finite_number": _("must be a number"),
        "asks_for_more": _("asks for %(need)d of %(count)d items"),
        "too_short": _("needs at least %(min_length)d entries"),
        "too_long": _("may have at most %(max_length)d entries"),
        "model_type": _("must be a block of named values"),
        "greater_than_equal": _("must be at least %(ge)s"),
        "less_than_equal": _("must be at most %(le)s"),
    }


def unknown_name(name: str, known: Collection[str]) -> str:
    """Return the complaint about a name that nothing reads, with the one that was probably meant."""
    meant = difflib.get_close_matches(name, known, n=1)
    if meant:
        return _("is not a known name; did you mean “%s”?") % meant[0]
    return _("is not a known name; known are %s") % ", ".join(sorted(known))

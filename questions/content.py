"""What a question says: the typed content of one version, checked field by field.

Pure data, no database. Everything that brings a question in (bank files, imports, the admin form) passes through
`Content.parse`, so a version in the database is always complete and consistent for its kind.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

MAX_TIME_LIMIT_SECONDS = 4 * 3600
# What the shipped bank and every import must carry; others can be added when an importer needs them.
LICENCES = ("CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-3.0", "CC-BY-SA-3.0", "CC0-1.0", "MIT", "proprietary")


class Kind(models.TextChoices):
    OPEN = "open", gettext_lazy("open answer")
    SINGLE = "single", gettext_lazy("single choice")
    MULTIPLE = "multiple", gettext_lazy("multiple choice")
    NUMERIC = "numeric", gettext_lazy("number")


class Difficulty(models.TextChoices):
    EASY = "easy", gettext_lazy("easy")
    MEDIUM = "medium", gettext_lazy("medium")
    HARD = "hard", gettext_lazy("hard")


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError(_("contains a NUL character, which cannot be stored"))
    return text


Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Line = Annotated[
    str, StringConstraints(min_length=1, max_length=1_000, strip_whitespace=True), AfterValidator(_without_nul)
]
Markdown = Annotated[
    str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True), AfterValidator(_without_nul)
]
Title = Annotated[
    str, StringConstraints(min_length=3, max_length=100, strip_whitespace=True), AfterValidator(_without_nul)
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeyPoint(_Frozen):
    """One checkable idea of a good open answer, with the phrasings that count as saying it."""

    key: Key
    text: Line
    weight: Annotated[int, Field(ge=1, le=3)]
    accepted: tuple[Line, ...] = ()


class Choice(_Frozen):
    key: Key
    text: Line
    correct: bool
    explanation: Line


class NumericAnswer(_Frozen):
    """The expected number; `tolerance` is absolute, in the same unit."""

    value: Annotated[float, Field(allow_inf_nan=False)]
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    unit: Annotated[str, StringConstraints(max_length=20, strip_whitespace=True)] = ""


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
    """Everything a version freezes. `prompt` and `reference_answer` are Markdown, other texts one line each."""

    title: Title
    kind: Kind
    difficulty: Difficulty
    time_limit_seconds: Annotated[int, Field(ge=10, le=MAX_TIME_LIMIT_SECONDS)]
    prompt: Markdown
    reference_answer: Markdown
    key_points: tuple[KeyPoint, ...] = ()
    choices: tuple[Choice, ...] = ()
    numeric_answer: NumericAnswer | None = None
    follow_ups: tuple[Line, ...] = ()
    licence: str
    author: Line
    source: Line

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        complaints = [message for wrong, message in self._rules() if wrong]
        if complaints:
            raise ValueError("; ".join(complaints))
        return self

    def _rules(self) -> list[tuple[bool, str]]:
        has_choices = self.kind in {Kind.SINGLE, Kind.MULTIPLE}
        correct = sum(choice.correct for choice in self.choices)
        keys = [*(point.key for point in self.key_points), *(choice.key for choice in self.choices)]
        return [
            (self.licence not in LICENCES, _("the licence must be one of %s") % ", ".join(LICENCES)),
            (len(keys) != len(set(keys)), _("every key must be used once")),
            (self.kind != Kind.OPEN and bool(self.key_points), _("only open questions have key points")),
            (self.kind == Kind.OPEN and not self.key_points, _("an open question needs key points")),
            (has_choices and len(self.choices) < 2, _("a choice question needs at least two choices")),
            (not has_choices and bool(self.choices), _("only choice questions have choices")),
            (self.kind == Kind.SINGLE and correct != 1, _("a single choice question has exactly one correct choice")),
            (self.kind == Kind.MULTIPLE and correct < 1, _("a multiple choice question has a correct choice")),
            (self.kind == Kind.NUMERIC and self.numeric_answer is None, _("a number question needs its answer")),
            (self.kind != Kind.NUMERIC and self.numeric_answer is not None, _("only number questions have a number")),
        ]

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """Return the checked content of `raw`, or raise ContentError with every problem found."""
        try:
            return cls.model_validate(dict(raw))
        except ValidationError as error:
            raise ContentError([_problem(item["loc"], item["msg"]) for item in error.errors()]) from error

    def digest(self) -> str:
        """Return a fingerprint that is equal exactly when two contents are equal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def _problem(location: tuple[int | str, ...], message: str) -> Problem:
    path = ""
    for part in location:
        path += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return Problem(path.lstrip("."), message.removeprefix("Value error, "))

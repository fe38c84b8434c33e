"""The plans that come with the application: reading their file, and loading them.

A load never overwrites a plan that somebody edited in the admin, and never brings back one that was deleted there.
Sessions are not touched: they copied what they needed when they started.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from questions import yamltext
from questions.bankformat import BankError, FileProblem, decode
from questions.content import Difficulty, Key, Kind, Problem, field_problems
from questions.loading import SHIPPED, lock_loads, remember
from questions.models import LoadedItem, Question, Topic
from sessions import composing
from sessions.models import InterviewPlan, Mode, Navigation, PlanSection, QuestionLimit

SHIPPED_FILE = Path(__file__).with_name("plans.yaml")

# name, count, topics, kinds, difficulties, picked questions
_Section = tuple[str, int, Collection[str], Collection[str], Collection[str], Collection[str]]
# What every plan says, and what it says of these only where it differs: digests from before they existed stay good.
_ABOUT = ("name", "description", "mode", "order", "for_visitors", "is_published")
_REFINEMENTS = {
    "navigation": Navigation.FREE,
    "question_limit": QuestionLimit.NONE,
    "question_limit_seconds": None,
    "reading_seconds": 0,
    "asks_follow_ups": False,
    "repeat_after_days": 0,
    "favours_weak_spots": False,
}
_Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
_Description = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)]


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SectionSpec(_Spec):
    """A part of a plan as its file says it; `topics` are slugs of areas or topics, none meaning any.

    `questions` are slugs of picked questions: where there are any, only they are drawn.
    """

    name: _Name
    count: Annotated[int, Field(ge=1, le=50)]
    topics: frozenset[Key] = frozenset()
    questions: frozenset[Key] = frozenset()
    kinds: Annotated[frozenset[Kind], Field(min_length=1)] = frozenset(Kind)
    difficulties: Annotated[frozenset[Difficulty], Field(min_length=1)] = frozenset(Difficulty)


class PlanSpec(_Spec):
    """A plan as its file says it. Without `minutes` the whole has no limit."""

    slug: Key
    name: _Name
    description: _Description = ""
    mode: Mode = Mode.MOCK
    navigation: Navigation = Navigation.FREE
    # Both are checked also where they are left out, and after what they have to agree with.
    question_limit: QuestionLimit = QuestionLimit.NONE
    question_limit_seconds: Annotated[int | None, Field(ge=10, le=3600, validate_default=True)] = None
    minutes: Annotated[int | None, Field(ge=1, le=8 * 60, validate_default=True)] = None
    reading_seconds: Annotated[int, Field(ge=0, le=600)] = 0
    asks_follow_ups: bool = False
    repeat_after_days: Annotated[int, Field(ge=0, le=365)] = 0
    favours_weak_spots: bool = False
    order: Annotated[int, Field(ge=0, le=32_767)] = 0
    for_visitors: bool = False
    is_published: bool = True
    sections: Annotated[tuple[SectionSpec, ...], Field(min_length=1)]

    @field_validator("question_limit_seconds")
    @classmethod
    def _goes_with_a_fixed_limit(cls, value: int | None, info: ValidationInfo) -> int | None:
        limit = info.data.get("question_limit")
        if limit == QuestionLimit.FIXED and value is None:
            raise ValueError(_("is missing: “question_limit: fixed” needs the seconds of every question"))
        if limit in {QuestionLimit.NONE, QuestionLimit.SUGGESTED} and value is not None:
            raise ValueError(_("is only read with “question_limit: fixed”"))
        return value

    @field_validator("minutes")
    @classmethod
    def _a_mock_has_a_limit(cls, value: int | None, info: ValidationInfo) -> int | None:
        is_mock, limit = info.data.get("mode") == Mode.MOCK, info.data.get("question_limit")
        if value is None and is_mock and limit == QuestionLimit.NONE:
            raise ValueError(
                _("is missing: a mock interview needs minutes or a question_limit; practice needs neither")
            )
        return value

    @property
    def time_limit_seconds(self) -> int | None:
        return None if self.minutes is None else self.minutes * 60

    def digest(self) -> str:
        """Return a fingerprint that is equal exactly when two plans say the same."""
        return _digest(self, [(s.name, s.count, s.topics, s.kinds, s.difficulties, s.questions) for s in self.sections])


class _PlanFile(_Spec):
    plans: Annotated[tuple[PlanSpec, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        slugs = [plan.slug for plan in self.plans]
        if len(slugs) != len(set(slugs)):
            raise ValueError(_("every plan's slug must be used once"))
        return self


@dataclass(frozen=True, slots=True)
class PlanFile:
    """The plans of one file, and the line of each of their values for later complaints."""

    name: str
    plans: tuple[PlanSpec, ...]
    located: yamltext.Located

    def problem(self, path: str, message: str) -> FileProblem:
        return FileProblem(self.name, self.located.line_of(path), str(Problem(path, message)))


def read_plans(file: Path = SHIPPED_FILE) -> PlanFile:
    """Return the plans in `file`. Raises BankError with every problem and its line, or OSError."""
    name = file.name
    try:
        located = yamltext.load(decode(file.read_bytes(), name))
    except yamltext.YamlError as error:
        raise BankError([FileProblem(name, error.line, error.message)]) from error
    try:
        plans = _PlanFile.model_validate(located.data).plans
    except ValidationError as error:
        problems = field_problems(error, _PlanFile, {"plans": PlanSpec, "sections": SectionSpec})
        found = [FileProblem(name, located.line_of(problem.field), str(problem)) for problem in problems]
        raise BankError(found) from error
    return PlanFile(name, plans, located)


@dataclass(slots=True)
class PlanReport:
    """What a load did, by slug. `notes` are sentences about what a person may want to know."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    notes: list[str] = field(default_factory=list)


def load_plans(file: PlanFile) -> PlanReport:
    """Bring the database in line with what changed in `file` since the last load.

    Raises BankError, having changed nothing, when a plan names a topic that the database does not have.
    """
    with transaction.atomic():
        lock_loads()
        items = {item.name: item for item in LoadedItem.objects.filter(sort=LoadedItem.Sort.PLAN)}
        changed = [spec for spec in file.plans if not _is_known(spec, items)]
        report = PlanReport(unchanged=len(file.plans) - len(changed))
        if changed:
            known = _named(file)
            plans = {
                plan.slug: plan
                for plan in InterviewPlan.objects.prefetch_related("sections__topics", "sections__questions")
            }
            for spec in changed:
                _load_plan(spec, plans.get(spec.slug), items.get(spec.slug), known, report)
        return report


def _is_known(spec: PlanSpec, items: Mapping[str, LoadedItem]) -> bool:
    return spec.slug in items and items[spec.slug].digest == spec.digest()


@dataclass(frozen=True, slots=True)
class _Named:
    """What a file may name, by slug."""

    topics: Mapping[str, Topic]
    questions: Mapping[str, Question]


def _named(file: PlanFile) -> _Named:
    """Return what `file` names. Raises BankError with every name the database does not have."""
    wanted = {slug for plan in file.plans for section in plan.sections for slug in section.questions}
    known = _Named(
        {topic.slug: topic for topic in Topic.objects.all()},
        {question.slug: question for question in Question.objects.filter(slug__in=wanted)} if wanted else {},
    )
    problems = [
        file.problem(f"plans[{number}].sections[{part}].{name}", message % slug)
        for number, plan in enumerate(file.plans, 1)
        for part, section in enumerate(plan.sections, 1)
        for name, message, unknown in (
            ("topics", _("the database has no topic “%s”; load the bank first"), section.topics - known.topics.keys()),
            (
                "questions",
                _("the database has no question “%s”; load the bank first"),
                section.questions - known.questions.keys(),
            ),
        )
        for slug in sorted(unknown)
    ]
    if problems:
        raise BankError(problems)
    return known


def _load_plan(
    spec: PlanSpec,
    plan: InterviewPlan | None,
    item: LoadedItem | None,
    known: _Named,
    report: PlanReport,
) -> None:
    if item and plan is None:
        report.notes.append(_("%s was deleted in the admin and stays deleted") % spec.slug)
        return
    if plan and (item is None or plan_digest(plan) != item.digest):
        report.notes.append(_("%s was written or edited in the admin and is left as it is") % spec.slug)
        return
    (report.changed if plan else report.added).append(spec.slug)
    saved = _save(spec, plan or InterviewPlan(slug=spec.slug), known)
    remember(
        [
            LoadedItem(
                sort=LoadedItem.Sort.PLAN, name=spec.slug, origin=SHIPPED, path=SHIPPED_FILE.name, digest=spec.digest()
            )
        ]
    )
    report.notes.extend(f"{spec.slug}: {shortfall}" for shortfall in composing.shortfalls(saved.sections.all()))


def _save(spec: PlanSpec, plan: InterviewPlan, known: _Named) -> InterviewPlan:
    for name in (*_ABOUT, *_REFINEMENTS, "time_limit_seconds"):
        setattr(plan, name, getattr(spec, name))
    plan.save()
    plan.sections.all().delete()
    for position, part in enumerate(spec.sections, 1):
        section = PlanSection.objects.create(
            plan=plan,
            position=position,
            name=part.name,
            count=part.count,
            kinds=[kind for kind in Kind if kind in part.kinds],
            difficulties=[difficulty for difficulty in Difficulty if difficulty in part.difficulties],
        )
        section.topics.set(known.topics[slug] for slug in part.topics)
        section.questions.set(known.questions[slug] for slug in part.questions)
    return InterviewPlan.objects.get(pk=plan.pk)


def plan_digest(plan: InterviewPlan) -> str:
    """Return the digest that a file would have which says what `plan` is in the database now."""
    sections = [
        (
            section.name,
            section.count,
            [topic.slug for topic in section.topics.all()],
            section.kinds,
            section.difficulties,
            [question.slug for question in section.questions.all()],
        )
        for section in sorted(plan.sections.all(), key=lambda section: section.position)
    ]
    return _digest(plan, sections)


def _digest(plan: PlanSpec | InterviewPlan, sections: Iterable[_Section]) -> str:
    about = [str(getattr(plan, name)) for name in _ABOUT]
    refined = [f"{name}={value!s}" for name, usual in _REFINEMENTS.items() if (value := getattr(plan, name)) != usual]
    parts = [
        (name, count, *(sorted(map(str, values)) for values in (topics, kinds, difficulties)), *sorted(questions))
        for name, count, topics, kinds, difficulties, questions in sections
    ]
    said = (about, plan.time_limit_seconds, parts)
    return hashlib.sha256(repr((*said, refined) if refined else said).encode()).hexdigest()

"""The plans that come with the application: reading their file, loading them, and whether the bank can fill them.

A load never overwrites a plan that somebody edited in the admin, and never brings back one that was deleted there.
Sessions are not touched: they copied what they needed when they started.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from questions import yamltext
from questions.bankformat import BankError, FileProblem, decode
from questions.content import Difficulty, Key, Kind, Problem, field_problems
from questions.loading import SHIPPED, lock_loads, remember
from questions.models import LoadedItem, Topic
from sessions.composing import fitting_questions
from sessions.models import InterviewPlan, Mode, PlanSection

SHIPPED_FILE = Path(__file__).with_name("plans.yaml")

_Section = tuple[str, int, Collection[str], Collection[str], Collection[str]]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
_Description = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)]


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SectionSpec(_Spec):
    """A part of a plan as its file says it; `topics` are slugs of areas or topics, none meaning any."""

    name: _Name
    count: Annotated[int, Field(ge=1, le=50)]
    topics: frozenset[Key] = frozenset()
    kinds: Annotated[frozenset[Kind], Field(min_length=1)] = frozenset(Kind)
    difficulties: Annotated[frozenset[Difficulty], Field(min_length=1)] = frozenset(Difficulty)


class PlanSpec(_Spec):
    """A plan as its file says it."""

    slug: Key
    name: _Name
    description: _Description = ""
    mode: Mode = Mode.MOCK
    minutes: Annotated[int, Field(ge=1, le=8 * 60)]
    order: Annotated[int, Field(ge=0, le=32_767)] = 0
    for_visitors: bool = False
    is_published: bool = True
    sections: Annotated[tuple[SectionSpec, ...], Field(min_length=1)]

    def digest(self) -> str:
        """Return a fingerprint that is equal exactly when two plans say the same."""
        sections = [(s.name, s.count, s.topics, s.kinds, s.difficulties) for s in self.sections]
        about = (self.name, self.description, self.mode, self.order, self.for_visitors, self.is_published)
        return _digest(about, self.minutes * 60, sections)


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
            topics = _topics(file)
            plans = {plan.slug: plan for plan in InterviewPlan.objects.prefetch_related("sections__topics")}
            for spec in changed:
                _load_plan(spec, plans.get(spec.slug), items.get(spec.slug), topics, report)
        return report


def _is_known(spec: PlanSpec, items: Mapping[str, LoadedItem]) -> bool:
    return spec.slug in items and items[spec.slug].digest == spec.digest()


def _topics(file: PlanFile) -> dict[str, Topic]:
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    message = _("the database has no topic “%s”; load the bank first")
    problems = [
        file.problem(f"plans[{number}].sections[{part}].topics", message % slug)
        for number, plan in enumerate(file.plans, 1)
        for part, section in enumerate(plan.sections, 1)
        for slug in sorted(section.topics - topics.keys())
    ]
    if problems:
        raise BankError(problems)
    return topics


def _load_plan(
    spec: PlanSpec,
    plan: InterviewPlan | None,
    item: LoadedItem | None,
    topics: Mapping[str, Topic],
    report: PlanReport,
) -> None:
    if item and plan is None:
        report.notes.append(_("%s was deleted in the admin and stays deleted") % spec.slug)
        return
    if plan and (item is None or plan_digest(plan) != item.digest):
        report.notes.append(_("%s was written or edited in the admin and is left as it is") % spec.slug)
        return
    (report.changed if plan else report.added).append(spec.slug)
    saved = _save(spec, plan or InterviewPlan(slug=spec.slug), topics)
    remember(
        [
            LoadedItem(
                sort=LoadedItem.Sort.PLAN, name=spec.slug, origin=SHIPPED, path=SHIPPED_FILE.name, digest=spec.digest()
            )
        ]
    )
    report.notes.extend(f"{spec.slug}: {shortage}" for shortage in shortages(saved))


def _save(spec: PlanSpec, plan: InterviewPlan, topics: Mapping[str, Topic]) -> InterviewPlan:
    for name in ("name", "description", "mode", "order", "for_visitors", "is_published"):
        setattr(plan, name, getattr(spec, name))
    plan.time_limit_seconds = spec.minutes * 60
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
        section.topics.set(topics[slug] for slug in part.topics)
    return InterviewPlan.objects.get(pk=plan.pk)


def plan_digest(plan: InterviewPlan) -> str:
    """Return the digest that a file would have which says what `plan` is in the database now."""
    sections = [
        (s.name, s.count, [topic.slug for topic in s.topics.all()], s.kinds, s.difficulties)
        for s in sorted(plan.sections.all(), key=lambda section: section.position)
    ]
    about = (plan.name, plan.description, plan.mode, plan.order, plan.for_visitors, plan.is_published)
    return _digest(about, plan.time_limit_seconds, sections)


def _digest(about: Sequence[object], seconds: int, sections: Iterable[_Section]) -> str:
    parts = [
        (name, count, *(sorted(map(str, values)) for values in (topics, kinds, difficulties)))
        for name, count, topics, kinds, difficulties in sections
    ]
    return hashlib.sha256(repr(([str(value) for value in about], seconds, parts)).encode()).hexdigest()


def shortages(plan: InterviewPlan) -> Sequence[str]:
    """Return a sentence for each section that may find too few questions, whatever the earlier sections draw."""
    sentences = []
    earlier: list[tuple[int, set[object]]] = []
    for section in plan.sections.prefetch_related("topics"):
        fitting: set[object] = set(fitting_questions(section).values_list("pk", flat=True))
        taken = sum(min(count, len(fitting & others)) for count, others in earlier)
        if len(fitting) - taken < section.count:
            sentences.append(
                _("the section “%(section)s” wants %(count)d questions and may find only %(found)d")
                % {"section": section.name, "count": section.count, "found": max(0, len(fitting) - taken)}
            )
        earlier.append((section.count, fitting))
    return sentences

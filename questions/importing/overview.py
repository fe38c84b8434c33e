"""What a page says about a run: the figures, the items of one sort with what they repeat, and the words for them.

Reads only; a page of items costs the same few statements however many there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from questions.models import ImportItem, ImportRun, Question, QuestionVersion

ITEMS_PER_PAGE = 25

Choice, Match, Outcome, State = ImportItem.Choice, ImportItem.Match, ImportItem.Outcome, ImportItem.State

_IMPORTABLE = Q(state__in=[State.COMPLETE, State.INCOMPLETE])
_REPEATS = _IMPORTABLE & ~Q(match=Match.NONE)
_ADDED = _IMPORTABLE & (Q(choice=Choice.ADD) | Q(choice="", match=Match.NONE))
# The lists of a run, by the name in the address.
SHOWN = {
    "all": Q(),
    "faulty": Q(state=State.FAULTY),
    "duplicates": _REPEATS,
    "incomplete": Q(state=State.INCOMPLETE),
    "left_out": Q(state=State.LEFT_OUT),
    "notes": _IMPORTABLE & (~Q(problems=[]) | ~Q(not_carried=[])),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """How many questions become what, if the run is imported as it stands; and how many are on each list."""

    added: int
    unfinished: int
    versions: int
    skipped: int
    shown: Mapping[str, int]


def figures(run: ImportRun) -> Figures:
    counted = run.items.aggregate(
        added=Count("pk", filter=_ADDED & Q(state=State.COMPLETE)),
        unfinished=Count("pk", filter=_ADDED & Q(state=State.INCOMPLETE)),
        versions=Count("pk", filter=_REPEATS & Q(choice=Choice.VERSION, state=State.COMPLETE)),
        repeats=Count("pk", filter=_REPEATS),
        added_again=Count("pk", filter=_REPEATS & Q(choice=Choice.ADD)),
        **{f"shown_{name}": Count("pk", filter=condition) for name, condition in SHOWN.items() if name != "all"},
        shown_all=Count("pk"),
    )
    return Figures(
        added=counted["added"],
        unfinished=counted["unfinished"],
        versions=counted["versions"],
        skipped=counted["repeats"] - counted["added_again"] - counted["versions"],
        shown={name: counted[f"shown_{name}"] for name in SHOWN},
    )


def outcomes(run: ImportRun) -> dict[str, int]:
    """Return how many items became what, by `ImportItem.Outcome`."""
    rows = run.items.values("outcome").annotate(count=Count("pk")).order_by()
    return {row["outcome"]: row["count"] for row in rows}


@dataclass(frozen=True, slots=True)
class Twin:
    """What an item repeats: a question of the bank, or one further up in the file."""

    title: str
    values: Mapping[str, Any]
    question: Question | None
    status: str

    @property
    def is_in_bank(self) -> bool:
        return self.question is not None


@dataclass(frozen=True, slots=True)
class Row:
    item: ImportItem
    twin: Twin | None
    choices: Sequence[tuple[str, str]]

    @property
    def decided(self) -> str:
        return self.item.decided


def page_of(run: ImportRun, shown: str, number: str | None) -> tuple[Page[ImportItem], list[Row]]:
    """Return a page of the items on the list `shown`, and its rows."""
    items: QuerySet[ImportItem] = run.items.filter(SHOWN[shown]).select_related("question").order_by("position")
    page = Paginator(items, ITEMS_PER_PAGE).get_page(number)
    found = list(page.object_list)
    bank = _in_bank({item.matched_id for item in found if item.matched_id})
    above = _further_up(run, {item.matched_position for item in found if item.matched_position})
    return page, [_row(item, bank, above) for item in found]


def _row(item: ImportItem, bank: Mapping[UUID, Twin], above: Mapping[int, Twin]) -> Row:
    twin = bank.get(item.matched_id) if item.matched_id else above.get(item.matched_position or 0)
    choices = [(Choice.SKIP.value, str(Choice.SKIP.label)), (Choice.ADD.value, str(Choice.ADD.label))]
    if item.matched_id and item.state == State.COMPLETE and item.match != Match.IDENTICAL:
        choices.append((Choice.VERSION.value, str(Choice.VERSION.label)))
    return Row(item, twin, choices)


def _in_bank(ids: set[UUID]) -> dict[UUID, Twin]:
    if not ids:
        return {}
    newest = QuestionVersion.objects.filter(question=OuterRef("pk")).order_by("-number").values("pk")[:1]
    questions = Question.objects.filter(pk__in=ids).annotate(told=Coalesce("current_version", Subquery(newest)))
    rows: list[Any] = list(questions.select_related("topic"))
    versions = QuestionVersion.objects.in_bulk([row.told for row in rows if row.told])
    return {row.pk: _twin(row, versions.get(row.told)) for row in rows}


def _twin(question: Question, version: QuestionVersion | None) -> Twin:
    if version is None:
        return Twin(question.slug, {}, question, _("not finished yet"))
    values = version.content.model_dump(mode="json")
    return Twin(version.title, values, question, question.get_status_display())


def _further_up(run: ImportRun, positions: set[int]) -> dict[int, Twin]:
    if not positions:
        return {}
    items = run.items.filter(position__in=positions)
    return {item.position: Twin(item.title, item.values, None, _place(item)) for item in items}


def _place(item: ImportItem) -> str:
    if item.path:
        return item.path
    return _("line %d of the file") % item.line if item.line else _("further up in the file")

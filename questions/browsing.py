"""What the bank browser shows of a search: rows, filters with their names and numbers, and what is chosen.

Words and plain data for templates; what is found is `questions.searching`'s. Reads nothing itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote_plus
from uuid import UUID

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from questions import facets
from questions.content import Difficulty, Format, Kind
from questions.facets import Facets
from questions.marking import marked
from questions.models import Question
from questions.searching import COUNTED, LAST_PAGE, PER_PAGE, Counts, Found, Option, Search

# Most questions are published, so that needs no badge.
TONES = {"published": "", "in_review": "warn", "draft": "muted", "retired": "muted"}


class Words(NamedTuple):
    """What the number of an entry says in words."""

    kind: str
    difficulty: str
    status: str
    tone: str
    draft: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `title` and `excerpt` are HTML with the words of the search marked."""

    pk: UUID
    title: SafeString
    excerpt: SafeString
    topic: str
    words: Words
    flags: str
    changed_at: datetime
    is_open: bool


def rows_of(
    found: Iterable[Found], search: Search, counts: Counts, excerpts: Mapping[UUID, SafeString], *, peeked: UUID | None
) -> list[Row]:
    language, topics = get_language(), {topic.pk: topic.name for topic in counts.topics}
    return [
        Row(
            pk=each.pk,
            title=marked(each.title, search.sought),
            excerpt=excerpts.get(each.pk, SafeString("")),
            topic=topics.get(each.topic_id, ""),
            words=_words_of(each.facets, language),
            flags=ngettext("%d flag", "%d flags", each.open_flags) % each.open_flags if each.open_flags else "",
            changed_at=each.changed_at,
            is_open=each.pk == peeked,
        )
        for each in found
    ]


@lru_cache(maxsize=4_096)
def _words_of(number: int, _language: str | None) -> Words:
    """Return what `number` says in the language of the moment, each number looked up once."""
    facts = facets.read(number)
    waits = facts.has_draft and facts.status == Question.Status.PUBLISHED
    return Words(
        kind=kind_label(facts),
        difficulty=str(Difficulty(facts.difficulty).label) if facts.difficulty else "",
        status=str(Question.Status(facts.status).label),
        tone=TONES[facts.status],
        draft=_("draft") if waits else "",
    )


def kind_label(facts: Facets) -> str:
    """Return the kind in a word or two; an open question is called by its format."""
    if not facts.kind:
        return _("no version yet")
    return str(Format(facts.format).label if facts.kind == Kind.OPEN else Kind(facts.kind).label)


# --- Filters --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LabelledOption:
    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """One filter with few values, as boxes to tick."""

    name: str
    label: str
    options: list[LabelledOption]

    @property
    def is_open(self) -> bool:
        """Whether it is shown unfolded: the ones used daily, and whatever has a box ticked."""
        return self.name in {"status", "kind", "difficulty", "has"} or any(option.is_chosen for option in self.options)


_FILTERS = {
    "area": gettext_lazy("Area"),
    "topic": gettext_lazy("Topic"),
    "tag": gettext_lazy("Tag"),
    "author": gettext_lazy("Author"),
    "status": gettext_lazy("Status"),
    "kind": gettext_lazy("Kind"),
    "format": gettext_lazy("Format of open questions"),
    "difficulty": gettext_lazy("Difficulty"),
    "licence": gettext_lazy("Licence"),
    "has": gettext_lazy("Worth a look"),
}
_VALUES: Mapping[str, Mapping[Any, Any]] = {
    "status": dict(Question.Status.choices),
    "kind": dict(Kind.choices),
    "format": dict(Format.choices),
    "difficulty": dict(Difficulty.choices),
    "has": {
        "flags": gettext_lazy("open flags"),
        "draft": gettext_lazy("a draft waits"),
        "no_samples": gettext_lazy("no sample answers"),
    },
}


def filter_label(name: str) -> str:
    return str(_FILTERS[name])


def value_label(name: str, value: str) -> str:
    """Return how a value of a filter is called; names, tags and licences speak for themselves."""
    return str(_VALUES[name][value]) if name in _VALUES else value


def filter_groups(counts: Counts) -> list[FilterGroup]:
    return [FilterGroup(name, filter_label(name), labelled(name, counts.options[name])) for name in COUNTED]


def labelled(name: str, options: Iterable[Option]) -> list[LabelledOption]:
    return [
        LabelledOption(option.value, value_label(name, option.value), option.count, option.is_chosen)
        for option in options
    ]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter that is on, and the search without it."""

    label: str
    query: str


def chosen_filters(search: Search, counts: Counts) -> list[Chosen]:
    """Return everything a search is narrowed by, but its words."""
    found = []
    for name, values in search.chosen.items():
        for value in values:
            topic = counts.topic(value) if name in {"area", "topic"} else None
            words = topic.name if topic else value_label(name, value)
            found.append(Chosen(f"{filter_label(name)}: {words}", search.without(name, value).query()))
    return found


@dataclass(frozen=True, slots=True)
class Value:
    """One of many values of a filter, and the search with it; without it, where it is chosen already."""

    option: Option
    query: str


def values_of(name: str, search: Search, options: Iterable[Option]) -> list[Value]:
    # The addresses differ in one value alone, so they are written once, around what no value contains.
    chosen = {**search.chosen, name: (*search.values(name), "\x00")}
    before, after = replace(search, chosen=chosen, page=1).query().split(quote_plus("\x00"))
    return [
        Value(
            option,
            search.without(name, option.value).query()
            if option.is_chosen
            else f"{before}{quote_plus(option.value)}{after}",
        )
        for option in options
    ]


def sort_options() -> list[tuple[str, str]]:
    """Return the sort orders with their names; the first is what one gets without asking."""
    return [
        ("", _("best match or newest")),
        ("newest", _("newest first")),
        ("oldest", _("oldest first")),
        ("title", _("by title")),
        ("topic", _("by area and topic")),
        ("difficulty", _("easy ones first")),
    ]


# --- Pages ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one is in the list; the addresses of the pages beside it are "" where there is none."""

    number: int
    last: int
    first_row: int
    last_row: int
    is_cut: bool
    previous: str
    next: str


def pages_of(search: Search, total: int) -> Pages:
    all_pages = max(1, -(-total // PER_PAGE))
    last = min(all_pages, LAST_PAGE)
    number = min(search.page, last)
    return Pages(
        number=number,
        last=last,
        first_row=(number - 1) * PER_PAGE + 1 if total else 0,
        last_row=min(number * PER_PAGE, total),
        is_cut=all_pages > LAST_PAGE,
        previous=replace(search, page=number - 1).query() if number > 1 else "",
        next=replace(search, page=number + 1).query() if number < last else "",
    )

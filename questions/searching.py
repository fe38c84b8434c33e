"""The bank browser's search: what was asked for, which entries fit, and how many more there are of each sort.

Reads only, in the same number of statements however large the bank is. Everything a search says is in its address
(`Search.of` and `Search.query`), so it can be kept, shared and gone back to. Typos are `questions.spelling`'s.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import compress, starmap
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery, SearchRank
from django.db import connection
from django.db.models import CharField, Count, F, Func, IntegerField, QuerySet, TextField, UUIDField, Value
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.safestring import SafeString

from questions import facets
from questions.content import LICENCES, Difficulty, Format, Kind
from questions.facets import Facets
from questions.marking import Sought, excerpt
from questions.models import BankEntry, Question, QuestionVersion, Topic

PER_PAGE = 50
# Whoever would turn more pages than these is better served by another filter.
LAST_PAGE = 40
# Ranking reads the stems of every match, so more matches than these are sorted by time.
MOST_RANKED = 1_000
LONGEST_WORDS = 200
MOST_CHOSEN = 20
SHOWN_VALUES = 400

SORTS = ("relevance", "newest", "oldest", "title", "topic", "difficulty")
HAS = ("flags", "draft", "no_samples")
# Filters whose values are in an entry's number, and what they may be.
COUNTED: dict[str, Sequence[str]] = {
    "status": Question.Status.values,
    "has": HAS,
    "kind": Kind.values,
    "format": Format.values,
    "difficulty": Difficulty.values,
    "licence": LICENCES,
}
# A minus before no word says nothing, and PostgreSQL gives up on some thirty of them in a row.
_LONE_MINUS = re.compile(r"-(?![\w\"])")
FILTERS = ("area", "topic", "tag", "author", *COUNTED)


# --- What is asked for ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Search:
    """One search. `chosen` holds, for each of FILTERS, values of which any will do; of `tag` and `has` all must."""

    words: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    page: int = 1

    @classmethod
    def of(cls, data: QueryDict) -> "Search":
        """Return the search an address asks for; what it says that makes no sense is left out."""
        chosen = {name: values for name in FILTERS if (values := _values(name, data.getlist(name)))}
        sort, page = data.get("sort", ""), data.get("page", "")
        return cls(
            words=" ".join(data.get("q", "").replace("\x00", "").split())[:LONGEST_WORDS],
            chosen=chosen,
            sort=sort if sort in SORTS else "",
            page=max(1, min(int(page), LAST_PAGE)) if page.isdecimal() and len(page) < 6 else 1,
        )

    def query(self, **changes: Any) -> str:
        """Return the address behind the question mark, of this search with `changes`."""
        search = replace(self, **changes)
        pairs = [("q", search.words)] if search.words else []
        pairs += [(name, value) for name in FILTERS for value in search.values(name)]
        pairs += [("sort", search.sort)] if search.sort else []
        pairs += [("page", str(search.page))] if search.page > 1 else []
        return urlencode(pairs)

    def without(self, name: str, value: str) -> "Search":
        """Return this search with one chosen value less, from its first page."""
        left = tuple(each for each in self.values(name) if each != value)
        return replace(self, chosen={**self.chosen, name: left}, page=1)

    def values(self, name: str) -> tuple[str, ...]:
        """Return what is chosen of one filter."""
        return self.chosen.get(name, ())

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or any(self.chosen.values()))

    @property
    def order(self) -> str:
        if self.sort and (self.sort != "relevance" or self.words):
            return self.sort
        return "relevance" if self.words else "newest"

    @cached_property
    def sought(self) -> Sought:
        return Sought.of(self.words, is_typing=bool(_unfinished(self.words)))

    @cached_property
    def tsquery(self) -> Any:
        """The words as PostgreSQL looks for them, in the index whatever it knows about them: see `_Unplanned`."""
        return self._tsquery(_Query, _CombinedQuery)

    @cached_property
    def planned_tsquery(self) -> Any:
        """The same, where the planner may see that a word is in most entries and read these in their order instead."""
        return self._tsquery(SearchQuery, CombinedSearchQuery)

    def _tsquery(self, whole: type[SearchQuery], combined: type[CombinedSearchQuery]) -> Any:
        """Return the words as a query: quotes, “or” and minus count; the last word may be a beginning."""
        words: dict[str, Any] = {"search_type": "websearch", "config": "english"}
        typed = _LONE_MINUS.sub(" ", self.words)
        last = _unfinished(typed)
        if not last:
            return whole(typed, **words)
        beginning: Any = SearchQuery(f"{last.lower()}:*", search_type="raw", config="english")
        if rest := typed[: -len(last)].strip():
            beginning = SearchQuery(rest, **words) & beginning
        return combined(SearchQuery(typed, **words), "||", beginning, config=None)


class _Unplanned:
    """A query whose words the planner does not see in advance.

    Where it knows that a word is in most entries, it would read all of their stems one by one instead of the index.
    """

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        sql, params = super().as_sql(*args, **kwargs)  # type: ignore[misc]  # of the query it is mixed into
        return f"(SELECT {sql})", params


class _Query(_Unplanned, SearchQuery):  # type: ignore[misc]  # as its bases are, in the stubs
    pass


class _CombinedQuery(_Unplanned, CombinedSearchQuery):  # type: ignore[misc]
    pass


def _values(name: str, given: Iterable[str]) -> tuple[str, ...]:
    allowed = COUNTED.get(name)
    kept = dict.fromkeys(value.strip() for value in given if "\x00" not in value)
    fitting = [value for value in kept if value and (value in allowed if allowed else len(value) <= 200)]
    return tuple(fitting[:MOST_CHOSEN])


def _unfinished(words: str) -> str:
    """Return the last word if it may be the beginning of a longer one: not in quotes, nor after a minus."""
    match = re.search(r"(?:^|\s)([A-Za-z0-9]{3,})$", words)
    return match[1] if match and '"' not in words and match[1].lower() != "and" else ""


# --- Counting -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter: how many entries one would see with it, and whether it is chosen."""

    value: str
    count: int
    is_chosen: bool


class TopicRow(NamedTuple):
    """A topic as the filters and the list need it."""

    pk: UUID
    slug: str
    name: str
    area_id: UUID | None


@dataclass(frozen=True, slots=True)
class TopicOption:
    """A topic, or an area with its topics."""

    topic: TopicRow
    count: int
    is_chosen: bool
    topics: tuple["TopicOption", ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether its topics are to be seen: it is chosen, or one of them is."""
        return self.is_chosen or any(topic.is_chosen for topic in self.topics)


@dataclass(frozen=True)
class Counts:
    """The numbers beside the filters, how many entries are found in all, and what finds these in the database.

    `by_topic` counts those of every topic, as if none had been chosen.
    """

    total: int
    topics: tuple[TopicRow, ...]
    areas: tuple[TopicOption, ...]
    options: Mapping[str, tuple[Option, ...]]
    numbers: tuple[int, ...]
    topic_ids: tuple[UUID, ...] | None
    by_topic: Mapping[UUID, int]

    def topic(self, slug: str) -> TopicRow | None:
        return next((topic for topic in self.topics if topic.slug == slug), None)


def count(search: Search, topics: tuple[TopicRow, ...] = ()) -> Counts:
    """Count what each filter would leave; a filter's own choice does not narrow its own numbers.

    Two statements, one where `topics` are at hand from a count just before.
    """
    topics = topics or tuple(starmap(TopicRow, Topic.objects.order_by("order", "name").values_list(*TopicRow._fields)))
    here = _places(search, topics)
    rows = _counted(_loosely(search))
    fitting = _fitting(search, set().union(*(numbers for _topic_id, numbers, _counts in rows)))
    by_number: Counter[int] = Counter()
    by_topic: dict[UUID, int] = {}
    for topic_id, numbers, counts in rows:
        if here is None or topic_id in here:
            for number, n in zip(numbers, counts, strict=True):
                by_number[number] += n
        by_topic[topic_id] = sum(compress(counts, map(fitting.__contains__, numbers)))
    return Counts(
        topics=topics,
        total=sum(n for number, n in by_number.items() if number in fitting),
        areas=_areas(search, topics, by_topic),
        options={name: _options(name, by_number, search) for name in COUNTED},
        numbers=tuple(fitting.intersection(by_number)),
        topic_ids=None if here is None else tuple(here),
        by_topic=by_topic,
    )


def _counted(found: QuerySet[BankEntry]) -> list[tuple[UUID, list[int], list[int]]]:
    """Return by topic which numbers its entries have, and how many have each."""
    rows, params = found.values_list("topic", "facets").annotate(n=Count("*")).order_by().query.sql_with_params()
    # All numbers of a topic in one row: to receive a row for each takes longer than to count them.
    statement = f"SELECT topic, array_agg(number), array_agg(n) FROM ({rows}) each (topic, number, n) GROUP BY topic"  # noqa: S608  ours
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor)


def _loosely(search: Search, query: Any = None) -> QuerySet[BankEntry]:
    """Return the entries with the words, tags and authors of a search; its other filters are applied by number."""
    found = BankEntry.objects.all()
    if search.values("author"):
        found = found.filter(author__in=search.values("author"))
    if search.values("tag"):
        found = found.filter(tags__contains=list(search.values("tag")))
    return found.filter(document=query or search.tsquery) if search.words else found


def _places(search: Search, topics: Sequence[TopicRow]) -> set[UUID] | None:
    """Return the topics that are meant, None for all. An area stands for its topics, unless some of them are chosen."""
    if not (search.values("area") or search.values("topic")):
        return None
    chosen = [topic for topic in topics if topic.slug in search.values("topic")]
    split = {topic.area_id for topic in chosen}
    areas = {topic.pk for topic in topics if topic.slug in search.values("area") and topic.area_id is None} - split
    below = {topic.pk for topic in topics if topic.area_id in areas}
    return {topic.pk for topic in chosen} | areas | below


def _fitting(search: Search, numbers: Iterable[int], *, but: str = "") -> set[int]:
    """Return those of the entries' numbers that fit the filters of a search."""
    chosen = {name: search.values(name) for name in COUNTED if search.values(name) and name != but}
    if not chosen:
        return set(numbers)
    return {number for number in numbers if all(_fits(name, chosen[name], facets.read(number)) for name in chosen)}


def _fits(name: str, chosen: Sequence[str], facts: Facets) -> bool:
    found = _values_in(name, facts)
    return all(value in found for value in chosen) if name == "has" else any(value in chosen for value in found)


def _has(value: str, facts: Facets) -> bool:
    return {"flags": facts.is_flagged, "draft": facts.has_draft, "no_samples": facts.lacks_samples}[value]


def _values_in(name: str, facts: Facets) -> list[str]:
    """Return the values of a filter that an entry has; the format of a choice or a number says nothing."""
    if name == "has":
        return [value for value in HAS if _has(value, facts)]
    return [] if name == "format" and facts.kind != Kind.OPEN else [getattr(facts, name)]


def _options(name: str, by_number: Mapping[int, int], search: Search) -> tuple[Option, ...]:
    # What one has must all be there, so there a further choice narrows what is left.
    counted: Counter[str] = Counter()
    for number in _fitting(search, by_number, but="" if name == "has" else name):
        for value in _values_in(name, facets.read(number)):
            counted[value] += by_number[number]
    shown = [value for value in COUNTED[name] if name != "licence" or counted[value] or value in search.values(name)]
    return tuple(Option(value, counted[value], value in search.values(name)) for value in shown)


def _areas(search: Search, topics: Sequence[TopicRow], by_topic: Mapping[UUID, int]) -> tuple[TopicOption, ...]:
    below: dict[UUID | None, list[TopicRow]] = {}
    for topic in topics:
        below.setdefault(topic.area_id, []).append(topic)
    options = []
    for area in below.get(None, []):
        own = tuple(
            TopicOption(topic, by_topic.get(topic.pk, 0), topic.slug in search.values("topic"))
            for topic in below.get(area.pk, [])
        )
        n = by_topic.get(area.pk, 0) + sum(option.count for option in own)
        options.append(TopicOption(area, n, area.slug in search.values("area"), own))
    return tuple(options)


# --- Finding --------------------------------------------------------------------------------------------------------


class Found(NamedTuple):
    """An entry in the list."""

    pk: UUID
    version_id: UUID | None
    topic_id: UUID
    title: str
    facets: int
    open_flags: int
    changed_at: datetime


def page_of(search: Search, counts: Counts) -> list[Found]:
    """Return the entries of the page asked for. One statement, which reads the small table alone."""
    start = (search.page - 1) * PER_PAGE
    # Where too many match to be ranked, the first ones in their order are quicker to find than all of them.
    query = search.planned_tsquery if counts.total > MOST_RANKED else None
    found = matching(search, counts, query)
    if search.order == "topic":
        shown, start = _topics_from(start, counts)
        found = found.filter(topic__in=shown).order_by(_place_among(shown), "title", "pk")
    else:
        found = found.order_by(*_order(search, counts.total))
    return list(starmap(Found, found.values_list(*Found._fields)[start : start + PER_PAGE]))


def _topics_from(start: int, counts: Counts) -> tuple[list[UUID], int]:
    """Return the topics on the page from `start`, area by area, and where in the first of them it begins.

    What was counted says how far each topic goes, so the others need be neither read nor sorted.
    """
    place = {topic.pk: number for number, topic in enumerate(counts.topics)}

    def order(topic: TopicRow) -> tuple[int, int]:
        # What lies in an area itself comes last.
        return place[topic.area_id] if topic.area_id else len(place), place[topic.pk]

    shown: list[UUID] = []
    passed = before = 0
    for topic in sorted(counts.topics, key=order):
        chosen = counts.topic_ids is None or topic.pk in counts.topic_ids
        end = passed + (counts.by_topic.get(topic.pk, 0) if chosen else 0)
        if end > max(start, passed) and passed < start + PER_PAGE:
            before = before if shown else passed
            shown.append(topic.pk)
        passed = end
    return shown, start - before


def _place_among(topics: list[UUID]) -> Func:
    places = Value(topics, output_field=ArrayField(UUIDField()))
    return Func(places, F("topic"), function="array_position", output_field=IntegerField())


def matching(search: Search, counts: Counts, query: Any = None) -> QuerySet[BankEntry]:
    """Return the entries found, in no order."""
    found = _loosely(search, query)
    if any(search.values(name) for name in COUNTED):
        found = found.filter(facets__in=counts.numbers)
    return found if counts.topic_ids is None else found.filter(topic__in=counts.topic_ids)


def _order(search: Search, total: int) -> list[Any]:
    if search.order == "relevance" and total <= MOST_RANKED:
        return [SearchRank(F("document"), search.tsquery).desc(), "title", "pk"]
    hardness = Func(F("facets"), template="(%(expressions)s >> 9 & 3)", output_field=IntegerField())
    orders: dict[str, list[Any]] = {
        "oldest": ["changed_at", "pk"],
        "title": ["title", "pk"],
        "difficulty": [hardness, "title", "pk"],
    }
    return orders.get(search.order, ["-changed_at", "pk"])


def values_of(name: str, search: Search) -> list[Option]:
    """Return the tags or the authors among what a search finds, the commonest first; at most three statements."""
    meant = replace(search, chosen={**search.chosen, name: ()}) if name == "author" else search
    # Only the filters by number need to know what there is.
    is_counted = any(search.values(each) for each in ("area", "topic", *COUNTED))
    found = matching(meant, count(search)) if is_counted else _loosely(meant)
    value = F("author") if name == "author" else Func(F("tags"), function="unnest", output_field=CharField())
    rows = found.annotate(value=value).order_by().values_list("value").annotate(n=Count("*")).order_by("-n", "value")
    return [Option(value, n, value in search.values(name)) for value, n in rows[:SHOWN_VALUES] if value]


# --- Where it was found ---------------------------------------------------------------------------------------------

SEARCHED = ("title", "prompt", "key_points", "choices", "misconceptions", "reference_answer", "guidance", "follow_ups")
IN_LISTS = {"key_points", "choices", "misconceptions", "follow_ups"}
# Lists come as the text they are stored as: most of them need not be decoded.
_COLUMNS = [Cast(name, TextField()) if name in IN_LISTS else F(name) for name in SEARCHED[1:]]


def texts_among(values: Iterable[Any]) -> Iterator[str]:
    """Yield all texts among the values of a version, lists and blocks opened up."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from texts_among(each for name, each in value.items() if name != "key")
        elif isinstance(value, list):
            yield from texts_among(value)


def excerpts(rows: Iterable[Found], sought: Sought) -> dict[UUID, SafeString]:
    """Return, by question, the words around the first match outside the title. One statement."""
    by_version = {row.version_id: row.pk for row in rows if row.version_id}
    found = QuestionVersion.objects.filter(pk__in=list(by_version)).order_by().values_list("pk", *_COLUMNS)
    return {by_version[row[0]]: excerpt(_texts(row[1:]), sought) for row in found}


def _texts(row: Iterable[str]) -> Iterator[str]:
    """Yield all texts of a version; its lists are decoded when the texts before them had nothing."""
    for name, value in zip(SEARCHED[1:], row, strict=True):
        yield from texts_among([json.loads(value) if name in IN_LISTS else value])

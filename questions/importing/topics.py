"""From the topics that a file names to ours: remembered, recognised by name, or decided by a person.

A file's topic is a path, its parts joined by `JOINT`. What it becomes is a text: a topic's slug, or `new:` and the slug
of the area in which a topic of that name is to be made, or `new:` alone for a new area.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.text import slugify

from questions.importing.base import ParsedTopic
from questions.models import ImportRun, RememberedTopic, Topic
from questions.quality import stems

JOINT = " › "
NEW = "new:"
SLUG_LENGTH = 60
MAX_SEGMENTS = 6
_NAME_LENGTH = 100
_DESCRIPTION_LENGTH = 300


def joined(path: Sequence[str]) -> str:
    return JOINT.join(path)


def tidy(path: Iterable[str]) -> list[str]:
    """Return a path as it is kept: no empty parts, no line breaks, bounded. Of too deep a path, its end."""
    parts = [" ".join(str(part).split())[:200] for part in path]
    return [part for part in parts if part][-MAX_SEGMENTS:]


@dataclass(frozen=True, slots=True)
class Place:
    """One topic of a file: how many questions it has there, what was chosen for it, and who chose.

    `choice` is empty while nobody has decided. `is_guess` says that it was recognised, not chosen.
    """

    name: str
    count: int
    choice: str
    is_guess: bool
    topic: Topic | None
    # It is to be made as the file describes it, in an area that is not here yet either.
    is_made_as_described: bool = False

    @property
    def last(self) -> str:
        return self.name.rsplit(JOINT, 1)[-1]


class Atlas:
    """Our topics, and what files have called them so far. Read once for a page or an import."""

    def __init__(self) -> None:
        self.topics = {topic.slug: topic for topic in Topic.objects.select_related("area")}
        self.by_name = {_folded(topic.name): topic for topic in self.topics.values() if topic.area_id is None}
        self.by_name |= {_folded(topic.name): topic for topic in self.topics.values() if topic.area_id is not None}
        self.words = {topic.slug: stems(_spelling(topic.name)) for topic in self.topics.values()}
        self.remembered: dict[str, str] = dict(RememberedTopic.objects.values_list("name", "topic__slug"))

    def recognised(self, name: str) -> str:
        """Return the slug of the topic that a file's topic most likely means, or nothing."""
        if slug := self.remembered.get(_folded(name)[:600]):
            return slug
        parts = name.split(JOINT)
        for part in reversed(parts):
            if part in self.topics:
                return part
            if topic := self.by_name.get(_folded(part)):
                return topic.slug
        return self._resembling(parts[-1])

    def _resembling(self, name: str) -> str:
        """Return the one topic whose name has all the words of `name`, or all of whose words are in it."""
        wanted = stems(_spelling(name))
        if not wanted:
            return ""
        alike = [slug for slug, said in self.words.items() if said and (said <= wanted or wanted <= said)]
        return alike[0] if len(alike) == 1 else ""

    def choice_for(self, run: ImportRun, name: str) -> tuple[str, bool]:
        """Return what becomes of a file's topic, and whether that is only a guess."""
        chosen = run.topic_choices.get(name, "")
        if chosen and (chosen.startswith(NEW) or chosen in self.topics):
            return chosen, False
        if not name:
            return (run.topic.slug if run.topic else ""), False
        if _declares(run, name):
            return f"{NEW}{_declared_area(run, name)}" if _last(name) not in self.topics else _last(name), True
        return self.recognised(name) or (run.topic.slug if run.topic else ""), True


def places(run: ImportRun, atlas: Atlas) -> list[Place]:
    """Return the topics that the questions of a run name, in the order of their first question."""
    rows = run.items.importable().values("topics").annotate(count=Count("pk")).order_by("topics")
    found = []
    for row in rows:
        name = joined(row["topics"])
        choice, is_guess = atlas.choice_for(run, name)
        area = choice.removeprefix(NEW)
        unknown_area = choice.startswith(NEW) and area != "" and area not in atlas.topics
        found.append(Place(name, row["count"], choice, is_guess, atlas.topics.get(choice), unknown_area))
    return found


def undecided(run: ImportRun, atlas: Atlas) -> list[Place]:
    return [place for place in places(run, atlas) if not place.choice]


# Making topics


def resolve(run: ImportRun, atlas: Atlas) -> tuple[dict[str, Topic], list[Topic]]:
    """Return our topic for each of the file's, by name, having made those that are new; and the new ones.

    Raises KeyError for a topic that nobody has decided about.
    """
    found: dict[str, Topic] = {}
    made: list[Topic] = []
    for place in places(run, atlas):
        if place.choice.startswith(NEW):
            found[place.name] = _make(run, place, atlas, made)
        else:
            found[place.name] = atlas.topics[place.choice]
    return found, made


def _make(run: ImportRun, place: Place, atlas: Atlas, made: list[Topic]) -> Topic:
    declared = _declaration(run, place.last)
    area_slug = place.choice.removeprefix(NEW)
    if declared and declared["slug"] in atlas.topics:
        return atlas.topics[declared["slug"]]
    area = atlas.topics.get(area_slug)
    if area is None and area_slug and (parent := _declaration(run, area_slug)):
        area = _create(atlas, made, parent, None)
    if declared:
        return _create(atlas, made, declared, area)
    if known := atlas.by_name.get(_folded(place.last)):
        return known
    return _create(atlas, made, {"name": place.last, "slug": "", "description": "", "order": 0}, area)


def _create(atlas: Atlas, made: list[Topic], said: Mapping[str, Any], area: Topic | None) -> Topic:
    if area is not None and area.area is not None:
        area = area.area
    slug = said["slug"] if said["slug"] and said["slug"] not in atlas.topics else _free_slug(said["name"], atlas)
    topic = Topic.objects.create(
        slug=slug,
        name=said["name"][:_NAME_LENGTH],
        description=said["description"][:_DESCRIPTION_LENGTH],
        order=said["order"],
        area=area,
    )
    atlas.topics[slug] = atlas.by_name[_folded(topic.name)] = topic
    made.append(topic)
    return topic


def _free_slug(name: str, atlas: Atlas) -> str:
    base = slugify(name)[:SLUG_LENGTH].strip("-") or "topic"
    slug, number = base, 2
    while slug in atlas.topics:
        ending = f"-{number}"
        slug, number = base[: SLUG_LENGTH - len(ending)] + ending, number + 1
    return slug


def remember(found: Mapping[str, Topic]) -> None:
    """Note what was decided, for the next file that names the same topics."""
    rows = [RememberedTopic(name=_folded(name)[:600], topic=topic) for name, topic in found.items() if name]
    unique = {row.name: row for row in rows}
    RememberedTopic.objects.bulk_create(
        unique.values(), update_conflicts=True, unique_fields=["name"], update_fields=["topic"]
    )


# Topics that the file describes itself


def described(topics: Iterable[ParsedTopic]) -> list[dict[str, Any]]:
    """Return them as a run keeps them."""
    return [
        {
            "slug": topic.slug,
            "name": topic.name,
            "description": topic.description,
            "order": topic.order,
            "area": topic.area,
        }
        for topic in topics
    ]


def _declaration(run: ImportRun, slug: str) -> dict[str, Any] | None:
    return next((topic for topic in run.topics if topic["slug"] == slug), None)


def _declares(run: ImportRun, name: str) -> bool:
    return _declaration(run, _last(name)) is not None


def _declared_area(run: ImportRun, name: str) -> str:
    declared = _declaration(run, _last(name))
    return str(declared["area"]) if declared else ""


def _last(name: str) -> str:
    return name.rsplit(JOINT, 1)[-1]


def _spelling(name: str) -> str:
    """Return `name` with one spelling of what is spelled in two ways: regularisation, regularization."""
    return re.sub(r"is(e|ed|ing|ation)\b", r"iz\1", name.casefold())


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).casefold().strip()

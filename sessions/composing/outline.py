"""What a plan asks for, without its database rows: a saved plan and one that is being composed are drawn alike.

Ids are text in here: a draw looks up a thousand of them, and a UUID computes its hash anew each time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import prefetch_related_objects

from sessions.models import PlanSection


class BankRow(NamedTuple):
    """A published question as far as a draw needs it; `seconds` is its suggested time."""

    question_id: str
    slug: str
    topic_id: str
    area_id: str | None
    version_id: str
    kind: str
    difficulty: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Part:
    """A section: `count` questions of these topics, kinds and difficulties, or of the picked `questions` only."""

    name: str
    count: int
    kinds: frozenset[str]
    difficulties: frozenset[str]
    topics: frozenset[str] = frozenset()
    questions: frozenset[str] = frozenset()

    @property
    def is_picked(self) -> bool:
        """Whether somebody picked its questions by hand: then they are asked whatever else is said, and again."""
        return bool(self.questions)

    def fits(self, row: BankRow) -> bool:
        """Whether the section may ask this question. An area stands for all its topics, and no topic for any."""
        if self.questions:
            return row.question_id in self.questions
        return (
            row.kind in self.kinds
            and row.difficulty in self.difficulties
            and (not self.topics or row.topic_id in self.topics or row.area_id in self.topics)
        )


@dataclass(frozen=True, slots=True)
class Outline:
    """What a plan says about its questions."""

    parts: tuple[Part, ...]
    repeat_after_days: int = 0
    favours_weak_spots: bool = False

    @property
    def question_count(self) -> int:
        return sum(part.count for part in self.parts)


def outline_of_sections(sections: Iterable[PlanSection]) -> Outline:
    """Return the outline of one plan's sections, which must know their plan, as those from `plan.sections` do."""
    listed: Sequence[PlanSection] = list(sections)
    prefetch_related_objects(listed, "topics", "questions")
    parts = tuple(
        Part(
            name=section.name,
            count=section.count,
            kinds=frozenset(section.kinds),
            difficulties=frozenset(section.difficulties),
            topics=frozenset(str(topic.pk) for topic in section.topics.all()),
            questions=frozenset(str(question.pk) for question in section.questions.all()),
        )
        for section in listed
    )
    if not listed:
        return Outline(parts)
    plan = listed[0].plan
    return Outline(parts, plan.repeat_after_days, plan.favours_weak_spots)

"""What a plan would draw now, before anybody starts it: how much fits, an example, and whether the time is enough.

Shows topics, kinds and difficulties of an example, never its questions: the interview is to stay unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from django.conf import settings

from interviewprep.accounts.models import User
from questions.content import Difficulty, Kind
from sessions.composer_forms import Composer
from sessions.composing import BankRow, Outline, Survey, survey
from sessions.models import QuestionLimit


@dataclass(frozen=True, slots=True)
class ExampleQuestion:
    topic: str
    kind: str
    difficulty: str
    seconds: int


@dataclass(frozen=True, slots=True)
class SectionPreview:
    """`fitting` questions fit, `lately` of them were asked too short a time ago to be asked now."""

    name: str
    count: int
    fitting: int
    lately: int
    is_picked: bool
    example: Sequence[ExampleQuestion]

    @property
    def free(self) -> int:
        return self.fitting - self.lately


@dataclass(frozen=True, slots=True)
class Preview:
    """Times in seconds. `usual_seconds` is what such questions take on average; `limit_seconds` is None without one."""

    sections: Sequence[SectionPreview]
    shortfalls: Sequence[str]
    repeat_after_days: int
    question_count: int
    example_seconds: int
    usual_seconds: int
    reading_seconds: int
    follow_up_seconds: int
    limit_seconds: int | None
    limits_questions: bool

    @property
    def can_be_drawn(self) -> bool:
        return not self.shortfalls

    @property
    def is_too_short(self) -> bool:
        """Whether the limit of the whole is shorter than what such questions usually take."""
        return self.limit_seconds is not None and self.limit_seconds < self.usual_seconds

    @property
    def is_untimed(self) -> bool:
        return self.limit_seconds is None and not self.limits_questions


def preview_of(composer: Composer, *, candidate: User, now: datetime) -> Preview | None:
    """Return what the composed plan would draw for this candidate, or None while its sections cannot be read.

    Takes two statements.
    """
    outline = composer.outline
    if outline is None:
        return None
    found = survey(outline, candidate=candidate, now=now)
    fields = composer.checked_plan.cleaned_data
    fixed = fields.get("question_limit_seconds") if fields.get("question_limit") == QuestionLimit.FIXED else None
    drawn = found.draw(composer.seed)
    minutes = fields.get("minutes")
    return Preview(
        sections=_sections(found, drawn, composer.topics.names, fixed),
        shortfalls=[str(error) for error in found.shortfalls()],
        repeat_after_days=outline.repeat_after_days,
        question_count=outline.question_count,
        example_seconds=sum(fixed or row.seconds for rows in drawn for row in rows),
        usual_seconds=_usual_seconds(outline, found.fitting, fixed),
        reading_seconds=(fields.get("reading_seconds") or 0) * outline.question_count,
        follow_up_seconds=settings.INTERVIEW_FOLLOW_UP_SECONDS if fields.get("asks_follow_ups") else 0,
        limit_seconds=minutes * 60 if minutes else None,
        limits_questions=fields.get("question_limit") not in {None, "", QuestionLimit.NONE},
    )


def _sections(
    found: Survey, drawn: Sequence[Sequence[BankRow]], topics: dict[str, str], fixed: int | None
) -> list[SectionPreview]:
    return [
        SectionPreview(
            name=part.name,
            count=part.count,
            fitting=len(found.fitting[number]),
            lately=len(found.fitting[number]) - len(found.free[number]),
            is_picked=part.is_picked,
            example=[
                ExampleQuestion(
                    topics.get(row.topic_id, ""),
                    str(Kind(row.kind).label),
                    str(Difficulty(row.difficulty).label),
                    fixed or row.seconds,
                )
                for row in drawn[number]
            ],
        )
        for number, part in enumerate(found.outline.parts)
    ]


def _usual_seconds(outline: Outline, fitting: Sequence[Sequence[BankRow]], fixed: int | None) -> int:
    """Return the mean of the suggested times of what fits, for as many questions as are asked, in whole minutes."""
    seconds = sum(
        part.count * (fixed or fmean(row.seconds for row in rows))
        for part, rows in zip(outline.parts, fitting, strict=True)
        if rows
    )
    return round(seconds / 60) * 60 if seconds >= 60 else round(seconds)

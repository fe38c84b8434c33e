"""Which questions a session gets: a weighted draw from the published bank, reproducible from its seed.

Reads the bank and the candidate's past; writes nothing. The same plan, bank, past, time and seed give the same
questions. `outline` says what a plan asks for, `reading` what there is, `weights` what is more likely, `matching` how
sections that overlap share, and `surveying` puts them together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from interviewprep.accounts.models import User
from questions.models import QuestionVersion
from questions.versions import published_versions
from sessions.composing.outline import BankRow, Outline, Part, outline_of_sections
from sessions.composing.reading import read_outline
from sessions.composing.surveying import PlanTooThinError, Survey, survey
from sessions.composing.weights import DUE_AFTER, Asked, due_at
from sessions.models import InterviewPlan, PlanSection

__all__ = [
    "DUE_AFTER",
    "Asked",
    "BankRow",
    "DrawnQuestion",
    "Outline",
    "Part",
    "PlanTooThinError",
    "Survey",
    "draw_questions",
    "due_at",
    "outline_of_sections",
    "shortfalls",
    "survey",
]


@dataclass(frozen=True, slots=True)
class DrawnQuestion:
    section_name: str
    version: QuestionVersion


def draw_questions(
    *, plan: InterviewPlan, candidate: User, seed: int, now: datetime, allow_repeats: bool = False
) -> list[DrawnQuestion]:
    """Draw the plan's questions, in the order of its sections; `allow_repeats` lifts the plan's rule about repeats.

    Takes at most four statements. Raises PlanTooThinError for the first section that cannot be filled, and never where
    some choice of questions would fill all of them.
    """
    found = survey(read_outline(plan), candidate=candidate, now=now, allow_repeats=allow_repeats)
    if not found.outline.parts:
        raise PlanTooThinError(section=plan.name, wanted=1, found=0)
    drawn = found.draw(seed)
    if sum(map(len, drawn)) < found.outline.question_count:
        raise found.shortfalls()[0]
    versions = published_versions([UUID(row.version_id) for rows in drawn for row in rows])
    return [
        DrawnQuestion(part.name, versions[UUID(row.version_id)])
        for part, rows in zip(found.outline.parts, drawn, strict=True)
        for row in rows
    ]


def shortfalls(
    sections: Iterable[PlanSection],
    *,
    candidate: User | None = None,
    now: datetime | None = None,
    allow_repeats: bool = False,
) -> list[PlanTooThinError]:
    """Return what keeps one plan's sections from being filled, without drawing; empty when nothing does.

    With `candidate` and `now` it minds the plan's rule about repeats, as the draw does; without them it asks only
    whether the bank is large enough. Takes two statements at most, where topics and picked questions are prefetched.
    """
    outline = outline_of_sections(sections)
    return survey(outline, candidate=candidate, now=now, allow_repeats=allow_repeats).shortfalls()

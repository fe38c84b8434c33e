"""Questions that ask much the same as what is being typed: found by PostgreSQL, then measured as the bank's gate does.

Reads only, in one statement.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models.expressions import RawSQL

from questions.models import QuestionVersion
from questions.similarity import (
    ALIKE_SHINGLES,
    ALIKE_TRIGRAMS,
    containment,
    resemblance,
    shingles,
    trigrams,
)

SHOWN = 4
# Below this two texts merely share a subject.
WORTH_A_LOOK = 0.35
LEAST_LETTERS = 20


@dataclass(frozen=True, slots=True)
class Alike:
    """A question that resembles what is typed. `is_too_much` is what the shipped bank would refuse."""

    question_id: UUID
    title: str
    prompt: str
    percent: int
    is_too_much: bool


def alike(*, prompt: str, answer: str, but: UUID | None = None) -> list[Alike]:
    """Return the questions that are most like the one being typed, without the question `but` itself."""
    if len(prompt.strip()) < LEAST_LETTERS:
        return []
    # The beginnings of the prompts are compared in the database, by the trigrams of pg_trgm (migration 0009).
    near = RawSQL("SELECT questions_asked_like(%s::text, %s::uuid)", [prompt.strip(), but])
    versions = QuestionVersion.objects.filter(pk__in=near).only("question_id", "title", "prompt", "reference_answer")
    found = [_measured(version, prompt, answer) for version in versions]
    close = [each for each in found if each.is_too_much or each.percent >= 100 * WORTH_A_LOOK]
    return sorted(close, key=lambda each: (-each.is_too_much, -each.percent))[:SHOWN]


def _measured(version: QuestionVersion, prompt: str, answer: str) -> Alike:
    by_letters = resemblance(trigrams(prompt), trigrams(version.prompt))
    by_runs = containment(shingles(f"{prompt}\n{answer}"), shingles(f"{version.prompt}\n{version.reference_answer}"))
    return Alike(
        question_id=version.question_id,
        title=version.title,
        prompt=version.prompt,
        percent=round(100 * max(by_letters, by_runs)),
        is_too_much=by_letters >= ALIKE_TRIGRAMS or by_runs >= ALIKE_SHINGLES,
    )

"""What a report consists of, as typed and frozen data that is stored as JSON and read back unchanged.

No database and no sentences: words are chosen when a report is shown, in the reader's language.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict

from questions.content import Choice, CodeExercise, Difficulty, Format, Kind, Misconception
from sessions.grading.results import Band, Finding, Status, Verdict
from sessions.mastery import Estimate
from sessions.models import Score

# Raised whenever the shape below changes; a report that was stored in an older one is compiled anew when it is read.
REPORT_VERSION = 4


class Outcome(models.TextChoices):
    """What became of a question, apart from what its answer is worth."""

    ANSWERED = "answered", _("answered")
    RAN_OUT_OF_TIME = "ran_out_of_time", _("ran out of time")
    RAN_OUT_ON_QUESTION = "ran_out_on_question", _("ran out of time on this question")
    FINISHED_EARLY = "finished_early", _("left open")
    SKIPPED = "skipped", _("skipped")
    NOT_REACHED = "not_reached", _("not reached")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Judgement(_Frozen):
    """What one source says of the key points of an open answer; `author` is a mentor's name, else empty.

    The band is None where some of the points could not be read. `statuses` are by the key of the point. `is_outdated`
    says of a mentor's that the interview was reopened and other words were saved since.
    """

    source: Score.Source
    author_id: UUID | None
    author: str
    band: Band | None
    statuses: dict[str, Status]
    is_outdated: bool = False


class Conditions(_Frozen):
    """Under which rules a session was sat, as far as they bear on reading its result. The extra time is the last."""

    is_practice: bool
    is_untimed: bool
    limits_questions: bool
    time_factor: Decimal
    extra_minutes: int
    was_reopened: bool


class FollowUpReport(_Frozen):
    """A follow-up question that was asked, and what was said. It carries no points and is no evidence."""

    question_id: UUID
    text: str
    body: str
    outcome: Outcome
    time_spent_ms: int
    time_limit_seconds: int

    @property
    def has_words(self) -> bool:
        return bool(self.body.strip())


class QuestionReport(_Frozen):
    """One question with the answer and what was found in it.

    `position` counts the questions without the follow-ups, which stand with their question as `asked`. `points` are
    those that count. `verdicts` and `findings` are the automatic ones, also where other points count; `disputed` names
    the verdicts the candidate holds for wrong. `judgements` are those on the key points of an answer in words, the one
    that counts last. `is_evidence` says whether the answer enters the estimates.
    """

    question_id: UUID
    position: int
    title: str
    section_name: str
    topic_slug: str
    topic: str
    area_slug: str
    area: str
    kind: Kind
    difficulty: Difficulty
    prompt: str
    reference_answer: str
    follow_ups: tuple[str, ...]
    format: Format
    code: CodeExercise | None
    misconceptions: tuple[Misconception, ...]
    guidance: str
    strong_sample: str
    middling_sample: str
    asked: tuple[FollowUpReport, ...]
    choices: tuple[Choice, ...]
    body: str
    outcome: Outcome
    is_evidence: bool
    time_spent_ms: int
    time_limit_seconds: int
    points: Decimal
    max_points: Decimal
    score_id: UUID | None
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    judgements: tuple[Judgement, ...]
    disputed: tuple[str, ...]

    @property
    def has_words(self) -> bool:
        return bool(self.body.strip())

    @property
    def share(self) -> float:
        """The share of the points that was reached, 0..1."""
        return float(self.points / self.max_points) if self.max_points else 0.0

    @property
    def found(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.status in {Status.FOUND, Status.PARTLY})

    @property
    def counting(self) -> Judgement | None:
        """The judgement that counts; None for other kinds of questions, and without words or a score."""
        return self.judgements[-1] if self.judgements else None

    @property
    def correction(self) -> Judgement | None:
        """The judgement that counts where it is a person's."""
        return self.counting if self.counting and self.counting.source != Score.Source.AUTOMATIC else None

    @property
    def is_unread(self) -> bool:
        """Whether key points wait for a judgement: the method could not read them, and no person has ticked them."""
        return self.counting is not None and self.counting.band is None


class SubjectReport(_Frozen):
    """A topic, or an area with all its topics; `area` is empty for an area. Times are sums over its questions."""

    slug: str
    name: str
    area: str
    estimate: Estimate
    question_count: int
    time_spent_ms: int
    time_limit_seconds: int


class Overall(_Frozen):
    """The session as a whole. Points count every question; the estimate rests only on answers that are evidence."""

    points: Decimal
    max_points: Decimal
    estimate: Estimate
    answered_count: int
    question_count: int


class PracticeItem(_Frozen):
    """One thing to practise: a key point that was missed (`key`), or a whole question answered wrongly (no key).

    `priority` is weight x missing share x confidence; the list is ordered by it.
    """

    question_id: UUID
    position: int
    title: str
    topic_slug: str
    topic: str
    key: str
    text: str
    status: Status
    priority: float


class ReportData(_Frozen):
    """Everything a report says. `topics` and `areas` come weakest first, `practice` most useful first."""

    version: int
    session_id: UUID
    plan_name: str
    ended_by_clock: bool
    started_at: datetime
    finished_at: datetime
    conditions: Conditions
    overall: Overall
    questions: tuple[QuestionReport, ...]
    topics: tuple[SubjectReport, ...]
    areas: tuple[SubjectReport, ...]
    practice: tuple[PracticeItem, ...]

    @property
    def topics_by_area(self) -> tuple[tuple[SubjectReport, tuple[SubjectReport, ...]], ...]:
        """Each area with its topics, both weakest first."""
        # By slug: two areas may bear one name.
        area_of = {question.topic_slug: question.area_slug for question in self.questions}
        return tuple(
            (area, tuple(topic for topic in self.topics if area_of[topic.slug] == area.slug)) for area in self.areas
        )

    @property
    def open_answers(self) -> tuple[QuestionReport, ...]:
        """The questions whose answer in words is compared with key points."""
        return tuple(question for question in self.questions if question.judgements)

    def count(self, outcome: Outcome) -> int:
        return sum(question.outcome == outcome for question in self.questions)

    def question(self, question_id: UUID) -> QuestionReport:
        """Return one question's part; raises KeyError when the session has no such question."""
        for question in self.questions:
            if question.question_id == question_id:
                return question
        raise KeyError(question_id)

    def to_json(self) -> dict[str, Any]:
        """Return the report for a JSONField."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, raw: Any) -> Self:
        """Return the report that `to_json` wrote. Raises pydantic.ValidationError for anything else."""
        return cls.model_validate(raw)

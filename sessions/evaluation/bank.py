"""How a text grader fits the shipped bank: its samples, strangers' answers, and what a reader found in the samples.

Pure and the same in every run; reads contents, never the database.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from questions.bankfiles import BankQuestion
from questions.content import Kind
from sessions.bank_quality import MIDDLING_FROM, MIDDLING_TO, STRONG_FROM
from sessions.evaluation.annotations import SAMPLES, Annotations, sample_of
from sessions.evaluation.measuring import grade_with
from sessions.grading import Status

STRANGERS = 3


@dataclass(frozen=True, slots=True)
class Expectation:
    """What some answers should score, 0..1, both ends included."""

    name: str
    least: float
    most: float

    def excess(self, points: float) -> float:
        """Return by how much `points` miss it; 0 or less where they hold."""
        return max(self.least - points, points - self.most)

    def __str__(self) -> str:
        if self.most == 1:
            return f"{self.name} at least {self.least:.2f}"
        return f"{self.name} at most {self.most:.2f}" if not self.least else f"{self.name} {self.least} to {self.most}"


STRONG = Expectation("strong sample", float(STRONG_FROM), 1)
MIDDLING = Expectation("middling sample", float(MIDDLING_FROM), float(MIDDLING_TO))
STRANGE = Expectation("another area's reference", 0, 0.15)


@dataclass(frozen=True, slots=True)
class Case:
    """What one answer to one question scored. `other` is the slug of the question that it was written for."""

    slug: str
    area: str
    points: float
    other: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation with all its cases, those that miss it by most first."""

    expectation: Expectation
    cases: tuple[Case, ...]

    @property
    def missed(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if self.expectation.excess(case.points) > 1e-9)

    @property
    def mean(self) -> float:
        return fmean(case.points for case in self.cases)


@dataclass(frozen=True, slots=True)
class PointAgreement:
    """How verdicts on the key points of one sort of sample agree with a reader, as shares (None of nothing).

    `precision` is that of "found" where the reader found the point in full, `loosely` in full or in part; `recall` is
    the share of what the reader found in full that is "found".
    """

    sample: str
    answers: int
    points: int
    found: int
    precision: float | None
    loosely: float | None
    recall: float | None


def open_questions(questions: Iterable[BankQuestion]) -> list[BankQuestion]:
    return [question for question in questions if question.content.kind == Kind.OPEN]


def checks(questions: Sequence[BankQuestion], grader: str | None = None) -> list[Check]:
    """Return what holds of the open questions' samples and of strangers' references."""
    samples = {STRONG: "strong", MIDDLING: "middling"}
    found = [
        Check(expectation, _worst_first(expectation, _sample_cases(questions, name, grader)))
        for expectation, name in samples.items()
    ]
    return [*found, Check(STRANGE, _worst_first(STRANGE, _strange_cases(questions, grader)))]


def _worst_first(expectation: Expectation, cases: Iterable[Case]) -> tuple[Case, ...]:
    return tuple(sorted(cases, key=lambda case: (-expectation.excess(case.points), case.slug, case.other)))


def _sample_cases(questions: Sequence[BankQuestion], name: str, grader: str | None) -> Iterator[Case]:
    for question in questions:
        if body := sample_of(question.content, name):
            points = float(grade_with(question.content, body, grader).points)
            yield Case(question.slug, question.area, points)


def _strange_cases(questions: Sequence[BankQuestion], grader: str | None) -> Iterator[Case]:
    """Grade for each question the references of some others, each from another area that is not its own."""
    for question in questions:
        source = random.Random(question.slug)  # noqa: S311  a draw that must be repeatable, not secret
        pools: dict[str, list[BankQuestion]] = {}
        for other in questions:
            if other.area != question.area:
                pools.setdefault(other.area, []).append(other)
        for area in source.sample(sorted(pools), min(STRANGERS, len(pools))):
            other = source.choice(pools[area])
            points = float(grade_with(question.content, other.content.reference_answer, grader).points)
            yield Case(question.slug, question.area, points, other.slug)


def point_agreement(annotations: Annotations, grader: str | None = None) -> list[PointAgreement]:
    """Return how the verdicts agree with the reader, for each sort of sample."""
    return [_agreement(name, annotations, grader) for name in SAMPLES]


def _agreement(name: str, annotations: Annotations, grader: str | None) -> PointAgreement:
    pairs: list[tuple[Status, Status]] = []
    judged = [one for one in annotations.judged if one.sample == name]
    for one in judged:
        content = one.question.content
        verdicts = grade_with(content, sample_of(content, name), grader).verdicts
        pairs += [(verdict.status, one.marks[verdict.key]) for verdict in verdicts]
    claimed = [mark for status, mark in pairs if status == Status.FOUND]
    there = [status for status, mark in pairs if mark == Status.FOUND]
    return PointAgreement(
        sample=name,
        answers=len(judged),
        points=len(pairs),
        found=len(claimed),
        precision=_share(mark == Status.FOUND for mark in claimed),
        loosely=_share(mark in {Status.FOUND, Status.PARTLY} for mark in claimed),
        recall=_share(status == Status.FOUND for status in there),
    )


def _share(holds: Iterable[bool]) -> float | None:
    listed = list(holds)
    return sum(listed) / len(listed) if listed else None

"""Letting a text grader mark answers that people have marked: how it agrees with them, how long it takes.

The processor time of this process is read, never the time of day. `grade_with` is the one way to a grader here.
"""

import resource
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from time import process_time
from typing import Any

from questions.content import Content
from sessions import grading
from sessions.evaluation import metrics
from sessions.evaluation.graded import MOST_MARKS, GradedAnswer
from sessions.evaluation.metrics import Interval
from sessions.grading import Grade

# The one way to a grader here; today's `grade` takes no name yet.
_grade: Callable[..., Grade] = grading.grade


def grade_with(content: Content, body: str, grader: str | None = None) -> Grade:
    """Return the grade that the named text grader gives, or the configured one for None."""
    return _grade(content, body) if grader is None else _grade(content, body, grader=grader)


def graders() -> tuple[str, ...]:
    """Return the names of the text graders that are installed."""
    names: Callable[[], tuple[str, ...]] = getattr(grading, "text_graders", tuple)
    return names()


@dataclass(frozen=True, slots=True)
class Run:
    """What a grader made of some answers. `scores` (0..1) are in the answers' order, the times (ms) in any.

    `preparing_ms` are those of taking a question apart, once each; `answering_ms` do not contain them.
    """

    grader: str
    grader_version: int
    scores: tuple[float, ...]
    unread: int
    answering_ms: tuple[float, ...]
    preparing_ms: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a grader agrees with people. `kappa` and `rmse` (of 5) are those of scores calibrated on other questions.

    `bias` is the mean of score minus mark as they are, of 5. What is not defined for these answers is None.
    """

    grader: str
    grader_version: int
    n: int
    questions: int
    pearson: float | None
    spearman: float | None
    within_pearson: float | None
    within_questions: int
    kappa: float | None
    rmse: float | None
    bias: float
    unread: int
    ms_median: float
    ms_mean: float
    preparing_ms_median: float
    peak_mb: float
    pearson_interval: Interval | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def run(answers: Sequence[GradedAnswer], grader: str | None = None) -> Run:
    """Let a grader mark the answers, those to one question one after the other. `answers` is not empty."""
    together: dict[int, list[int]] = defaultdict(list)
    for place, answer in enumerate(answers):
        together[id(answer.content)].append(place)
    grades: dict[int, Grade] = {}
    answering: list[float] = []
    preparing: list[float] = []
    for places in together.values():
        preparing.append(preparation_ms(answers[places[0]].content, grader))
        for place in places:
            began = process_time()
            grades[place] = grade_with(answers[place].content, answers[place].body, grader)
            answering.append((process_time() - began) * 1000)
    ordered = [grades[place] for place in range(len(answers))]
    return Run(
        grader=ordered[0].grader,
        grader_version=ordered[0].grader_version,
        scores=tuple(float(one.points) for one in ordered),
        unread=sum(not one.is_read for one in ordered),
        answering_ms=tuple(answering),
        preparing_ms=tuple(preparing),
    )


def preparation_ms(content: Content, grader: str | None) -> float:
    """Return by how much the first grading of the reference answer takes longer than the second."""
    times = [process_time()]
    for _turn in range(2):
        grade_with(content, content.reference_answer, grader)
        times.append(process_time())
    return max(0.0, (times[1] - times[0]) - (times[2] - times[1])) * 1000


def agreement(answers: Sequence[GradedAnswer], marked: Run, *, resamples: int = 0) -> Agreement:
    """Return the figures of a run; with `resamples`, those of the interval of Pearson as well."""
    pairs = list(_pairs(answers, marked))
    groups = grouped(answers, marked)
    within, counted = metrics.within(groups.values())
    marks = metrics.calibrated(pairs, [answer.question_id for answer in answers])
    held_out = [(MOST_MARKS * mark, answer.marks) for mark, answer in zip(marks or (), answers, strict=bool(marks))]
    return Agreement(
        grader=marked.grader,
        grader_version=marked.grader_version,
        n=len(pairs),
        questions=len(groups),
        pearson=metrics.pearson(pairs),
        spearman=metrics.spearman(pairs),
        within_pearson=within,
        within_questions=counted,
        kappa=metrics.weighted_kappa([(metrics.whole(x), metrics.whole(y)) for x, y in held_out]),
        rmse=metrics.rmse(held_out) if held_out else None,
        bias=MOST_MARKS * fmean(x - y for x, y in pairs),
        unread=marked.unread,
        ms_median=median(marked.answering_ms),
        ms_mean=fmean(marked.answering_ms),
        preparing_ms_median=median(marked.preparing_ms),
        peak_mb=peak_mb(),
        pearson_interval=metrics.bootstrap(groups, resamples=resamples) if resamples else None,
    )


def grouped(answers: Sequence[GradedAnswer], marked: Run) -> dict[str, list[tuple[float, float]]]:
    """Return (score, mark) of the answers by question, both 0..1."""
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for answer, pair in zip(answers, _pairs(answers, marked), strict=True):
        groups[answer.question_id].append(pair)
    return dict(groups)


def _pairs(answers: Sequence[GradedAnswer], marked: Run) -> Iterator[tuple[float, float]]:
    for answer, score in zip(answers, marked.scores, strict=True):
        yield score, answer.marks / MOST_MARKS


def peak_mb() -> float:
    """Return the most memory that this process has held so far, in MiB."""
    kept = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kept / (1 << 20 if sys.platform == "darwin" else 1 << 10)

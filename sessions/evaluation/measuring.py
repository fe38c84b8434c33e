"""Letting a text grader mark answers that people have marked: how it agrees with them, how long it takes.

The processor time of this process is read, never the time of day. `grade_with` is the one way to a grader here.
"""

import resource
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
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

LONGEST_BYTES = 65_536
COVERAGE_STEPS = 5


def grade_with(content: Content, body: str, grader: str | None = None) -> Grade:
    """Return the grade that the named text grader gives, or the base for None."""
    return grading.grade(content, body, grader=grader)


@dataclass(frozen=True, slots=True)
class Run:
    """What a grader made of some answers. `scores` (0..1) and `coverages` are in the answers' order, times (ms) in any.

    A coverage is that of the only point, None where a question has several. `preparing_ms` are those of taking a
    question apart, once each; `answering_ms` do not contain them.
    """

    grader: str
    grader_version: int
    scores: tuple[float, ...]
    coverages: tuple[float | None, ...]
    unread: int
    answering_ms: tuple[float, ...]
    preparing_ms: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """Answers to questions of one point whose coverage lies from `least` to `most`, and their mean mark by people."""

    least: float
    most: float
    n: int
    marks: float


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
    by_coverage: tuple[Marked, ...]
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
        coverages=tuple(one.verdicts[0].coverage if len(one.verdicts) == 1 else None for one in ordered),
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


def speed_ms(contents: Sequence[Content], grader: str | None = None) -> dict[str, float]:
    """Return milliseconds for the contents' own reference answers, and for 64 kB of them put together."""
    times = []
    for content in contents:
        grade_with(content, content.reference_answer, grader)
        times.append(_best_ms(content, content.reference_answer, grader))
    prose = "\n\n".join(content.reference_answer for content in contents)
    body = (prose * (1 + LONGEST_BYTES // len(prose))).encode()[:LONGEST_BYTES].decode(errors="ignore")
    longest = _best_ms(contents[0], body, grader)
    return {"median": median(times), "most": max(times), "longest_body": longest}


def _best_ms(content: Content, body: str, grader: str | None) -> float:
    """Return the best of three, so that what else the machine does counts least."""
    times = []
    for _turn in range(3):
        began = process_time()
        grade_with(content, body, grader)
        times.append((process_time() - began) * 1000)
    return min(times)


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
        by_coverage=tuple(_by_coverage(answers, marked)),
        pearson_interval=metrics.bootstrap(groups, resamples=resamples) if resamples else None,
    )


def _by_coverage(answers: Sequence[GradedAnswer], marked: Run) -> Iterator[Marked]:
    """Yield how people marked answers of more and more coverage: whether a verdict on one point can be believed."""
    steps: dict[int, list[float]] = defaultdict(list)
    for answer, coverage in zip(answers, marked.coverages, strict=True):
        if coverage is not None:
            steps[min(int(coverage * COVERAGE_STEPS), COVERAGE_STEPS - 1)].append(answer.marks)
    for step, marks in sorted(steps.items()):
        yield Marked(step / COVERAGE_STEPS, (step + 1) / COVERAGE_STEPS, len(marks), fmean(marks))


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

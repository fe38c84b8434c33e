"""Fitting a level: corrections in, a curve out if it is better on answers it has not seen. Pure arithmetic."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sessions import isotonic
from sessions.isotonic import Curve

# A curve through fewer points says more of these answers than of the question.
ENOUGH_CORRECTIONS = 15
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Correction:
    """The share of the points (0..1) that the grader gave an answer, and the share that a mentor gave it."""

    answer_id: UUID
    raw: float
    human: float


@dataclass(frozen=True, slots=True)
class Level:
    """A fitted level; `curve` is None where points are better left alone.

    The errors are root mean squares over the corrections, without the level and with one fitted to other answers.
    """

    curve: Curve | None
    corrections: int
    rmse_before: float
    rmse_after: float


def levelled(curve: Curve, raw: float) -> float:
    """Return the share at the level of `curve`. Nothing stays nothing: no point is given without words to rest on."""
    return curve.at(raw) if raw > 0 else 0.0


def fit_level(corrections: Sequence[Correction]) -> Level | None:
    """Return the level of a question, or None when there are fewer than ENOUGH_CORRECTIONS.

    Answers are parted into FOLDS by their ids, and each fold is judged by the curve of the others. The curve is kept
    when the mean gain in squared error is above 0 by at least its standard error, s / sqrt(n) over the answers: a
    smaller gain may be noise. What is kept is fitted to all of them. The order of `corrections` changes nothing.
    """
    known = sorted((each for each in corrections if each.raw > 0), key=lambda each: each.answer_id)
    if len(known) < ENOUGH_CORRECTIONS:
        return None
    before = [(each.raw - each.human) ** 2 for each in known]
    after = _held_out_errors(known)
    gains = [old - new for old, new in zip(before, after, strict=True)]
    gain = statistics.fmean(gains)
    helps = gain > 0 and gain >= statistics.stdev(gains) / math.sqrt(len(gains))
    return Level(_curve(known) if helps else None, len(known), _root_mean(before), _root_mean(after))


def _held_out_errors(known: Sequence[Correction]) -> list[float]:
    """Return the squared error of each correction under the curve of the folds that it is not in."""
    curves = [_curve([each for place, each in enumerate(known) if place % FOLDS != fold]) for fold in range(FOLDS)]
    return [(levelled(curves[place % FOLDS], each.raw) - each.human) ** 2 for place, each in enumerate(known)]


def _curve(corrections: Sequence[Correction]) -> Curve:
    return isotonic.fit([each.raw for each in corrections], [each.human for each in corrections])


def _root_mean(squares: Sequence[float]) -> float:
    return math.sqrt(statistics.fmean(squares))

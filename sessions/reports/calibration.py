"""How sure a candidate was of their answers, against what became of them.

Pure: a report and the ratings in, pairs of levels and their lean out. Both sides have five steps, which is all that
makes them comparable: a band is a rough measure, and so is a feeling.
"""

from dataclasses import dataclass
from enum import StrEnum

from sessions.grading.results import Band
from sessions.models import Confidence, SelfReview
from sessions.reports.data import QuestionReport, ReportData

# Below this many rated answers nothing is said.
LEAST_RATED = 3
# Steps, on average; less is within the coarseness of both scales.
LEAN_FROM = 0.75
BANDS = tuple(Band)


class Lean(StrEnum):
    OVER = "over"
    UNDER = "under"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RatedAnswer:
    """An answer with the confidence in it and the band that counts."""

    question: QuestionReport
    confidence: Confidence
    band: Band

    @property
    def levels(self) -> tuple[int, int]:
        """Confidence and band, each 0..4."""
        return self.confidence - Confidence.GUESSING, BANDS.index(self.band)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The answers that were rated and judged, in their order, and whether the confidence was above or below."""

    answers: tuple[RatedAnswer, ...]
    lean: Lean


def calibration(data: ReportData, review: SelfReview | None) -> Calibration | None:
    """Set the confidence against the bands; None for fewer than LEAST_RATED answers that have both."""
    answers = tuple(_rated(data, review)) if review else ()
    if len(answers) < LEAST_RATED:
        return None
    excess = sum(sure - reached for sure, reached in (answer.levels for answer in answers)) / len(answers)
    if abs(excess) < LEAN_FROM:
        return Calibration(answers, Lean.NONE)
    return Calibration(answers, Lean.OVER if excess > 0 else Lean.UNDER)


def _rated(data: ReportData, review: SelfReview) -> list[RatedAnswer]:
    known = [(question, question.counting, review.confidence_in(question.question_id)) for question in data.questions]
    return [
        RatedAnswer(question, confidence, counting.band)
        for question, counting, confidence in known
        if counting and counting.band is not None and confidence is not None
    ]

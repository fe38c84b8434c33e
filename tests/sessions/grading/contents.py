"""Question contents for the graders' tests. Every argument has a usable default; give what the test is about."""

from collections.abc import Sequence
from typing import Any

from questions.content import Choice, Content, Difficulty, KeyPoint, Kind, NumericAnswer

FRAUD_PROMPT = (
    "About one payment in a hundred is fraud. A colleague reports that his detector is right in 99 % of cases "
    "and wants to release it tomorrow. What do you tell him, and which metric do you suggest?"
)
FRAUD_POINTS = (
    KeyPoint(
        key="accuracy-misleads",
        text="Accuracy is misleading because predicting the majority class already scores about 99 %",
        weight=3,
        accepted=("accuracy is useless with such imbalanced classes",),
    ),
    KeyPoint(
        key="precision-recall",
        text="Precision and recall of the fraud class, or the area under their curve",
        weight=2,
        accepted=("I would use PR-AUC", "look at recall and precision on the positives"),
    ),
    KeyPoint(
        key="cost-threshold",
        text="Choose the threshold by what a missed fraud and a false alarm cost",
        weight=1,
        accepted=("weigh the money lost against the analysts' hours spent on false alarms",),
    ),
)
FRAUD_ANSWER = (
    "I would tell him that accuracy is misleading here. Somebody who always predicts the majority class scores about "
    "99 % too, and never catches a thief.\n\n"
    "Instead I would report precision and recall on the fraud class, with the area under that curve as one number. "
    "The threshold then follows from what a missed fraud costs compared with a false alarm."
)


def make_open(prompt: str = FRAUD_PROMPT, points: Sequence[KeyPoint] = FRAUD_POINTS) -> Content:
    return make_content(kind=Kind.OPEN, prompt=prompt, key_points=tuple(points))


def make_point(text: str, *accepted: str, key: str = "point", weight: int = 1) -> KeyPoint:
    return KeyPoint(key=key, text=text, weight=weight, accepted=accepted)


def make_choices(kind: Kind, **correct: bool) -> Content:
    """Make a choice question: `make_choices(Kind.SINGLE, a=True, b=False)`."""
    choices = tuple(
        Choice(key=key, text=f"Choice {key}", correct=right, explanation=f"Why {key}") for key, right in correct.items()
    )
    return make_content(kind=kind, choices=choices)


def make_number(value: float, *, tolerance: float = 0.0, unit: str = "") -> Content:
    return make_content(kind=Kind.NUMERIC, numeric_answer=NumericAnswer(value=value, tolerance=tolerance, unit=unit))


def make_content(**fields: Any) -> Content:
    defaults: dict[str, Any] = {
        "title": "A question",
        "difficulty": Difficulty.EASY,
        "time_limit_seconds": 60,
        "prompt": "What is it?",
        "reference_answer": "It is this.",
        "licence": "CC-BY-4.0",
        "author": "Somebody",
        "source": "original",
    }
    return Content(**{**defaults, **fields})

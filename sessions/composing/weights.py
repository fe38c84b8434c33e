"""How much more likely one question is than another, and when a weak answer comes due for review. Pure arithmetic.

A question whose last answer reached less than half of its points is due a day after it was asked, one below 0.8 after
three days; a better answer, or none that says anything, never comes due. Due for twice that time is a lapse.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

# Share of the points below which an answer is due after this long, the weakest first.
DUE_AFTER = ((0.5, timedelta(days=1)), (0.8, timedelta(days=3)))
UNSEEN, LAPSED, DUE, SEEN = 8.0, 8.0, 4.0, 1.0
# A topic in which everything is missed weighs this many times as much, one without a miss this many times less.
WEAK_SPOT = 4.0


class Asked(NamedTuple):
    """The last time a candidate was asked a question, and the share of the points of their last answer, 0..1."""

    topic_id: str
    at: datetime
    share: float | None


def due_at(asked: Asked) -> datetime | None:
    """Return when the question is due for review, or None if it does not come due."""
    pause = _review_after(asked)
    return None if pause is None else asked.at + pause


def _review_after(asked: Asked) -> timedelta | None:
    if asked.share is None:
        return None
    return next((pause for below, pause in DUE_AFTER if asked.share < below), None)


def free_at(asked: Asked, *, repeat_after_days: int) -> datetime:
    """Return from when on a plan with this rule about repeats may ask the question again."""
    free = asked.at + timedelta(days=repeat_after_days)
    due = due_at(asked)
    return free if due is None else min(free, due)


def review_weight(asked: Asked | None, now: datetime) -> float:
    """Return the weight of a question by what is known of it: unseen before due before merely seen."""
    if asked is None:
        return UNSEEN
    pause = _review_after(asked)
    if pause is None or now < asked.at + pause:
        return SEEN
    return LAPSED if now >= asked.at + 3 * pause else DUE


def topic_weights(past: Iterable[Asked]) -> Mapping[str, float]:
    """Return the factor of each topic the candidate has answers in: 1 in the middle, up to WEAK_SPOT where it is weak.

    A topic's strength is the mean share of its questions' last answers, drawn to the middle by one answer right and one
    wrong (Laplace's rule of succession): a single answer says little.
    """
    shares: defaultdict[str, list[float]] = defaultdict(list)
    for asked in past:
        if asked.share is not None:
            shares[asked.topic_id].append(asked.share)
    strengths = {topic: (sum(found) + 1) / (len(found) + 2) for topic, found in shares.items()}
    return {topic: WEAK_SPOT ** (1 - 2 * strength) for topic, strength in strengths.items()}

"""The graders for choice questions. Exact: nothing here is a matter of confidence.

Each choice gets a verdict on what the candidate did with it: a right choice taken and a wrong one left are both
right. The evidence is the key in the body when it was chosen, so a verdict also tells what was chosen.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from questions.content import Choice, Content, Kind
from sessions.grading.answers import decode_choices
from sessions.grading.registry import register
from sessions.grading.results import MAX_POINTS, NO_EVIDENCE, Grade, Status, Verdict, points_for

NAME = "choice"
VERSION = 1


@register(Kind.SINGLE)
def grade_single(content: Content, body: str) -> Grade:
    """Return full points when exactly the correct choice was taken, else none."""
    chosen = _chosen(content.choices, body)
    right = chosen == _correct(content.choices)
    return Grade(MAX_POINTS if right else Decimal(0), MAX_POINTS, _verdicts(content.choices, body), NAME, VERSION)


@register(Kind.MULTIPLE)
def grade_multiple(content: Content, body: str) -> Grade:
    """Return (right ones chosen - wrong ones chosen) / right ones, not below zero.

    Net scoring as PrairieLearn's and Moodle's multiple choice offer it: to tick everything earns nothing by itself.
    """
    chosen, correct = _chosen(content.choices, body), _correct(content.choices)
    net = len(chosen & correct) - len(chosen - correct)
    return Grade(points_for(Fraction(net, len(correct))), MAX_POINTS, _verdicts(content.choices, body), NAME, VERSION)


def _correct(choices: Iterable[Choice]) -> frozenset[str]:
    return frozenset(choice.key for choice in choices if choice.correct)


def _chosen(choices: Iterable[Choice], body: str) -> frozenset[str]:
    """Return the keys in the body that are choices of this question; a form can only have sent these."""
    return decode_choices(body) & {choice.key for choice in choices}


def _verdicts(choices: Iterable[Choice], body: str) -> tuple[Verdict, ...]:
    return tuple(_verdict(choice, body) for choice in choices)


def _verdict(choice: Choice, body: str) -> Verdict:
    start, end = _line_of(choice.key, body)
    right = choice.correct == (start != NO_EVIDENCE)
    return Verdict(
        key=choice.key,
        text=choice.text,
        weight=1,
        status=Status.RIGHT if right else Status.WRONG,
        coverage=float(right),
        confidence=1.0,
        evidence="" if start == NO_EVIDENCE else body[start:end],
        start=start,
        end=end,
        note=choice.explanation,
    )


def _line_of(key: str, body: str) -> tuple[int, int]:
    """Return where the body has `key` as a line of its own, found as `decode_choices` finds it."""
    position = 0
    for line in body.splitlines(keepends=True):
        if line.strip() == key:
            start = position + line.index(key)
            return start, start + len(key)
        position += len(line)
    return NO_EVIDENCE, NO_EVIDENCE

"""The grader for open answers: which key points the answer's words cover, how surely, and the words that show it.

Text match only. It sees that the words of a phrasing were said close together; it cannot tell whether a claim is
true, and "not found" may mean "said in other words". docs/grading.md explains every number.
"""

from fractions import Fraction

from django.utils.translation import gettext as _

from questions.content import Content, KeyPoint, Kind
from sessions.grading.matching import Match, match
from sessions.grading.phrasings import Prepared, prepare
from sessions.grading.registry import register
from sessions.grading.results import MAX_POINTS, NO_EVIDENCE, Grade, Status, Verdict, points_for
from sessions.grading.windows import Answer, Window, take_apart
from sessions.grading.words import NEGATORS, NEGATORS_DISARMED_BY

NAME = "lexical"
VERSION = 1

FOUND_FROM, PARTLY_FROM = 0.7, 0.4
SHARE = {Status.FOUND: Fraction(1), Status.PARTLY: Fraction(1, 2), Status.NOT_FOUND: Fraction(0)}
# What is left of the confidence when there is a reason for doubt.
FLAGGED = 0.6
# A negator so few words before a matched word may turn it round.
NEGATION_REACH = 3


@register(Kind.OPEN)
def grade_open(content: Content, body: str) -> Grade:
    """Return the weighted share of key points found; one that is partly found counts half."""
    prepared = prepare(content.prompt, content.key_points)
    answer = take_apart(prepared, body)
    matches = match(prepared, answer)
    verdicts = tuple(
        _verdict(point, found, body, answer, prepared=prepared, negated=negated)
        for point, found, negated in zip(content.key_points, matches, prepared.negated, strict=True)
    )
    reached = sum((verdict.weight * SHARE[verdict.status] for verdict in verdicts), Fraction(0))
    return Grade(points_for(reached / sum(verdict.weight for verdict in verdicts)), MAX_POINTS, verdicts, NAME, VERSION)


def _verdict(point: KeyPoint, found: Match, body: str, answer: Answer, *, prepared: Prepared, negated: bool) -> Verdict:
    status = _status(found.coverage)
    window = found.window if status != Status.NOT_FOUND else None
    confidence, note = _confidence(status, found.coverage), ""
    if not answer.singles:
        confidence, note = 1.0, _nothing_to_match(answer)
    elif window:
        negator = "" if negated else _negator(prepared, found, window)
        if negator:
            # Correct answers clash with this rule as well: it may halve a point, and says so, but never takes it.
            status = Status.PARTLY
            note = _("There is a “%s” near the matched words: this may say the opposite.") % negator
        elif found.is_list:
            note = _("This reads like a list of keywords, not like a statement.")
        confidence *= FLAGGED if note else 1
    return Verdict(
        key=point.key,
        text=point.text,
        weight=point.weight,
        status=status,
        coverage=found.coverage,
        confidence=round(confidence, 2),
        evidence=body[window.start : window.end] if window else "",
        start=window.start if window else NO_EVIDENCE,
        end=window.end if window else NO_EVIDENCE,
        note=note,
    )


def _status(coverage: float) -> Status:
    if coverage >= FOUND_FROM:
        return Status.FOUND
    return Status.PARTLY if coverage >= PARTLY_FROM else Status.NOT_FOUND


def _confidence(status: Status, coverage: float) -> float:
    """Return how often such a status was right for human graders, rounded down to be safe; see docs/grading.md.

    A "found" was right more often the higher its coverage; a "not found" is little more than a question.
    """
    if status == Status.FOUND:
        return 0.7 + 0.2 * (coverage - FOUND_FROM) / (1 - FOUND_FROM)
    return 0.5 if status == Status.PARTLY else 0.6 - 0.2 * coverage / PARTLY_FROM


def _nothing_to_match(answer: Answer) -> str:
    return _("Only the question is repeated here.") if answer.echoes else _("There are no words to match.")


def _negator(prepared: Prepared, found: Match, window: Window) -> str:
    """Return the word of the window that may turn a matched word round, or ""."""
    for sentence in window.sentences:
        forms = [word.form for word in sentence.words]
        for place, form in enumerate(forms):
            reach = forms[place + 1 : place + 1 + NEGATION_REACH]
            if form not in NEGATORS or not NEGATORS_DISARMED_BY.isdisjoint(reach[:1]):
                continue
            if any(prepared.stem_number(near) in found.phrasing.shares for near in reach):
                return form
    return ""

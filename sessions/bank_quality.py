"""Whether a question's own answers earn what they should: the quality gates that need a grader.

Pure. The reference answer must cover every key point when it is graded like a candidate's, the strong sample must earn
most of the points and the middling one some of them; otherwise the grader or the points are wrong, and candidates pay
for it.
"""

from decimal import Decimal

from django.utils.translation import gettext as _

from questions.content import Content, Kind, Problem
from sessions.grading import Status, grade

# House rules for the samples: a strong one reaches this share of the points, a middling one lies between the two, and
# there is a step from one to the other.
STRONG_FROM = Decimal("0.75")
MIDDLING_FROM, MIDDLING_TO = Decimal("0.3"), Decimal("0.75")
STEP = Decimal("0.15")


def grading_weaknesses(content: Content) -> list[Problem]:
    """Return what is wrong with how `content`'s own answers are graded. Only open questions can have any."""
    if content.kind != Kind.OPEN:
        return []
    return [*_uncovered(content), *_samples(content)]


def _uncovered(content: Content) -> list[Problem]:
    verdicts = grade(content, content.reference_answer).verdicts
    message = _("the reference answer does not cover it (%(share)d %% of its words)")
    return [
        Problem(f"key_points[{number}]", f"{verdict.key}: {message % {'share': round(100 * verdict.coverage)}}")
        for number, verdict in enumerate(verdicts, 1)
        if verdict.status != Status.FOUND
    ]


def _samples(content: Content) -> list[Problem]:
    if not (content.strong_sample and content.middling_sample):
        return []
    strong, middling = (grade(content, text).points for text in (content.strong_sample, content.middling_sample))
    problems = []
    if strong < STRONG_FROM:
        problems.append(Problem("strong_sample", _("scores only %s of 1") % strong.normalize()))
    if not MIDDLING_FROM <= middling <= MIDDLING_TO:
        problems.append(Problem("middling_sample", _("scores %s of 1, which is not middling") % middling.normalize()))
    if strong < middling + STEP:
        words = {"strong": strong.normalize(), "middling": middling.normalize()}
        problems.append(
            Problem("strong_sample", _("scores %(strong)s, hardly above the middling %(middling)s") % words)
        )
    return problems

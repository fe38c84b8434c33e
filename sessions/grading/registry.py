"""Which grader serves which kind of question, and the promises that every grader has to keep.

The promises are checked on every grade: a quotation that is not in the answer must never reach a report.
"""

from collections.abc import Callable

from questions.content import Content
from sessions.grading.results import NO_EVIDENCE, Grade

Grader = Callable[[Content, str], Grade]

_graders: dict[str, Grader] = {}


class UnknownKindError(LookupError):
    """No grader is registered for this kind of question."""


class BrokenGraderError(RuntimeError):
    """A grader returned something that no grader may return."""


def register(kind: str) -> Callable[[Grader], Grader]:
    """Register a function `(content, body) -> Grade` for `kind`.

    Raises ValueError when the kind already has a grader: which one counts must not depend on import order.
    """

    def remember(grader: Grader) -> Grader:
        if kind in _graders:
            raise ValueError(f"there is already a grader for questions of kind {kind!r}")
        _graders[str(kind)] = grader
        return grader

    return remember


def grade(content: Content, body: str) -> Grade:
    """Return the grade of the answer `body`. Deterministic; reads and writes nothing.

    Raises UnknownKindError when no grader serves the kind, BrokenGraderError when the grader breaks its promises.
    """
    try:
        grader = _graders[content.kind]
    except KeyError:
        known = ", ".join(sorted(_graders))
        raise UnknownKindError(f"no grader for questions of kind {content.kind!r}; there are: {known}") from None
    result = grader(content, body)
    _check(result, body)
    return result


def _check(result: Grade, body: str) -> None:
    if not 0 <= result.points <= result.max_points:
        raise BrokenGraderError(f"{result.grader} gave {result.points} of {result.max_points} points")
    for verdict in result.verdicts:
        nothing_quoted = verdict.evidence == "" and verdict.start == verdict.end == NO_EVIDENCE
        quoted = 0 <= verdict.start < verdict.end and body[verdict.start : verdict.end] == verdict.evidence
        if not (nothing_quoted or quoted):
            raise BrokenGraderError(f"{result.grader} quotes words for {verdict.key!r} that are not in the answer")
        if not (0 <= verdict.coverage <= 1 and 0 <= verdict.confidence <= 1):
            raise BrokenGraderError(f"{result.grader} has a coverage or confidence outside 0..1 for {verdict.key!r}")

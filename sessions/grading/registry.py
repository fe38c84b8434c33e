"""Which grader serves which kind of question, and the promises that every grader has to keep.

A kind may have several graders by name; the first one registered is its base and needs nothing that may be absent. The
promises are checked on every grade: a quotation that is not in the answer must never reach a report.
"""

from collections.abc import Callable

from questions.content import Content, Kind
from sessions.grading.results import NO_EVIDENCE, Finding, Grade, Verdict

Grader = Callable[[Content, str], Grade]

_graders: dict[str, dict[str, Grader]] = {}
_chosen: dict[str, str] = {}


class UnknownKindError(LookupError):
    """No grader is registered for this kind of question."""


class UnknownGraderError(LookupError):
    """The kind of question has no grader of this name."""


class BrokenGraderError(RuntimeError):
    """A grader returned something that no grader may return."""


def register(kind: str, name: str = "") -> Callable[[Grader], Grader]:
    """Register a function `(content, body) -> Grade` for `kind`, under a name where a kind has several.

    Raises ValueError when that name is taken: which one counts must not depend on import order.
    """

    def remember(grader: Grader) -> Grader:
        named = _graders.setdefault(str(kind), {})
        if name in named:
            raise ValueError(f"there is already a grader for questions of kind {kind!r} and name {name!r}")
        named[name] = grader
        return grader

    return remember


def text_graders() -> tuple[str, ...]:
    """Return the names of the graders of open answers, the base first."""
    return tuple(_graders[Kind.OPEN])


def choose_text_grader(name: str) -> None:
    """Let `grade` use this grader for open answers from now on, in this process. Raises UnknownGraderError."""
    _grader(Kind.OPEN, name)
    _chosen[Kind.OPEN] = name


def grade(content: Content, body: str, *, grader: str | None = None) -> Grade:
    """Return the grade of the answer `body`. Deterministic; reads and writes nothing.

    `grader` is the name of one of several graders; without it the one chosen for this process serves, or the base.
    Raises UnknownKindError and UnknownGraderError when there is none, BrokenGraderError when it breaks its promises.
    """
    result = _grader(content.kind, grader if grader is not None else _chosen.get(content.kind))(content, body)
    _check(result, body)
    return result


def _grader(kind: str, name: str | None) -> Grader:
    if kind not in _graders:
        known = ", ".join(sorted(_graders))
        raise UnknownKindError(f"no grader for questions of kind {kind!r}; there are: {known}")
    named = _graders[kind]
    if name is None:
        return next(iter(named.values()))
    if name not in named:
        raise UnknownGraderError(f"no grader {name!r} for questions of kind {kind!r}; there are: {', '.join(named)}")
    return named[name]


def _check(result: Grade, body: str) -> None:
    if not 0 <= result.points <= result.max_points:
        raise BrokenGraderError(f"{result.grader} gave {result.points} of {result.max_points} points")
    quoting: tuple[Verdict | Finding, ...] = (*result.verdicts, *result.findings)
    for one in quoting:
        nothing_quoted = one.evidence == "" and one.start == one.end == NO_EVIDENCE
        quoted = 0 <= one.start < one.end and body[one.start : one.end] == one.evidence
        if not (nothing_quoted or quoted):
            raise BrokenGraderError(f"{result.grader} quotes words for {one.key!r} that are not in the answer")
    for verdict in result.verdicts:
        if not (0 <= verdict.coverage <= 1 and 0 <= verdict.confidence <= 1):
            raise BrokenGraderError(f"{result.grader} has a coverage or confidence outside 0..1 for {verdict.key!r}")

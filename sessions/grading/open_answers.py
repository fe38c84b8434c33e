"""From the text of an open answer to its grade: verdicts on the key points, findings beside them, and points.

What every text grader shares. How well a place covers a phrasing comes from `matching`; here it is decided what that
means, what speaks against it, and what is left to a reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.utils.translation import gettext as _

from questions.content import Content, KeyPoint
from sessions.grading import demands, misconceptions, negation, readability, structure
from sessions.grading import text as texts
from sessions.grading.matching import Match, Matcher, Meaning
from sessions.grading.phrasings import Prepared, prepare
from sessions.grading.results import MAX_POINTS, NO_EVIDENCE, Finding, Grade, Status, Verdict, points_for
from sessions.grading.windows import Answer, Window, take_apart
from sessions.grading.wordorder import DISORDER_BELOW, order, order_factor

FOUND_FROM, PARTLY_FROM = 0.7, 0.4
# A score of the first earns nothing, one of the second everything.
WORTH_FROM, WORTH_ALL_FROM = 0.1, 0.75
# What is left of the worth of a point that may be turned round, and of one that lacks something it demands.
NEGATED_FACTOR, LACKING_FACTOR = 0.5, 0.6
# An answer with a smaller share of words that belong to the question loses up to this much: the first number where it
# has few new words, the second where it has MANY_NEW_WORDS, for many strange words say more than few.
RELEVANT_SHARE = 0.5
IRRELEVANCE_LOSS, LONG_IRRELEVANCE_LOSS = 0.3, 1.0
FEW_NEW_WORDS, MANY_NEW_WORDS = 20, 80
# More stretches of code and the like than anybody wants to see.
MOST_UNREAD = 50
# What is left of the confidence when there is a reason for doubt.
FLAGGED = 0.6


@dataclass(frozen=True)
class Read:
    """An answer taken apart against its question; `unread` are the stretches that a text match cannot read."""

    content: Content
    body: str
    prepared: Prepared
    sentences: tuple[texts.Sentence, ...]
    answer: Answer
    unread: tuple[Finding, ...]

    @cached_property
    def order(self) -> float | None:
        return order(self.sentences)

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(texts.stem(word.form) for sentence in self.sentences for word in sentence.words)

    @cached_property
    def is_disordered(self) -> bool:
        return self.order is not None and self.order < DISORDER_BELOW

    @property
    def relevance(self) -> float:
        """What the share of words that belong to the question leaves of the points, 1 for half of them or more."""
        new = self.answer.new_words
        if not new:
            return 1.0
        length = min(1.0, max(0.0, (new - FEW_NEW_WORDS) / (MANY_NEW_WORDS - FEW_NEW_WORDS)))
        loss = IRRELEVANCE_LOSS + (LONG_IRRELEVANCE_LOSS - IRRELEVANCE_LOSS) * length
        return 1 - loss * max(0.0, 1 - self.answer.known_words / new / RELEVANT_SHARE)


def read(content: Content, body: str) -> Read:
    prepared = prepare(content.prompt, content.reference_answer, content.key_points, content.misconceptions)
    sentences = tuple(texts.sentences(body))
    unread = readability.unreadable(body, sentences)
    return Read(content, body, prepared, sentences, take_apart(prepared, body, sentences), unread)


def grade_open_answer(
    content: Content, body: str, *, grader: str, version: int, meaning: Meaning | None = None
) -> Grade:
    """Return the grade of an answer to an open question, named after the grader whose matches it rests on.

    `meaning` adds to the match by words what words mean.
    """
    text = read(content, body)
    matcher = Matcher(text.prepared, text.answer, meaning)
    judged = [_judge(text, matcher, number) for number in range(len(content.key_points))]
    verdicts = tuple(verdict for verdict, _worth in judged)
    if readability.is_for_a_reader(text.body, text.unread):
        verdicts = tuple(readability.left_to_a_reader(verdict) for verdict in verdicts)
    return Grade(
        points=_points(text, judged),
        max_points=MAX_POINTS,
        verdicts=verdicts,
        grader=grader,
        grader_version=version,
        findings=_findings(text, matcher, verdicts),
    )


def _points(text: Read, judged: Sequence[tuple[Verdict, float]]) -> Decimal:
    reached = sum(verdict.weight * worth for verdict, worth in judged)
    share = reached / sum(verdict.weight for verdict, _worth in judged)
    return points_for(Fraction(share * text.relevance * order_factor(text.order)))


def _findings(text: Read, matcher: Matcher, verdicts: Sequence[Verdict]) -> tuple[Finding, ...]:
    return (
        *structure.parts(text.content.format, text.body, text.sentences),
        *misconceptions.matched(text.content, text.prepared, matcher, text.body, verdicts),
        *text.unread[:MOST_UNREAD],
    )


# --- One key point ---------------------------------------------------------------------------------------------------


def _judge(text: Read, matcher: Matcher, number: int) -> tuple[Verdict, float]:
    """Return the verdict on a key point, and what its match is worth, 0..1."""
    point, sought = text.content.key_points[number], text.prepared.points[number]
    found, note = matcher.match(sought), ""
    if point.any_of:
        items = [matcher.match(item) for item in text.prepared.items[number]]
        found, note = demands.any_of(point.any_of.need, found, items)
    status = _status(found.coverage)
    window = found.window if status != Status.NOT_FOUND else None
    doubt = _doubt(text, point, found, window)
    if doubt.caps and status == Status.FOUND:
        status = Status.PARTLY
    words = " ".join(filter(None, (note, doubt.words)))
    verdict = _verdict(text, point, found, status, window, note=words, is_doubted=bool(doubt.words))
    return verdict, doubt.factor * worth(found.score - matcher.extra)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What speaks against a full match: in words for the candidate, what it leaves of the worth, and whether the point
    is at most partly found for it."""

    words: str = ""
    factor: float = 1.0
    caps: bool = False


def worth(score: float) -> float:
    """Return what a match is worth, 0..1, on a line from WORTH_FROM to WORTH_ALL_FROM."""
    return min(1.0, max(0.0, (score - WORTH_FROM) / (WORTH_ALL_FROM - WORTH_FROM)))


def _doubt(text: Read, point: KeyPoint, found: Match, window: Window | None) -> _Doubt:
    if window is None or found.phrasing is None:
        return _Doubt()
    if lacking := demands.missing(point, text.stems, text.body, window):
        return _Doubt(lacking, LACKING_FACTOR, caps=True)
    if found.is_list:
        return _Doubt(_("This reads like a list of keywords, not like a statement."))
    # The order counts once, for the answer as a whole.
    if text.is_disordered:
        return _Doubt(_("The words do not form sentences."), caps=True)
    # Correct answers clash with this rule as often as wrong ones: it says so and weighs less, but the verdict stays.
    if turned := negation.turned(found.phrasing, window, text.prepared):
        return _Doubt(turned, NEGATED_FACTOR)
    return _Doubt()


def _verdict(
    text: Read, point: KeyPoint, found: Match, status: Status, window: Window | None, *, note: str, is_doubted: bool
) -> Verdict:
    confidence = _confidence(status, found.coverage) * (FLAGGED if is_doubted else 1)
    if not text.answer.singles:
        confidence, note = 1.0, _nothing_to_match(text.answer)
    return Verdict(
        key=point.key,
        text=point.text,
        weight=point.weight,
        status=status,
        coverage=found.coverage,
        confidence=round(confidence, 2),
        evidence=text.body[window.start : window.end] if window else "",
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

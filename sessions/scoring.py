"""Points: grades the answers of a finished session, says which score counts, and takes the candidate's own judgement.

The only writer of scores, disputes and self-reviews. A score is never changed: a correction is a new row. Only
reopening a session, in `lifecycle`, takes scores of answers away that can be worked on again. Whether a mentor may
correct is for `reviews` to say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from interviewprep.accounts.models import User
from questions.content import Kind
from sessions.grading import Grade, Status, Verdict, grade
from sessions.grading.results import MAX_POINTS, points_for
from sessions.levels import Curves, curves_of, levelled_points
from sessions.models import Answer, Confidence, InterviewSession, Score, SelfReview, VerdictDispute

# What a person says of a key point, and what of its weight that is worth.
TICKS = {Status.FOUND: Fraction(1), Status.PARTLY: Fraction(1, 2), Status.NOT_FOUND: Fraction(0)}
# Of one author on one answer.
MAX_CORRECTIONS = 50
_RANK: dict[str, int] = {Score.Source.AUTOMATIC: 0, Score.Source.SELF: 1, Score.Source.MENTOR: 2}

Ticks = Mapping[str, Status]


class SessionNotFinishedError(Exception):
    """The session is still running: its answers may change, so nothing is graded yet."""


class UnknownVerdictError(Exception):
    """The score has no verdict with this key."""


class NothingToTickError(Exception):
    """The answer has no words, no key points, or is not graded yet."""


class IncompleteTicksError(Exception):
    """A key point is without a tick, or a tick is none of `TICKS`, or of a point there is not."""


class TooManyCorrectionsError(Exception):
    """The author has corrected this answer MAX_CORRECTIONS times."""


def score_session(*, session: InterviewSession, now: datetime) -> None:
    """Grade every answer that has no automatic score yet. Grading twice, or at the same time, is grading once.

    A follow-up carries no points. An answer that was graded is left alone, also by a newer grader: a report must not
    change by being looked at.
    Raises SessionNotFinishedError.
    """
    if not session.is_finished:
        raise SessionNotFinishedError
    ungraded = (
        Answer.objects.filter(session=session, question__follow_up="")
        .exclude(scores__source=Score.Source.AUTOMATIC)
        .select_related("question__version")
        .order_by("question__position")
    )
    curves = curves_of(answer.question.version.question_id for answer in ungraded)
    scores = []
    for answer in ungraded:
        version = answer.question.version
        result = grade(version.content, answer.body)
        scores.append(graded_score(answer, result, question_id=version.question_id, curves=curves, now=now))
    Score.objects.bulk_create(scores, ignore_conflicts=True)


def graded_score(answer: Answer, result: Grade, *, question_id: UUID, curves: Curves, now: datetime) -> Score:
    """Return a grade as a score that is not stored yet, its points at the level of the question."""
    points = levelled_points(result, question_id, curves)
    return Score(
        answer=answer,
        source=Score.Source.AUTOMATIC,
        grader=result.grader,
        grader_version=result.grader_version,
        points=result.points if points is None else points,
        raw_points=None if points is None else result.points,
        max_points=result.max_points,
        verdicts=result.to_json(),
        findings=[finding.to_json() for finding in result.findings],
        created_at=now,
    )


# --- Which score counts -------------------------------------------------------------------------------------------


def counting_score(scores: Iterable[Score]) -> Score | None:
    """Return the one score of an answer that counts: a mentor's before the candidate's own before the automatic one.

    Of one source the newest counts. `composing.reading` has the same rule in SQL.
    """
    return max(scores, key=lambda score: (_RANK[score.source], score.created_at, score.pk), default=None)


def automatic_score(scores: Iterable[Score]) -> Score | None:
    """Return the newest automatic score of an answer, whose verdicts are shown also where other points count."""
    return counting_score(score for score in scores if score.source == Score.Source.AUTOMATIC)


def newest_of_each(scores: Iterable[Score]) -> list[Score]:
    """Return the newest score of each source, of mentors the newest of each, the one that counts last."""
    newest: dict[tuple[str, UUID | None], Score] = {}
    for score in sorted(scores, key=lambda score: (_RANK[score.source], score.created_at, score.pk)):
        key = (score.source, score.author_id if score.source == Score.Source.MENTOR else None)
        newest.pop(key, None)  # so that it stands where its newest score does
        newest[key] = score
    return list(newest.values())


def is_read(score: Score) -> bool:
    """Whether a score says anything; an automatic one that leaves a key point to the reader does not."""
    return all(verdict["status"] != Status.UNREAD for verdict in score.verdicts)


# --- What the candidate says ----------------------------------------------------------------------------------------


def show_verdicts(*, session: InterviewSession, ratings: Mapping[UUID, Confidence], now: datetime) -> bool:
    """Keep that the candidate sees the verdicts from now on, and how sure they were; only the first call counts."""
    told = {str(question_id): int(rating) for question_id, rating in ratings.items()}
    _, created = SelfReview.objects.get_or_create(session=session, defaults={"ratings": told, "shown_at": now})
    return created


@transaction.atomic
def tick_points(*, candidate: User, question_id: UUID, ticks: Ticks, now: datetime) -> Score:
    """Keep which key points the candidate finds in their own answer, having read the reference.

    Raises Answer.DoesNotExist unless it is theirs and of a finished session, and what `correct` raises.
    """
    answer = _own_answers(candidate).select_for_update(no_key=True, of=("self",)).get(pk=question_id)
    return correct(answer=answer, source=Score.Source.SELF, author=candidate, ticks=ticks, now=now)


def withdraw_ticks(*, candidate: User, question_id: UUID) -> bool:
    """Take all one's own ticks on an answer back; True if there were any. Raises Answer.DoesNotExist as above.

    They are deleted, like an objection or a comment that somebody takes back: what nobody holds any more is no
    evidence, and no reader of scores has to know of a third state. Deleting only the newest would bring an older
    opinion back.
    """
    deleted, _ = _own_answers(candidate).get(pk=question_id).scores.filter(source=Score.Source.SELF).delete()
    return deleted > 0


def _own_answers(candidate: User) -> QuerySet[Answer]:
    return Answer.objects.filter(candidate=candidate, session__state=InterviewSession.State.FINISHED)


def correct(*, answer: Answer, source: Score.Source, author: User, ticks: Ticks, now: datetime) -> Score:
    """Put a person's verdicts beside the automatic ones, in the caller's transaction and behind its lock.

    The same ticks twice in a row are one correction. Raises NothingToTickError, IncompleteTicksError and
    TooManyCorrectionsError.
    """
    scores = list(answer.scores.all())
    verdicts = _ticked(tickable(answer, scores), ticks)
    newest = counting_score(score for score in scores if score.source == source)
    if newest and newest.author_id == author.pk and newest.verdicts == [verdict.to_json() for verdict in verdicts]:
        return newest
    if sum(score.source == source and score.author_id == author.pk for score in scores) >= MAX_CORRECTIONS:
        raise TooManyCorrectionsError
    reached = sum((verdict.weight * TICKS[verdict.status] for verdict in verdicts), Fraction(0))
    return Score.objects.create(
        answer=answer,
        source=source,
        author=author,
        points=points_for(reached / sum(verdict.weight for verdict in verdicts)),
        max_points=MAX_POINTS,
        verdicts=[verdict.to_json() for verdict in verdicts],
        created_at=now,
    )


def tickable(answer: Answer, scores: Iterable[Score]) -> list[Verdict]:
    """Return the automatic verdicts on the key points of an answer in words. Raises NothingToTickError."""
    automatic = automatic_score(scores)
    if automatic is None or not answer.has_words or answer.question.version.kind != Kind.OPEN:
        raise NothingToTickError
    return [Verdict.from_json(raw) for raw in automatic.verdicts]


def _ticked(verdicts: list[Verdict], ticks: Ticks) -> list[Verdict]:
    """Return the verdicts with the ticks for their statuses; their evidence is the automatic one's."""
    if {verdict.key for verdict in verdicts} != set(ticks) or not set(ticks.values()) <= set(TICKS):
        raise IncompleteTicksError
    return [replace(verdict, status=ticks[verdict.key]) for verdict in verdicts]


# --- Disputes -------------------------------------------------------------------------------------------------------


def dispute_verdict(*, candidate: User, score_id: UUID, key: str, now: datetime) -> bool:
    """Note that the candidate holds an automatic verdict for wrong; True if this call did. It changes no points.

    Raises Score.DoesNotExist unless it is a score of the candidate's own finished session, and UnknownVerdictError.
    """
    score = _own_automatic_score(candidate, score_id)
    if key not in {verdict["key"] for verdict in score.verdicts}:
        raise UnknownVerdictError(key)
    _, created = VerdictDispute.objects.get_or_create(score=score, key=key, defaults={"created_at": now})
    return created


def withdraw_dispute(*, candidate: User, score_id: UUID, key: str) -> bool:
    """Take an objection back; True if there was one. Raises Score.DoesNotExist as `dispute_verdict` does.

    Of every score of the answer: a rescoring leaves the objection to the older score beside its copy.
    """
    score = _own_automatic_score(candidate, score_id)
    deleted, _ = VerdictDispute.objects.filter(score__answer=score.answer_id, key=key).delete()
    return deleted > 0


def _own_automatic_score(candidate: User, score_id: UUID) -> Score:
    return Score.objects.get(
        pk=score_id,
        source=Score.Source.AUTOMATIC,
        answer__candidate=candidate,
        answer__session__state=InterviewSession.State.FINISHED,
    )

"""Points: grades the answers of a finished session, says which score counts, and takes the candidate's objections.

The only writer of automatic scores and of disputes. A score is never changed: a correction is a new row. Only reopening
a session, in `lifecycle`, takes the automatic scores of answers away that can be worked on again.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from interviewprep.accounts.models import User
from sessions.grading import Grade, grade
from sessions.models import Answer, InterviewSession, Score, VerdictDispute


class SessionNotFinishedError(Exception):
    """The session is still running: its answers may change, so nothing is graded yet."""


class UnknownVerdictError(Exception):
    """The score has no verdict with this key."""


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
    scores = [_automatic_score(answer, grade(answer.question.version.content, answer.body), now) for answer in ungraded]
    Score.objects.bulk_create(scores, ignore_conflicts=True)


def _automatic_score(answer: Answer, result: Grade, now: datetime) -> Score:
    return Score(
        answer=answer,
        source=Score.Source.AUTOMATIC,
        grader=result.grader,
        grader_version=result.grader_version,
        points=result.points,
        max_points=result.max_points,
        verdicts=result.to_json(),
        findings=[finding.to_json() for finding in result.findings],
        created_at=now,
    )


def counting_score(scores: Iterable[Score]) -> Score | None:
    """Return the one score of an answer that counts: the newest by a mentor, else the newest automatic one."""
    return max(
        scores, key=lambda score: (score.source == Score.Source.MENTOR, score.created_at, score.pk), default=None
    )


def automatic_score(scores: Iterable[Score]) -> Score | None:
    """Return the newest automatic score of an answer, whose verdicts are shown also where a mentor's points count."""
    return counting_score(score for score in scores if score.source == Score.Source.AUTOMATIC)


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
    """Take an objection back; True if there was one. Raises Score.DoesNotExist as `dispute_verdict` does."""
    deleted, _ = VerdictDispute.objects.filter(score=_own_automatic_score(candidate, score_id), key=key).delete()
    return deleted > 0


def _own_automatic_score(candidate: User, score_id: UUID) -> Score:
    return Score.objects.get(
        pk=score_id,
        source=Score.Source.AUTOMATIC,
        answer__candidate=candidate,
        answer__session__state=InterviewSession.State.FINISHED,
    )

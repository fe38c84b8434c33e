"""Rows of the record as the engine leaves them: saves made by real UPDATEs, events, follow-ups."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Max

from interviewprep.accounts.models import User
from sessions.models import Answer, InterviewSession, SessionEvent, SessionQuestion
from tests.factories import CLIENT, NOW


def save_words(
    answer: Answer, *bodies: str, at: datetime = NOW, every_seconds: int = 10, client: UUID = CLIENT
) -> None:
    """Save each body in turn by an UPDATE of the answer, the first at `at`; the database makes the record."""
    for number, body in enumerate(bodies):
        Answer.objects.filter(pk=answer.pk).update(
            body=body,
            revision=F("revision") + 1,
            saved_at=at + timedelta(seconds=number * every_seconds),
            client_id=client,
            client_sequence=F("client_sequence") + 1,
        )
    answer.refresh_from_db()


def log(
    session: InterviewSession,
    kind: SessionEvent.Kind,
    at: datetime,
    question: SessionQuestion | None = None,
    actor: User | None = None,
    **data: Any,
) -> SessionEvent:
    return SessionEvent.objects.create(
        session=session, kind=kind, at=at, question=question, actor=actor, data=data or None
    )


def add_follow_up(
    question: SessionQuestion, *, text: str = "What would change your mind?", opened_at: datetime | None = NOW
) -> SessionQuestion:
    """Put a follow-up behind a question of a running session; the later questions move on by one."""
    session = question.session
    last = session.questions.aggregate(last=Max("position"))["last"]
    for position in range(last, question.position, -1):
        session.questions.filter(position=position).update(position=position + 1)
    follow_up = SessionQuestion.objects.create(
        session=session,
        position=question.position + 1,
        section_name=question.section_name,
        version=question.version,
        follow_up=text,
        time_limit_seconds=120,
        first_opened_at=opened_at,
    )
    Answer.objects.create(
        question=follow_up, session=session, candidate_id=session.candidate_id, deadline=session.deadline
    )
    return follow_up

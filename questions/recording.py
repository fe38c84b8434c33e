"""The log of a question: every writer of the bank adds here what it did. Adds events and reads none."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from interviewprep.accounts.models import User
from questions.models import Question, QuestionEvent, QuestionVersion


def event(
    *,
    question: Question,
    kind: QuestionEvent.Kind,
    actor: User | None,
    version: QuestionVersion | None = None,
    note: str = "",
    now: datetime | None = None,
    **facts: Any,
) -> QuestionEvent:
    """Return an event that is not stored yet. Without an actor it was a command; an account may be deleted later."""
    return QuestionEvent(
        question=question,
        version=version,
        version_number=version.number if version else None,
        kind=kind,
        actor=actor,
        note=note,
        data=facts | ({} if actor else {"by_command": True}),
        **({"at": now} if now else {}),
    )


def record(**what: Any) -> None:
    """Store one event; the arguments are those of `event`."""
    event(**what).save(force_insert=True)


def record_all(events: Iterable[QuestionEvent]) -> None:
    """Store many events in few statements."""
    QuestionEvent.objects.bulk_create(events, batch_size=1_000)

"""Driving the session engine in tests: plans with limits, drafts, what is on record, and work done at the same time."""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections

from sessions import deltas, lifecycle
from sessions.lifecycle import Draft, SaveResult
from sessions.models import (
    Answer,
    DraftRevision,
    InterviewPlan,
    InterviewSession,
    KeptDraft,
    Mode,
    SessionEvent,
    SessionQuestion,
)
from tests.factories import CLIENT, NOW, make_plan, make_session, questions_of

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
GRACE = timedelta(seconds=15)
Kind = SessionEvent.Kind


def reload(session: InterviewSession) -> InterviewSession:
    return InterviewSession.objects.select_related("candidate").get(pk=session.pk)


def nth(session: InterviewSession, position: int) -> SessionQuestion:
    return questions_of(session)[position - 1]


def make_practice(**fields: Any) -> InterviewSession:
    return make_session(mode=Mode.PRACTICE, **fields)


def make_limited(*, seconds: int = 60, total_minutes: int | None = None, **fields: Any) -> InterviewSession:
    """Start a session whose questions have a limit of `seconds` each, and a total only if one is named."""
    fields.setdefault("plan", limited_plan(seconds=seconds, total_minutes=total_minutes, **_plan_fields(fields)))
    return make_session(**fields)


_PLAN_FIELDS = {"count", "mode", "navigation", "reading_seconds", "asks_follow_ups"}


def _plan_fields(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields.pop(name) for name in _PLAN_FIELDS & fields.keys()}


def limited_plan(*, seconds: int = 60, total_minutes: int | None = None, **fields: Any) -> InterviewPlan:
    plan = make_plan(question_limit="fixed", question_limit_seconds=seconds, **fields)
    plan.time_limit_seconds = None if total_minutes is None else total_minutes * 60
    plan.save()
    return plan


def draft(body: str, *, base: int = 0, client: UUID = CLIENT, sequence: int = 1) -> Draft:
    return Draft(body=body, base_revision=base, client_id=client, sequence=sequence)


def save(
    session: InterviewSession,
    position: int,
    body: str,
    *,
    now: datetime = NOW,
    base: int = 0,
    client: UUID = CLIENT,
    sequence: int = 1,
) -> SaveResult:
    return lifecycle.save_draft(
        session_id=session.pk,
        question_id=nth(session, position).pk,
        candidate=session.candidate,
        draft=draft(body, base=base, client=client, sequence=sequence),
        now=now,
    )


def go(session: InterviewSession, position: int, *, now: datetime) -> None:
    lifecycle.open_question(session=session, question_id=nth(session, position).pk, now=now)


def submit(session: InterviewSession, position: int, *, now: datetime, **more: Any) -> lifecycle.Sitting:
    return lifecycle.submit_answer(session=session, question_id=nth(session, position).pk, now=now, **more)


def claim(session: InterviewSession, client: UUID, *, seen: UUID | None = None, now: datetime = NOW) -> bool:
    return lifecycle.take_lease(
        session_id=session.pk, candidate=session.candidate, client_id=client, seen=seen, now=now
    )


# --- What is on record --------------------------------------------------------------------------------------------


def kinds_of(session: InterviewSession) -> list[str]:
    return list(session.events.order_by("id").values_list("kind", flat=True))


def texts_in(revisions: Iterable[DraftRevision]) -> list[str]:
    """Return every text that the record of an answer's saves tells of, in order."""
    texts, text = [], ""
    for revision in revisions:
        text = deltas.apply(text, revision)
        texts.append(text)
    return texts


def everything_kept(question_id: UUID) -> set[str]:
    """Return every text of a question that is stored anywhere: the answer, what it was, and what was kept beside it."""
    answer = Answer.objects.get(pk=question_id)
    kept = KeptDraft.objects.filter(answer=answer).values_list("body", flat=True)
    return {answer.body, *texts_in(answer.revisions.order_by("revision")), *kept}


# --- At the same time ---------------------------------------------------------------------------------------------


def in_parallel(*works: Callable[[], Any]) -> list[Any]:
    """Run each in a thread with a connection of its own, all at once; return what each gave back or raised."""
    gate = threading.Barrier(len(works))
    outcomes: list[Any] = [None] * len(works)

    def run(number: int) -> None:
        try:
            gate.wait(30)
            outcomes[number] = works[number]()
        except Exception as error:
            outcomes[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    return outcomes

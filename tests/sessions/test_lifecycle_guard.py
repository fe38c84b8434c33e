"""The guard of a save stands twice: in the statement that saves, and in words that say why not. Both say the same."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest
from django.db import transaction

from sessions.lifecycle import Draft, SaveStatus, drafts
from sessions.models import Answer, InterviewSession
from tests.factories import CLIENT, NOW, OTHER_CLIENT, make_session
from tests.sessions.engine import GRACE, SECOND, nth, reload

pytestmark = pytest.mark.django_db

BASES = (0, 4, 5, 6)
SEQUENCES = (2, 3, 4)
DEADLINES = (-GRACE - SECOND, -GRACE - timedelta(microseconds=1), -GRACE, timedelta(0), SECOND)


def all_drafts() -> Iterator[Draft]:
    for base, sequence, client in product(BASES, SEQUENCES, (CLIENT, OTHER_CLIENT)):
        yield Draft(body="other words", base_revision=base, client_id=client, sequence=sequence)


def is_saved(session: InterviewSession, answer: Answer, draft: Draft) -> bool:
    """Try the statement, and take back what it did."""
    with transaction.atomic():
        row = drafts._update_draft(session.pk, answer.pk, session.candidate, draft, NOW)
        transaction.set_rollback(True)
    return row is not None


@pytest.mark.parametrize("lease", [None, CLIENT, OTHER_CLIENT])
@pytest.mark.parametrize("state", Answer.State.values)
@pytest.mark.parametrize("writer", [None, CLIENT])
def test_the_statement_saves_what_the_words_let_in(lease: UUID | None, state: str, writer: UUID | None) -> None:
    session = make_session(now=NOW - timedelta(minutes=5))
    InterviewSession.objects.filter(pk=session.pk).update(lease=lease)
    session = reload(session)
    answer = nth(session, 1).answer
    for deadline in DEADLINES:
        Answer.objects.filter(pk=answer.pk).update(
            **{"state": state, "deadline": NOW + deadline, "submitted_at": NOW, "saved_at": NOW, "body": "words"},
            **{"revision": 5, "client_id": writer, "client_sequence": 3 if writer else 0},
        )
        answer.refresh_from_db()
        for draft in all_drafts():
            let_in = drafts.judge(answer, draft, lease=lease, now=NOW) is None
            assert is_saved(session, answer, draft) is let_in, (deadline, draft)


def test_the_same_words_are_never_a_reason_to_refuse_except_for_the_lease() -> None:
    answer = nth(make_session(), 1).answer
    for state, draft in product(Answer.State.values, all_drafts()):
        answer.state, answer.body = state, draft.body
        assert drafts.judge(answer, draft, lease=None, now=NOW) is None
        assert drafts.judge(answer, draft, lease=UUID(int=9), now=NOW) is SaveStatus.LEASE

"""The record: every event in order, every save as its difference, and nothing that was written ever changes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from sessions import lifecycle
from sessions.lifecycle import SaveStatus, sitting
from sessions.models import Answer, DraftRevision, InterviewSession, SessionEvent
from tests.factories import CLIENT, NOW, OTHER_CLIENT, make_session, make_user
from tests.sessions.engine import (
    GRACE,
    Kind,
    claim,
    draft,
    go,
    kinds_of,
    make_limited,
    nth,
    reload,
    save,
    submit,
    texts_in,
)

pytestmark = pytest.mark.django_db


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


# --- Events --------------------------------------------------------------------------------------------------------


def test_a_whole_session_is_on_record_in_order() -> None:
    session = make_limited(seconds=120, count=4, mode="practice")
    staff = make_user()
    claim(session, CLIENT)
    lifecycle.set_flag(session=session, question_id=nth(session, 1).pk, flagged=True, now=at(5))
    lifecycle.set_flag(session=session, question_id=nth(session, 1).pk, flagged=False, now=at(6))
    lifecycle.pause_session(session=session, now=at(10))
    lifecycle.resume_session(session=session, now=at(20))
    submit(session, 1, now=at(30), draft=draft("words", client=OTHER_CLIENT))
    lifecycle.skip_question(session=session, question_id=nth(session, 1).pk, now=at(40), go_on=True)
    lifecycle.skip_question(session=session, question_id=nth(session, 2).pk, now=at(50), go_on=True)
    lifecycle.close_question_in_time(session=session, question_id=nth(session, 3).pk, now=at(171))
    lifecycle.change_time(session_id=session.pk, actor=staff, reason="Outage", now=at(180), extra_minutes=1)
    lifecycle.note_absence(
        session_id=session.pk,
        question_id=nth(session, 4).pk,
        candidate=session.candidate,
        away_ms=5_000,
        now=at(190),
    )
    lifecycle.finish_session(session_id=session.pk, now=at(200))
    lifecycle.reopen_session(session_id=session.pk, actor=staff, reason="Outage", remaining_ms=60_000, now=at(300))
    lifecycle.close_overdue_session(session_id=session.pk, now=at(400))
    events = list(session.events.order_by("id").values_list("kind", "question__position", "at"))
    assert events == [
        (Kind.STARTED, None, at(0)),
        (Kind.OPENED, 1, at(0)),
        (Kind.FLAGGED, 1, at(5)),
        (Kind.UNFLAGGED, 1, at(6)),
        (Kind.PAUSED, 1, at(10)),
        (Kind.RESUMED, 1, at(20)),
        (Kind.TAKEN_OVER, None, at(30)),
        (Kind.SUBMITTED, 1, at(30)),
        (Kind.OPENED, 2, at(40)),
        (Kind.SKIPPED, 2, at(50)),
        (Kind.OPENED, 3, at(50)),
        (Kind.RAN_OUT, 3, at(170)),
        (Kind.OPENED, 4, at(171)),
        (Kind.TIME_CHANGED, None, at(180)),
        (Kind.DISCONNECTED, 4, at(185)),
        (Kind.RETURNED, 4, at(190)),
        (Kind.FINISHED, None, at(200)),
        (Kind.REOPENED, None, at(300)),
        (Kind.OPENED, 4, at(300)),
        (Kind.CLOSED_BY_CLOCK, None, at(360)),
    ]


def test_what_changes_nothing_is_not_on_record() -> None:
    session = make_session()
    claim(session, CLIENT)
    before = (kinds_of(session), reload(session).changes)
    lifecycle.set_flag(session=session, question_id=nth(session, 1).pk, flagged=False, now=at(5))
    go(session, 1, now=at(6))
    lifecycle.save_with_click(session=session, question_id=nth(session, 1).pk, draft=None, now=at(7), client_id=CLIENT)
    lifecycle.resume_session(session=session, now=at(8))
    save(session, 1, "words", now=at(9))
    assert (kinds_of(session), reload(session).changes) == before


def test_beyond_a_cap_what_does_not_bear_on_the_outcome_goes_unrecorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitting, "MAX_CHANGES_RECORDED_IN_FULL", 3)
    session = make_session()
    for number in range(10):
        lifecycle.set_flag(session=session, question_id=nth(session, 1).pk, flagged=number % 2 == 0, now=at(number))
    submit(session, 1, now=at(20), draft=draft("words"))
    assert kinds_of(session).count(Kind.FLAGGED) + kinds_of(session).count(Kind.UNFLAGGED) == 4
    assert kinds_of(session)[-1] == Kind.SUBMITTED


def test_an_absence_began_with_the_interview_at_the_earliest() -> None:
    session = make_session()
    lifecycle.note_absence(
        session_id=session.pk, question_id=nth(session, 1).pk, candidate=session.candidate, away_ms=10**9, now=at(60)
    )
    assert session.events.get(kind=Kind.DISCONNECTED).at == NOW
    assert session.events.get(kind=Kind.RETURNED).data == {"away_ms": 60_000}


def test_a_stranger_notes_no_absence() -> None:
    session = make_session()
    with pytest.raises(InterviewSession.DoesNotExist):
        lifecycle.note_absence(
            session_id=session.pk, question_id=nth(session, 1).pk, candidate=make_user(), away_ms=1, now=NOW
        )


def test_absences_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle.drafts, "MAX_ABSENCES_PER_SESSION", 2)
    session = make_session()
    for number in range(4):
        lifecycle.note_absence(
            session_id=session.pk,
            question_id=nth(session, 1).pk,
            candidate=session.candidate,
            away_ms=1,
            now=at(number),
        )
    assert kinds_of(session).count(Kind.RETURNED) == 2


@pytest.mark.parametrize(
    "change", [{"at": NOW + timedelta(days=1)}, {"kind": Kind.FINISHED}, {"data": {"a": 1}}, {"question": None}]
)
def test_an_event_cannot_be_changed(change: dict[str, Any]) -> None:
    event = make_session().events.filter(kind=Kind.OPENED)
    with pytest.raises(IntegrityError, match="rows are added, never changed"), transaction.atomic():
        event.update(**change)
    assert event.get().at == NOW


def test_an_actor_who_is_deleted_leaves_the_event() -> None:
    session, staff = make_session(), make_user()
    lifecycle.change_time(session_id=session.pk, actor=staff, reason="Outage", now=NOW, extra_minutes=1)
    staff.delete()
    assert session.events.get(kind=Kind.TIME_CHANGED).actor is None


def test_a_candidate_who_is_deleted_takes_the_record_along() -> None:
    session = make_session()
    save(session, 1, "words")
    session.candidate.delete()
    assert not SessionEvent.objects.exists()
    assert not DraftRevision.objects.exists()


# --- Saves ---------------------------------------------------------------------------------------------------------


def test_every_save_is_on_record_the_words_of_clicks_too() -> None:
    session = make_session()
    save(session, 1, "one")
    save(session, 1, "one two", base=1, sequence=2)
    submit(session, 1, now=at(9), draft=draft("two three", base=2, sequence=3))
    assert texts_in(nth(session, 1).answer.revisions.order_by("revision")) == ["one", "one two", "two three"]


@pytest.mark.parametrize("change", [{"inserted": ""}, {"start": 5}, {"removed": 1}, {"late": True}, {"saved_at": NOW}])
def test_a_revision_cannot_be_changed(change: dict[str, Any]) -> None:
    session = make_session()
    save(session, 1, "words")
    with pytest.raises(IntegrityError, match="rows are added, never changed"), transaction.atomic():
        DraftRevision.objects.update(**change)
    assert texts_in(DraftRevision.objects.all()) == ["words"]


def test_a_save_that_cannot_be_recorded_is_not_made() -> None:
    session = make_session()
    save(session, 1, "words")
    Answer.objects.filter(pk=nth(session, 1).pk).update(revision=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        save(session, 1, "words again", sequence=2)
    assert nth(session, 1).answer.body == "words"


def test_beyond_the_cap_long_insertions_count_and_are_not_recorded() -> None:
    session = make_session()
    full, long = "x" * DraftRevision.MAX_HISTORY_BYTES, "y" * (DraftRevision.LONG_BYTES + 1)
    for number, body in enumerate([full, full + long, full + long + "typed"]):
        assert save(session, 1, body, base=number, sequence=number + 1).is_saved
    recorded = DraftRevision.objects.order_by("revision").values_list("revision", "inserted")
    assert list(recorded) == [(1, full), (3, "typed")]
    assert nth(session, 1).answer.body == full + long + "typed"


def test_beyond_the_cap_a_save_sent_again_is_acknowledged_still() -> None:
    session = make_session()
    full, long = "x" * DraftRevision.MAX_HISTORY_BYTES, "y" * (DraftRevision.LONG_BYTES + 1)
    for number, body in enumerate([full, full + long]):
        save(session, 1, body, base=number, sequence=number + 1)
    again = save(session, 1, full + long, base=1, sequence=2)
    assert (again.status, again.revision) == (SaveStatus.SAVED, 2)


def test_beyond_the_cap_of_revisions_a_save_counts_and_is_not_recorded() -> None:
    session = make_session()
    Answer.objects.filter(pk=nth(session, 1).pk).update(revision=DraftRevision.MAX_REVISIONS, saved_at=NOW)
    before = DraftRevision.objects.count()
    assert save(session, 1, "words", base=DraftRevision.MAX_REVISIONS).is_saved
    assert DraftRevision.objects.count() == before
    assert nth(session, 1).answer.body == "words"


def test_a_save_is_late_after_the_end_of_its_answer_and_not_at_it() -> None:
    session = make_session()
    save(session, 1, "at the end", now=session.deadline)
    save(session, 1, "after it", base=1, sequence=2, now=session.deadline + GRACE)
    assert list(DraftRevision.objects.order_by("revision").values_list("late", flat=True)) == [False, True]

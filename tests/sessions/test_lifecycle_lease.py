"""The lease says which tab may write; and what becomes of saves that come twice, late or out of order."""

from typing import Any
from uuid import UUID

import pytest

from sessions import lifecycle
from sessions.lifecycle import Draft, SaveStatus, StaleDraftError, drafts
from sessions.models import Answer, DraftRevision, InterviewSession, KeptDraft
from tests.factories import CLIENT, NOW, OTHER_CLIENT, make_session, make_user
from tests.sessions.engine import GRACE, MINUTE, SECOND, Kind, claim, draft, go, kinds_of, nth, reload, save, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> InterviewSession:
    return make_session()


def body_of(session: InterviewSession, position: int = 1) -> str:
    return nth(session, position).answer.body


# --- Whose it is ---------------------------------------------------------------------------------------------------


def test_the_first_tab_claims_the_interview_and_nothing_is_said_of_a_take_over(session: InterviewSession) -> None:
    assert claim(session, CLIENT)
    assert reload(session).lease == CLIENT
    assert Kind.TAKEN_OVER not in kinds_of(session)


def test_the_holder_claims_again_after_an_answer_that_never_came_and_nothing_changes(session: InterviewSession) -> None:
    claim(session, CLIENT)
    before = reload(session).changes
    assert claim(session, CLIENT, seen=None)
    assert claim(session, CLIENT, seen=CLIENT)
    assert reload(session).changes == before


def test_a_tab_that_saw_the_holder_takes_over_and_it_is_on_record(session: InterviewSession) -> None:
    claim(session, CLIENT)
    assert claim(session, OTHER_CLIENT, seen=CLIENT)
    assert reload(session).lease == OTHER_CLIENT
    assert kinds_of(session).count(Kind.TAKEN_OVER) == 1


@pytest.mark.parametrize("seen", [None, UUID(int=7)])
def test_a_tab_that_saw_somebody_else_or_nobody_does_not_take_over(
    session: InterviewSession, seen: UUID | None
) -> None:
    claim(session, CLIENT)
    assert not claim(session, OTHER_CLIENT, seen=seen)
    assert reload(session).lease == CLIENT


def test_nobody_claims_a_finished_interview(session: InterviewSession) -> None:
    claim(session, CLIENT)
    lifecycle.finish_session(session_id=session.pk, now=NOW)
    assert not claim(session, OTHER_CLIENT, seen=CLIENT)
    assert not claim(session, CLIENT, seen=CLIENT)


def test_a_stranger_claims_nothing(session: InterviewSession) -> None:
    with pytest.raises(InterviewSession.DoesNotExist):
        lifecycle.take_lease(session_id=session.pk, candidate=make_user(), client_id=CLIENT, seen=None, now=NOW)


def test_a_tab_that_lost_the_lease_is_told_who_has_it_and_its_words_are_kept(session: InterviewSession) -> None:
    claim(session, CLIENT)
    save(session, 1, "mine")
    claim(session, OTHER_CLIENT, seen=CLIENT)
    result = save(session, 1, "mine and more", base=1, sequence=2)
    assert (result.status, result.holder, result.body) == (SaveStatus.LEASE, OTHER_CLIENT, "mine")
    assert body_of(session) == "mine"
    kept = KeptDraft.objects.get()
    assert (kept.body, kept.reason, kept.client_id) == ("mine and more", KeptDraft.Reason.LEASE, CLIENT)


def test_a_tab_that_lost_the_lease_and_types_on_fills_one_row(session: InterviewSession) -> None:
    claim(session, OTHER_CLIENT)
    for number in range(1, 6):
        save(session, 1, "more" * number, sequence=number)
    assert KeptDraft.objects.get().body == "more" * 5


def test_the_tab_that_took_over_goes_on_from_the_text_it_read(session: InterviewSession) -> None:
    claim(session, CLIENT)
    save(session, 1, "first")
    claim(session, OTHER_CLIENT, seen=CLIENT)
    assert save(session, 1, "first, second", base=1, client=OTHER_CLIENT).status is SaveStatus.SAVED


def test_a_tab_that_takes_the_lease_back_does_not_write_over_what_came_between(session: InterviewSession) -> None:
    claim(session, CLIENT)
    save(session, 1, "first")
    claim(session, OTHER_CLIENT, seen=CLIENT)
    save(session, 1, "from the other", base=1, client=OTHER_CLIENT)
    claim(session, CLIENT, seen=OTHER_CLIENT)
    assert save(session, 1, "first and on", base=1, sequence=2).status is SaveStatus.STALE
    assert body_of(session) == "from the other"


def test_whoever_clicks_takes_over_and_their_words_count(session: InterviewSession) -> None:
    claim(session, CLIENT)
    save(session, 1, "typed")
    lifecycle.set_flag(
        session=session,
        question_id=nth(session, 1).pk,
        flagged=True,
        now=NOW,
        draft=draft("typed and clicked", base=1, client=OTHER_CLIENT),
    )
    assert reload(session).lease == OTHER_CLIENT
    assert body_of(session) == "typed and clicked"
    assert save(session, 1, "typed on", base=1, sequence=2).status is SaveStatus.LEASE


def test_a_click_without_words_takes_over_too(session: InterviewSession) -> None:
    claim(session, CLIENT)
    lifecycle.skip_question(session=session, question_id=nth(session, 1).pk, now=NOW, client_id=OTHER_CLIENT)
    assert reload(session).lease == OTHER_CLIENT


def test_a_click_on_a_stale_text_changes_nothing_not_even_whose_it_is(session: InterviewSession) -> None:
    claim(session, CLIENT)
    save(session, 1, "typed")
    with pytest.raises(StaleDraftError) as raised:
        submit(session, 1, now=NOW, draft=draft("older", base=0, client=OTHER_CLIENT))
    assert raised.value.result.body == "typed"
    assert (reload(session).lease, nth(session, 1).answer.state) == (CLIENT, Answer.State.OPEN)
    assert KeptDraft.objects.get().body == "older"


# --- Again, and out of order ---------------------------------------------------------------------------------------


def test_every_earlier_save_sent_again_is_answered_as_it_was_and_changes_nothing(session: InterviewSession) -> None:
    bodies = ["a", "a b", "a b c", "c"]
    first = [
        save(session, 1, body, base=number, sequence=number + 1, now=NOW + number * SECOND)
        for number, body in enumerate(bodies)
    ]
    before = Answer.objects.values().get(pk=nth(session, 1).pk)
    later = NOW + MINUTE
    again = [save(session, 1, body, base=n, sequence=n + 1, now=later) for n, body in enumerate(bodies)]
    assert [(result.status, result.revision, result.saved_at) for result in again] == [
        (result.status, result.revision, result.saved_at) for result in first
    ]
    assert Answer.objects.values().get(pk=nth(session, 1).pk) == before
    assert DraftRevision.objects.count() == 4
    assert not KeptDraft.objects.exists()


@pytest.mark.parametrize("meanwhile", ["submitted", "taken over", "finished", "late"])
def test_a_save_sent_again_is_answered_as_it_was_whatever_happened_meanwhile(
    session: InterviewSession, meanwhile: str
) -> None:
    claim(session, CLIENT)
    save(session, 1, "words")
    now = NOW + MINUTE
    if meanwhile == "submitted":
        submit(session, 1, now=now)
    elif meanwhile == "taken over":
        claim(session, OTHER_CLIENT, seen=CLIENT)
        save(session, 1, "others", base=1, client=OTHER_CLIENT)
    elif meanwhile == "finished":
        lifecycle.finish_session(session_id=session.pk, now=now)
    else:
        now = session.deadline + GRACE + SECOND
    result = save(session, 1, "words", now=now)
    assert (result.status, result.revision, result.saved_at) == (SaveStatus.SAVED, 1, NOW)
    assert not KeptDraft.objects.exists()


def test_a_number_that_was_used_with_other_words_is_a_conflict_and_the_words_are_kept(
    session: InterviewSession,
) -> None:
    save(session, 1, "first")
    save(session, 1, "first, second", base=1, sequence=2)
    assert save(session, 1, "other", base=2, sequence=2).status is SaveStatus.STALE
    assert body_of(session) == "first, second"
    assert KeptDraft.objects.get().body == "other"


def test_each_overtaken_save_is_acknowledged_and_has_a_row_of_its_own(session: InterviewSession) -> None:
    save(session, 1, "one two three", sequence=9)
    for number in (3, 5, 4):
        assert save(session, 1, f"words {number}", sequence=number).status is SaveStatus.OVERTAKEN
    assert set(KeptDraft.objects.values_list("body", "client_sequence")) == {(f"words {n}", n) for n in (3, 4, 5)}


def test_an_overtaken_save_sent_again_is_answered_as_before_and_changes_nothing(session: InterviewSession) -> None:
    save(session, 1, "newer", sequence=2)
    save(session, 1, "older", sequence=1, now=NOW)
    before = list(KeptDraft.objects.values())
    assert save(session, 1, "older", sequence=1, now=NOW + MINUTE).status is SaveStatus.OVERTAKEN
    assert list(KeptDraft.objects.values()) == before


def test_overtaken_words_do_not_replace_others_of_the_same_number(session: InterviewSession) -> None:
    save(session, 1, "newer", sequence=2)
    for body in ("older", "from a page that came back from the history"):
        assert save(session, 1, body, sequence=1).status is SaveStatus.OVERTAKEN
    assert KeptDraft.objects.count() == 2


def test_words_are_not_acknowledged_that_were_let_in_only_after_they_were_refused(
    session: InterviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tab gets the lease between the guard that refuses its save and the look at why."""
    claim(session, OTHER_CLIENT)
    refuse = drafts._update_draft

    def refuse_then_hand_over(*args: Any) -> Any:
        row = refuse(*args)
        claim(session, CLIENT, seen=OTHER_CLIENT)
        return row

    monkeypatch.setattr(drafts, "_update_draft", refuse_then_hand_over)
    result = save(session, 1, "words")
    assert result.is_saved
    assert body_of(session) == "words"


def test_words_that_are_let_in_and_refused_in_turns_are_not_acknowledged(
    session: InterviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "_update_draft", lambda *args: None)
    with pytest.raises(lifecycle.ContendedError):
        save(session, 1, "words")


# --- The words of a click ------------------------------------------------------------------------------------------


def test_a_click_that_carries_what_is_stored_makes_no_revision(session: InterviewSession) -> None:
    save(session, 1, "words")
    submit(session, 1, now=NOW, draft=draft("words", base=0, sequence=7))
    assert (nth(session, 1).answer.revision, nth(session, 1).answer.state) == (1, Answer.State.SUBMITTED)


def test_a_click_that_an_own_newer_save_overtook_says_so_and_keeps_its_words(session: InterviewSession) -> None:
    save(session, 1, "newer", sequence=5)
    with pytest.raises(StaleDraftError):
        submit(session, 1, now=NOW, draft=draft("older", sequence=4))
    assert nth(session, 1).answer.is_open
    assert KeptDraft.objects.get().reason == KeptDraft.Reason.OVERTAKEN


def test_words_that_come_with_a_click_for_a_submitted_answer_are_kept_and_the_click_counts(
    session: InterviewSession,
) -> None:
    save(session, 1, "final")
    submit(session, 1, now=NOW)
    lifecycle.open_question(
        session=session,
        question_id=nth(session, 2).pk,
        leaving=nth(session, 1).pk,
        draft=draft("afterthought", base=1, sequence=2),
        now=NOW,
    )
    assert reload(session).current_position == 2
    kept = KeptDraft.objects.get()
    assert (kept.body, kept.reason) == ("afterthought", KeptDraft.Reason.CLOSED)


def test_words_that_come_with_a_click_after_the_grace_are_kept_as_late(session: InterviewSession) -> None:
    with pytest.raises(lifecycle.SessionOverError):
        submit(session, 1, now=session.deadline + GRACE + SECOND, draft=draft("too late"))
    assert KeptDraft.objects.get().reason == KeptDraft.Reason.LATE


def test_an_autosave_between_looking_and_writing_is_not_lost_to_the_words_of_a_click(
    session: InterviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = lifecycle.sitting.write_sitting
    pending: list[Draft] = [draft("autosaved", sequence=1)]

    def autosave_first(sitting: lifecycle.Sitting, **more: Any) -> bool:
        if pending:
            save(session, 1, pending.pop().body)
        return write(sitting, **more)

    monkeypatch.setattr(lifecycle.sitting, "write_sitting", autosave_first)
    submit(session, 1, now=NOW, draft=draft("autosaved, then clicked", sequence=2))
    answer = nth(session, 1).answer
    assert (answer.body, answer.revision, answer.state) == ("autosaved, then clicked", 2, Answer.State.SUBMITTED)


def test_an_autosave_of_another_tab_between_looking_and_writing_makes_the_click_a_conflict(
    session: InterviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = lifecycle.sitting.write_sitting
    others = ["from the other tab"]

    def autosave_first(sitting: lifecycle.Sitting, **more: Any) -> bool:
        if others:
            save(session, 1, others.pop(), client=OTHER_CLIENT)
        return write(sitting, **more)

    monkeypatch.setattr(lifecycle.sitting, "write_sitting", autosave_first)
    with pytest.raises(StaleDraftError):
        submit(session, 1, now=NOW, draft=draft("clicked"))
    assert (body_of(session), nth(session, 1).answer.is_open) == ("from the other tab", True)
    assert KeptDraft.objects.get().body == "clicked"


def test_words_for_a_question_that_was_left_still_count_where_only_the_whole_has_a_limit(
    session: InterviewSession,
) -> None:
    go(session, 2, now=NOW + SECOND)
    assert save(session, 1, "an afterthought", now=NOW + MINUTE).status is SaveStatus.SAVED

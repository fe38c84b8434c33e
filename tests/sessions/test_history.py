"""The record of saves and of what happened: kept by the database, replayed exactly, told in order."""

import itertools
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from sessions import history
from sessions.history import Change, Entry, Growth, Refusal, Save, Stretch
from sessions.models import Answer, DraftRevision, InterviewSession, KeptDraft, SessionEvent
from sessions.templatetags import timeline as words
from tests.factories import CLIENT, NOW, make_question, make_user
from tests.sessions.records import log, save_words

Kind = SessionEvent.Kind

pytestmark = pytest.mark.django_db


def bare_session(*, now: datetime = NOW, finished_at: datetime | None = None) -> InterviewSession:
    """Make the row of a session of half an hour, without any question."""
    return InterviewSession.objects.create(
        candidate=make_user(),
        plan_name="Plan",
        mode="mock",
        seed=1,
        started_at=now,
        deadline=finished_at or now + timedelta(minutes=30),
        state="finished" if finished_at else "running",
        finished_at=finished_at,
    )


def bare_answer(session: InterviewSession | None = None, *, position: int = 1, **fields: object) -> Answer:
    """Make the rows of a question and its answer, as a session has them before its first save."""
    session = session or bare_session()
    version = make_question().versions.get()
    question = session.questions.create(position=position, version=version, time_limit_seconds=180, section_name="")
    return Answer.objects.create(
        question=question, session=session, candidate=session.candidate, deadline=session.deadline, **fields
    )


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


# --- The record of saves ------------------------------------------------------------------------------------------

LETTERS = st.text(alphabet="ab \n", max_size=12)
ANYTHING = st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
ODD = st.text(alphabet="e\u0301\u0308\u200d😀👩🏽\U0001d7d8漢\r\n\t\u2028\ufffd\U0010ffff%\\'\"", max_size=30)
LONG = st.builds(lambda piece, times: piece * times, ODD, st.integers(0, 400))
TEXTS = st.lists(LETTERS | ANYTHING | ODD | LONG, min_size=1, max_size=8)


def test_every_text_that_was_saved_is_found_again_whatever_is_in_it() -> None:
    answer = bare_answer()

    @settings(max_examples=150, deadline=None)
    @given(TEXTS)
    def check(texts: list[str]) -> None:
        answer.revisions.all().delete()
        Answer.objects.filter(pk=answer.pk).update(body="", revision=0)
        save_words(answer, *texts)
        growth = history.growth_of(answer)
        assert growth.is_complete
        assert [growth.text_at(number) for number in range(len(texts) + 1)] == ["", *texts]
        assert [growth.text_when(save.saved_at) for save in growth.saves] == texts
        assert growth.lengths() == {number: len(text) for number, text in enumerate(texts, start=1)}
        for number, (before, text) in enumerate(itertools.pairwise(["", *texts]), start=1):
            change = growth.change_at(number)
            assert change is not None
            assert change.text == text
            assert f"{change.before}{change.removed}{change.after}" == before

    check()


def test_a_save_keeps_its_number_and_only_the_difference() -> None:
    answer = bare_answer()
    save_words(answer, "The quick fox", "The quick brown fox")
    second = answer.revisions.get(revision=2)
    assert (second.start, second.removed, second.inserted) == (10, 0, "brown ")
    assert (second.client_sequence, second.saved_at) == (2, at(10))


def test_a_save_after_the_deadline_is_marked_late_and_one_at_it_is_not() -> None:
    answer = bare_answer()
    save_words(answer, "In time.", at=answer.deadline)
    save_words(answer, "In time. Late.", at=answer.deadline + timedelta(seconds=1))
    assert [save.late for save in history.growth_of(answer).saves] == [False, True]


def test_an_update_that_is_no_save_leaves_no_record() -> None:
    answer = bare_answer()
    Answer.objects.filter(pk=answer.pk).update(state=Answer.State.SUBMITTED, submitted_at=NOW)
    assert not answer.revisions.exists()


def test_the_record_refuses_to_be_changed() -> None:
    answer = bare_answer()
    save_words(answer, "First.")
    event = log(answer.session, Kind.STARTED, NOW)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        answer.revisions.update(inserted="Something else.")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        SessionEvent.objects.filter(pk=event.pk).update(at=at(5))
    assert answer.revisions.get().inserted == "First."


def test_an_event_outlives_the_account_of_whoever_acted() -> None:
    session = bare_session()
    staff = make_user()
    log(session, Kind.TIME_CHANGED, NOW, actor=staff, reason="Fire alarm")
    staff.delete()
    (entry,) = history.timeline_of(session).entries
    assert (words.actor_of(entry), words.reason_of(entry)) == ("staff", "Fire alarm")


def test_the_record_goes_with_its_session() -> None:
    answer = bare_answer()
    save_words(answer, "First.", "Second.")
    log(answer.session, Kind.OPENED, NOW, answer.question)
    answer.session.candidate.delete()
    assert not DraftRevision.objects.exists()
    assert not SessionEvent.objects.exists()


def test_beyond_the_number_of_revisions_an_answer_is_saved_without_a_record() -> None:
    answer = bare_answer(revision=DraftRevision.MAX_REVISIONS - 1)
    save_words(answer, "The last one recorded.", "One more.")
    assert [save.revision for save in answer.revisions.all()] == [DraftRevision.MAX_REVISIONS]
    assert (answer.body, answer.revision) == ("One more.", DraftRevision.MAX_REVISIONS + 1)


def test_beyond_the_bytes_an_answer_is_saved_without_a_record() -> None:
    answer = bare_answer()
    long = "é" * (DraftRevision.MAX_HISTORY_BYTES // 4)
    pasted = "x" * (DraftRevision.LONG_BYTES + 1)
    save_words(answer, long, "", f"{long}.", "", pasted, f"{pasted} and typed on")
    assert [save.revision for save in answer.revisions.all()] == [1, 2, 4, 5, 6]
    assert answer.body == f"{pasted} and typed on"


# --- Where the record has gaps -----------------------------------------------------------------------------------


def test_an_answer_from_before_the_record_says_so_and_still_ends_in_its_text() -> None:
    answer = bare_answer(body="Old words.", revision=7, saved_at=NOW)
    growth = history.growth_of(answer)
    assert [(save.revision, save.is_recorded) for save in growth.saves] == [(7, False)]
    assert growth.lacks_beginning and not growth.is_complete
    assert growth.text_at(7) == "Old words."
    assert growth.text_at(3) is None
    assert growth.text_when(at(-1)) is None


def test_what_was_only_added_to_an_old_answer_can_be_taken_off_again_but_nothing_before_a_removal() -> None:
    answer = bare_answer(body="Old words.", revision=7, saved_at=NOW)
    save_words(answer, "Old.", "Old. More.", "Old. More. Most.")
    growth = history.growth_of(answer)
    texts = [growth.text_at(number) for number in (6, 7, 8, 9, 10)]
    assert texts == [None, None, "Old.", "Old. More.", "Old. More. Most."]
    assert growth.change_at(8) == Change(before="Old", removed=None, inserted="", after=".")
    assert growth.lengths() == {8: 4, 9: 10, 10: 16}


def test_after_a_gap_in_the_middle_nothing_is_guessed() -> None:
    saves = (save_of(1, inserted="one"), save_of(2, start=3, inserted=" two"), save_of(4, removed=2, inserted="x"))
    growth = Growth(saves, body="xanything", revision=4)
    assert [growth.text_at(number) for number in range(5)] == ["", "one", "one two", None, "xanything"]
    assert growth.change_at(4) == Change(before="", removed=None, inserted="x", after="anything")
    assert not growth.is_complete and not growth.lacks_beginning


def save_of(revision: int, *, start: int = 0, removed: int = 0, inserted: str = "") -> Save:
    return Save(revision, at(revision), start, removed, inserted)


def test_an_answer_never_saved_has_no_growth() -> None:
    growth = history.growth_of(bare_answer())
    assert growth.saves == () and growth.is_complete
    assert (growth.text_at(0), growth.text_when(NOW), growth.change_at(1)) == ("", "", None)


# --- The timeline -------------------------------------------------------------------------------------------------


def told(session: InterviewSession) -> list[str]:
    return [words.entry_words(entry) for entry in history.timeline_of(session).entries]


def test_saves_between_two_events_are_one_line_and_stand_before_the_click_that_carried_the_last() -> None:
    session = bare_session()
    first, second = bare_answer(session), bare_answer(session, position=2)
    log(session, Kind.STARTED, NOW)
    log(session, Kind.OPENED, NOW, first.question)
    save_words(first, "a", "ab", "abc", at=at(10))
    log(session, Kind.SUBMITTED, at(30), first.question)
    log(session, Kind.OPENED, at(30), second.question)
    save_words(second, "x", at=at(45))
    assert told(session) == [
        "Started",
        "Opened",
        "3 saves, 12:00:10 to 12:00:30",
        "Submitted",
        "Opened",
        "1 save",
    ]
    timeline = history.timeline_of(session)
    assert [entry.since_start_ms for entry in timeline.entries] == [0, 0, 10_000, 30_000, 30_000, 45_000]
    assert [timeline.save_count(answer.pk) for answer in (first, second)] == [3, 1]


def test_what_comes_back_with_a_save_stands_before_it() -> None:
    answer = bare_answer()
    log(answer.session, Kind.RETURNED, at(60), answer.question, away_ms=50_000)
    log(answer.session, Kind.DISCONNECTED, at(10), answer.question, away_ms=50_000)
    save_words(answer, "Sent later.", at=at(60))
    assert told(answer.session) == [
        "Connection lost, by the browser's own account",
        "Connection back after 50 s, by the browser's own account",
        "1 save",
    ]


def test_what_staff_did_is_told_with_who_and_why() -> None:
    session = bare_session()
    staff = make_user(name="Sam")
    log(session, Kind.TIME_CHANGED, at(5), actor=staff, reason="Fire alarm", time_factor="1.50", extra_minutes=10)
    (entry,) = history.timeline_of(session).entries
    assert words.entry_words(entry) == "Time changed: 1.5 times the usual time, 10 extra minutes"
    assert (words.actor_of(entry), words.reason_of(entry)) == ("Sam", "Fire alarm")


def test_an_end_by_the_clock_is_told_at_the_deadline_however_late_it_was_recorded() -> None:
    session = bare_session(finished_at=at(3600))
    log(session, Kind.CLOSED_BY_CLOCK, at(1830))
    log(session, Kind.REOPENED, at(3000), actor=make_user(), remaining_ms=600_000, finished_at=str(at(1800)))
    log(session, Kind.CLOSED_BY_CLOCK, at(3700))
    assert [entry.since_start_ms for entry in history.timeline_of(session).entries] == [1_800_000, 3_000_000, 3_600_000]
    assert told(session)[1] == "Reopened with 10 min left; it had ended at 12:30:00"


def test_words_within_the_grace_are_told_after_the_end_with_how_late_they_came() -> None:
    answer = bare_answer()
    save_words(answer, "In time", at=answer.deadline)
    save_words(answer, "In time and late", at=answer.deadline + timedelta(seconds=3))
    log(answer.session, Kind.CLOSED_BY_CLOCK, answer.deadline)
    timeline = history.timeline_of(answer.session)
    assert told(answer.session) == ["1 save", "Time was up", "1 save"]
    assert timeline.late_ms(answer.pk) == 3_000


def test_a_later_end_makes_late_words_good_and_later_words_make_them_ordinary() -> None:
    answer = bare_answer()
    save_words(answer, "late", at=answer.deadline + timedelta(seconds=3))
    assert history.timeline_of(answer.session).late_ms(answer.pk) == 3_000
    Answer.objects.filter(pk=answer.pk).update(deadline=answer.deadline + timedelta(hours=1))
    assert history.timeline_of(answer.session).late_ms(answer.pk) is None


def keep(answer: Answer, reason: KeptDraft.Reason, seconds: float, client: UUID = CLIENT) -> None:
    answer.kept_drafts.create(reason=reason, body="Kept.", base_revision=0, client_id=client, received_at=at(seconds))


def test_refused_saves_are_told_with_their_reason_and_those_of_one_kind_in_one_line() -> None:
    answer = bare_answer()
    keep(answer, KeptDraft.Reason.OVERTAKEN, 5)
    keep(answer, KeptDraft.Reason.LEASE, 6)
    keep(answer, KeptDraft.Reason.LEASE, 7)
    assert told(answer.session) == [
        "1 save came after a newer one of the same tab",
        "2 saves were kept beside the answer: the interview went on in another tab",
    ]
    assert [type(entry.what) for entry in history.timeline_of(answer.session).entries] == [Refusal, Refusal]


def test_every_kind_of_event_has_words_with_and_without_details() -> None:
    session = bare_session()
    for kind in Kind:
        log(session, kind, at(1))
        log(session, kind, at(2), reason="Because", away_ms="broken", time_factor="broken", finished_at="2026-99-99")
    assert all(told(session))


def test_a_timeline_beyond_what_anybody_reads_is_cut_and_says_by_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ENTRIES_SHOWN", 2)
    session = bare_session()
    for seconds in range(5):
        log(session, Kind.FLAGGED, at(seconds))
    timeline = history.timeline_of(session)
    assert (len(timeline.entries), timeline.left_out) == (2, 3)


def test_a_long_timeline_costs_no_more_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    session = bare_session()
    for position in range(1, 6):
        answer = bare_answer(session, position=position)
        save_words(answer, "a", "ab", "abc", at=at(position * 60))
        log(session, Kind.SUBMITTED, at(position * 60 + 30), answer.question, actor=make_user())
        keep(answer, KeptDraft.Reason.STALE, position * 60 + 31)
    with django_assert_num_queries(3):
        timeline = history.timeline_of(session)
    assert [type(entry.what) for entry in timeline.entries] == [Stretch, SessionEvent, Refusal] * 5


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "under 1 s"),
        (999, "under 1 s"),
        (3_400, "3 s"),
        (60_000, "1 min"),
        (125_000, "2 min 5 s"),
        (3_600_000, "1 h"),
    ],
)
def test_lengths_of_time_are_told_in_words(milliseconds: int, text: str) -> None:
    assert words.duration(milliseconds) == text


@pytest.mark.parametrize(("milliseconds", "text"), [(-5, "0:00"), (65_999, "1:05"), (3_725_000, "1:02:05")])
def test_the_time_since_the_start_is_a_clock(milliseconds: int, text: str) -> None:
    assert words.since_start(milliseconds) == text


def test_an_entry_names_the_question_it_is_about() -> None:
    answer = bare_answer()
    save_words(answer, "a")
    (entry,) = history.timeline_of(answer.session).entries
    assert isinstance(entry, Entry) and entry.question_id == answer.question_id

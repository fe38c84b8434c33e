"""Flags: who may send how many, what an answer needs, who hears of it, and the mail that is owed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.models import User
from questions import flagging, tasks
from questions.flagging import Answer, FlagRefusedError
from questions.models import Flag, Question, QuestionVersion
from questions.publishing import add_version, publish
from tests.factories import NOW, make_content, make_curator, make_flag, make_guest, make_question, make_topic, make_user

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
State, Reason, Role = Flag.State, Flag.Reason, Flag.Role


@pytest.fixture
def question() -> Question:
    return make_question(title="Rare fraud")


@pytest.fixture
def sender() -> User:
    return make_user("ada@example.com")


@pytest.fixture
def flag(question: Question, sender: User) -> Flag:
    return make_flag(current(question), sender=sender, note="The second sentence is wrong.")


def current(question: Question) -> QuestionVersion:
    assert question.current_version is not None
    return question.current_version


def next_version(question: Question, *, published: bool = True) -> QuestionVersion:
    version = add_version(question=question, content=make_content(), author=None)
    return publish(question=question, version=version, now=NOW) if published else version


def answer(flag: Flag, state: Flag.State, note: str = "", **parts: Any) -> Flag:
    return flagging.answer_flag(flag_id=flag.pk, actor=make_curator(), answer=Answer(state, note, **parts), now=LATER)


# Sending


def test_a_flag_is_kept_with_the_version_that_was_read(flag: Flag, question: Question, sender: User) -> None:
    next_version(question)
    assert (flag.version.number, flag.sender, flag.state, flag.role) == (1, sender, State.OPEN, Role.CANDIDATE)


def test_sending_again_changes_the_open_flag(flag: Flag, question: Question, sender: User) -> None:
    again = make_flag(flag.version, sender=sender, reason="unclear", note="Rather unclear.", now=LATER)
    assert again.pk == flag.pk
    stored = Flag.objects.get()
    assert (stored.reason, stored.note, stored.created_at, stored.changed_at) == (
        Reason.UNCLEAR,
        "Rather unclear.",
        NOW,
        LATER,
    )


def test_the_database_keeps_one_open_flag_per_person_and_version(flag: Flag) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Flag.objects.create(
            version=flag.version, sender=flag.sender, role="mentor", reason="wrong", created_at=NOW, changed_at=NOW
        )


def test_after_an_answer_the_same_version_can_be_flagged_anew(flag: Flag, sender: User) -> None:
    answer(flag, State.UNCHANGED, "It is right.")
    assert make_flag(flag.version, sender=sender, now=LATER).pk != flag.pk


def test_something_else_has_to_be_said(question: Question) -> None:
    with pytest.raises(FlagRefusedError, match="Say in a few words"):
        make_flag(current(question), reason="other", note=" \n ")
    assert make_flag(current(question), reason="other", note="The drawing is missing.")


def test_a_guest_cannot_flag(question: Question) -> None:
    with pytest.raises(FlagRefusedError, match="need an account"):
        make_flag(current(question), sender=make_guest())


def test_nobody_sends_more_than_so_many_within_a_day(sender: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flagging, "MAX_NEW_FLAGS_A_DAY", 2)
    versions = [current(make_question()) for _ in range(3)]
    for version in versions[:2]:
        make_flag(version, sender=sender)
    with pytest.raises(FlagRefusedError, match="tomorrow"):
        make_flag(versions[2], sender=sender, now=NOW + timedelta(hours=23))
    make_flag(versions[0], sender=sender, note="A change is no new flag.")
    make_flag(versions[2], sender=sender, now=NOW + timedelta(hours=25))
    make_flag(versions[2])


def test_an_open_flag_can_be_taken_back_by_its_sender_only(flag: Flag, sender: User) -> None:
    assert not flagging.withdraw_flag(flag_id=flag.pk, sender=make_user())
    assert flagging.withdraw_flag(flag_id=flag.pk, sender=sender)
    assert not flagging.withdraw_flag(flag_id=flag.pk, sender=sender)


def test_an_answered_flag_cannot_be_taken_back(flag: Flag, sender: User) -> None:
    answer(flag, State.UNCHANGED, "It is right.")
    assert not flagging.withdraw_flag(flag_id=flag.pk, sender=sender)


def test_a_flag_outlives_the_account_of_its_sender(flag: Flag, sender: User) -> None:
    sender.delete()
    flag.refresh_from_db()
    assert flag.sender is None
    answer(flag, State.UNCHANGED, "It is right.")
    assert list(flagging.owing_mail(LATER)) == []


# Answering


def test_a_flag_is_fixed_by_a_later_version_that_is_published(flag: Flag, question: Question) -> None:
    draft, other = next_version(question, published=False), current(make_question())
    for wrong in (None, flag.version, draft, other):
        with pytest.raises(FlagRefusedError):
            answer(flag, State.FIXED, fixed_in=wrong)
    publish(question=question, version=draft, now=NOW)
    draft.refresh_from_db()
    answered = answer(flag, State.FIXED, "Thank you.", fixed_in=draft)
    assert (answered.state, answered.fixed_in, answered.answered_at, answered.answer) == (
        State.FIXED,
        draft,
        LATER,
        "Thank you.",
    )
    event = question.events.latest("pk")
    assert (event.kind, event.version_number, event.note) == ("flag", 1, "Thank you.")


def test_no_change_needs_a_reason(flag: Flag) -> None:
    with pytest.raises(FlagRefusedError, match="Say why"):
        answer(flag, State.UNCHANGED, "  ")
    assert Flag.objects.get().is_open


def test_an_answer_is_no_open_state(flag: Flag) -> None:
    with pytest.raises(FlagRefusedError, match="Choose an answer"):
        answer(flag, State.OPEN, "Later.")


def test_a_duplicate_names_a_flag_on_the_same_question(flag: Flag, question: Question) -> None:
    elsewhere, same = make_flag(current(make_question())), make_flag(next_version(question))
    for wrong in (None, flag, elsewhere):
        with pytest.raises(FlagRefusedError):
            answer(flag, State.DUPLICATE, duplicate_of=wrong)
    assert answer(flag, State.DUPLICATE, duplicate_of=same).duplicate_of == same


def test_duplicates_make_no_chains(flag: Flag) -> None:
    second, third = make_flag(flag.version), make_flag(flag.version)
    answer(second, State.DUPLICATE, duplicate_of=flag)
    with pytest.raises(FlagRefusedError, match="duplicate itself"):
        answer(third, State.DUPLICATE, duplicate_of=second)
    with pytest.raises(FlagRefusedError, match="cannot repeat another"):
        answer(flag, State.DUPLICATE, duplicate_of=third)


def test_the_sender_of_a_duplicate_hears_when_the_first_flag_is_answered(flag: Flag) -> None:
    second = make_flag(flag.version)
    assert second.sender is not None
    answer(second, State.DUPLICATE, duplicate_of=flag)
    flagging.mark_read(flags=list(flagging.flags_of(second.sender)), now=LATER)
    assert flagging.unread_count(second.sender) == 0
    answer(flag, State.UNCHANGED, "It is right.")
    assert flagging.unread_count(second.sender) == 1


def test_an_answer_can_be_given_anew_and_is_unread_again(flag: Flag, sender: User) -> None:
    answer(flag, State.UNCHANGED, "It is right.")
    flagging.mark_read(flags=list(flagging.flags_of(sender)), now=LATER)
    answer(flag, State.UNCHANGED, "It is right, see the reference.")
    assert flagging.unread_count(sender) == 1


# Reading


def test_people_see_their_own_flags_only(flag: Flag, sender: User) -> None:
    make_flag(flag.version)
    assert list(flagging.flags_of(sender)) == [flag]


def test_an_open_flag_is_nothing_to_read(flag: Flag, sender: User) -> None:
    assert flagging.unread_count(sender) == 0
    flagging.mark_read(flags=[flag], now=LATER)
    flag.refresh_from_db()
    assert flag.seen_at is None


def queue(**filters: str) -> list[tuple[str, int]]:
    found = flagging.flagged_questions(filters=filters)
    return [(question.slug, getattr(question, "flag_count", 0)) for question in found]


def test_the_queue_groups_by_question_with_most_flags_first() -> None:
    one, two, none = (make_question(slug) for slug in ("one", "two", "none"))
    make_flag(current(one))
    make_flag(current(two))
    make_flag(next_version(two))
    assert queue(state="open") == [("two", 2), ("one", 1)]
    found = flagging.flags_on([one, two, none], filters={"state": "open"})
    assert {question.slug: len(found[question.pk]) for question in (one, two, none)} == {"one": 1, "two": 2, "none": 0}


def test_the_queue_can_be_narrowed() -> None:
    topic = make_topic("metrics")
    one, two = make_question("one", topic=topic), make_question("two")
    make_flag(current(one), reason="unclear")
    answer(make_flag(current(one), reason="wrong"), State.UNCHANGED, "It is right.")
    Flag.objects.filter(pk=make_flag(current(two), reason="wrong").pk).update(role=Role.MENTOR)
    assert topic.area is not None
    assert sorted(queue(state="open")) == [("one", 1), ("two", 1)]
    assert queue(state="answered") == [("one", 1)]
    assert sorted(queue(state="all")) == [("one", 2), ("two", 1)]
    assert sorted(queue(reason="wrong")) == [("one", 1), ("two", 1)]
    assert queue(state="open", role="mentor") == [("two", 1)]
    assert queue(area="metrics") == [("one", 2)]
    assert queue(area=topic.area.slug) == [("one", 2)]
    assert queue(question=str(two.pk)) == [("two", 1)]


def test_the_queue_costs_two_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        make_flag(current(make_question()), note="Unclear.")
    with django_assert_num_queries(2):
        questions = list(flagging.flagged_questions(filters={"state": "open"}))
        flags = flagging.flags_on(questions, filters={"state": "open"})
        assert [[flag.version.title for flag in flags[question.pk]] for question in questions]
        assert [str(question.topic.area) for question in questions]


# The mail


def test_the_answer_is_mailed_once(flag: Flag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    answer(flag, State.UNCHANGED, "It is right: <b>see</b> the reference.")
    for _ in range(2):
        tasks.mail_flag_answer(str(flag.pk))
    message = mail.outbox[0]
    assert len(mail.outbox) == 1
    assert message.to == ["ada@example.com"]
    assert message.subject == "Your flag on “Rare fraud”: no change"
    body = str(message.body)
    assert "It is right: <b>see</b> the reference." in body
    assert "/bank/flags/yours/" in body


def test_a_read_answer_owes_no_mail(flag: Flag, sender: User) -> None:
    answer(flag, State.UNCHANGED, "It is right.")
    flagging.mark_read(flags=list(flagging.flags_of(sender)), now=LATER)
    assert not flagging.deliver(flag_id=flag.pk, now=LATER)
    assert mail.outbox == []


def test_a_line_break_in_a_title_does_not_reach_the_subject(flag: Flag) -> None:
    QuestionVersion.objects.filter(pk=flag.version_id).update(title="Rare\r\nBcc: eve@example.com")
    answer(flag, State.UNCHANGED, "It is right.")
    assert flagging.deliver(flag_id=flag.pk, now=LATER)
    assert mail.outbox[0].bcc == []
    assert "\n" not in mail.outbox[0].subject


def test_a_mail_server_that_is_away_delays_the_answer(flag: Flag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    answer(flag, State.UNCHANGED, "It is right.")
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", lambda *args: (_ for _ in ()).throw(OSError("refused")))
        tasks.mail_flag_answer(str(flag.pk))
    assert list(flagging.owing_mail(LATER)) == [flag]
    assert flagging.deliver(flag_id=flag.pk, now=LATER)
    assert list(flagging.owing_mail(LATER)) == []


def test_after_three_days_a_mail_is_given_up(flag: Flag) -> None:
    answer(flag, State.UNCHANGED, "It is right.")
    assert list(flagging.owing_mail(LATER + timedelta(days=4))) == []


def test_the_sweep_sends_again_for_what_is_owed(
    flag: Flag, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(tasks.mail_flag_answer, "delay", sent.append)
    answered = answer(flag, State.UNCHANGED, "It is right.")
    monkeypatch.setattr(timezone, "now", lambda: LATER + timedelta(minutes=5))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.mail_owed_flag_answers()
    assert sent == [str(answered.pk)]


def test_an_unknown_flag_is_no_mail() -> None:
    assert not flagging.deliver(flag_id=uuid4(), now=NOW)

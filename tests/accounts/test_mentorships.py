"""Invitations, consent and its end: each rule, twice in a row, and from both sides at once."""

import smtplib
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connections

from interviewprep.accounts import mentorships
from interviewprep.accounts.mentorships import Delivery, InvitationRefusedError
from interviewprep.accounts.models import MENTOR_GROUP, Mentorship, User
from interviewprep.accounts.people import create_person, record_address
from tests.factories import NOW, make_mentorship, make_user

pytestmark = pytest.mark.django_db

LINK = "https://example.org/people/invitations/1/"


def person(email: str, *, verified: bool = True, mentor: bool = False) -> User:
    return create_person(email=email, password=None, groups=[MENTOR_GROUP] if mentor else [], verified=verified)


def invited(candidate: User, email: str = "grace@example.com") -> Mentorship:
    return mentorships.invite_mentor(candidate=candidate, mentor_email=email, now=NOW)[0]


# --- Inviting -----------------------------------------------------------------------------------------------------


def test_an_invitation_names_the_candidate_and_the_address_and_gives_no_right() -> None:
    ada = person("ada@example.com")
    invitation, created = mentorships.invite_mentor(candidate=ada, mentor_email=" Grace@Example.com ", now=NOW)
    assert created
    assert (invitation.candidate, invitation.mentor) == (ada, None)
    assert invitation.mentor_email == "grace@example.com"
    assert not Mentorship.objects.active().exists()


def test_an_invitation_to_somebody_with_an_account_looks_like_any_other() -> None:
    person("grace@example.com")
    assert invited(person("ada@example.com")).mentor is None


def test_inviting_twice_is_inviting_once() -> None:
    ada = person("ada@example.com")
    first = invited(ada)
    second, created = mentorships.invite_mentor(candidate=ada, mentor_email="grace@example.com", now=NOW)
    assert (second, created) == (first, False)


def test_nobody_invites_themselves_under_any_of_their_addresses() -> None:
    ada = person("ada@example.com")
    EmailAddress.objects.create(user=ada, email="other@example.com", verified=True)
    for own in ("ada@example.com", "ADA@example.com", "other@example.com"):
        with pytest.raises(InvitationRefusedError, match="your own address"):
            invited(ada, own)


def test_an_existing_mentor_is_not_invited_again() -> None:
    ada, grace = person("ada@example.com"), person("grace@example.com")
    make_mentorship(candidate=ada, mentor=grace)
    with pytest.raises(InvitationRefusedError, match="your mentor already"):
        invited(ada)


def test_who_was_asked_by_the_mentor_is_sent_to_that_request_instead() -> None:
    ada, grace = person("ada@example.com"), person("grace@example.com", mentor=True)
    mentorships.ask_candidate(mentor=grace, candidate_email="ada@example.com", now=NOW)
    with pytest.raises(InvitationRefusedError, match="asked you already"):
        invited(ada)


def test_after_an_end_the_same_two_can_begin_again() -> None:
    ada, grace = person("ada@example.com"), person("grace@example.com")
    make_mentorship(candidate=ada, mentor=grace, revoked=True)
    assert invited(ada).is_pending


def test_only_a_mentor_asks_a_candidate() -> None:
    with pytest.raises(InvitationRefusedError, match="Only mentors"):
        mentorships.ask_candidate(mentor=person("ada@example.com"), candidate_email="bob@example.com", now=NOW)


def test_the_twentieth_invitation_of_a_day_is_made_and_the_next_one_waits_for_tomorrow() -> None:
    ada = person("ada@example.com")
    for number in range(20):
        invited(ada, f"mentor{number}@example.com")
    with pytest.raises(InvitationRefusedError, match="20 invitations a day"):
        invited(ada)
    mentorships.invite_mentor(candidate=ada, mentor_email="grace@example.com", now=NOW + timedelta(days=1, seconds=1))


def test_withdrawn_invitations_count_so_that_nobody_is_mailed_in_a_loop() -> None:
    ada = person("ada@example.com")
    for _ in range(20):
        mentorships.end(mentorship_id=invited(ada).pk, user=ada, now=NOW)
    with pytest.raises(InvitationRefusedError, match="20 invitations a day"):
        invited(ada)


# --- Accepting ----------------------------------------------------------------------------------------------------


def test_accepting_as_mentor_gives_consent_and_the_role() -> None:
    ada, grace = person("ada@example.com"), person("grace@example.com")
    mentorship = mentorships.accept(invitation_id=invited(ada).pk, user=grace, now=NOW)
    assert Mentorship.objects.active().get() == mentorship
    assert (mentorship.candidate, mentorship.mentor) == (ada, grace)
    assert grace.is_mentor
    assert not ada.is_mentor


def test_accepting_as_candidate_gives_consent_and_no_role() -> None:
    ada, grace = person("ada@example.com"), person("grace@example.com", mentor=True)
    request, _ = mentorships.ask_candidate(mentor=grace, candidate_email="ada@example.com", now=NOW)
    mentorship = mentorships.accept(invitation_id=request.pk, user=ada, now=NOW)
    assert (mentorship.candidate, mentorship.mentor) == (ada, grace)
    assert not ada.is_mentor


def test_accepting_twice_is_accepting_once() -> None:
    grace = person("grace@example.com")
    invitation = invited(person("ada@example.com"))
    mentorships.accept(invitation_id=invitation.pk, user=grace, now=NOW)
    again = mentorships.accept(invitation_id=invitation.pk, user=grace, now=NOW + timedelta(hours=1))
    assert again.accepted_at == NOW


def test_a_second_confirmed_address_of_the_same_person_may_accept() -> None:
    grace = person("grace@home.example.com")
    EmailAddress.objects.create(user=grace, email="grace@example.com", verified=True)
    assert mentorships.accept(invitation_id=invited(person("ada@example.com")).pk, user=grace, now=NOW).mentor == grace


def test_an_unconfirmed_address_accepts_nothing_and_is_named_only_masked() -> None:
    grace = person("grace@example.com", verified=False)
    with pytest.raises(mentorships.WrongAddressError) as caught:
        mentorships.accept(invitation_id=invited(person("ada@example.com")).pk, user=grace, now=NOW)
    assert caught.value.hint == "g•••@example.com"
    assert not Mentorship.objects.active().exists()


def test_the_inviter_cannot_accept_for_the_other_side_with_an_address_added_later() -> None:
    ada = person("ada@example.com")
    invitation = invited(ada)
    EmailAddress.objects.create(user=ada, email="grace@example.com", verified=True)
    with pytest.raises(InvitationRefusedError, match="your own invitation"):
        mentorships.accept(invitation_id=invitation.pk, user=ada, now=NOW)


def test_a_withdrawn_or_unknown_invitation_cannot_be_accepted() -> None:
    ada, grace = person("ada@example.com"), person("grace@example.com")
    invitation = invited(ada)
    mentorships.end(mentorship_id=invitation.pk, user=ada, now=NOW)
    for gone in (invitation.pk, uuid4()):
        with pytest.raises(mentorships.InvitationGoneError):
            mentorships.accept(invitation_id=gone, user=grace, now=NOW)


def test_somebody_else_cannot_accept_what_was_accepted() -> None:
    invitation = invited(person("ada@example.com"))
    mentorships.accept(invitation_id=invitation.pk, user=person("grace@example.com"), now=NOW)
    with pytest.raises(mentorships.InvitationGoneError):
        mentorships.accept(invitation_id=invitation.pk, user=person("eve@example.com"), now=NOW)


def test_two_addresses_of_one_mentor_make_one_mentorship() -> None:
    ada, grace = person("ada@example.com"), person("grace@example.com")
    EmailAddress.objects.create(user=grace, email="grace@home.example.com", verified=True)
    first = mentorships.accept(invitation_id=invited(ada).pk, user=grace, now=NOW)
    second = mentorships.accept(invitation_id=invited(ada, "grace@home.example.com").pk, user=grace, now=NOW)
    assert second == first
    assert Mentorship.objects.living().count() == 1


# --- Ending -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["candidate", "mentor"])
def test_either_side_ends_a_mentorship_and_ending_twice_is_ending_once(side: str) -> None:
    mentorship = make_mentorship(candidate=person("ada@example.com"), mentor=person("grace@example.com"))
    user: User = getattr(mentorship, side)
    assert mentorships.end(mentorship_id=mentorship.pk, user=user, now=NOW)
    assert not mentorships.end(mentorship_id=mentorship.pk, user=user, now=NOW + timedelta(hours=1))
    mentorship.refresh_from_db()
    assert mentorship.revoked_at == NOW


def test_a_stranger_ends_nothing() -> None:
    mentorship = make_mentorship(candidate=person("ada@example.com"), mentor=person("grace@example.com"))
    with pytest.raises(Mentorship.DoesNotExist):
        mentorships.end(mentorship_id=mentorship.pk, user=person("eve@example.com"), now=NOW)


def test_an_unconfirmed_address_declines_nothing() -> None:
    invitation = invited(person("ada@example.com"))
    with pytest.raises(Mentorship.DoesNotExist):
        mentorships.end(mentorship_id=invitation.pk, user=person("grace@example.com", verified=False), now=NOW)


def test_the_invited_person_declines() -> None:
    invitation = invited(person("ada@example.com"))
    assert mentorships.end(mentorship_id=invitation.pk, user=person("grace@example.com"), now=NOW)
    assert not Mentorship.objects.living().exists()


def test_ending_closes_every_door_between_the_two() -> None:
    ada, grace = person("ada@example.com"), person("grace@example.com")
    first = make_mentorship(candidate=ada, mentor=grace)
    Mentorship.objects.create(
        candidate=ada,
        mentor=grace,
        candidate_email="ada@example.com",
        mentor_email="grace@home.example.com",
        initiator="candidate",
        accepted_at=NOW,
    )
    mentorships.end(mentorship_id=first.pk, user=ada, now=NOW)
    assert not Mentorship.objects.active().exists()


# --- At the same time ---------------------------------------------------------------------------------------------


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run the calls in threads of their own and return what each returned or raised."""
    results: list[object] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(place: int) -> None:
        barrier.wait()
        try:
            results[place] = calls[place]()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_several_invitations_at_once_are_one() -> None:
    ada = person("ada@example.com")
    results = at_once(*[lambda: invited(ada)] * 4)
    assert len({getattr(result, "pk", None) for result in results}) == 1
    assert Mentorship.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_both_sides_asking_at_once_leave_one_invitation() -> None:
    ada, grace = person("ada@example.com"), person("grace@example.com", mentor=True)
    results = at_once(
        lambda: mentorships.invite_mentor(candidate=ada, mentor_email="grace@example.com", now=NOW),
        lambda: mentorships.ask_candidate(mentor=grace, candidate_email="ada@example.com", now=NOW),
    )
    assert sum(isinstance(result, InvitationRefusedError) for result in results) == 1
    assert Mentorship.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_daily_limit_holds_against_several_clicks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = person("ada@example.com")
    for number in range(19):
        invited(ada, f"mentor{number}@example.com")
    count = mentorships.invitations_left

    def count_slowly(user: User, *, now: datetime) -> int:
        left = count(user, now=now)
        time.sleep(0.1)  # long enough for the others to count too, if nothing held them back
        return left

    monkeypatch.setattr(mentorships, "invitations_left", count_slowly)
    at_once(*[lambda number=number: invited(ada, f"late{number}@example.com") for number in range(3)])
    assert Mentorship.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_accepting_and_withdrawing_at_once_end_in_no_consent() -> None:
    ada, grace = person("ada@example.com"), person("grace@example.com")
    invitation = invited(ada)
    at_once(
        lambda: mentorships.accept(invitation_id=invitation.pk, user=grace, now=NOW),
        lambda: mentorships.end(mentorship_id=invitation.pk, user=ada, now=NOW),
    )
    assert not Mentorship.objects.active().exists()


# --- The mail -----------------------------------------------------------------------------------------------------


def test_the_mail_carries_the_link_and_whom_to_answer() -> None:
    ada = person("ada@example.com")
    ada.name = "Ada <b>& Co"
    ada.save()
    invitation = invited(ada)
    assert mentorships.deliver(invitation=invitation, link=LINK, now=NOW) is Delivery.SENT
    (message,) = mail.outbox
    assert message.to == ["grace@example.com"]
    assert message.reply_to == ["ada@example.com"]
    assert LINK in message.body
    assert "Ada <b>& Co" in message.body
    invitation.refresh_from_db()
    assert invitation.sent_at == NOW


def test_a_mail_goes_out_at_most_once_a_day() -> None:
    invitation = invited(person("ada@example.com"))
    mentorships.deliver(invitation=invitation, link=LINK, now=NOW)
    early, late = NOW + timedelta(hours=23, minutes=59), NOW + timedelta(days=1)
    assert mentorships.deliver_again(invitation=invitation, link=LINK, now=early) is Delivery.TOO_SOON
    assert mentorships.deliver_again(invitation=invitation, link=LINK, now=late) is Delivery.SENT
    assert len(mail.outbox) == 2


FAILURES = [smtplib.SMTPServerDisconnected("gone"), ConnectionRefusedError(), UnicodeError("label too long")]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_mail_that_fails_can_be_sent_again_at_once(failure: Exception) -> None:
    invitation = invited(person("ada@example.com"))
    with patch.object(EmailMessage, "send", side_effect=failure):
        assert mentorships.deliver(invitation=invitation, link=LINK, now=NOW) is Delivery.FAILED
    invitation.refresh_from_db()
    assert invitation.sent_at is None
    assert mentorships.deliver_again(invitation=invitation, link=LINK, now=NOW) is Delivery.SENT


def test_an_inviters_own_address_writes_no_header_lines_into_the_mail() -> None:
    """An account from before addresses were checked, or made by hand."""
    invitation = invited(person('"\x1c\x85\u202eBcc:x"@example.com'))
    assert mentorships.deliver(invitation=invitation, link=LINK, now=NOW) is Delivery.SENT
    message = mail.outbox[0]
    assert isinstance(message, EmailMessage)
    for text in (message.subject, *message.reply_to):
        assert not {"\x1c", "\x85", "\u202e"} & set(str(text))
    assert "Bcc" not in message.message()


def test_sending_again_counts_as_one_of_the_days_invitations() -> None:
    ada = person("ada@example.com")
    old = invited(ada)
    tomorrow = NOW + timedelta(days=1, seconds=1)
    for number in range(20):
        mentorships.invite_mentor(candidate=ada, mentor_email=f"mentor{number}@example.com", now=tomorrow)
    with pytest.raises(InvitationRefusedError, match="20 invitations a day"):
        mentorships.deliver_again(invitation=old, link=LINK, now=tomorrow)


def test_an_answered_invitation_is_not_mailed() -> None:
    invitation = invited(person("ada@example.com"))
    mentorships.accept(invitation_id=invitation.pk, user=person("grace@example.com"), now=NOW)
    assert mentorships.deliver(invitation=invitation, link=LINK, now=NOW) is Delivery.TOO_SOON
    assert not mail.outbox


def test_a_user_made_without_addresses_can_be_given_one() -> None:
    user = make_user("ada@example.com")
    record_address(user, verified=True)
    assert invited(person("bob@example.com"), "ada@example.com").invited_email == "ada@example.com"

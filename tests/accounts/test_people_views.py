"""The people pages: who may open and post what, what they say, and what they cost."""

import smtplib
from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.access import GUEST_SESSION_KEY
from interviewprep.accounts.models import CURATOR_GROUP, MENTOR_GROUP, Mentorship, User
from interviewprep.accounts.people import create_person
from tests.clients import signed_in
from tests.factories import NOW, make_guest, make_mentorship

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return create_person(email="ada@example.com", password=None, name="Ada")


@pytest.fixture
def grace() -> User:
    return create_person(email="grace@example.com", password=None, name="Grace", groups=[MENTOR_GROUP])


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def invite(client: Client, email: str = "grace@example.com") -> Mentorship:
    client.post(reverse("invite_mentor"), {"mentor-email": email})
    return Mentorship.objects.get(mentor_email=email)


# --- Who gets in --------------------------------------------------------------------------------------------------

PAGES = ["people", "profile"]
POSTS = ["invite_mentor", "ask_candidate"]


@pytest.mark.parametrize("name", PAGES + POSTS)
def test_visitors_and_guests_are_asked_to_sign_in(client: Client, name: str) -> None:
    session = client.session
    session[GUEST_SESSION_KEY] = str(make_guest().pk)
    session.save()
    for browser in (Client(), client):
        call = browser.post if name in POSTS else browser.get
        assert call(reverse(name)).headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["invitation_accept", "invitation_send", "mentorship_end"])
def test_visitors_are_asked_to_sign_in_before_they_change_anything(client: Client, name: str) -> None:
    response = client.post(reverse(name, args=[uuid4()]))
    assert response.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", POSTS)
def test_inviting_is_a_post(ada: User, name: str) -> None:
    assert signed_in(ada).get(reverse(name)).status_code == 405


def test_pages_are_not_posted_to(ada: User) -> None:
    assert signed_in(ada).post(reverse("people")).status_code == 405
    assert signed_in(ada).post(reverse("invitation", args=[uuid4()])).status_code == 405
    assert signed_in(ada).get(reverse("invitation_accept", args=[uuid4()])).status_code == 405
    assert signed_in(ada).get(reverse("invitation_send", args=[uuid4()])).status_code == 405


def test_a_malformed_id_is_not_found(ada: User) -> None:
    for address in ("/people/invitations/1/", "/people/invitations/x/accept/", "/people/not-a-uuid/end/"):
        assert signed_in(ada).get(address).status_code == 404


def test_a_curator_has_no_part_in_other_peoples_mentorships(ada: User, grace: User) -> None:
    mentorship = make_mentorship(candidate=ada, mentor=grace)
    curator = signed_in(create_person(email="c@example.com", password=None, groups=[CURATOR_GROUP], is_staff=True))
    assert "Grace" not in text_of(curator, reverse("people"))
    for call in (curator.get, curator.post):
        assert call(reverse("mentorship_end", args=[mentorship.pk])).status_code == 404
    assert Mentorship.objects.active().exists()


def test_a_stranger_neither_ends_nor_resends(ada: User, grace: User) -> None:
    invitation = invite(signed_in(ada))
    eve = signed_in(create_person(email="eve@example.com", password=None))
    assert eve.post(reverse("mentorship_end", args=[invitation.pk])).status_code == 404
    assert eve.post(reverse("invitation_send", args=[invitation.pk])).status_code == 404
    assert Mentorship.objects.pending().exists()


# --- The page -----------------------------------------------------------------------------------------------------


def test_without_anybody_the_page_says_what_would_be_here_and_how_to_begin(ada: User) -> None:
    page = text_of(signed_in(ada), reverse("people"))
    assert "Nobody reads your interviews" in page
    assert "Send invitation" in page
    assert "Offer to be somebody" not in page, "only mentors offer that"


def test_the_page_says_exactly_what_a_mentor_will_see(ada: User) -> None:
    page = text_of(signed_in(ada), reverse("people"))
    for word in ("finished interviews", "questions", "answers", "verdicts", "times", "end this at any time"):
        assert word in page


def test_each_side_sees_the_other(ada: User, grace: User) -> None:
    make_mentorship(candidate=ada, mentor=grace)
    assert "grace@example.com" in text_of(signed_in(ada), reverse("people"))
    assert "ada@example.com" in text_of(signed_in(grace), reverse("people"))


def test_what_ended_long_ago_is_left_out(ada: User, grace: User) -> None:
    make_mentorship(candidate=ada, mentor=grace, revoked=True)
    client = signed_in(ada)
    assert "grace@example.com" not in text_of(client, reverse("people"))
    Mentorship.objects.update(revoked_at=NOW + timedelta(days=36500))
    assert "grace@example.com" in text_of(client, reverse("people"))


def test_the_page_costs_the_same_for_one_and_for_many(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(ada)
    client.get(reverse("people"))
    for number in range(8):
        mentor = create_person(email=f"m{number}@example.com", password=None)
        make_mentorship(candidate=ada, mentor=mentor, accepted=number % 2 == 0, revoked=number % 3 == 0)
    # user, groups for the navigation, confirmed addresses, mentorships with both people
    with django_assert_num_queries(4):
        client.get(reverse("people"))


# --- Inviting -----------------------------------------------------------------------------------------------------


def test_inviting_sends_one_mail_whose_link_opens_the_invitation(ada: User) -> None:
    client = signed_in(ada)
    invitation = invite(client)
    (message,) = mail.outbox
    assert f"http://testserver{reverse('invitation', args=[invitation.pk])}" in message.body
    assert "is on its way to grace@example.com" in text_of(client, reverse("people"))


def test_inviting_twice_mails_once_and_says_so(ada: User) -> None:
    client = signed_in(ada)
    invite(client)
    response = client.post(reverse("invite_mentor"), {"mentor-email": "GRACE@example.com"}, follow=True)
    assert "There is still one invitation" in response.content.decode()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("address", "words"),
    [("not an address", "not an e-mail address"), ("", "required"), ("ada@example.com", "your own address")],
)
def test_an_address_that_cannot_be_invited_gets_clear_words(ada: User, address: str, words: str) -> None:
    response = signed_in(ada).post(reverse("invite_mentor"), {"mentor-email": address})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Mentorship.objects.exists()


def test_header_injection_is_refused(ada: User) -> None:
    response = signed_in(ada).post(reverse("invite_mentor"), {"mentor-email": "x@example.com\nBcc: y@example.com"})
    assert response.status_code == 422
    assert not mail.outbox


def test_a_candidate_without_the_role_cannot_ask_candidates(ada: User) -> None:
    response = signed_in(ada).post(reverse("ask_candidate"), {"candidate-email": "bob@example.com"})
    assert response.status_code == 422
    assert not Mentorship.objects.exists()


def test_a_mail_that_fails_is_told_kept_and_sent_by_the_next_click(ada: User) -> None:
    client = signed_in(ada)
    with patch.object(EmailMessage, "send", side_effect=smtplib.SMTPException("away")):
        response = client.post(reverse("invite_mentor"), {"mentor-email": "grace@example.com"}, follow=True)
    page = response.content.decode()
    assert "could not be sent" in page
    assert "the mail has not been sent" in page
    invitation = Mentorship.objects.get()
    assert reverse("invitation", args=[invitation.pk]) in page, "the link can be sent by hand"
    client.post(reverse("invitation_send", args=[invitation.pk]))
    assert len(mail.outbox) == 1


def test_the_invited_person_does_not_mail_the_invitation(ada: User, grace: User) -> None:
    invitation = invite(signed_in(ada))
    Mentorship.objects.update(sent_at=None)
    signed_in(grace).post(reverse("invitation_send", args=[invitation.pk]))
    assert len(mail.outbox) == 1


def test_with_the_cross_site_check_on_a_post_without_its_token_changes_nothing(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert client.post(reverse("invite_mentor"), {"mentor-email": "grace@example.com"}).status_code == 403
    assert not Mentorship.objects.exists()


# --- Answering ----------------------------------------------------------------------------------------------------


def test_the_link_shows_a_visitor_who_asks_and_only_a_masked_address(ada: User, client: Client) -> None:
    invitation = invite(signed_in(ada))
    page = text_of(client, reverse("invitation", args=[invitation.pk]))
    assert "Ada" in page
    assert "g•••@example.com" in page
    assert "grace@example.com" not in page
    assert "ada@example.com" not in page
    assert f"{reverse('account_login')}?next={reverse('invitation', args=[invitation.pk])}" in page


def test_another_signed_in_user_is_told_how_to_go_on(ada: User) -> None:
    invitation = invite(signed_in(ada))
    eve = signed_in(create_person(email="eve@example.com", password=None))
    page = text_of(eve, reverse("invitation", args=[invitation.pk]))
    assert "g•••@example.com" in page
    assert "eve@example.com" in page
    assert "grace@example.com" not in page
    assert "Become their mentor" not in page


def test_accepting_with_another_address_changes_nothing_and_explains(ada: User) -> None:
    invitation = invite(signed_in(ada))
    eve = signed_in(create_person(email="eve@example.com", password=None))
    response = eve.post(reverse("invitation_accept", args=[invitation.pk]), follow=True)
    assert "g•••@example.com" in response.content.decode()
    assert not Mentorship.objects.active().exists()


def test_the_invited_person_accepts_and_becomes_a_mentor(ada: User) -> None:
    invitation = invite(signed_in(ada))
    newcomer = create_person(email="grace@example.com", password=None)
    client = signed_in(newcomer)
    assert "Become their mentor" in text_of(client, reverse("invitation", args=[invitation.pk]))
    response = client.post(reverse("invitation_accept", args=[invitation.pk]))
    assert response.headers["Location"] == reverse("mentoring")
    assert "You can now read the finished interviews of Ada" in text_of(client, reverse("mentoring"))
    assert Mentorship.objects.active().filter(mentor=newcomer, candidate=ada).exists()


def test_a_candidate_who_is_asked_reads_what_they_agree_to(ada: User, grace: User) -> None:
    signed_in(grace).post(reverse("ask_candidate"), {"candidate-email": "ada@example.com"})
    invitation = Mentorship.objects.get()
    client = signed_in(ada)
    assert "What a mentor sees" in text_of(client, reverse("invitation", args=[invitation.pk]))
    response = client.post(reverse("invitation_accept", args=[invitation.pk]), follow=True)
    assert "Grace can now read your finished interviews" in response.content.decode()
    assert response.redirect_chain[-1][0] == reverse("people")


def test_declining_ends_the_invitation(ada: User, grace: User) -> None:
    invitation = invite(signed_in(ada))
    response = signed_in(grace).post(reverse("mentorship_end", args=[invitation.pk]), follow=True)
    assert "You declined the invitation" in response.content.decode()
    assert not Mentorship.objects.living().exists()


@pytest.mark.parametrize("name", ["invitation", "invitation_accept"])
def test_an_invitation_that_is_gone_says_so(ada: User, grace: User, name: str) -> None:
    invitation = invite(signed_in(ada))
    signed_in(ada).post(reverse("mentorship_end", args=[invitation.pk]))
    client = signed_in(grace)
    call = client.get if name == "invitation" else client.post
    for gone in (invitation.pk, uuid4()):
        response = call(reverse(name, args=[gone]))
        assert response.status_code == 410
        assert "no longer open" in response.content.decode()


def test_the_link_of_an_accepted_invitation_tells_a_visitor_nothing(ada: User, grace: User, client: Client) -> None:
    mentorship = make_mentorship(candidate=ada, mentor=grace)
    response = client.get(reverse("invitation", args=[mentorship.pk]))
    assert response.status_code == 410
    assert "Ada" not in response.content.decode()


def test_ones_own_invitation_link_leads_back_to_the_list(ada: User) -> None:
    client = signed_in(ada)
    response = client.get(reverse("invitation", args=[invite(client).pk]))
    assert response.headers["Location"] == reverse("people")


# --- Ending -------------------------------------------------------------------------------------------------------


def test_ending_says_first_what_the_mentor_loses_and_only_then_ends(ada: User, grace: User) -> None:
    mentorship = make_mentorship(candidate=ada, mentor=grace)
    client = signed_in(ada)
    page = text_of(client, reverse("mentorship_end", args=[mentorship.pk]))
    assert "can then no longer open any of your interviews" in page
    assert "comments written so far stay" in page
    assert Mentorship.objects.active().exists()
    response = client.post(reverse("mentorship_end", args=[mentorship.pk]), follow=True)
    assert "Grace can no longer read your interviews" in response.content.decode()
    assert not Mentorship.objects.active().exists()


def test_a_mentor_can_stop_too_and_is_told_what_is_lost(ada: User, grace: User) -> None:
    mentorship = make_mentorship(candidate=ada, mentor=grace)
    client = signed_in(grace)
    assert "Stop mentoring Ada" in text_of(client, reverse("mentorship_end", args=[mentorship.pk]))
    client.post(reverse("mentorship_end", args=[mentorship.pk]))
    assert not Mentorship.objects.active().exists()


def test_ending_twice_is_harmless(ada: User, grace: User) -> None:
    mentorship = make_mentorship(candidate=ada, mentor=grace)
    client = signed_in(ada)
    for _ in range(2):
        assert client.post(reverse("mentorship_end", args=[mentorship.pk])).status_code == 302
    assert client.get(reverse("mentorship_end", args=[mentorship.pk])).status_code == 302

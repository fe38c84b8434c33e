"""Signing up: a guest keeps their row and with it their interview; other addresses learn and get nothing."""

import re
from smtplib import SMTPException
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import IntegrityError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from interviewprep.accounts.access import GUEST_SESSION_KEY
from interviewprep.accounts.adapter import AccountAdapter
from interviewprep.accounts.models import User
from interviewprep.accounts.people import create_person
from tests.factories import CLIENT, PASSWORD, make_finished_session, make_guest, make_session, questions_of

pytestmark = pytest.mark.django_db


def as_guest(client: Client) -> User:
    guest = make_guest()
    session = client.session
    session[GUEST_SESSION_KEY] = str(guest.pk)
    session.save()
    return guest


def sign_up(client: Client, email: str = "ada@example.com") -> int:
    response = client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD})
    return response.status_code


def mailed_code() -> str:
    body = str(mail.outbox[-1].body)
    found = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", body, re.MULTILINE)
    assert found, body
    return found[1]


def without_token(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)


def test_a_guest_who_signs_up_keeps_the_row_and_the_interview(client: Client) -> None:
    guest = as_guest(client)
    session = make_finished_session(candidate=guest)
    assert sign_up(client) == 302
    guest.refresh_from_db()
    session.refresh_from_db()
    assert (guest.is_guest, guest.email) == (False, "ada@example.com")
    assert guest.check_password(PASSWORD)
    assert session.candidate == guest
    assert User.objects.count() == 1


def test_after_the_code_the_former_guest_is_signed_in_with_their_interview(client: Client) -> None:
    guest = as_guest(client)
    session = make_finished_session(candidate=guest)
    sign_up(client)
    assert client.get(reverse("transcript", args=[session.pk])).status_code == 302, (
        "not before the address is confirmed"
    )
    client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    assert client.session["_auth_user_id"] == str(guest.pk)
    assert client.get(reverse("transcript", args=[session.pk])).status_code == 200


def test_a_tab_with_the_interview_goes_on_saving_once_another_tab_has_signed_up(client: Client) -> None:
    """Between sign-up and the code nobody is there, and the page says so; then it is the same row's again."""
    guest = as_guest(client)
    session = make_session(candidate=guest, now=timezone.now())
    address = reverse("interview_draft", args=[session.pk, questions_of(session)[0].pk])
    data = {"body": "Words.", "answer_format": "text", "base_revision": "0", "client_id": str(CLIENT), "sequence": "1"}
    sign_up(client)
    assert client.post(address, data, headers={"HX-Request": "true"}).status_code == 401
    client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    assert client.post(address, data, headers={"HX-Request": "true"}).status_code == 200
    assert questions_of(session)[0].answer.body == "Words."


def test_after_sign_up_the_guest_leaves_the_browser_session(client: Client) -> None:
    as_guest(client)
    sign_up(client)
    assert GUEST_SESSION_KEY not in client.session


def test_an_address_with_an_account_does_not_get_the_guest(client: Client) -> None:
    grace = create_person(email="grace@example.com", password=PASSWORD)
    guest = as_guest(client)
    sign_up(client, "grace@example.com")
    guest.refresh_from_db()
    assert (guest.is_guest, guest.email) == (True, None)
    grace.refresh_from_db()
    assert grace.check_password(PASSWORD)
    assert User.objects.count() == 2


def test_sign_up_answers_the_same_for_known_and_new_addresses_also_to_a_guest() -> None:
    create_person(email="grace@example.com", password=PASSWORD)
    seen = []
    for email in ("grace@example.com", "new@example.com"):
        client = Client()
        session = make_finished_session(candidate=as_guest(client))
        response = client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD})
        next_page = client.get(response.headers["Location"]).content.decode().replace(email, "-")
        own_page = client.get(reverse("transcript", args=[session.pk]))
        seen.append(
            (response.status_code, response.headers["Location"], own_page.status_code, without_token(next_page))
        )
    assert seen[0] == seen[1]


def test_sign_up_takes_as_many_password_hashes_for_a_known_address_as_for_a_new_one(settings: Settings) -> None:
    """A hash takes half a second: without it the answer for a known address comes at once and tells it is known."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    create_person(email="grace@example.com", password=PASSWORD)
    taken = []
    for email in ("grace@example.com", "new@example.com"):
        CountingHasher.hashes = 0
        sign_up(Client(), email)
        taken.append(CountingHasher.hashes)
    assert taken == [1, 1]


@pytest.mark.parametrize("failure", [SMTPException("away"), ConnectionRefusedError(), UnicodeError("label too long")])
def test_while_no_mail_can_be_sent_the_account_is_kept_and_the_code_sent_by_the_next_click(
    client: Client, failure: Exception
) -> None:
    with patch.object(EmailMessage, "send", side_effect=failure):
        response = client.post(reverse("account_signup"), {"email": "ada@example.com", "password1": PASSWORD})
        page = client.get(response.headers["Location"]).content.decode()
    assert "The mail to ada@example.com could not be sent" in page
    assert "Send another code" in page
    cache.clear()  # a code every few seconds
    client.post(reverse("account_email_verification_sent"), {"action": "resend"})
    client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    assert client.session["_auth_user_id"] == str(User.objects.get(email="ada@example.com").pk)


def test_while_no_mail_can_be_sent_asking_for_a_new_password_tells_nobody_who_has_an_account() -> None:
    create_person(email="grace@example.com", password=PASSWORD)
    pages = []
    for email in ("grace@example.com", "new@example.com"):
        with patch.object(EmailMessage, "send", side_effect=SMTPException("away")):
            response = Client().post(reverse("account_reset_password"), {"email": email}, follow=True)
        pages.append(without_token(response.content.decode()).replace(email, "-"))
    assert "could not be sent" in pages[0]
    assert pages[0] == pages[1]


def test_sign_up_without_having_been_a_guest_makes_a_new_row(client: Client) -> None:
    sign_up(client)
    assert not User.objects.get(email="ada@example.com").is_guest


def test_a_sign_up_that_is_refused_leaves_the_guest_alone(client: Client) -> None:
    guest = as_guest(client)
    client.post(reverse("account_signup"), {"email": "ada@example.com", "password1": "short"})
    guest.refresh_from_db()
    assert guest.is_guest
    assert client.session[GUEST_SESSION_KEY] == str(guest.pk)


def test_two_sign_ups_of_one_guest_at_once_make_two_accounts(client: Client, rf: RequestFactory) -> None:
    """Both requests have read the guest before either has written."""
    guest = as_guest(client)
    request = rf.post("/")
    request.session = client.session
    adapter = AccountAdapter(request)
    first, second = adapter.new_user(request), AccountAdapter(request).new_user(request)
    adapter.save_user(request, first, SignUpForm("ada@example.com"))
    saved = adapter.save_user(request, second, SignUpForm("bob@example.com"))
    guest.refresh_from_db()
    assert guest.email == "ada@example.com"
    assert saved.pk != guest.pk


def test_an_address_that_was_taken_meanwhile_is_answered_like_a_known_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(self: User, *args: object, **kwargs: object) -> None:
        raise IntegrityError("duplicate key value")

    monkeypatch.setattr(User, "save", taken)
    response = client.post(reverse("account_signup"), {"email": "ada@example.com", "password1": PASSWORD})
    assert response.headers["Location"] == reverse("account_email_verification_sent")


def test_an_unconfirmed_account_signs_in_only_with_the_code(client: Client) -> None:
    create_person(email="ada@example.com", password=PASSWORD, verified=False)
    client.post(reverse("account_login"), {"login": "ada@example.com", "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    assert "_auth_user_id" in client.session
    assert EmailAddress.objects.get(email="ada@example.com").verified


class CountingHasher(MD5PasswordHasher):
    """Count the hashes that are made."""

    algorithm = "counting"
    hashes = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashes += 1
        return super().encode(password, salt)


class SignUpForm:
    """What the adapter reads of a form that was valid."""

    def __init__(self, email: str) -> None:
        self.cleaned_data = {"email": email, "password1": PASSWORD}

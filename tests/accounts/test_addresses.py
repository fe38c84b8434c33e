"""Addresses: only those that a mail can go to are taken, wherever one is typed in."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from interviewprep.accounts.addresses import validate_mailable
from interviewprep.accounts.models import Mentorship, User
from tests.clients import signed_in
from tests.factories import PASSWORD, make_user

MAILABLE = [
    "ada@example.com",
    "a.d+a@sub.example.org",
    "x@münchen.de",
    "x@xn--mnchen-3ya.de",
    "x@localhost",
    "o'k@a.de",
]
QUOTED = '"\x1cBcc:x"@example.com'
UNMAILABLE = [
    f"x@{'é' * 60}.com",
    QUOTED,
    '"\x0b Bcc: x"@example.com',
    '"a b"@example.com',
    '"a,b"@example.com',
    "ſ@example.com",
    "x@ex\u200bample.com",
    "x@ex\u202eample.com",
    "x@ex\uff0cb\uff20evil.com",
    "x@exam\u2028ple.com",
    "no address",
    "",
]


@pytest.mark.parametrize("address", MAILABLE)
def test_an_address_that_is_taken_can_be_mailed(address: str) -> None:
    validate_mailable(address)
    assert EmailMessage("Subject", "Text", to=[address]).message()["To"].isascii()


@pytest.mark.parametrize("address", UNMAILABLE)
def test_an_address_that_no_mail_reaches_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="No mail can be sent to this address"):
        validate_mailable(address)


@pytest.mark.parametrize("address", UNMAILABLE)
@pytest.mark.django_db
def test_such_an_address_is_neither_signed_up_nor_invited_nor_sent_a_link(client: Client, address: str) -> None:
    ada = make_user("ada@example.com")
    asked = [
        client.post(reverse("account_signup"), {"email": address, "password1": PASSWORD}),
        client.post(reverse("account_reset_password"), {"email": address}),
        signed_in(ada).post(reverse("invite_mentor"), {"mentor-email": address}),
        signed_in(ada).post(reverse("account_email"), {"action_add": "", "email": address}),
    ]
    assert [response.status_code for response in asked] == [200, 200, 422, 200]
    assert User.objects.get() == ada
    assert not Mentorship.objects.exists()
    assert mail.outbox == []


@pytest.mark.django_db
def test_such_an_address_is_not_given_to_anybody_in_the_admin(client: Client) -> None:
    ada = make_user("ada@example.com", is_staff=True, is_superuser=True)
    client.force_login(ada)
    words = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    page = client.post(reverse("admin:accounts_user_add"), {"email": QUOTED, **words})
    changed = reverse("admin:accounts_user_change", args=[ada.pk])
    other = client.post(changed, {"email": QUOTED, "time_factor": "1.00", "is_active": "on"})
    for response in (page, other):
        assert "No mail can be sent to this address" in response.content.decode()
    assert [user.email for user in User.objects.all()] == ["ada@example.com"]

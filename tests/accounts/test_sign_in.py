"""Signing in and out: throttled, possible without Redis, the same page for the admin, and no guest left behind."""

from datetime import datetime

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from interviewprep import settings as project
from interviewprep.accounts import guests
from interviewprep.accounts.access import GUEST_SESSION_KEY
from interviewprep.accounts.models import CURATOR_GROUP, MENTOR_GROUP, User
from interviewprep.accounts.people import confirmed_addresses, create_person, masked
from tests.factories import NOW, PASSWORD, make_guest, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def redis_is_away(settings: Settings) -> None:
    """The project's own cache, at a port where nothing listens."""
    settings.CACHES = {"default": {**project.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}


def sign_in(client: Client, password: str = PASSWORD, email: str = "ada@example.com") -> int:
    return client.post(reverse("account_login"), {"login": email, "password": password}).status_code


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_person_made_by_hand_signs_in_at_once(client: Client) -> None:
    create_person(email="Ada@Example.com", password=PASSWORD, name="Ada")
    assert sign_in(client) == 302
    assert is_signed_in(client)


def test_a_person_gets_the_groups_and_the_admin_as_asked() -> None:
    grace = create_person(email="grace@example.com", password=None, groups=[MENTOR_GROUP, CURATOR_GROUP], is_staff=True)
    assert (grace.is_mentor, grace.is_curator, grace.is_staff) == (True, True, True)
    assert not grace.has_usable_password()
    assert Group.objects.filter(name=MENTOR_GROUP).count() == 1


def test_only_confirmed_addresses_count_as_somebodys() -> None:
    ada = create_person(email="ada@example.com", password=None)
    EmailAddress.objects.create(user=ada, email="claimed@example.com", verified=False)
    assert confirmed_addresses(ada) == {"ada@example.com"}


@pytest.mark.parametrize(
    ("address", "hint"), [("ada@example.com", "a•••@example.com"), ("x@y.org", "x•••@y.org"), ("", "•••@")]
)
def test_a_masked_address_reminds_its_owner_only(address: str, hint: str) -> None:
    assert masked(address) == hint


def test_after_five_wrong_passwords_even_the_right_one_waits(client: Client) -> None:
    create_person(email="ada@example.com", password=PASSWORD)
    for _ in range(5):
        sign_in(client, "wrong password")
    assert sign_in(client) == 200
    assert not is_signed_in(client)


def test_wrong_passwords_for_one_account_do_not_lock_out_another(client: Client) -> None:
    create_person(email="ada@example.com", password=PASSWORD)
    create_person(email="bob@example.com", password=PASSWORD)
    for _ in range(5):
        sign_in(client, "wrong password")
    assert sign_in(client, email="bob@example.com") == 302


def test_an_unknown_address_and_a_wrong_password_get_the_same_words(client: Client) -> None:
    create_person(email="ada@example.com", password=PASSWORD)
    pages = [
        client.post(reverse("account_login"), {"login": email, "password": "wrong password"}).context["form"].errors
        for email in ("ada@example.com", "nobody@example.com")
    ]
    assert pages[0] == pages[1]


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_people_sign_in_open_pages_and_sign_out(client: Client) -> None:
    create_person(email="ada@example.com", password=PASSWORD)
    assert sign_in(client, "wrong password") == 200
    assert sign_in(client) == 302
    assert client.get(reverse("people")).status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302
    assert client.get(reverse("people")).status_code == 302


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_people_sign_up(client: Client) -> None:
    response = client.post(reverse("account_signup"), {"email": "ada@example.com", "password1": PASSWORD})
    assert response.status_code == 302
    assert User.objects.filter(email="ada@example.com").exists()


def test_signing_out_forgets_the_guest_of_this_browser_too(client: Client) -> None:
    create_person(email="ada@example.com", password=PASSWORD)
    session = client.session
    session[GUEST_SESSION_KEY] = str(make_guest().pk)
    session.save()
    sign_in(client)
    client.post(reverse("account_logout"))
    assert GUEST_SESSION_KEY not in client.session


def test_a_guest_who_signs_in_hands_over_what_they_did(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, guest = create_person(email="ada@example.com", password=PASSWORD), make_guest()
    handed: list[tuple[User, User]] = []
    monkeypatch.setattr(guests, "_handlers", [lambda *, guest, user, now: handed.append((guest, user))])
    session = client.session
    session[GUEST_SESSION_KEY] = str(guest.pk)
    session.save()
    sign_in(client, "wrong password")
    assert handed == []
    assert "Your sample interview comes with you" in client.get(reverse("account_login")).content.decode()
    sign_in(client)
    assert handed == [(guest, ada)]
    assert GUEST_SESSION_KEY not in client.session


def test_registering_for_guests_twice_is_registering_once(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[User] = []

    def handler(*, guest: User, user: User, now: datetime) -> None:
        handed.append(guest)

    monkeypatch.setattr(guests, "_handlers", [])
    guests.register(handler)
    guests.register(handler)
    guest = make_guest()
    guests.hand_over(guest=guest, user=make_user(), now=NOW)
    assert handed == [guest]


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_logout"])
@pytest.mark.parametrize("target", ["http://[", "//[", "http://[::1", "https://evil.example/"])
def test_an_address_to_go_on_to_that_makes_no_sense_is_left_out(client: Client, name: str, target: str) -> None:
    create_person(email="ada@example.com", password=PASSWORD)
    data = {"login": "ada@example.com", "email": "new@example.com", "password": PASSWORD, "password1": PASSWORD}
    assert client.get(reverse(name), {"next": target}).status_code in {200, 302}
    response = client.post(reverse(name), {**data, "next": target})
    assert response.status_code == 302
    assert target not in response.headers["Location"]


def test_a_guest_cannot_sign_in_with_a_password(client: Client) -> None:
    make_guest()
    sign_in(client, "", email="")
    assert not is_signed_in(client)


# --- The admin ----------------------------------------------------------------------------------------------------


def test_the_admin_sends_visitors_to_the_one_sign_in_page(client: Client) -> None:
    response = client.get(reverse("admin:login"), {"next": reverse("admin:index")})
    assert response.headers["Location"].startswith(reverse("account_login"))
    assert "next=" in response.headers["Location"]


def test_a_password_sent_to_the_admins_own_form_signs_nobody_in(client: Client) -> None:
    create_person(email="ada@example.com", password=PASSWORD, is_staff=True)
    client.post(reverse("admin:login"), {"username": "ada@example.com", "password": PASSWORD})
    assert not is_signed_in(client)


def test_somebody_who_may_not_use_the_admin_is_refused_there(client: Client) -> None:
    client.force_login(make_user())
    assert client.get(reverse("admin:login")).status_code == 403


def test_a_superuser_from_the_command_line_signs_in_to_the_admin(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", interactive=False, email="root@example.com", verbosity=0)
    response = client.post(
        reverse("account_login"),
        {"login": "root@example.com", "password": PASSWORD, "next": reverse("admin:index")},
    )
    assert response.headers["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_superuser_without_a_confirmed_address_gets_a_code_and_then_the_admin(client: Client) -> None:
    """One that was made before, or by a script behind our back."""
    User.objects.create_user("root@example.com", PASSWORD, is_staff=True, is_superuser=True)
    response = client.post(reverse("account_login"), {"login": "root@example.com", "password": PASSWORD})
    assert response.headers["Location"] == reverse("account_email_verification_sent")

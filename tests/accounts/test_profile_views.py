"""The profile: name, usual extra time, roles, and the way to password and addresses."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from interviewprep.accounts.models import CURATOR_GROUP, MENTOR_GROUP, User
from interviewprep.accounts.people import create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return create_person(email="ada@example.com", password=None, name="Ada")


@pytest.fixture
def client(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def save(client: Client, **fields: str) -> int:
    return client.post(reverse("profile"), {"name": "Ada", "time_factor": "1.00"} | fields).status_code


def test_name_and_extra_time_are_saved(client: Client, ada: User) -> None:
    assert save(client, name="Ada  Lovelace", time_factor="1.25") == 302
    ada.refresh_from_db()
    assert (ada.name, ada.time_factor) == ("Ada Lovelace", Decimal("1.25"))


def test_accommodations_are_saved_and_shown(client: Client, ada: User) -> None:
    assert save(client, extra_minutes="10", hides_timer="on") == 302
    ada.refresh_from_db()
    assert (ada.extra_minutes, ada.hides_timer) == (10, True)
    page = client.get(reverse("profile")).content.decode()
    assert 'value="10"' in page
    assert re.search(r'name="hides_timer"[^>]*checked', page)


def test_taking_accommodations_back_is_leaving_them_empty(client: Client, ada: User) -> None:
    User.objects.update(extra_minutes=10, hides_timer=True)
    assert save(client, extra_minutes="") == 302
    ada.refresh_from_db()
    assert (ada.extra_minutes, ada.hides_timer) == (0, False)


@pytest.mark.parametrize(("minutes", "status"), [("0", 302), ("240", 302), ("241", 422), ("-1", 422), ("x", 422)])
def test_extra_minutes_are_a_number_up_to_four_hours(client: Client, minutes: str, status: int) -> None:
    assert save(client, extra_minutes=minutes) == status


def test_the_profile_is_closed_to_the_anonymous_and_to_other_methods(client: Client) -> None:
    assert client.put(reverse("profile")).status_code == 405
    client.logout()
    assert save(client, extra_minutes="10") == 302
    assert not User.objects.exclude(extra_minutes=0).exists()


def test_the_stored_extra_time_is_the_chosen_one(client: Client, ada: User) -> None:
    User.objects.update(time_factor=Decimal("1.50"))
    assert '<option value="1.50" selected>' in client.get(reverse("profile")).content.decode()


def test_an_unusual_factor_somebody_was_given_is_kept(client: Client, ada: User) -> None:
    User.objects.update(time_factor=Decimal("1.33"))
    assert save(client, time_factor="1.33") == 302
    ada.refresh_from_db()
    assert ada.time_factor == Decimal("1.33")


@pytest.mark.parametrize("factor", ["", "0.50", "9.00", "3.00", "x", "1e400", "NaN"])
def test_a_factor_that_is_not_offered_is_refused(client: Client, ada: User, factor: str) -> None:
    assert save(client, time_factor=factor) == 422
    ada.refresh_from_db()
    assert ada.time_factor == Decimal("1.00")


@pytest.mark.parametrize(
    "name",
    [
        "see https://example.com",
        "www.example.com",
        "evil.example",
        "Bob evil.example/pay",
        "evil/pay",
        "bob@example",
        "Bob\u202eelpmaxe",
        "Bob\u200bby",
        "x" * 101,
        "a\x00b",
        "a\x07b",
    ],
)
def test_a_name_that_could_not_go_into_a_mail_is_refused(client: Client, name: str) -> None:
    assert save(client, name=name) == 422


@pytest.mark.parametrize("name", ["J. R. R. Tolkien", "J.R.R. Tolkien", "Zoë O’Hara-Núñez", "Dr. 王 小明", "Ada B."])
def test_names_as_people_have_them_are_taken(client: Client, ada: User, name: str) -> None:
    assert save(client, name=name) == 302
    ada.refresh_from_db()
    assert ada.name == name


def test_nothing_else_can_be_changed_here(client: Client, ada: User) -> None:
    save(client, is_staff="on", is_superuser="on", email="eve@example.com")
    ada.refresh_from_db()
    assert (ada.is_staff, ada.is_superuser, ada.email) == (False, False, "ada@example.com")


def test_roles_and_the_way_to_password_and_addresses_are_shown(client: Client, ada: User) -> None:
    page = client.get(reverse("profile")).content.decode()
    assert reverse("account_change_password") in page
    assert reverse("account_email") in page
    assert "Candidate" in page
    assert "Curator" not in page
    both = create_person(email="both@example.com", password=None, groups=[MENTOR_GROUP, CURATOR_GROUP])
    client.force_login(both)
    page = client.get(reverse("profile")).content.decode()
    assert "<strong>Mentor</strong>" in page
    assert "<strong>Curator</strong>" in page

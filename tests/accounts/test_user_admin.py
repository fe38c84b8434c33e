"""People in the admin: for administrators, who hand out roles; nobody gives rights to themselves."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from interviewprep.accounts.models import CURATOR_GROUP, MENTOR_GROUP, User
from tests.factories import make_curator, make_guest, make_mentor, make_user

pytestmark = pytest.mark.django_db

LIST = reverse("admin:accounts_user_changelist")
ADD = reverse("admin:accounts_user_add")


def change_url(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


@pytest.fixture
def superuser(client: Client) -> Client:
    client.force_login(make_user("root@example.com", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def clerk(client: Client) -> Client:
    """Somebody who may change people but is no superuser."""
    user = make_user("clerk@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts", codename__endswith="_user"))
    client.force_login(user)
    return client


def typed(user: User, **fields: Any) -> dict[str, Any]:
    usual = {"time_factor": "1.00", "extra_minutes": "0", "is_active": "on"}
    return {"email": user.email or "", "name": user.name} | usual | fields


def test_people_are_listed_with_their_roles_and_found_by_address(superuser: Client) -> None:
    make_mentor("mentor@example.com", name="Mina")
    make_guest()
    html = superuser.get(LIST).content.decode()
    assert "Mentor" in html
    assert "guest " in html
    found = superuser.get(LIST, {"q": "mina"}).content.decode()
    assert "mentor@example.com" in found
    assert "guest " not in found.replace("By guest ", "")


def test_the_list_costs_the_same_statements_however_long(superuser: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            superuser.get(LIST)
        return len(queries)

    make_mentor()
    statements()
    few = statements()
    for _ in range(3):
        make_mentor()
        make_curator()
    assert statements() == few


def test_a_person_is_created_by_address(superuser: Client) -> None:
    data = {"email": "New@Example.com", "name": "New", "usable_password": "true"}
    passwords = {"password1": "long enough words", "password2": "long enough words"}
    assert superuser.post(ADD, data | passwords).status_code == 302
    user = User.objects.get(email="new@example.com")
    assert user.check_password("long enough words")
    again = superuser.post(ADD, data | passwords | {"email": "NEW@example.com"})
    assert "exists already" in again.content.decode()


def test_making_somebody_a_curator_lets_them_into_the_admin(superuser: Client) -> None:
    user = make_user()
    group = Group.objects.get(name=CURATOR_GROUP)
    response = superuser.post(change_url(user), typed(user, groups=[group.pk]), follow=True)
    assert "may use the admin now, as curators do" in response.content.decode()
    user = User.objects.get(pk=user.pk)
    assert (user.is_staff, user.is_curator, user.is_superuser) == (True, True, False)


def test_making_somebody_a_mentor_does_not(superuser: Client) -> None:
    user = make_user()
    superuser.post(change_url(user), typed(user, groups=[Group.objects.get_or_create(name=MENTOR_GROUP)[0].pk]))
    user = User.objects.get(pk=user.pk)
    assert (user.is_mentor, user.is_staff) == (True, False)


def test_only_a_superuser_hands_out_rights(clerk: Client) -> None:
    user = make_user()
    group = Group.objects.get(name=CURATOR_GROUP)
    data = typed(user, name="Renamed", groups=[group.pk], is_staff="on", is_superuser="on")
    assert clerk.post(change_url(user), data).status_code == 302
    user = User.objects.get(pk=user.pk)
    assert (user.name, user.is_staff, user.is_superuser, user.is_curator) == ("Renamed", False, False, False)


def test_a_persons_accommodations_are_set_here(clerk: Client) -> None:
    user = make_user()
    given = typed(user, time_factor="1.35", extra_minutes="15", hides_timer="on")
    assert clerk.post(change_url(user), given).status_code == 302
    user = User.objects.get(pk=user.pk)
    assert (user.time_factor, user.extra_minutes, user.hides_timer) == (Decimal("1.35"), 15, True)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("time_factor", "0.50", "The factor can be 1 to 4"),
        ("time_factor", "4.50", "The factor can be 1 to 4"),
        ("extra_minutes", "241", "less than or equal to 240"),
    ],
)
def test_an_accommodation_beyond_its_bounds_is_refused_in_words(
    superuser: Client, field: str, value: str, words: str
) -> None:
    user = make_user()
    response = superuser.post(change_url(user), typed(user, **{field: value}))
    assert response.status_code == 200
    assert words in response.content.decode()
    user = User.objects.get(pk=user.pk)
    assert (user.time_factor, user.extra_minutes) == (Decimal("1.00"), 0)


def test_only_a_superuser_touches_a_superuser(clerk: Client) -> None:
    root = make_user("root@example.com", is_superuser=True)
    assert clerk.post(change_url(root), typed(root, email="mine@example.com")).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    words = {"usable_password": "true", "password1": "long enough words", "password2": "long enough words"}
    assert clerk.post(password, words).status_code == 403
    assert clerk.post(reverse("admin:accounts_user_delete", args=[root.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.get(pk=root.pk).email == "root@example.com"


@pytest.mark.parametrize("make_person", [make_user, make_mentor, make_curator])
def test_people_are_for_administrators_only(client: Client, make_person: Any) -> None:
    client.force_login(make_person())
    for page in (LIST, ADD, change_url(make_user())):
        assert client.get(page, follow=True).status_code == 403

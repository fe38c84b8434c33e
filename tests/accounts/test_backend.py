"""The user of a request is the one the ORM would load, for one statement, and only while they may sign in."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.conf import settings
from django.forms.models import model_to_dict
from django.test import Client
from django.utils.module_loading import import_string
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.backend import UserBackend
from interviewprep.accounts.models import User
from tests.factories import make_guest, make_mentor, make_user

pytestmark = pytest.mark.django_db


def test_the_project_uses_it() -> None:
    assert [import_string(path) for path in settings.AUTHENTICATION_BACKENDS] == [UserBackend]


@pytest.mark.parametrize("make", [make_user, make_guest, make_mentor])
def test_a_user_is_loaded_as_the_orm_loads_them(make: Callable[[], User]) -> None:
    expected = User.objects.get(pk=make().pk)
    loaded = UserBackend().get_user(expected.pk)
    assert loaded == expected
    assert model_to_dict(loaded) == model_to_dict(expected)
    assert {name: type(value) for name, value in vars(loaded).items() if name != "_state"} == {
        name: type(value) for name, value in vars(expected).items() if name != "_state"
    }
    assert not loaded._state.adding
    assert loaded.get_deferred_fields() == set()


def test_loading_costs_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_user()
    with django_assert_num_queries(1):
        assert UserBackend().get_user(user.pk)


def test_nobody_is_loaded_who_is_unknown_or_may_not_sign_in() -> None:
    inactive = make_user(is_active=False)
    assert UserBackend().get_user(inactive.pk) is None
    assert UserBackend().get_user(uuid4()) is None


def test_somebody_deactivated_is_signed_out_at_the_next_request(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    assert client.get("/home/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/home/").status_code == 302

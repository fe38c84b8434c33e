"""A request's user and rights are what the ORM would load, for a statement each, and only while they may sign in."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Permission
from django.forms.models import model_to_dict
from django.test import Client
from django.utils.module_loading import import_string
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.backend import UserBackend
from interviewprep.accounts.models import User
from tests.factories import make_curator, make_guest, make_mentor, make_user

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


def _with_a_right_of_their_own() -> User:
    user = make_curator()
    user.user_permissions.add(Permission.objects.get(codename="view_user"))
    return user


def _superuser() -> User:
    return make_user(is_superuser=True)


def _inactive_curator() -> User:
    curator = make_curator()
    curator.is_active = False
    return curator


@pytest.mark.parametrize(
    "make",
    [make_user, make_guest, make_mentor, make_curator, _with_a_right_of_their_own, _superuser, _inactive_curator],
)
def test_rights_and_groups_are_those_that_django_finds(make: Callable[[], User]) -> None:
    user = make()
    same = User.objects.get(pk=user.pk)
    same.is_active = user.is_active
    assert UserBackend().get_all_permissions(user) == ModelBackend().get_all_permissions(same)
    assert user.group_names == same.group_names
    assert UserBackend().get_all_permissions(user, user) == set()


def test_nobody_signed_in_has_no_rights() -> None:
    assert UserBackend().get_all_permissions(AnonymousUser()) == set()


def test_rights_and_groups_cost_one_statement_and_are_not_asked_for_twice(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    curator = User.objects.get(pk=make_curator().pk)
    with django_assert_num_queries(1):
        assert curator.has_perm("questions.change_question") and not curator.has_perm("accounts.delete_user")
        assert curator.is_curator and not curator.is_mentor


def test_a_right_that_is_taken_away_is_gone_at_the_next_request(client: Client) -> None:
    user = make_curator()
    client.force_login(user)
    assert client.get("/bank/").status_code == 200
    user.groups.clear()
    assert client.get("/bank/").status_code == 403

"""The migration that makes the roles: it works in the first run on a new database, and it can be undone."""

from importlib import import_module
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from interviewprep.accounts.models import CURATOR_GROUP, MENTOR_GROUP
from tests.factories import make_curator

pytestmark = pytest.mark.django_db

NAME = ("interview_sessions", "0002_curator_permissions")
SUPERVISE = "interview_sessions.supervise_session"


@pytest.fixture
def migration() -> Any:
    return import_module(f"sessions.migrations.{NAME[1]}")


def apps_then() -> Any:
    return MigrationExecutor(connection).loader.project_state(NAME).apps


def rights() -> set[str]:
    return {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.filter(group__name=CURATOR_GROUP).select_related("content_type")
    }


def test_it_names_the_groups_as_the_application_does(migration: Any) -> None:
    assert (migration.MENTOR_GROUP, migration.CURATOR_GROUP) == (MENTOR_GROUP, CURATOR_GROUP)


def test_curators_may_write_the_bank_and_the_plans_but_delete_nothing() -> None:
    of_bank = rights() - {SUPERVISE}
    assert len(of_bank) == 15
    assert {right.split(".")[1].split("_")[0] for right in of_bank} == {"add", "change", "view"}
    assert make_curator().get_all_permissions() == rights()


def test_curators_may_supervise_and_that_can_be_undone_and_done_again() -> None:
    assert SUPERVISE in rights()
    supervise = import_module("sessions.migrations.0007_supervise_permission")
    assert supervise.CURATOR_GROUP == CURATOR_GROUP
    then = MigrationExecutor(connection).loader.project_state(("interview_sessions", "0007_supervise_permission")).apps
    with connection.schema_editor() as editor:
        supervise.withdraw(then, editor)
        assert SUPERVISE not in rights()
        supervise.grant(then, editor)
        supervise.grant(then, editor)
    assert SUPERVISE in rights()


def test_mentors_have_no_rights_in_the_admin() -> None:
    assert not Permission.objects.filter(group__name=MENTOR_GROUP).exists()


def test_it_can_be_undone_and_done_again(migration: Any) -> None:
    before = rights() - {SUPERVISE}
    with connection.schema_editor() as editor:
        migration.delete_groups(apps_then(), editor)
        assert not Group.objects.exists()
        Permission.objects.all().delete()
        migration.create_groups(apps_then(), editor)
        migration.create_groups(apps_then(), editor)
    assert rights() == before

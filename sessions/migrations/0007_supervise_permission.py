"""The right to see what runs, to give more time and to reopen an interview; curators have it."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# As in interviewprep.accounts.models; a migration does not import what may be renamed.
CURATOR_GROUP = "Curator"
LABEL, CODENAME = "interview_sessions", "supervise_session"


def grant(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Permissions appear after the last migration of a run, which is later than now.
    config = apps.get_app_config(LABEL)
    config.models_module = True  # type: ignore[assignment]  # historical apps have none, and are skipped without
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    permission = apps.get_model("auth", "Permission").objects.get(content_type__app_label=LABEL, codename=CODENAME)
    for curators in apps.get_model("auth", "Group").objects.filter(name=CURATOR_GROUP):
        curators.permissions.add(permission)


def withdraw(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("auth", "Permission").objects.filter(content_type__app_label=LABEL, codename=CODENAME).delete()


class Migration(migrations.Migration):
    dependencies = [("interview_sessions", "0006_current_question_on_the_session")]

    operations = [
        migrations.AlterModelOptions(
            name="interviewsession",
            options={
                "ordering": ["-started_at"],
                "permissions": [("supervise_session", "Can see what runs, give more time and reopen")],
                "verbose_name": "interview session",
                "verbose_name_plural": "interview sessions",
            },
        ),
        migrations.RunPython(grant, withdraw),
    ]

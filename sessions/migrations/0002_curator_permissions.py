"""The roles: a group for mentors, whose rights follow from consent, and one for curators with rights on the bank."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# As in interviewprep.accounts.models; a migration does not import what may be renamed.
MENTOR_GROUP = "Mentor"
CURATOR_GROUP = "Curator"
CURATED = {
    "questions": ["topic", "question", "questionversion"],
    "interview_sessions": ["interviewplan", "plansection"],
}
ACTIONS = ["add", "change", "view"]


def create_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    group_model.objects.get_or_create(name=MENTOR_GROUP)
    curators, _created = group_model.objects.get_or_create(name=CURATOR_GROUP)
    for label, models in CURATED.items():
        # Permissions appear after the last migration of a run, which on a new database is later than now.
        config = apps.get_app_config(label)
        config.models_module = True  # type: ignore[assignment]  # historical apps have none, and are skipped without
        create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
        config.models_module = None
        wanted = [f"{action}_{model}" for action in ACTIONS for model in models]
        found = permission_model.objects.filter(content_type__app_label=label, codename__in=wanted)
        assert len(found) == len(wanted), f"permissions of {label} are missing"
        curators.permissions.add(*found)


def delete_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=[MENTOR_GROUP, CURATOR_GROUP]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("interview_sessions", "0001_initial"),
        ("questions", "0002_loaded_item"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(create_groups, delete_groups)]

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

REFUSE_CHANGE = """
CREATE FUNCTION questions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is a record of what happened: rows are added, never changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

# An account that is deleted, or a draft that is thrown away, leaves the event; everything else of a row stays.
APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OF question_id, version_number, kind, at, note, data ON questions_questionevent
FOR EACH ROW EXECUTE FUNCTION questions_refuse_change()
"""


class Migration(migrations.Migration):
    """Reviews, comments and flags of versions, and a log of questions that the database refuses to have changed."""

    dependencies = [
        ("questions", "0003_richer_content"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Flag",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "role",
                    models.CharField(
                        choices=[("candidate", "candidate"), ("mentor", "mentor")],
                        max_length=10,
                        verbose_name="sent as",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("wrong", "wrong"),
                            ("unclear", "unclear"),
                            ("outdated", "outdated"),
                            ("too_easy", "too easy"),
                            ("other", "something else"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("created_at", models.DateTimeField(verbose_name="sent")),
                ("changed_at", models.DateTimeField(verbose_name="last changed")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("fixed", "fixed"),
                            ("unchanged", "no change"),
                            ("duplicate", "flagged before"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="answer seen")),
                ("mailed_at", models.DateTimeField(blank=True, null=True, verbose_name="answer mailed")),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="duplicates",
                        to="questions.flag",
                        verbose_name="same as",
                    ),
                ),
                (
                    "fixed_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="questions.questionversion",
                        verbose_name="fixed in version",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="question_flags",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sender",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="flags",
                        to="questions.questionversion",
                        verbose_name="question version",
                    ),
                ),
            ],
            options={
                "verbose_name": "flag",
                "verbose_name_plural": "flags",
                "ordering": ["-changed_at"],
                "indexes": [
                    models.Index(fields=["version", "state"], name="flag_version_state"),
                    models.Index(fields=["sender", "-created_at"], name="flag_sender_newest"),
                    models.Index(
                        condition=models.Q(("answered_at__isnull", False), ("mailed_at__isnull", True)),
                        fields=["answered_at"],
                        name="flag_answer_unmailed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("sender", "version"),
                        name="flag_one_open_per_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="flag_answered_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("duplicate_of", models.F("id")), _negated=True),
                        name="flag_is_not_its_own_duplicate",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QuestionEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version_number", models.PositiveIntegerField(blank=True, null=True, verbose_name="version")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("created", "wrote a new version"),
                            ("edited", "changed the draft"),
                            ("discarded", "threw the draft away"),
                            ("submitted", "submitted it for review"),
                            ("withdrawn", "withdrew it from review"),
                            ("approved", "approved it"),
                            ("changes", "asked for changes"),
                            ("published", "published it"),
                            ("retired", "retired the question"),
                            ("restored", "restored the question"),
                            ("moved", "moved the question"),
                            ("commented", "commented"),
                            ("resolved", "resolved a comment"),
                            ("reopened", "opened a comment again"),
                            ("flag", "answered a flag"),
                        ],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("data", models.JSONField(blank=True, default=dict, verbose_name="facts")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="question_events",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="questions.question",
                        verbose_name="question",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="events",
                        to="questions.questionversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "event of a question",
                "verbose_name_plural": "events of questions",
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["question", "-id"], name="question_event_newest")],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(editable=False, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for review"),
                            ("approved", "approved"),
                            ("changes", "changes requested"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("submitted_at", models.DateTimeField(verbose_name="submitted")),
                ("message", models.TextField(blank=True, verbose_name="message to the reviewer")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                ("checklist", models.JSONField(blank=True, default=list, verbose_name="checklist")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "reviewer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="decided_reviews",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reviewer",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="submitted_reviews",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="submitted by",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="questions.questionversion",
                        verbose_name="question version",
                    ),
                ),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
                "ordering": ["-submitted_at"],
                "permissions": [("publish_without_review", "Can publish a question that nobody else has reviewed")],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["submitted_at"], name="review_waiting"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "approved"])),
                        fields=("version",),
                        name="review_one_living_per_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reviewer", models.F("submitted_by")), _negated=True),
                        name="review_by_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "waiting")),
                            models.Q(("decided_at__isnull", False), ("state__in", ["approved", "changes"])),
                            ("state", "withdrawn"),
                            _connector="OR",
                        ),
                        name="review_decided_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VersionComment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "field",
                    models.CharField(
                        blank=True, help_text="Empty: the version as a whole.", max_length=40, verbose_name="field"
                    ),
                ),
                ("body", models.TextField(verbose_name="comment")),
                ("created_at", models.DateTimeField(verbose_name="written")),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved")),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="resolved by",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="questions.questionversion",
                        verbose_name="question version",
                    ),
                ),
            ],
            options={
                "verbose_name": "comment on a version",
                "verbose_name_plural": "comments on versions",
                "ordering": ["created_at"],
                "indexes": [models.Index(fields=["version", "created_at"], name="version_comment_order")],
            },
        ),
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION questions_refuse_change"),
        migrations.RunSQL(APPEND_ONLY, "DROP TRIGGER append_only ON questions_questionevent"),
    ]

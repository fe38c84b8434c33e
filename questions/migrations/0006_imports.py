import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Imports: the file in pieces, what was found in it and decided about it, and what became of it."""

    dependencies = [
        ("questions", "0005_bank_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(verbose_name="sent")),
                ("filename", models.CharField(max_length=200, verbose_name="file")),
                ("size_bytes", models.PositiveBigIntegerField(verbose_name="size")),
                ("sha256", models.CharField(max_length=64)),
                ("format", models.CharField(max_length=20, verbose_name="format")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "being read"),
                            ("refused", "not readable"),
                            ("ready", "read, not imported yet"),
                            ("importing", "being imported"),
                            ("imported", "imported"),
                            ("undoing", "being undone"),
                            ("undone", "undone"),
                        ],
                        default="reading",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("licence", models.CharField(blank=True, max_length=100, verbose_name="licence")),
                ("author", models.CharField(blank=True, max_length=200, verbose_name="author")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "target",
                    models.CharField(
                        choices=[("draft", "as drafts"), ("review", "for review"), ("published", "published at once")],
                        default="draft",
                        max_length=10,
                        verbose_name="questions come in",
                    ),
                ),
                ("proposes_points", models.BooleanField(default=False, verbose_name="propose key points")),
                ("columns", models.JSONField(blank=True, null=True)),
                ("topic_choices", models.JSONField(blank=True, default=dict)),
                ("leaves_out_errors", models.BooleanField(default=False, verbose_name="leave out what is faulty")),
                ("headings", models.JSONField(blank=True, default=list)),
                ("topics", models.JSONField(blank=True, default=list)),
                ("notes", models.JSONField(blank=True, default=list)),
                ("made_topics", models.JSONField(blank=True, default=list)),
                ("question_count", models.PositiveIntegerField(default=0)),
                ("error_count", models.PositiveIntegerField(default=0)),
                ("claim", models.UUIDField(blank=True, null=True)),
                ("heard_at", models.DateTimeField()),
                ("progress", models.PositiveIntegerField(default=0)),
                ("progress_total", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("failure", models.TextField(blank=True)),
                ("imported_at", models.DateTimeField(blank=True, null=True, verbose_name="imported")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sent by",
                    ),
                ),
                (
                    "imported_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="imported by",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="questions.topic",
                        verbose_name="topic of everything else",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="undone by",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="ImportPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="questions.importrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of an imported file",
                "verbose_name_plural": "parts of imported files",
            },
        ),
        migrations.CreateModel(
            name="ImportItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("complete", "complete"),
                            ("incomplete", "incomplete"),
                            ("left_out", "no question for the bank"),
                            ("faulty", "faulty"),
                        ],
                        max_length=10,
                    ),
                ),
                ("path", models.CharField(blank=True, max_length=300)),
                ("line", models.PositiveIntegerField(default=0)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("values", models.JSONField(blank=True, default=dict)),
                ("slug", models.CharField(blank=True, max_length=60)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("fingerprint", models.CharField(blank=True, max_length=32)),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), blank=True, default=list, size=None
                    ),
                ),
                ("missing", models.JSONField(blank=True, default=list)),
                ("problems", models.JSONField(blank=True, default=list)),
                ("not_carried", models.JSONField(blank=True, default=list)),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "match",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "new"),
                            ("identical", "in the bank word for word"),
                            ("slug", "another wording of a question of the bank"),
                            ("text", "the same question is in the bank"),
                            ("file", "the same question stands further up in the file"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("matched_position", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "choice",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("skip", "leave it out"),
                            ("add", "import it all the same"),
                            ("version", "make it a new version of that question"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not imported"),
                            ("added", "new question"),
                            ("unfinished", "new question, still to be completed"),
                            ("version", "new version"),
                            ("skipped", "left out"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "matched",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="questions.question",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="imported_as",
                        to="questions.question",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="questions.questionversion",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="questions.importrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "imported question",
                "verbose_name_plural": "imported questions",
                "ordering": ["run", "position"],
            },
        ),
        migrations.CreateModel(
            name="RememberedTopic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=600, unique=True)),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="questions.topic"
                    ),
                ),
            ],
            options={
                "verbose_name": "remembered topic",
                "verbose_name_plural": "remembered topics",
            },
        ),
        migrations.CreateModel(
            name="VersionFingerprint",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="questions.questionversion",
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("fingerprint", models.CharField(max_length=32)),
            ],
            options={
                "verbose_name": "fingerprint of a version",
                "verbose_name_plural": "fingerprints of versions",
                "indexes": [models.Index(fields=["fingerprint"], name="version_fingerprint")],
            },
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(fields=["-created_at"], name="import_run_newest"),
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(
                condition=models.Q(("state__in", ["reading", "importing", "undoing"])),
                fields=["heard_at"],
                name="import_run_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["imported", "undoing", "undone"]), _negated=True),
                    ("imported_at__isnull", False),
                    _connector="OR",
                ),
                name="import_run_imported_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="importpart",
            constraint=models.UniqueConstraint(fields=("run", "number"), name="import_part_number_unique"),
        ),
        migrations.AddIndex(
            model_name="importitem",
            index=models.Index(fields=["run", "state", "position"], name="import_item_state"),
        ),
        migrations.AddIndex(
            model_name="importitem",
            index=models.Index(fields=["run", "match", "position"], name="import_item_match"),
        ),
        migrations.AddIndex(
            model_name="importitem",
            index=models.Index(
                condition=models.Q(("matched__isnull", False)), fields=["matched"], name="import_item_matched"
            ),
        ),
        migrations.AddIndex(
            model_name="importitem",
            index=models.Index(
                condition=models.Q(("outcome", "unfinished")), fields=["fingerprint"], name="import_item_unfinished"
            ),
        ),
        migrations.AddConstraint(
            model_name="importitem",
            constraint=models.UniqueConstraint(fields=("run", "position"), name="import_item_position_unique"),
        ),
    ]

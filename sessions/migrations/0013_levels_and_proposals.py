import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interview_sessions", "0012_self_review"),
        ("questions", "0007_item_statistics"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PhrasingProposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=60, verbose_name="key point")),
                (
                    "state",
                    models.CharField(
                        choices=[("added", "added"), ("dismissed", "dismissed")], max_length=10, verbose_name="state"
                    ),
                ),
                ("phrasing", models.TextField(blank=True, verbose_name="phrasing")),
                ("decided_at", models.DateTimeField(verbose_name="decided")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="questions.question",
                        verbose_name="question",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="questions.questionversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposed phrasing",
                "verbose_name_plural": "proposed phrasings",
                "indexes": [models.Index(fields=["decided_by", "-decided_at"], name="phrasing_decided")],
            },
        ),
        migrations.CreateModel(
            name="ProposedSentence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, verbose_name="key point")),
                ("proposal", models.UUIDField(verbose_name="proposal")),
                ("words", models.CharField(max_length=200, verbose_name="words")),
                ("is_confirmed", models.BooleanField(default=False, verbose_name="confirmed by a mentor")),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="candidate",
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="interview_sessions.verdictdispute",
                        verbose_name="dispute",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="questions.question",
                        verbose_name="question",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposed sentence",
                "verbose_name_plural": "proposed sentences",
                "indexes": [models.Index(fields=["proposal"], name="sentence_proposal")],
            },
        ),
        migrations.CreateModel(
            name="QuestionLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("grader", models.CharField(max_length=40, verbose_name="grader")),
                ("grader_version", models.PositiveSmallIntegerField(verbose_name="grader version")),
                ("knots", models.JSONField(default=list, verbose_name="curve")),
                ("corrections", models.PositiveIntegerField(verbose_name="corrections")),
                ("rmse_before", models.FloatField(verbose_name="error without it")),
                ("rmse_after", models.FloatField(verbose_name="error with it")),
                ("fitted_at", models.DateTimeField(verbose_name="fitted")),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="questions.question",
                        verbose_name="question",
                    ),
                ),
            ],
            options={
                "verbose_name": "level of a question",
                "verbose_name_plural": "levels of questions",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("question", "grader", "grader_version"), name="level_one_per_question_and_grader"
                    )
                ],
            },
        ),
    ]

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interview_sessions", "0013_levels_and_proposals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Opinion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "asked for"),
                            ("ready", "given"),
                            ("refused", "refused by the model"),
                            ("failed", "failed"),
                            ("skipped", "not asked for"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("model", models.CharField(max_length=100, verbose_name="model")),
                ("host", models.CharField(max_length=260, verbose_name="host")),
                ("data", models.JSONField(blank=True, null=True, verbose_name="content")),
                ("tokens", models.PositiveIntegerField(default=0, verbose_name="tokens used")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("error", models.CharField(blank=True, max_length=100, verbose_name="last error")),
                ("requested_at", models.DateTimeField(verbose_name="requested")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("claimed_at", models.DateTimeField(blank=True, null=True, verbose_name="taken up")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="opinions",
                        to="interview_sessions.answer",
                        verbose_name="answer",
                    ),
                ),
            ],
            options={
                "verbose_name": "opinion",
                "verbose_name_plural": "opinions",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")), fields=["due_at"], name="opinion_pending_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("answer", "model"), name="opinion_one_per_answer_and_model"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), _negated=True),
                            models.Q(("data__isnull", False), ("finished_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="opinion_ready_has_data",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TokenCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("tokens", models.PositiveBigIntegerField(default=0, verbose_name="tokens")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of tokens",
                "verbose_name_plural": "counts of tokens",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "user"), name="token_count_per_day_and_user", nulls_distinct=False
                    )
                ],
            },
        ),
    ]

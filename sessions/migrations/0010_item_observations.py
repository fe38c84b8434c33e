import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interview_sessions", "0009_finished_sessions_by_time"),
        ("questions", "0007_item_statistics"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ItemObservation",
            fields=[
                (
                    "question",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="interview_sessions.sessionquestion",
                        verbose_name="question",
                    ),
                ),
                ("finished_at", models.DateTimeField(verbose_name="finished")),
                ("share", models.FloatField(null=True, verbose_name="share of the points")),
                ("rest", models.FloatField(null=True, verbose_name="share of the other points")),
                ("time_ms", models.PositiveIntegerField(verbose_name="time")),
                ("skipped", models.BooleanField(verbose_name="skipped")),
                ("chosen", models.JSONField(default=list, verbose_name="chosen")),
            ],
            options={
                "verbose_name": "item observation",
                "verbose_name_plural": "item observations",
            },
        ),
        migrations.CreateModel(
            name="StatisticsRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("through", models.DateTimeField(verbose_name="through")),
                ("finished_at", models.DateTimeField(verbose_name="finished")),
                ("report_count", models.PositiveIntegerField(verbose_name="reports taken in")),
                ("version_count", models.PositiveIntegerField(verbose_name="versions computed")),
            ],
            options={
                "verbose_name": "count of item statistics",
                "verbose_name_plural": "counts of item statistics",
                "ordering": ["-through"],
            },
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("state", "ready")), fields=["compiled_at"], name="report_ready_compiled"
            ),
        ),
        migrations.AddField(
            model_name="itemobservation",
            name="candidate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="candidate",
            ),
        ),
        migrations.AddField(
            model_name="itemobservation",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="questions.questionversion",
                verbose_name="version",
            ),
        ),
        migrations.AddIndex(
            model_name="statisticsrun",
            index=models.Index(fields=["-through"], name="statistics_run_through"),
        ),
        migrations.AddIndex(
            model_name="itemobservation",
            index=models.Index(fields=["version", "candidate", "finished_at"], name="observation_version_candidate"),
        ),
    ]

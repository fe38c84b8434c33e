import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questions", "0006_imports")]

    operations = [
        migrations.CreateModel(
            name="ItemStatistics",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="statistics",
                        serialize=False,
                        to="questions.questionversion",
                        verbose_name="version",
                    ),
                ),
                ("seen", models.PositiveIntegerField(verbose_name="seen")),
                ("attempts", models.PositiveIntegerField(verbose_name="attempts")),
                ("skipped", models.PositiveIntegerField(verbose_name="skipped")),
                ("facility", models.FloatField(null=True, verbose_name="facility")),
                ("facility_se", models.FloatField(null=True, verbose_name="standard error of the facility")),
                ("discrimination", models.FloatField(null=True, verbose_name="discrimination")),
                (
                    "discrimination_se",
                    models.FloatField(null=True, verbose_name="standard error of the discrimination"),
                ),
                (
                    "discrimination_count",
                    models.PositiveIntegerField(default=0, verbose_name="answers behind the discrimination"),
                ),
                ("time_q1_ms", models.PositiveIntegerField(null=True, verbose_name="first quartile of the time")),
                ("time_median_ms", models.PositiveIntegerField(null=True, verbose_name="median time")),
                ("time_q3_ms", models.PositiveIntegerField(null=True, verbose_name="third quartile of the time")),
                (
                    "group_size",
                    models.PositiveIntegerField(default=0, verbose_name="size of the strong and of the weak group"),
                ),
                ("options", models.JSONField(default=list, verbose_name="options")),
                ("flags", models.PositiveIntegerField(default=0, verbose_name="flags")),
                ("computed_at", models.DateTimeField(verbose_name="computed")),
            ],
            options={
                "verbose_name": "item statistics",
                "verbose_name_plural": "item statistics",
            },
        ),
    ]

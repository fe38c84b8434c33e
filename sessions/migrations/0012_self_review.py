import django.db.models.deletion
from django.db import migrations, models

# Whose report is ready has seen its verdicts, or could have: asking them now how sure they were would come too late.
SHOWN_ALREADY = """
    INSERT INTO interview_sessions_selfreview (session_id, ratings, shown_at)
    SELECT session_id, '{}', compiled_at FROM interview_sessions_report WHERE compiled_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("interview_sessions", "0011_findings")]

    operations = [
        migrations.CreateModel(
            name="SelfReview",
            fields=[
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="self_review",
                        serialize=False,
                        to="interview_sessions.interviewsession",
                        verbose_name="session",
                    ),
                ),
                ("ratings", models.JSONField(blank=True, default=dict, verbose_name="confidence")),
                ("shown_at", models.DateTimeField(verbose_name="verdicts first shown")),
            ],
            options={"verbose_name": "self-review", "verbose_name_plural": "self-reviews"},
        ),
        # The table is new, so nothing waits for this to be in a file of its own.
        migrations.RunSQL(SHOWN_ALREADY, migrations.RunSQL.noop),
    ]

from django.db import migrations


class Migration(migrations.Migration):
    """Which question is in front of the candidate is the session's since 0005."""

    dependencies = [("interview_sessions", "0005_draft_history")]

    operations = [
        migrations.RemoveConstraint(
            model_name="sessionquestion",
            name="session_one_current_question",
        ),
        migrations.RemoveField(
            model_name="sessionquestion",
            name="current_since",
        ),
    ]

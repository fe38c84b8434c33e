from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("interview_sessions", "0013_levels_and_proposals")]

    operations = []

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("interview_sessions", "0012_self_review")]

    operations = []

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("questions", "0003_richer_content")]

    operations = []

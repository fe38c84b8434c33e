from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("questions", "0004_curation")]

    operations = []

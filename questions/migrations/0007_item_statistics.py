from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("questions", "0006_imports")]

    operations = []

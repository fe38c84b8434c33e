from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("questions", "0005_bank_search")]

    operations = []

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_accommodations"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="opinion_host",
            field=models.CharField(
                blank=True, editable=False, max_length=260, verbose_name="host that may give opinions"
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="opinion_since",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="agreed to opinions"),
        ),
    ]

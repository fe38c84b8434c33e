from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="mentorship",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="mail sent"),
        ),
    ]

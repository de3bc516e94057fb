from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("redemptions", "0010_order_returns"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="soldline",
            name="names",
        ),
        migrations.AddField(
            model_name="soldline",
            name="item",
            field=models.JSONField(default=dict),
        ),
    ]

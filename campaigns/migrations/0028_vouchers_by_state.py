from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0027_versions")]

    operations = [
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(
                condition=models.Q(("expiration_date__isnull", False)),
                fields=["project", "expiration_date"],
                name="voucher_ending",
            ),
        ),
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(
                condition=models.Q(("start_date__isnull", False)),
                fields=["project", "start_date"],
                name="voucher_starting",
            ),
        ),
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(
                condition=models.Q(("active", False)),
                fields=["project", "-created_at"],
                name="voucher_switched_off",
            ),
        ),
    ]

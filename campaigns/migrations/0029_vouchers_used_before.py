from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0028_vouchers_by_state")]

    operations = [
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(
                condition=models.Q(("initial_redeemed_quantity__gt", 0)),
                fields=["campaign", "initial_redeemed_quantity"],
                name="voucher_used_before",
            ),
        ),
    ]

"""Vouchers are found by what their metadata hold."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0022_free_codes")]

    operations = [
        migrations.AddIndex(
            model_name="voucher",
            index=GinIndex(
                fields=["metadata"],
                name="voucher_metadata",
                opclasses=["jsonb_path_ops"],
            ),
        ),
    ]

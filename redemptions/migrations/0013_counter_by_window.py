import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("redemptions", "0012_points_accrue"),
        ("tenancy", "0006_metadata_schemas_edition"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="counter",
            index=models.Index(
                django.db.models.functions.text.Right("bucket", 11),
                condition=models.Q(
                    ("bucket__regex", ":[dwm][0-9]{4}-[0-9]{2}-[0-9]{2}$")
                ),
                name="counter_by_window",
            ),
        ),
    ]

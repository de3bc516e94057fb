"""The function that adds up where a counter has no row."""

from django.db import migrations

from redemptions.services.counted_sql import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [("redemptions", "0017_fewer_indexes")]

    operations = [migrations.RunSQL(CREATE, DROP)]

"""The functions that filters of segments are asked with."""

from django.db import migrations

from promo.filter_grammar.functions import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_locations")]

    operations = [
        migrations.RunSQL(list(CREATE), DROP, elidable=False),
    ]

from django.db import migrations

from promo.audit.watching import watch


class Migration(migrations.Migration):
    dependencies = [
        ("metadata_schemas", "0001_initial"),
        ("audit", "0001_changes_by_month"),
    ]

    operations = [
        watch("metadata_schemas_metadataschema"),
    ]

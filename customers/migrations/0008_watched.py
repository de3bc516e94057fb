from django.db import migrations

from promo.audit.watching import watch


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_fewer_indexes"),
        ("audit", "0001_changes_by_month"),
    ]

    operations = [
        watch(
            "customers_customer",
            by_hand=True,
            unwatched=["summary", "loyalty", "referrals", "system_metadata"],
            customer="id",
        ),
        watch("customers_consent"),
        watch("customers_consentgroup"),
        watch(
            "customers_consentchoice",
            by_hand=True,
            unwatched=["changed_at"],
            part_of="customer_id",
            customer="customer_id",
            project="SELECT project_id::text FROM customers_customer WHERE id = ($1 ->> 'customer_id')::uuid",
        ),
        watch("customers_customeventschema"),
        watch("customers_location"),
        watch("customers_segment", unwatched=["placed_on", "completed_at"]),
        watch(
            "customers_segmentmember",
            by_hand=True,
            part_of="segment_id",
            customer="customer_id",
            project="SELECT project_id::text FROM customers_segment WHERE id = ($1 ->> 'segment_id')::uuid",
        ),
    ]

from django.db import migrations

from promo.audit.watching import watch


class Migration(migrations.Migration):
    dependencies = [
        ("redemptions", "0021_scheduled_reports"),
        ("campaigns", "0026_watched"),
        ("audit", "0001_changes_by_month"),
    ]

    operations = [
        watch("redemptions_budgetwatch", part_of="campaign_id"),
        watch(
            "redemptions_export",
            unwatched=[
                "attempt",
                "tries",
                "file_name",
                "size",
                "told_at",
                "scope",
                "places",
            ],
            silent=["status", "rows", "failure"],
            secret=["token"],
        ),
        watch(
            "redemptions_ledgerentry",
            by_hand=True,
            secret=["reason", "source_id", "details"],
            part_of="voucher_id",
        ),
        watch(
            "redemptions_order",
            by_hand=True,
            unwatched=["items", "returned_amount"],
            customer="customer_id",
        ),
        watch(
            "redemptions_orderreturn",
            by_hand=True,
            secret=["reason", "metadata", "source_id"],
            part_of="order_id",
        ),
        watch("redemptions_scheduledexport", unwatched=["next_run_at", "last_run_at"]),
        watch(
            "redemptions_scheduledreport",
            unwatched=["next_run_at", "last_run_at"],
            part_of="campaign_id",
        ),
    ]

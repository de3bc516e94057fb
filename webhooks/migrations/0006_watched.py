from django.db import migrations

from promo.audit.watching import watch


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0005_sendouts_under_way"),
        ("audit", "0001_changes_by_month"),
    ]

    operations = [
        watch(
            "webhooks_distribution",
            unwatched=["reached_id", "reached_all_at", "past_stats", "notice_sent_at"],
        ),
        watch("webhooks_signingsecret", secret=["sealed"]),
        watch(
            "webhooks_webhook",
            unwatched=["failures", "paused_until", "notice_sent_at"],
            secret=["headers"],
            part_of="distribution_id",
        ),
    ]

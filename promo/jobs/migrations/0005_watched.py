from django.db import migrations

from promo.audit.watching import watch


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0004_portions"),
        ("audit", "0001_changes_by_month"),
    ]

    operations = [
        watch(
            "jobs_asyncaction",
            unwatched=[
                "progress",
                "processing_time",
                "stepped_at",
                "turn",
                "source",
                "request_id",
            ],
            silent=["status", "result"],
        ),
    ]

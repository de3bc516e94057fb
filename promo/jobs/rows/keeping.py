"""How long what belongs to work on rows is kept.

Reports name people and codes, and so do uploads: neither is kept for ever.
"""

from datetime import datetime, timedelta

from promo.jobs.models import (
    ActionStatus,
    AsyncAction,
    ImportedStep,
    ReportRow,
    UploadPart,
)

#: Reports, and the signed addresses that lead to them.
REPORTS_KEPT = timedelta(days=30)
#: Drafts that nobody has confirmed.
DRAFTS_KEPT = timedelta(days=1)
#: Uploads of work that was stopped or has failed, so that it can go on.
UPLOADS_KEPT = timedelta(days=7)


def forget_old_rows(now: datetime) -> int:
    """Delete what is kept no longer; return how many rows of all kinds."""
    drafts = AsyncAction.objects.filter(
        status=ActionStatus.DRAFT, created_at__lt=now - DRAFTS_KEPT
    )
    uploads = UploadPart.objects.filter(action__finished_at__lt=now - UPLOADS_KEPT)
    reports = ReportRow.objects.filter(action__finished_at__lt=now - REPORTS_KEPT)
    made = ImportedStep.objects.filter(action__finished_at__lt=now - REPORTS_KEPT)
    return sum(rows.delete()[0] for rows in (drafts, uploads, reports, made))

"""Housekeeping of the call log, started by beat."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from promo.call_log import forgetting
from promo.call_log.partitions import MONTHS
from promo.clock import utc_now


@shared_task
def keep_months() -> None:
    """Make the next months' partitions, and drop those that are kept no longer."""
    now = utc_now()
    MONTHS.ensure_ahead(now)
    MONTHS.drop_before(now - timedelta(days=settings.CALL_LOG_DAYS))


@shared_task
def forget_in_late_calls() -> None:
    """Forget erased people in what was stored after their erasure."""
    forgetting.finish(now=utc_now())

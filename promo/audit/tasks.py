"""Housekeeping of the audit log, started by beat."""

from celery import shared_task

from promo.audit import partitions
from promo.clock import utc_now


@shared_task
def keep_months() -> None:
    """Make the next months' partitions, and drop those that are kept no longer."""
    partitions.keep(utc_now())

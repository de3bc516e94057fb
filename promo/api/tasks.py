"""Housekeeping of the API."""

from celery import shared_task

from promo.api.idempotency import delete_expired
from promo.clock import utc_now


@shared_task
def forget_old_answers() -> None:
    """Delete idempotent answers older than a day."""
    delete_expired(utc_now())

"""Housekeeping of what is offered."""

from celery import shared_task

from campaigns.services.versions import keep_missing_versions
from promo.clock import utc_now
from promo.request_context import internal_work


@shared_task
def keep_versions() -> None:
    """Keep a first version of campaigns that are older than versions are."""
    with internal_work():
        while keep_missing_versions(now=utc_now()):
            pass

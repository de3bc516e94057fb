"""Housekeeping of the checkout."""

from celery import shared_task

from promo.clock import utc_now
from redemptions.services.sessions import sweep_sessions


@shared_task
def sweep_expired_sessions() -> None:
    """Free what expired sessions still hold, batch by batch."""
    while sweep_sessions(utc_now()):
        pass

"""Housekeeping of the checkout."""

from celery import shared_task

from promo.clock import utc_now
from redemptions.services.past_windows import forget_past_windows
from redemptions.services.sessions import sweep_sessions


@shared_task
def sweep_expired_sessions() -> None:
    """Free what expired sessions still hold, batch by batch."""
    while sweep_sessions(utc_now()):
        pass


@shared_task
def sweep_past_windows() -> None:
    """Forget the counters of days, weeks and months long past, batch by batch."""
    while forget_past_windows(utc_now()):
        pass

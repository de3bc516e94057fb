"""Sending what the team waits for."""

from celery import shared_task

from promo.clock import utc_now
from promo.request_context import internal_work
from promo.tenancy.services import letters


@shared_task
def send_letters() -> None:
    """Send letters to the team that wait; beat comes back for more."""
    with internal_work():
        letters.send_letters(now=utc_now())

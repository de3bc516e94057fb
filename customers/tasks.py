"""Keeping segments as the day makes them, and sending what people wait for."""

from celery import shared_task

from customers.services import confirmation, confirmation_mail, segment_placing
from promo.clock import utc_now
from promo.request_context import internal_work


@shared_task
def follow_clock() -> None:
    """Place everybody again where a new day has begun for a project."""
    with internal_work():
        segment_placing.follow_clock(now=utc_now())


@shared_task
def send_confirmations() -> None:
    """Send the links that people wait for; beat comes back for more."""
    with internal_work():
        confirmation_mail.send_confirmations(now=utc_now())


@shared_task
def sweep_unconfirmed() -> None:
    """Forget people who have not confirmed their address in time."""
    with internal_work():
        confirmation.sweep_unconfirmed(now=utc_now())

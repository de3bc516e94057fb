"""Sending, woken when something is owed and swept by beat, and keeping house."""

from datetime import timedelta

from celery import shared_task

from promo.clock import utc_now
from promo.request_context import internal_work
from webhooks.services import notices
from webhooks.services.bus.ledger import forget_old_records
from webhooks.services.bus.letters import forget_old_letters
from webhooks.services.delivering import deliver_due
from webhooks.services.distributions import audience
from webhooks.services.distributions.keeping import forget_old_messages
from webhooks.services.distributions.sending import send_due
from webhooks.services.keeping import forget_old_sendouts
from webhooks.services.senders import place_among_senders

#: So long one task keeps a worker from others that wait.
_SLICE = timedelta(seconds=20)


@shared_task
def deliver() -> None:
    """Send what is due; beat comes back for more.

    Whoever was woken while somebody still held the place has left it to them, so they
    look once more after leaving it.
    """
    until = utc_now() + _SLICE
    with internal_work():
        while (left := until - utc_now()) > timedelta() and _send(left):
            pass


def _send(at_most: timedelta) -> int:
    """Send for a while, unless others do; return how much was sent."""
    with place_among_senders() as there_is_one:
        return deliver_due(clock=utc_now, at_most=at_most) if there_is_one else 0


@shared_task
def send_notices() -> None:
    """Tell people of webhooks that have been switched off."""
    notices.send_notices(now=utc_now())


@shared_task
def forget_sendouts() -> None:
    """Delete old sendouts, batch by batch."""
    while forget_old_sendouts(utc_now()):
        pass


@shared_task
def run_distributions() -> None:
    """Start what is to start, reach who is to be reached, close what is done."""
    with internal_work():
        now = utc_now()
        audience.start_due(now=now)
        audience.reach_everybody(now=now)
        audience.finish_done(now=now)


@shared_task
def send_messages() -> None:
    """Send the messages of distributions that are due; beat comes back for more."""
    with internal_work():
        send_due(clock=utc_now, at_most=_SLICE)


@shared_task
def forget_messages() -> None:
    """Delete old messages of distributions, batch by batch."""
    while forget_old_messages(utc_now()):
        pass


@shared_task
def forget_records() -> None:
    """Delete old records and dead letters of the event bus, batch by batch."""
    while forget_old_records(utc_now()):
        pass
    while forget_old_letters(utc_now()):
        pass

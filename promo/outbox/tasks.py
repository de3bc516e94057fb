"""The relay, started by beat."""

from celery import shared_task

from promo.clock import utc_now
from promo.outbox.relay import BATCH_SIZE, publish_batch
from promo.request_context import internal_work

_BATCHES_PER_RUN = 20


@shared_task
def relay_events() -> None:
    """Publish what waits; beat comes back for more."""
    with internal_work():
        for _ in range(_BATCHES_PER_RUN):
            if publish_batch(now=utc_now()) < BATCH_SIZE:
                return

"""The relay, woken after commits and started by beat, and the months of events."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from promo.clock import utc_now
from promo.outbox.partitions import MONTHS
from promo.outbox.relay import publish_batch
from promo.request_context import internal_work

_BATCHES_PER_RUN = 20
#: So many of the shards one relay takes: others work on the rest meanwhile.
_SHARDS_AT_ONCE = 8


@shared_task
def relay_events() -> None:
    """Publish what waits; beat comes back for more."""
    with internal_work():
        for _ in range(_BATCHES_PER_RUN):
            if not publish_batch(now=utc_now(), shards=_SHARDS_AT_ONCE):
                return


@shared_task
def keep_months() -> None:
    """Make the next months' partitions, and drop those that are kept no longer."""
    now = utc_now()
    MONTHS.ensure_ahead(now)
    if settings.EVENT_LOG_DAYS:
        MONTHS.drop_before(now - timedelta(days=settings.EVENT_LOG_DAYS))

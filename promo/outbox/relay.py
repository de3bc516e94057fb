"""Handing recorded events to whoever listens."""

from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from promo.metrics.counts import count_relayed
from promo.outbox.models import DomainEvent

BATCH_SIZE = 500


@transaction.atomic
def publish_batch(*, now: datetime, size: int = BATCH_SIZE) -> int:
    """Tell every subscriber the oldest unpublished events; return how many.

    1. Take the rows that no other relay holds.
    2. Hand them to each subscriber inside this transaction: what it writes counts
       only together with the mark, so a relay that dies repeats the whole batch.
    3. Mark them published.
    """
    waiting = DomainEvent.objects.filter(published_at=None).select_related("project")
    locked = waiting.order_by("id").select_for_update(skip_locked=True, of=("self",))
    events = list(locked[:size])
    if not events:
        return 0
    for subscriber in settings.EVENT_SUBSCRIBERS:
        import_string(subscriber)(events, now=now)
    told = DomainEvent.objects.filter(pk__in=[event.pk for event in events])
    told.update(published_at=now)
    transaction.on_commit(partial(count_relayed, len(events)), robust=True)
    return len(events)

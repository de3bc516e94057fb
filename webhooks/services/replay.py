"""Sending again: one sendout, some, or everything since a moment; and a test."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from promo.errors import InvalidPayload
from promo.ids import NEW_UUID_SQL, new_id, parse
from promo.outbox.catalogue import event_types, webhook_events
from promo.tenancy.models import Project
from webhooks.engine.event_names import event_of
from webhooks.models import Delivery, DeliveryQuerySet, Status, Webhook
from webhooks.services.fan_out import events_of, wake_senders

# What happened while the webhook was switched off has no sendout yet.
_MISSED = f"""
INSERT INTO webhooks_delivery (id, project_id, webhook_id, event_id, event_created_at,
  type, key, status, attempts_made, due_at, created_at)
SELECT {NEW_UUID_SQL}, e.project_id, %(webhook)s, e.id, e.created_at,
  e.type, e.key, 'PENDING', 0, %(now)s, %(now)s
FROM outbox_domainevent e
WHERE e.project_id = %(project)s AND e.created_at >= %(since)s
  AND e.published_at IS NOT NULL AND e.type = ANY(%(types)s)
ORDER BY e.id
ON CONFLICT (webhook_id, event_id) DO NOTHING
"""  # noqa: S608 - texts of our own


@transaction.atomic
def replay(project: Project, ids: Collection[str], *, now: datetime) -> int:
    """Send sendouts of the project anew, with the same ids; return how many.

    Their schedule starts again. Those that are on their way stay as they are.
    """
    rows = Delivery.objects.filter(project=project, pk__in=ids)
    return _again(rows, now)


@transaction.atomic
def replay_since(webhook: Webhook, since: datetime, *, now: datetime) -> int:
    """Send a webhook everything that has happened since a moment; return how much.

    What it got already goes out with the same ids, and what it missed while it was off
    with ids of its own.

    Raises:
        InvalidPayload: the moment lies ahead.
    """
    if since > now:
        details = "Property .since must NOT lie ahead"
        raise InvalidPayload(details)
    again = _again(webhook.deliveries.filter(event_created_at__gte=since), now)
    values: dict[str, Any] = {
        "webhook": parse("wh_", webhook.pk),
        "project": parse("proj_", webhook.project_id),
        "types": sorted(events_of(webhook)),
        "since": since,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MISSED, values)
        missed: int = cursor.rowcount
        return again + missed


@transaction.atomic
def send_test(webhook: Webhook, *, event: str, now: datetime) -> Delivery:
    """Owe a webhook one sendout with made-up data; return it.

    It goes out once, whether the webhook takes it or not.

    Raises:
        InvalidPayload: no project event is called so.
    """
    name = event_of(event)
    if name not in webhook_events():
        details = f"Property .event must be the name of a project event, found {event}"
        raise InvalidPayload(details)
    made = Delivery.objects.create(
        project=webhook.project,
        webhook=webhook,
        event_id=new_id("ev_"),
        event_created_at=now,
        type=name,
        # A test waits for nothing that is owed.
        key=new_id("test_"),
        sample=_sample_of(name),
        due_at=now,
        created_at=now,
    )
    wake_senders()
    return made


def _again(rows: DeliveryQuerySet, now: datetime) -> int:
    count: int = rows.finished().update(
        status=Status.PENDING,
        attempts_made=0,
        first_attempt_at=None,
        due_at=now,
        claimed_until=None,
        finished_at=None,
    )
    if count:
        wake_senders()
    return count


def _sample_of(name: str) -> dict[str, Any]:
    """Return data with the keys of an event, and nobody's values."""
    return {
        key.name: {"id": f"{key.shape}_test", "object": key.shape}
        for key in event_types()[name].data
        if not key.nullable and key.shape not in {"moment", "count", "buckets"}
    }

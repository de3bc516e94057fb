"""Taking sendouts that are due, so that nobody else makes the same attempt.

Each webhook gets its share: a slow one cannot take the places of others, and one that
keeps failing is left alone but for a sendout now and then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from django.db import connection, transaction

from promo import ids, sql_arrays
from promo.outbox.models import DomainEvent
from promo.row_reader import RowReader
from webhooks.engine.schedule import FAILURES_IN_A_ROW
from webhooks.engine.signing import signed_headers
from webhooks.models import (
    Delivery,
    DistributionMessage,
    MessageState,
    Status,
    Webhook,
)
from webhooks.services.secrets import secrets_of
from webhooks.services.sending import TIMEOUT
from webhooks.wire.envelope import body_of, sample_event

#: How long a claim holds: whoever made it is dead after that.
LEASE = 3 * TIMEOUT

_DELIVERY, _EVENT = RowReader(Delivery, "c"), RowReader(DomainEvent, "e")
_DUE = """
d.status = 'PENDING' AND d.due_at <= %(now)s
AND (d.claimed_until IS NULL OR d.claimed_until <= %(now)s)
"""
_OPEN = f"""
SELECT w.id, w.failures FROM webhooks_webhook w
WHERE w.active AND (w.paused_until IS NULL OR w.paused_until <= %(now)s)
AND EXISTS (SELECT FROM webhooks_delivery d WHERE d.webhook_id = w.id AND {_DUE})
ORDER BY random() LIMIT %(most)s FOR NO KEY UPDATE OF w SKIP LOCKED
"""  # noqa: S608 - texts of our own
# Of a key the oldest goes first, and the next one once that has arrived.
_CLAIM = f"""
UPDATE webhooks_delivery c SET claimed_until = %(until)s
FROM unnest(%(webhooks)s::uuid[], %(places)s::int[]) AS w (id, places)
CROSS JOIN LATERAL (
  SELECT d.id FROM webhooks_delivery d
  WHERE d.webhook_id = w.id AND {_DUE}
  AND d.event_id = (
    SELECT e.event_id FROM webhooks_delivery e
    WHERE e.webhook_id = w.id AND e.key = d.key AND e.status = 'PENDING'
    ORDER BY e.event_id LIMIT 1)
  ORDER BY d.event_id
  LIMIT greatest(0, w.places - (
    SELECT count(*) FROM webhooks_delivery f
    WHERE f.webhook_id = w.id AND f.status = 'PENDING'
    AND f.claimed_until IS NOT NULL AND f.claimed_until > %(now)s))
) AS picked
WHERE c.id = picked.id RETURNING {_DELIVERY.columns}
"""  # noqa: S608 - texts of our own
_EVENTS = f"""
SELECT {_EVENT.columns} FROM {_EVENT.table} e
WHERE e.id = ANY(%s::uuid[]) AND e.created_at BETWEEN %s AND %s
"""  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed sendout, ready to go."""

    delivery: Delivery
    url: str
    body: str
    headers: dict[str, str]


@transaction.atomic
def claim(places: int, *, each: int, now: datetime) -> list[Delivery]:
    """Return up to ``places`` sendouts that are due; they are the caller's for a while.

    Of ``each`` webhook so many are claimed at the same time, by all who claim. The
    webhooks are held, so that those share the places of each one, and take turns.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"now": now, "most": places})
        found = cursor.fetchall()
        if not found:
            return []
    share = min(each, max(1, places // len(found)))
    taken = {
        "now": now,
        "until": now + LEASE,
        "webhooks": [webhook for webhook, _ in found],
        "places": [
            1 if failures >= FAILURES_IN_A_ROW else share for _, failures in found
        ],
    }
    rows = sorted(_DELIVERY.select(_CLAIM, taken), key=attrgetter("event_id"))
    webhooks = Webhook.objects.in_bulk({row.webhook_id for row in rows})
    carried = {row.message_id for row in rows if row.message_id}
    messages = DistributionMessage.objects.in_bulk(carried)
    for row in rows:
        row.webhook = webhooks[row.webhook_id]
        row.message = messages.get(row.message_id) if row.message_id else None
    return rows


def prepare(deliveries: Sequence[Delivery], *, now: datetime) -> list[Prepared]:
    """Return what to send; a sendout whose event is gone is canceled."""
    events = events_behind(deliveries)
    held = secrets_of(sorted({each.project_id for each in deliveries}), now=now)
    ready, gone = [], []
    for each in deliveries:
        event = events.get(event_id_of(each))
        if event is None:
            gone.append(each.pk)
            continue
        body = body_of(each, event)
        signed = signed_headers(
            body, secrets_held=held[each.project_id], message_id=each.pk, now=now
        )
        ready.append(
            Prepared(
                each,
                each.webhook.target_url,
                body,
                {**each.webhook.headers, **OURS, **signed},
            )
        )
    Delivery.objects.filter(pk__in=gone).update(
        status=Status.CANCELED, finished_at=now, claimed_until=None
    )
    DistributionMessage.objects.filter(delivery__in=gone).update(
        state=MessageState.CANCELED, reason="event_gone", finished_at=now
    )
    return ready


OURS = {"content-type": "application/json", "user-agent": "Promo-Webhooks/1.0"}


def events_behind(deliveries: Sequence[Delivery]) -> dict[str, DomainEvent]:
    """Return the events of sendouts by id; those that are gone are left out."""
    told = [each for each in deliveries if each.sample is None]
    found = {
        each.event_id: sample_event(each)
        for each in deliveries
        if each.sample is not None
    }
    if not told:
        return found
    moments = [each.event_created_at for each in told]
    keys = [ids.parse_shown(event_id_of(each)) for each in told]
    rows = _EVENT.select(
        _EVENTS,
        [
            sql_arrays.uuids(keys),
            min(moments),
            max(moments) + timedelta(microseconds=1),
        ],
    )
    return found | {event.pk: event for event in rows}


def event_id_of(delivery: Delivery) -> str:
    """Return the id of the event that a sendout tells of."""
    carried = delivery.message
    return delivery.event_id if carried is None else carried.event_id

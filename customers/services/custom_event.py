"""Custom events: writing down what customers did, and how often by now.

Source: data specification, "Custom events and their schemas".
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from customers.models import Customer, CustomEvent, CustomEventCount
from customers.models.custom_event import EVENT_PREFIX
from customers.models.customer import ID_PREFIX
from promo import ids
from promo.tenancy.models import Project

Json = dict[str, Any]
#: What is known of events that happened: by customer, then by name.
Happened = Mapping[str, Mapping[str, Json]]

# The customer is kept from being erased, and nobody else waits. The count moves by
# whoever comes, in whatever order: times only widen.
_RECORD = """
WITH held AS MATERIALIZED (
  SELECT id, project_id FROM customers_customer
  WHERE id = %(customer)s AND deleted_at IS NULL FOR KEY SHARE
), counted AS (
  INSERT INTO customers_customeventcount AS c
    (customer_id, name, count, first_occurred_at, last_occurred_at)
  SELECT id, %(name)s, 1, %(now)s::timestamptz, %(now)s::timestamptz FROM held
  ON CONFLICT (customer_id, name) DO UPDATE SET
    count = c.count + excluded.count,
    first_occurred_at = least(c.first_occurred_at, excluded.first_occurred_at),
    last_occurred_at = greatest(c.last_occurred_at, excluded.last_occurred_at)
)
INSERT INTO customers_customevent
  (id, project_id, customer_id, name, metadata, referral, referrer_id, loyalty,
   created_at)
SELECT %(id)s, project_id, id, %(name)s, %(metadata)s::jsonb, %(referral)s::jsonb,
  %(referrer)s::uuid, %(loyalty)s::jsonb, %(now)s::timestamptz
FROM held RETURNING id
"""


def record_event(
    *,
    project: Project,
    customer: Customer,
    name: str,
    metadata: Mapping[str, Any],
    now: datetime,
    referral: Json | None = None,
    loyalty: Json | None = None,
) -> CustomEvent | None:
    """Store that ``customer`` did something, and count it, in the caller's transaction.

    One statement. ``referral`` has the ``code``, the ``id`` of its voucher and the
    ``referrer_id``, ``loyalty`` the ``code`` of a card. None where the customer has
    been deleted meanwhile.
    """
    event = CustomEvent(
        id=ids.new_id(EVENT_PREFIX),
        project=project,
        customer=customer,
        name=name,
        metadata=dict(metadata),
        referral=referral,
        referrer_id=referral and referral["referrer_id"],
        loyalty=loyalty,
        created_at=now,
    )
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, _arguments(event))
        return event if cursor.fetchone() else None


def _arguments(event: CustomEvent) -> Json:
    referrer = event.referrer_id
    return {
        "id": ids.parse(EVENT_PREFIX, event.pk),
        "customer": ids.parse(ID_PREFIX, event.customer_id),
        "name": event.name,
        "metadata": json.dumps(event.metadata),
        "referral": event.referral and json.dumps(event.referral),
        "referrer": ids.parse(ID_PREFIX, referrer) if referrer else None,
        "loyalty": event.loyalty and json.dumps(event.loyalty),
        "now": event.created_at,
    }


def happened(customer_ids: Iterable[str], names: Collection[str]) -> Happened:
    """Return how often and when customers did what is in ``names``.

    One statement, none where there are no names.
    """
    if not names:
        return {}
    found: dict[str, dict[str, Json]] = {}
    rows = CustomEventCount.objects.filter(
        customer__in=list(customer_ids), name__in=names
    )
    for row in rows.order_by():
        found.setdefault(row.customer_id, {})[row.name] = row.as_profile()
    return found


def forget_events(customer: Customer) -> int:
    """Delete what a customer did, and the counts of it; return how much there was."""
    CustomEventCount.objects.filter(customer=customer).delete()
    return CustomEvent.objects.filter(customer=customer).delete()[0]

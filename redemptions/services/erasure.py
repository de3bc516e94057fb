"""Forgetting a person at the checkout: orders go, accounting rows stay anonymous."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from campaigns.models import Voucher
from campaigns.services.erasure import release_codes
from customers.events import figures_outdated
from customers.models import Customer
from customers.services.forgetting import named_by, person_of
from promo import ids
from promo.outbox.events import emit
from redemptions.engine.counters import customer_part
from redemptions.models import (
    LedgerEntry,
    Order,
    Redemption,
    ReportTally,
    SessionLock,
)
from redemptions.models.report import Tallied
from redemptions.services.export import forget_exports_naming

# The order as answered names the customer; what it cost and took off stays.
_BLANK_ORDER_STATES = """
UPDATE redemptions_redemption
SET order_state = (order_state - 'customer' - 'metadata')
    || '{"customer_id": null, "metadata": {}}'::jsonb
    || CASE jsonb_typeof(order_state -> 'items') WHEN 'array' THEN
         jsonb_build_object('items', (
           SELECT coalesce(jsonb_agg(line - 'metadata' ORDER BY turn), '[]')
           FROM jsonb_array_elements(order_state -> 'items')
                WITH ORDINALITY AS lines (line, turn)))
       ELSE '{}' END
WHERE customer_id = %s AND jsonb_typeof(order_state) = 'object'
"""

# What counted for the person alone has nobody to count for any more.
_FORGET_COUNTERS = """
DELETE FROM redemptions_counter c USING (
  SELECT DISTINCT r.project_id, right(s.key, 32)::uuid AS subject
  FROM redemptions_redemption r, jsonb_object_keys(r.claims) AS s (key)
  WHERE r.customer_id = %(customer)s) t
WHERE c.project_id = t.project_id AND c.subject = t.subject
AND strpos(c.bucket, %(part)s) > 0
"""
_FORGET_CLAIMS = """
UPDATE redemptions_redemption r SET claims = coalesce((
  SELECT jsonb_object_agg(s.key, coalesce((
    SELECT jsonb_object_agg(b.key, b.value) FROM jsonb_each(s.value) b
    WHERE strpos(b.key, %(part)s) = 0), '{}'))
  FROM jsonb_each(r.claims) s), '{}')
WHERE r.customer_id = %(customer)s
"""


def hide_customer(customer: Customer, *, now: datetime) -> None:
    """Hide the orders of a deleted customer and leave the codes without a holder.

    Source: data specification, "Delete and erase".
    """
    Order.objects.alive().filter(customer=customer).update(deleted_at=now)
    others = _referees_of(customer)
    release_codes(customer)
    emit(customer.project, [figures_outdated(one) for one in others], now=now)


def forget_customer(customer: Customer, *, now: datetime) -> dict[str, int]:
    """Delete the customer's orders and blank redemptions; return what was counted.

    Redemptions stay as anonymous rows, so that counters and budgets stay right. Failed
    ones of somebody who was not stored then are known by the tracking id. Files of
    exports that may name the customer go.

    Source: data specification, "Delete and erase".
    """
    key = ids.parse("cust_", customer.pk)
    named: dict[str, Any] = {"customer": key, "part": customer_part(customer.pk)}
    others = [*_referees_of(customer), *_referrers_of(customer)]
    with connection.cursor() as cursor:
        cursor.execute(_BLANK_ORDER_STATES, [key])
        cursor.execute(_FORGET_COUNTERS, named)
        cursor.execute(_FORGET_CLAIMS, named)
    for rows in (Redemption.objects.filter(customer=customer), _anonymous(customer)):
        rows.update(tracking_id="", metadata=None, trace={}, reason="", session_key="")
    _forget_cards(customer)
    _forget_sessions(customer)
    forget_exports_naming(customer, now=now)
    ReportTally.objects.filter(kind=Tallied.CUSTOMER, name=str(key)).delete()
    orders = Order.objects.filter(customer=customer)
    count = orders.count()
    orders.delete()
    emit(customer.project, [figures_outdated(one) for one in others], now=now)
    return {"orders": count}


def _anonymous(customer: Customer) -> QuerySet[Redemption]:
    """Return redemptions of nobody stored with the customer's tracking id."""
    rows = Redemption.objects.filter(
        project=customer.project, customer=None, tracking_id__gt=""
    )
    person = person_of(customer)
    return rows.filter(
        tracking_id__in=[
            text for text in (person.tracking_id, person.source_id) if text
        ]
    )


def _forget_cards(customer: Customer) -> None:
    """Blank what people wrote about movements on the customer's cards."""
    given = Voucher.objects.filter(publications__customer=customer)
    entries = LedgerEntry.objects.filter(
        Q(voucher__holder=customer) | Q(voucher__in=given), reason__isnull=False
    )
    entries.update(reason=None)


def _forget_sessions(customer: Customer) -> None:
    """Rename sessions that somebody called by the customer's address or id."""
    named = named_by(person_of(customer), "key")
    locks = SessionLock.objects.filter(named, project=customer.project)
    pk = Cast("pk", TextField())
    locks.update(key=Concat(Value("erased-"), pk, output_field=TextField()))


def _referees_of(customer: Customer) -> list[str]:
    """Return whom the customer's codes have referred; they have no referrer now."""
    used = Redemption.objects.standing().filter(
        voucher__holder=customer, voucher__is_referral_code=True
    )
    others = used.exclude(customer=None).order_by("customer_id")
    return list(others.values_list("customer_id", flat=True).distinct())


def _referrers_of(customer: Customer) -> list[str]:
    """Return who referred the customer; they have one referee less now."""
    used = Redemption.objects.standing().filter(
        customer=customer, voucher__is_referral_code=True
    )
    others = used.exclude(voucher__holder=None).order_by("voucher__holder_id")
    return list(others.values_list("voucher__holder_id", flat=True).distinct())

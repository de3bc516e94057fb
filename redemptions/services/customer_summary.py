"""What customers have redeemed and bought, summed up after it happened.

Source: data specification, "Computed blocks".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from customers.models import Customer
from customers.models.customer import empty_summary
from customers.services.summary import store_summaries
from promo import ids
from promo.clock import isoformat
from promo.outbox.hearing import customers_by_project
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project

#: What changes the figures: the customers' own redemptions, orders and cards, which
#: come back from the bin as updated.
_HEARD = (
    "customer.redemption.",
    "customer.order.",
    "customer.publication.",
    "voucher.deleted",
    "voucher.updated",
)
#: What moves the balance of a card, whoever used it; its holder is in the event.
_MOVED = (
    "voucher.gift.transaction.created",
    "voucher.loyalty_card.transaction.created",
)

# A stacked redemption counts by its parts, not by what holds them together.
_REDEMPTIONS = """
SELECT customer_id, object, result, count(*)
FROM redemptions_redemption
WHERE customer_id = ANY(%s) AND related_object_type <> 'redemption'
GROUP BY customer_id, object, result
"""

_ORDERS = """
SELECT customer_id, sum(spent)::bigint, count(*)::bigint,
       (array_agg(spent ORDER BY created_at DESC, id DESC))[1], max(created_at)
FROM (
  SELECT id, customer_id, created_at, coalesce(amount, 0) - discount_amount
         - items_discount_amount - coalesce(returned_amount, 0) AS spent
  FROM redemptions_order
  WHERE customer_id = ANY(%s) AND status IN ('PAID', 'FULFILLED')
) AS bought
GROUP BY customer_id
"""

# What a customer used of any card, and what is left on the cards held.
_CARDS = """
SELECT customer_id, type, sum(used)::bigint, sum(rest)::bigint
FROM (
  SELECT r.customer_id, v.type, r.card_amount - r.returned_card_amount AS used,
         0 AS rest
  FROM redemptions_redemption r JOIN campaigns_voucher v ON v.id = r.voucher_id
  WHERE r.customer_id = ANY(%(customers)s) AND r.card_amount IS NOT NULL
  AND r.result = 'SUCCESS'
  UNION ALL
  SELECT holder_id, type, 0, balance FROM campaigns_voucher
  WHERE holder_id = ANY(%(customers)s) AND type <> 'DISCOUNT_VOUCHER'
  AND deleted_at IS NULL
) AS cards
GROUP BY customer_id, type
"""
_CARD_BLOCKS: Mapping[str, tuple[str, str, str]] = {
    "GIFT_VOUCHER": ("gift", "redeemed_amount", "amount_to_go"),
    "LOYALTY_CARD": ("loyalty_card", "redeemed_points", "points_to_go"),
}

_TOTALS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("redemption", "SUCCESS"): ("total_redeemed", "total_succeeded"),
    ("redemption", "FAILURE"): ("total_redeemed", "total_failed"),
    ("redemption_rollback", "SUCCESS"): (
        "total_rolled_back",
        "total_rollback_succeeded",
    ),
    ("redemption_rollback", "FAILURE"): ("total_rolled_back", "total_rollback_failed"),
}


def hear_events(events: Sequence[DomainEvent], *, now: datetime) -> None:
    """Sum up anew the customers whom ``events`` are about, in the relay's transaction.

    Five statements a project, whatever the number of events.
    """
    for project, customers in customers_by_project(events, _customer_of):
        refresh_summaries(project, customers, now=now)


def _customer_of(event: DomainEvent) -> str:
    """Return whose figures an event changes; empty for nobody's."""
    if event.type in _MOVED:
        holder = event.payload.get("holder") or {}
        return str(holder.get("id", ""))
    return event.customer_id if event.type.startswith(_HEARD) else ""


def refresh_summaries(
    project: Project, customer_ids: Sequence[str], *, now: datetime
) -> int:
    """Work out the ``summary`` of customers from their rows; return how many changed.

    The customers are held first: of two who sum up, the later one sees all that the
    earlier one saw, so an older figure never overwrites a newer one.
    """
    rows = Customer.objects.filter(project=project, pk__in=customer_ids)
    held = rows.order_by("pk").select_for_update(no_key=True)
    keys = [ids.parse("cust_", pk) for pk in held.values_list("pk", flat=True)]
    blocks = {key: empty_summary() for key in keys}
    with connection.cursor() as cursor:
        cursor.execute(_REDEMPTIONS, [keys])
        for key, *counted in cursor.fetchall():
            _count(blocks[key]["redemptions"], *counted)
        cursor.execute(_CARDS, {"customers": keys})
        for key, card, used, left in cursor.fetchall():
            block, spent, to_go = _CARD_BLOCKS[card]
            blocks[key]["redemptions"][block] = {spent: used, to_go: left}
        cursor.execute(_ORDERS, [keys])
        for key, *bought in cursor.fetchall():
            blocks[key]["orders"] = _orders(*bought)
    shown = {ids.show("cust_", key): block for key, block in blocks.items()}
    return store_summaries(project, shown, now)


def _count(block: dict[str, Any], kind: str, result: str, number: int) -> None:
    for name in _TOTALS[kind, result]:
        block[name] += number


def _orders(total: int, count: int, last: int, last_at: datetime) -> dict[str, Any]:
    return {
        "total_amount": total,
        "total_count": count,
        # Half up, in whole numbers.
        "average_amount": (2 * total + count) // (2 * count),
        "last_order_amount": last,
        "last_order_date": isoformat(last_at),
    }

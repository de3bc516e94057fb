"""What customers have redeemed, bought, hold and referred, read from the rows.

Source: data specification, "Computed blocks".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from customers.services.summary import Figures
from promo import ids
from promo.clock import isoformat

Found = Mapping[UUID, Figures]

# A stacked redemption counts by its parts, not by what holds them together.
_REDEMPTIONS = """
SELECT customer_id, object, result, count(*)
FROM redemptions_redemption
WHERE customer_id = ANY(%(keys)s) AND related_object_type <> 'redemption'
GROUP BY customer_id, object, result
"""
_ORDERS = """
SELECT customer_id, sum(spent)::bigint, count(*)::bigint,
       (array_agg(spent ORDER BY created_at DESC, id DESC))[1], max(created_at)
FROM (
  SELECT id, customer_id, created_at, coalesce(amount, 0) - discount_amount
         - items_discount_amount - coalesce(returned_amount, 0) AS spent
  FROM redemptions_order
  WHERE customer_id = ANY(%(keys)s) AND status IN ('PAID', 'FULFILLED')
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
  WHERE r.customer_id = ANY(%(keys)s) AND r.card_amount IS NOT NULL
  AND r.result = 'SUCCESS'
  UNION ALL
  SELECT holder_id, type, 0, balance FROM campaigns_voucher
  WHERE holder_id = ANY(%(keys)s) AND type <> 'DISCOUNT_VOUCHER'
  AND deleted_at IS NULL
) AS cards
GROUP BY customer_id, type
"""
# Points ever got but for those that expired or were taken off, and what is left.
_POINTS = """
SELECT v.holder_id, c.name,
       sum(v.credited_amount - v.expired_amount - v.subtracted_amount)::bigint,
       sum(v.balance)::bigint
FROM campaigns_voucher v JOIN campaigns_campaign c ON c.id = v.campaign_id
WHERE v.holder_id = ANY(%(keys)s) AND v.type = 'LOYALTY_CARD'
AND v.deleted_at IS NULL
GROUP BY v.holder_id, c.name
"""
# Uses of referral codes that stand, and custom events that brought somebody. A
# programme that asks for an event takes no use for a referral.
_BROUGHT = """
SELECT v.holder_id AS referrer, v.campaign_id, r.customer_id AS referee,
       'redemption' AS kind, 'r_' || replace(r.id::text, '-', '') AS object,
       r.voucher_id, r.created_at
FROM campaigns_voucher v
JOIN campaigns_campaign c ON c.id = v.campaign_id
  AND coalesce(c.referral_program ->> 'conversion_event_type', 'redemption')
    = 'redemption'
JOIN redemptions_redemption r ON r.voucher_id = v.id
WHERE {redemption} = ANY(%(keys)s) AND v.is_referral_code AND v.holder_id IS NOT NULL
  AND r.object = 'redemption' AND r.status = 'SUCCEEDED' AND r.customer_id IS NOT NULL
UNION ALL
SELECT referrer_id, campaign_id, referee_id, related_object_type, related_object_id,
       voucher_id, created_at
FROM campaigns_referralconversion
WHERE {conversion} = ANY(%(keys)s) AND referrer_id IS NOT NULL
"""
# Whom a customer referred, everybody once, also who has been erased; the row without
# a campaign is the total.
_REFERRED = f"""
SELECT b.referrer, c.name, count(DISTINCT coalesce(b.referee::text, b.object))
FROM ({_BROUGHT.format(redemption="v.holder_id", conversion="referrer_id")}) AS b
JOIN campaigns_campaign c ON c.id = b.campaign_id
GROUP BY GROUPING SETS ((b.referrer, c.name), (b.referrer))
"""  # noqa: S608 - put together from texts of our own
# Who referred a customer: the first time by each code.
_REFERRALS = f"""
SELECT DISTINCT ON (b.referee, b.voucher_id)
       b.referee, b.campaign_id, b.referrer, b.kind, b.object, b.created_at
FROM ({_BROUGHT.format(redemption="r.customer_id", conversion="referee_id")}) AS b
ORDER BY b.referee, b.voucher_id, b.created_at, b.object
"""  # noqa: S608 - as above

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


def figures_of(keys: Sequence[UUID]) -> Found:
    """Return the figures of customers by their keys, in a fixed number of statements.

    The caller holds the customers.
    """
    found = {key: Figures() for key in keys}
    with connection.cursor() as cursor:
        for sql, put in _READ:
            cursor.execute(sql, {"keys": list(keys)})
            for key, *row in cursor.fetchall():
                put(found[key], *row)
    for figures in found.values():
        figures.referrals["campaigns"].sort(key=lambda each: each["date"])
    return found


def _count(figures: Figures, kind: str, result: str, number: int) -> None:
    for name in _TOTALS[kind, result]:
        figures.summary["redemptions"][name] += number


def _put_orders(
    figures: Figures, total: int, count: int, last: int, last_at: datetime
) -> None:
    figures.summary["orders"] = {
        "total_amount": total,
        "total_count": count,
        # Half up, in whole numbers.
        "average_amount": (2 * total + count) // (2 * count),
        "last_order_amount": last,
        "last_order_date": isoformat(last_at),
    }


def _put_card(figures: Figures, card: str, used: int, left: int) -> None:
    block, spent, to_go = _CARD_BLOCKS[card]
    figures.summary["redemptions"][block] = {spent: used, to_go: left}


def _put_points(figures: Figures, campaign: str, got: int, left: int) -> None:
    figures.loyalty["points"] += got
    _of_campaign(figures, campaign)["points"] = left


def _put_referred(figures: Figures, campaign: str | None, number: int) -> None:
    if campaign is None:
        figures.loyalty["referred_customers"] = number
    else:
        _of_campaign(figures, campaign)["referred_customers"] = number


def _of_campaign(figures: Figures, name: str) -> dict[str, Any]:
    block: dict[str, Any] = figures.loyalty["campaigns"].setdefault(
        name, {"points": 0, "referred_customers": 0}
    )
    return block


def _put_referral(
    figures: Figures, campaign: UUID, referrer: UUID, *brought: Any
) -> None:
    kind, shown_id, at = brought
    figures.referrals["total"] += 1
    figures.referrals["campaigns"].append(
        {
            "campaign_id": ids.show("camp_", campaign),
            "referrer_id": ids.show("cust_", referrer),
            "related_object_id": shown_id,
            "related_object_type": kind,
            "date": isoformat(at),
        }
    )


_READ: Sequence[tuple[str, Callable[..., None]]] = (
    (_REDEMPTIONS, _count),
    (_CARDS, _put_card),
    (_ORDERS, _put_orders),
    (_POINTS, _put_points),
    (_REFERRED, _put_referred),
    (_REFERRALS, _put_referral),
)

"""Taking what is limited, each kind by one conditional statement, in one order.

Every transaction takes its rows in the same order: the order (one that others may
name by its source id is stored now), the customer, the counters by (subject, bucket),
the promotion tiers by id, the vouchers by id. Inside
a statement a sorted sub-select takes them in key order. Two carts holding the same
things can so wait for one another, but never in a circle. Vouchers come last: a
popular code is what everybody waits for, so it stays locked the shortest time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from promo import ids, sql_arrays
from promo.tenancy.models import Project
from redemptions.engine.claims import CustomerClaim


class ClaimLost(Exception):
    """Somebody else took the last one since the facts were read."""


_CLAIM_COUNTERS = """
INSERT INTO redemptions_counter AS c (project_id, subject, bucket, used, ceiling)
SELECT %(project)s, k.s, k.b, k.n, k.l
FROM unnest(%(subjects)s::uuid[], %(buckets)s::text[], %(uses)s::bigint[],
            %(ceilings)s::bigint[]) AS k (s, b, n, l)
WHERE k.l IS NULL OR k.n <= k.l
ORDER BY k.s, k.b
ON CONFLICT (project_id, subject, bucket) DO UPDATE
SET used = c.used + excluded.used, ceiling = excluded.ceiling
WHERE excluded.ceiling IS NULL OR c.used + excluded.used <= excluded.ceiling
RETURNING 1
"""
_RETURN_COUNTERS = """
WITH k AS MATERIALIZED (
  SELECT c.id, w.n FROM redemptions_counter c
  JOIN unnest(%(subjects)s::uuid[], %(buckets)s::text[], %(uses)s::bigint[])
       AS w (s, b, n) ON c.subject = w.s AND c.bucket = w.b
  WHERE c.project_id = %(project)s
  ORDER BY c.subject, c.bucket FOR NO KEY UPDATE OF c)
UPDATE redemptions_counter SET used = used - k.n FROM k
WHERE redemptions_counter.id = k.id
"""
_MOVE_TIERS = """
WITH k AS MATERIALIZED (
  SELECT t.id, w.o, w.d FROM campaigns_promotiontier t
  JOIN unnest(%(ids)s::uuid[], %(orders)s::bigint[], %(discounts)s::bigint[])
       AS w (id, o, d) ON t.id = w.id
  ORDER BY t.id FOR NO KEY UPDATE OF t)
UPDATE campaigns_promotiontier t
SET redeemed_quantity = t.redeemed_quantity + %(by)s,
    orders_amount = t.orders_amount + k.o,
    discounted_amount = t.discounted_amount + k.d
FROM k WHERE t.id = k.id RETURNING t.id, t.redeemed_quantity
"""
_CLAIM_VOUCHERS = """
WITH k AS MATERIALIZED (
  SELECT id FROM campaigns_voucher WHERE id = ANY(%(ids)s::uuid[])
  ORDER BY id FOR NO KEY UPDATE)
UPDATE campaigns_voucher v
SET redeemed_quantity = v.redeemed_quantity + 1, updated_at = %(now)s
FROM k WHERE v.id = k.id AND v.active AND v.deleted_at IS NULL
AND (v.redemption_quantity IS NULL OR v.redeemed_quantity < v.redemption_quantity)
RETURNING v.id, v.redeemed_quantity
"""
_RETURN_VOUCHERS = """
WITH k AS MATERIALIZED (
  SELECT id FROM campaigns_voucher WHERE id = ANY(%(ids)s::uuid[])
  ORDER BY id FOR NO KEY UPDATE)
UPDATE campaigns_voucher v
SET redeemed_quantity = v.redeemed_quantity - 1, updated_at = %(now)s
FROM k WHERE v.id = k.id RETURNING v.id, v.redeemed_quantity
"""


def customer_bucket(customer_id: str) -> str:
    """Return the bucket that counts one customer's redemptions."""
    return f"customer:{ids.parse('cust_', customer_id).hex}"


def claim_counters(
    project: Project, claims: Sequence[CustomerClaim], customer_id: str
) -> None:
    """Count the customer's uses, each held against its limit.

    Raises:
        ClaimLost: a counter is full; the transaction must be rolled back.
    """
    if not claims:
        return
    arguments = _counters(project, claims, customer_id)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_COUNTERS, arguments)
        if cursor.rowcount != len(claims):
            raise ClaimLost


def return_counters(
    project: Project, claims: Sequence[CustomerClaim], customer_id: str
) -> None:
    """Take the customer's uses back."""
    if not claims:
        return
    with connection.cursor() as cursor:
        cursor.execute(_RETURN_COUNTERS, _counters(project, claims, customer_id))


def _counters(
    project: Project, claims: Sequence[CustomerClaim], customer_id: str
) -> dict[str, Any]:
    return {
        "project": ids.parse("proj_", project.pk),
        "subjects": sql_arrays.uuids(
            ids.parse_shown(claim.subject_id) for claim in claims
        ),
        "buckets": sql_arrays.texts([customer_bucket(customer_id)] * len(claims)),
        "uses": sql_arrays.integers(claim.times for claim in claims),
        "ceilings": sql_arrays.integers(claim.limit for claim in claims),
    }


@dataclass(frozen=True, slots=True)
class TierUse:
    """One redemption of a tier: the order's value and what it took off, minor units."""

    tier_id: str
    order_amount: int
    discount_amount: int


def claim_tiers(uses: Sequence[TierUse]) -> dict[str, int]:
    """Count one redemption for each tier; return the new counts by id."""
    return _move_tiers(uses, 1)


def return_tiers(uses: Sequence[TierUse]) -> dict[str, int]:
    """Take one redemption back from each tier; return the new counts by id."""
    return _move_tiers(uses, -1)


def _move_tiers(uses: Sequence[TierUse], sign: int) -> dict[str, int]:
    if not uses:
        return {}
    moved = _moved(
        _MOVE_TIERS,
        {
            "ids": sql_arrays.uuids(ids.parse("promo_", use.tier_id) for use in uses),
            "orders": sql_arrays.integers(sign * use.order_amount for use in uses),
            "discounts": sql_arrays.integers(
                sign * use.discount_amount for use in uses
            ),
            "by": sign,
        },
    )
    return {ids.show("promo_", tier): count for tier, count in moved.items()}


def claim_vouchers(vouchers: Sequence[str], now: datetime) -> dict[str, int]:
    """Use each voucher once; return the new redeemed quantities by id.

    Raises:
        ClaimLost: one is used up or no longer active; the transaction must be
            rolled back.
    """
    moved = _move_vouchers(_CLAIM_VOUCHERS, vouchers, now)
    if len(moved) != len(set(vouchers)):
        raise ClaimLost
    return moved


def return_vouchers(vouchers: Sequence[str], now: datetime) -> dict[str, int]:
    """Give each voucher one use back; return the new redeemed quantities by id."""
    return _move_vouchers(_RETURN_VOUCHERS, vouchers, now)


def _move_vouchers(
    statement: str, vouchers: Sequence[str], now: datetime
) -> dict[str, int]:
    if not vouchers:
        return {}
    wanted = sql_arrays.uuids(ids.parse("v_", voucher) for voucher in vouchers)
    moved = _moved(statement, {"ids": wanted, "now": now})
    return {ids.show("v_", voucher): count for voucher, count in moved.items()}


def _moved(statement: str, arguments: dict[str, Any]) -> dict[UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return dict(cursor.fetchall())

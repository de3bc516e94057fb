"""Taking what is limited, each kind by one conditional statement, in one order.

Every transaction takes its rows in the same order: the order (one that others may
name by its source id is stored now), the customer, the counters by (subject, bucket),
the promotion tiers by id, the vouchers by id. Inside
a statement a sorted sub-select takes them in key order. Two carts holding the same
things can so wait for one another, but never in a circle. Vouchers come last: a
popular code is what everybody waits for, so it stays locked the shortest time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from promo import ids, sql_arrays
from promo.sql_pipeline import Asked, pipeline
from promo.tenancy.models import Project
from redemptions.engine.claims import CustomerClaim
from redemptions.services.voucher_uses import (
    ClaimLost,
    LockChanges,
    VoucherState,
    VoucherUse,
    ask_to_give_back,
    ask_to_take,
)

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
WHERE redemptions_counter.id = k.id RETURNING 1
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


def customer_bucket(customer_id: str) -> str:
    """Return the bucket that counts one customer's redemptions."""
    return f"customer:{ids.parse('cust_', customer_id).hex}"


@dataclass(frozen=True, slots=True)
class TierUse:
    """One redemption of a tier: the order's value and what it took off, minor units."""

    tier_id: str
    order_amount: int
    discount_amount: int


@dataclass(frozen=True, slots=True)
class Uses:
    """What a redemption takes; the counters are the buckets of ``customer_id``."""

    counters: Sequence[CustomerClaim] = ()
    customer_id: str | None = None
    tiers: Sequence[TierUse] = ()
    vouchers: Sequence[VoucherUse] = ()
    locks: LockChanges | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The redeemed quantities of tiers, and the states of vouchers, by id."""

    tiers: Mapping[str, int]
    vouchers: Mapping[str, VoucherState]


def claim(project: Project, uses: Uses, now: datetime) -> Moved:
    """Take all of it; return what tiers and vouchers have been used for by then.

    The statements go out together, counters first and vouchers last.

    Raises:
        ClaimLost: a counter is full, a voucher or its balance used up, or no longer
            active; the transaction must be rolled back.
    """
    with pipeline():
        counters = _ask_counters(_CLAIM_COUNTERS, project, uses)
        tiers = _ask_tiers(uses.tiers, 1)
        vouchers = ask_to_take(uses.vouchers, uses.locks, now)
        counted = counters.rows() if counters else ()
        moved = Moved(_quantities(tiers), vouchers.all_states())
    if counters and len(counted) != len(uses.counters):
        raise ClaimLost
    return moved


def give_back(project: Project, uses: Uses, now: datetime) -> Moved:
    """Give all of it back; return what tiers and vouchers are left used for."""
    with pipeline():
        counters = _ask_counters(_RETURN_COUNTERS, project, uses)
        tiers = _ask_tiers(uses.tiers, -1)
        vouchers = ask_to_give_back(uses.vouchers, now)
        if counters:
            counters.rows()
        return Moved(_quantities(tiers), vouchers.states())


def _ask_counters(sql: str, project: Project, uses: Uses) -> Asked | None:
    if not uses.counters or uses.customer_id is None:
        return None
    bucket = customer_bucket(uses.customer_id)
    subjects = (ids.parse_shown(one.subject_id) for one in uses.counters)
    arguments = {
        "project": ids.parse("proj_", project.pk),
        "subjects": sql_arrays.uuids(subjects),
        "buckets": sql_arrays.texts([bucket] * len(uses.counters)),
        "uses": sql_arrays.integers(one.times for one in uses.counters),
        "ceilings": sql_arrays.integers(one.limit for one in uses.counters),
    }
    return Asked(sql, arguments)


def _ask_tiers(uses: Sequence[TierUse], sign: int) -> Asked | None:
    if not uses:
        return None
    discounts = (sign * use.discount_amount for use in uses)
    arguments = {
        "ids": sql_arrays.uuids(ids.parse("promo_", use.tier_id) for use in uses),
        "orders": sql_arrays.integers(sign * use.order_amount for use in uses),
        "discounts": sql_arrays.integers(discounts),
        "by": sign,
    }
    return Asked(_MOVE_TIERS, arguments)


def _quantities(asked: Asked | None) -> dict[str, int]:
    rows = asked.rows() if asked else ()
    return {ids.show("promo_", key): quantity for key, quantity in rows}

"""Taking what is limited, each kind by one conditional statement, in one order.

Every transaction takes its rows in the same order: the order, the customer, the
counters by (subject, bucket), the promotion tiers by id, the vouchers by id. Inside
a statement a sorted sub-select takes them in key order. Two carts holding the same
things can so wait for one another, but never in a circle. Vouchers come last: a
popular code is what everybody waits for, so it stays locked the shortest time.
"""

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from promo import ids
from promo.tenancy.models import Project


@dataclass(frozen=True, slots=True, order=True)
class CounterClaim:
    """One use of a bucket; ``ceiling`` None means that it is only counted."""

    subject: UUID
    bucket: str
    ceiling: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimSet:
    """Everything that one redemption takes."""

    counters: tuple[CounterClaim, ...] = ()
    tiers: tuple[UUID, ...] = ()
    vouchers: tuple[UUID, ...] = ()


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
_CLAIM_TIERS = """
WITH k AS MATERIALIZED (
  SELECT id FROM campaigns_promotiontier WHERE id = ANY(%(ids)s)
  ORDER BY id FOR NO KEY UPDATE)
UPDATE campaigns_promotiontier t SET redeemed_quantity = t.redeemed_quantity + 1
FROM k WHERE t.id = k.id RETURNING t.id, t.redeemed_quantity
"""
_CLAIM_VOUCHERS = """
WITH k AS MATERIALIZED (
  SELECT id FROM campaigns_voucher WHERE id = ANY(%(ids)s)
  ORDER BY id FOR NO KEY UPDATE)
UPDATE campaigns_voucher v
SET redeemed_quantity = v.redeemed_quantity + 1, updated_at = %(now)s
FROM k WHERE v.id = k.id AND v.active AND v.deleted_at IS NULL
AND (v.redemption_quantity IS NULL OR v.redeemed_quantity < v.redemption_quantity)
RETURNING v.id, v.redeemed_quantity
"""
_RETURN_TIERS = _CLAIM_TIERS.replace("redeemed_quantity + 1", "redeemed_quantity - 1")
_RETURN_VOUCHERS = """
WITH k AS MATERIALIZED (
  SELECT id FROM campaigns_voucher WHERE id = ANY(%(ids)s)
  ORDER BY id FOR NO KEY UPDATE)
UPDATE campaigns_voucher v
SET redeemed_quantity = v.redeemed_quantity - 1, updated_at = %(now)s
FROM k WHERE v.id = k.id RETURNING v.id, v.redeemed_quantity
"""


def customer_bucket(customer_id: str) -> str:
    """Return the bucket that counts one customer's redemptions."""
    return f"customer:{ids.parse('cust_', customer_id).hex}"


def claim_counters(project: Project, claims: Sequence[CounterClaim]) -> None:
    """Count one use for each claim; equal buckets are merged first.

    Raises:
        ClaimLost: a bucket is full; the transaction must be rolled back.
    """
    if not claims:
        return
    arguments = _merged(project, claims)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_COUNTERS, arguments)
        if cursor.rowcount != len(arguments["subjects"]):
            raise ClaimLost


def return_counters(project: Project, claims: Sequence[CounterClaim]) -> None:
    """Take back one use for each claim."""
    if not claims:
        return
    with connection.cursor() as cursor:
        cursor.execute(_RETURN_COUNTERS, _merged(project, claims))


def _merged(project: Project, claims: Sequence[CounterClaim]) -> dict[str, Any]:
    uses = Tally((claim.subject, claim.bucket) for claim in claims)
    ceilings: dict[tuple[UUID, str], int | None] = dict.fromkeys(uses)
    for claim in claims:
        key, held = (claim.subject, claim.bucket), claim.ceiling
        known = ceilings[key]
        ceilings[key] = held if known is None else min(known, held or known)
    keys = sorted(uses)
    return {
        "project": ids.parse("proj_", project.pk),
        "subjects": [subject for subject, _ in keys],
        "buckets": [bucket for _, bucket in keys],
        "uses": [uses[key] for key in keys],
        "ceilings": [ceilings[key] for key in keys],
    }


def claim_tiers(tiers: Sequence[UUID]) -> dict[UUID, int]:
    """Count one redemption for each tier; return the new counts."""
    return _moved(_CLAIM_TIERS, {"ids": list(tiers)})


def claim_vouchers(vouchers: Sequence[UUID], now: Any) -> dict[UUID, int]:
    """Use each voucher once; return the new redeemed quantities.

    Raises:
        ClaimLost: one is used up or no longer active; the transaction must be
            rolled back.
    """
    moved = _moved(_CLAIM_VOUCHERS, {"ids": list(vouchers), "now": now})
    if len(moved) != len(set(vouchers)):
        raise ClaimLost
    return moved


def return_tiers(tiers: Sequence[UUID]) -> dict[UUID, int]:
    """Take one redemption back from each tier; return the new counts."""
    return _moved(_RETURN_TIERS, {"ids": list(tiers)})


def return_vouchers(vouchers: Sequence[UUID], now: Any) -> dict[UUID, int]:
    """Give each voucher one use back; return the new redeemed quantities."""
    return _moved(_RETURN_VOUCHERS, {"ids": list(vouchers), "now": now})


def _moved(statement: str, arguments: dict[str, Any]) -> dict[UUID, int]:
    if not arguments["ids"]:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return dict(cursor.fetchall())

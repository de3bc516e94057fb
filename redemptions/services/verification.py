"""Proof that what is kept beside the records equals the records, for all projects.

Whoever keeps a sum adds a check to ``CHECKS``: one statement, so that it sees one
moment also while others redeem.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from redemptions.services.figures_check import FIGURES, HOLDERS, POINTS
from redemptions.services.ledger_check import unexplained_balances, unexplained_holds

_STANDING = """
r.object = 'redemption' AND r.status = 'SUCCEEDED'
AND (r.voucher_id IS NOT NULL OR r.promotion_tier_id IS NOT NULL)
"""
_COUNTERS = f"""
WITH named AS (
  SELECT r.project_id, right(s.key, 32)::uuid AS subject, b.key AS bucket,
         sum(b.value::bigint) AS amount
  FROM redemptions_redemption r, jsonb_each(r.claims) s, jsonb_each_text(s.value) b
  WHERE {_STANDING} GROUP BY 1, 2, 3)
SELECT c.bucket || ' of ' || c.subject AS thing, c.used AS kept,
       coalesce(n.amount, 0)::bigint AS recorded
FROM redemptions_counter c LEFT JOIN named n USING (project_id, subject, bucket)
"""  # noqa: S608 - put together from texts of our own
_OF_VOUCHERS = """
SELECT v.id::text AS thing, v.{kept} AS kept,
       v.initial_{kept} + coalesce(n.amount, 0)::bigint AS recorded
FROM campaigns_voucher v LEFT JOIN (
  SELECT voucher_id, {amount} AS amount FROM redemptions_redemption r
  WHERE {standing} GROUP BY 1) n ON n.voucher_id = v.id
"""
_OF_TIERS = """
SELECT t.id::text AS thing, t.{kept} AS kept, coalesce(n.amount, 0)::bigint AS recorded
FROM campaigns_promotiontier t LEFT JOIN (
  SELECT promotion_tier_id, {amount} AS amount FROM redemptions_redemption r
  WHERE {standing} GROUP BY 1) n ON n.promotion_tier_id = t.id
"""
_REWARDS = f"""
SELECT w.id::text AS thing, w.redeemed_quantity AS kept,
       coalesce(n.amount, 0)::bigint AS recorded
FROM campaigns_reward w LEFT JOIN (
  SELECT right(r.reward ->> 'id', 32)::uuid AS id, count(*) AS amount
  FROM redemptions_redemption r
  WHERE {_STANDING} AND r.reward ->> 'id' IS NOT NULL GROUP BY 1) n ON n.id = w.id
"""  # noqa: S608 - as above
_UNITS = """
SELECT 'line ' || s.position || ' of ' || s.order_id AS thing,
       s.returned_quantity AS kept, coalesce(sum(l.quantity), 0)::bigint AS recorded
FROM redemptions_soldline s
LEFT JOIN redemptions_returnedline l ON l.sold_line_id = s.id GROUP BY s.id
"""
_REFUNDS = """
SELECT o.id::text AS thing, o.returned_amount AS kept,
       coalesce(n.amount, 0)::bigint AS recorded
FROM redemptions_order o LEFT JOIN (
  SELECT order_id, sum(refund_amount) AS amount FROM redemptions_orderreturn
  GROUP BY 1) n ON n.order_id = o.id
WHERE o.returned_amount IS NOT NULL
"""
# What went with a rollback is on its row. Orders of forgotten people are gone, and
# with them what came back of them.
_SHARES = """
SELECT r.id::text AS thing, r.returned_{name} AS kept,
       coalesce(n.amount, 0)::bigint AS recorded
FROM redemptions_redemption r LEFT JOIN (
  SELECT redemption_id, sum({share}) AS amount FROM redemptions_returnedshare
  WHERE rollback_id IS NULL GROUP BY 1) n ON n.redemption_id = r.id
WHERE r.order_id IS NOT NULL AND r.related_object_type <> 'redemption'
"""


def _shares(name: str) -> str:
    share = "discount_amount" if name == "amount" else name
    return _SHARES.format(name=name, share=share)


@dataclass(frozen=True, slots=True)
class Drift:
    """Something whose kept number is not what its records come to."""

    thing: str
    kept: int
    recorded: int


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of kept numbers; ``find`` looks for those that drifted."""

    name: str
    find: Callable[[], Iterator[Drift]]


def _pairs(sql: str) -> Callable[[], Iterator[Drift]]:
    """Return what compares the columns thing, kept and recorded of ``sql``."""

    def find() -> Iterator[Drift]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({sql}) p WHERE kept <> recorded")  # noqa: S608 - as above
            for row in cursor.fetchall():
                yield Drift(*row)

    return find


def _of_redemptions(kept: str, amount: str) -> Callable[[], Iterator[Drift]]:
    return _pairs(_OF_VOUCHERS.format(kept=kept, amount=amount, standing=_STANDING))


def _of_tiers(kept: str, amount: str) -> Callable[[], Iterator[Drift]]:
    return _pairs(_OF_TIERS.format(kept=kept, amount=amount, standing=_STANDING))


def _balances() -> Iterator[Drift]:
    for card in unexplained_balances():
        yield Drift(card.voucher_id, card.balance, card.by_ledger)


def _holds() -> Iterator[Drift]:
    for voucher in unexplained_holds():
        pairs = zip(voucher.held, voucher.by_locks, strict=True)
        for what, (held, by_locks) in zip(("uses", "amount"), pairs, strict=True):
            if held != by_locks:
                yield Drift(f"{what} of {voucher.voucher_id}", held, by_locks)


CHECKS: tuple[Check, ...] = (
    Check("counters", _pairs(_COUNTERS)),
    Check("uses of codes", _of_redemptions("redeemed_quantity", "count(*)")),
    Check(
        "credits used",
        _of_redemptions("redeemed_amount", "sum(card_amount - returned_card_amount)"),
    ),
    Check("balances of cards", _balances),
    Check("held by sessions", _holds),
    Check("rewards handed out", _pairs(_REWARDS)),
    Check("uses of tiers", _of_tiers("redeemed_quantity", "count(*)")),
    Check(
        "discounts of tiers",
        _of_tiers("discounted_amount", "sum(applied_amount - returned_amount)"),
    ),
    Check(
        "orders of tiers",
        _of_tiers(
            "orders_amount",
            "sum((order_state ->> 'amount')::bigint - returned_order_amount)",
        ),
    ),
    Check("units returned", _pairs(_UNITS)),
    Check("paid back for orders", _pairs(_REFUNDS)),
    Check("discounts returned", _pairs(_shares("amount"))),
    Check("orders' values returned", _pairs(_shares("order_amount"))),
    Check("credits returned", _pairs(_shares("card_amount"))),
    Check("figures of customers", _pairs(FIGURES)),
    Check("points in programmes", _pairs(POINTS)),
    Check("holders of codes", _pairs(HOLDERS)),
)

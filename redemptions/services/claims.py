"""Taking what is limited, each kind by one conditional statement, in one order.

Every transaction takes its rows in the same order: the order (one that others may
name by its source id is stored now), the customer, the locks of what is counted for
by number, the counters by (subject, bucket), the promotion tiers by id, the rewards by
id, the vouchers by id. Inside
a statement a sorted sub-select takes them in key order. Two carts holding the same
things can so wait for one another, but never in a circle. Vouchers come last: a
popular code is what everybody waits for, so it stays locked the shortest time.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from promo import ids, sql_arrays
from promo.sql_pipeline import Asked, pipeline
from promo.tenancy.models import Project
from redemptions.engine.claims import CounterClaim
from redemptions.engine.counters import CounterKey
from redemptions.services.counters import CounterClaims
from redemptions.services.voucher_uses import (
    ClaimLost,
    LockChanges,
    VoucherState,
    VoucherUse,
    ask_to_give_back,
    ask_to_take,
)

_MOVE_TIERS = """
WITH k AS MATERIALIZED (
  SELECT t.id, w.n, w.o, w.d FROM campaigns_promotiontier t
  JOIN unnest(%(ids)s::uuid[], %(times)s::bigint[], %(orders)s::bigint[],
              %(discounts)s::bigint[])
       AS w (id, n, o, d) ON t.id = w.id
  ORDER BY t.id FOR NO KEY UPDATE OF t)
UPDATE campaigns_promotiontier t
SET redeemed_quantity = t.redeemed_quantity + k.n,
    orders_amount = t.orders_amount + k.o,
    discounted_amount = t.discounted_amount + k.d
FROM k WHERE t.id = k.id RETURNING t.id, t.redeemed_quantity
"""


_HELD_REWARDS = """
WITH k AS MATERIALIZED (
  SELECT r.id, w.n FROM campaigns_reward r
  JOIN unnest(%(ids)s::uuid[], %(times)s::bigint[]) AS w (id, n) ON r.id = w.id
  ORDER BY r.id FOR NO KEY UPDATE OF r)
"""
# The texts are put together from parts of this module.
_CLAIM_REWARDS = f"""{_HELD_REWARDS}
UPDATE campaigns_reward r
SET redeemed_quantity = r.redeemed_quantity + k.n, stock = r.stock - k.n
FROM k WHERE r.id = k.id AND (r.stock IS NULL OR r.stock >= k.n) RETURNING 1
"""  # noqa: S608
_RETURN_REWARDS = f"""{_HELD_REWARDS}
UPDATE campaigns_reward r
SET redeemed_quantity = r.redeemed_quantity - k.n, stock = r.stock + k.n
FROM k WHERE r.id = k.id RETURNING 1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class TierUse:
    """What a request does to one tier, or gives back of it.

    It is redeemed so many ``times``; ``order_amount`` is the value of the orders,
    ``discount_amount`` what it took off them, minor units.
    """

    tier_id: str
    order_amount: int
    discount_amount: int
    times: int = 1


@dataclass(frozen=True, slots=True)
class Uses:
    """What a redemption takes.

    ``missing`` are the counters that had no row yet when they were read.
    """

    counters: Sequence[CounterClaim] = ()
    missing: Collection[CounterKey] = ()
    tiers: Sequence[TierUse] = ()
    rewards: Sequence[str] = ()
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
        ClaimLost: a counter is full, a reward out of stock, a voucher or its balance
            used up, or no longer active; the transaction must be rolled back.
    """
    counters = CounterClaims(project, uses.counters, uses.missing)
    with pipeline():
        counters.ask()
        tiers = _ask_tiers(uses.tiers, 1)
        rewards = _ask_rewards(_CLAIM_REWARDS, uses.rewards)
        vouchers = ask_to_take(uses.vouchers, uses.locks, now)
    all_taken = counters.all_taken()
    handed_out = rewards.rows() if rewards else ()
    moved = Moved(_quantities(tiers), vouchers.all_states())
    if not all_taken:
        raise ClaimLost
    if len(handed_out) != len(set(uses.rewards)):
        raise ClaimLost
    return moved


def give_back(project: Project, uses: Uses, now: datetime) -> Moved:
    """Give all of it back; return what tiers and vouchers are left used for."""
    counters = CounterClaims(project, uses.counters)
    with pipeline():
        counters.ask_back()
        tiers = _ask_tiers(uses.tiers, -1)
        rewards = _ask_rewards(_RETURN_REWARDS, uses.rewards)
        vouchers = ask_to_give_back(uses.vouchers, now)
    if rewards:
        rewards.rows()
    return Moved(_quantities(tiers), vouchers.states())


def _ask_tiers(uses: Sequence[TierUse], sign: int) -> Asked | None:
    if not uses:
        return None
    discounts = (sign * use.discount_amount for use in uses)
    arguments = {
        "ids": sql_arrays.uuids(ids.parse("promo_", use.tier_id) for use in uses),
        "times": sql_arrays.integers(sign * use.times for use in uses),
        "orders": sql_arrays.integers(sign * use.order_amount for use in uses),
        "discounts": sql_arrays.integers(discounts),
    }
    return Asked(_MOVE_TIERS, arguments)


def _ask_rewards(sql: str, rewards: Sequence[str]) -> Asked | None:
    if not rewards:
        return None
    times = Counter(rewards)
    arguments = {
        "ids": sql_arrays.uuids(ids.parse("rew_", reward) for reward in times),
        "times": sql_arrays.integers(times.values()),
    }
    return Asked(sql, arguments)


def _quantities(asked: Asked | None) -> dict[str, int]:
    rows = asked.rows() if asked else ()
    return {ids.show("promo_", key): quantity for key, quantity in rows}

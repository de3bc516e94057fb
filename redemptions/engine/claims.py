"""What the database must take, atomically, when a decision is redeemed.

A claim holds when ``used + times <= limit``; a limit of None only counts. Ids are
wire ids. A rollback gives the same claims back.

Source: engine specification, "Persistence"; rules, "Counters and budgets".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from redemptions.engine.facts import Redeemable

CounterScope = Literal["incentive", "campaign"]


@dataclass(frozen=True, slots=True, order=True)
class QuantityClaim:
    """One redemption of a voucher's quantity, and what is spent of its balance."""

    voucher_id: str
    limit: int | None
    times: int = 1
    amount: int = 0


@dataclass(frozen=True, slots=True, order=True)
class TierClaim:
    """One redemption of a promotion tier; tiers have no limit of their own."""

    tier_id: str
    times: int = 1


@dataclass(frozen=True, slots=True, order=True)
class CustomerClaim:
    """Redemptions by the requesting customer.

    ``scope`` says whose count: the incentive's (``subject_id`` is a voucher or tier)
    or the campaign's. ``limit`` is the largest count the rules still allow.
    """

    scope: CounterScope
    subject_id: str
    limit: int | None
    times: int = 1


Claim = QuantityClaim | TierClaim | CustomerClaim


def claims_of(
    redeemable: Redeemable,
    *,
    by_customer: bool,
    spent: int = 0,
    limits: Mapping[CounterScope, int | None] | None = None,
) -> tuple[Claim, ...]:
    """Return what one redemption of ``redeemable`` takes, and its rollback returns.

    ``by_customer`` says whether a customer redeems, ``spent`` how much of the card's
    balance; ``limits`` are the rules' on that
    customer's counts. A standalone voucher has no campaign: what the rules say of
    its campaign they say of the voucher.
    """
    if redeemable.id is None:
        return ()
    own: Claim = TierClaim(redeemable.id)
    if redeemable.object == "voucher":
        own = QuantityClaim(redeemable.id, redeemable.quantity, amount=spent)
    if not by_customer:
        return (own,)
    allowed = limits or {}
    incentive, campaign = allowed.get("incentive"), allowed.get("campaign")
    if redeemable.campaign is None:
        known = [limit for limit in (incentive, campaign) if limit is not None]
        incentive = min(known, default=None)
        return (own, CustomerClaim("incentive", redeemable.id, incentive))
    return (
        own,
        CustomerClaim("incentive", redeemable.id, incentive),
        CustomerClaim("campaign", redeemable.campaign.id, campaign),
    )


def merged(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Join claims on the same counter and sort them in key order.

    A claim made k-th needs ``used + k <= limit``; joined, the strictest of these
    is kept, written for all of them together.
    """
    joined: dict[tuple[str, ...], Claim] = {}
    for claim in claims:
        key = _key(claim)
        joined[key] = _added(joined[key], claim) if key in joined else claim
    return tuple(joined[key] for key in sorted(joined))


def _key(claim: Claim) -> tuple[str, ...]:
    if isinstance(claim, QuantityClaim):
        return ("1 quantity", claim.voucher_id)
    if isinstance(claim, TierClaim):
        return ("2 tier", claim.tier_id)
    return ("3 customer", claim.scope, claim.subject_id)


def _added(earlier: Claim, later: Claim) -> Claim:
    times = earlier.times + later.times
    if isinstance(earlier, TierClaim) or isinstance(later, TierClaim):
        return replace(earlier, times=times)
    limits = [
        limit
        for limit in (
            None if earlier.limit is None else earlier.limit + later.times,
            later.limit,
        )
        if limit is not None
    ]
    limit = min(limits, default=None)
    if isinstance(earlier, QuantityClaim) and isinstance(later, QuantityClaim):
        amount = earlier.amount + later.amount
        return replace(earlier, times=times, limit=limit, amount=amount)
    return replace(earlier, times=times, limit=limit)

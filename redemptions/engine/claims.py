"""What the database must take, atomically, when a decision is redeemed.

A claim holds when what was used and what it takes stay within its limit; a limit of
None only counts. Ids are wire ids. A rollback gives the same claims back.

Source: engine specification, "Persistence"; rules, "Counters and budgets".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from redemptions.engine.counters import CounterKey
from redemptions.engine.facts import Redeemable


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
class CounterClaim:
    """What a counter moves by: redemptions, units or money in minor units.

    ``subject_id`` is the campaign or the incentive redeemed, ``bucket`` what of it is
    counted, for whom and in which window (``engine.counters``). ``limit`` is how far
    the counter may go with this claim.
    """

    subject_id: str
    bucket: str
    amount: int
    limit: int | None = None


Claim = QuantityClaim | TierClaim | CounterClaim


def claims_of(
    redeemable: Redeemable,
    counted: Mapping[CounterKey, int],
    *,
    spent: int = 0,
    limits: Mapping[CounterKey, int] | None = None,
) -> tuple[Claim, ...]:
    """Return what one redemption of ``redeemable`` takes, and its rollback returns.

    ``counted`` is what it adds to which counter, ``limits`` how far the rules let
    these go, ``spent`` how much of the card's balance it takes.
    """
    if redeemable.id is None:
        return ()
    own: Claim = TierClaim(redeemable.id)
    if redeemable.object == "voucher":
        own = QuantityClaim(redeemable.id, redeemable.quantity, amount=spent)
    allowed = limits or {}
    return (
        own,
        *(CounterClaim(*key, n, allowed.get(key)) for key, n in counted.items()),
    )


def merged(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Join claims on the same counter and sort them in key order.

    A claim made after others needs ``used`` and all of them within its limit; joined,
    the strictest of these is kept, written for all of them together.
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
    return ("3 counter", claim.subject_id, claim.bucket)


def _added(earlier: Claim, later: Claim) -> Claim:
    if isinstance(earlier, CounterClaim) and isinstance(later, CounterClaim):
        limit = joined_limit(earlier.limit, later.limit, later.amount)
        return replace(earlier, amount=earlier.amount + later.amount, limit=limit)
    if isinstance(earlier, QuantityClaim) and isinstance(later, QuantityClaim):
        return replace(
            earlier,
            times=earlier.times + later.times,
            amount=earlier.amount + later.amount,
            limit=joined_limit(earlier.limit, later.limit, later.times),
        )
    # Claims of one key are of one kind.
    first, second = cast("TierClaim", earlier), cast("TierClaim", later)
    return replace(first, times=first.times + second.times)


def joined_limit(earlier: int | None, later: int | None, added: int) -> int | None:
    """Return how far two claims together may go, the ``later`` one of ``added``."""
    grown = None if earlier is None else earlier + added
    return min((each for each in (grown, later) if each is not None), default=None)

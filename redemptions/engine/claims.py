"""What the database must take, atomically, when a decision is redeemed.

A claim holds when ``used + times <= limit``; a limit of None only counts. Ids are
wire ids. A rollback gives the same claims back.

Source: engine specification, "Persistence"; rules, "Counters and budgets".
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class QuantityClaim:
    """One redemption of a voucher's quantity."""

    voucher_id: str
    limit: int | None
    times: int = 1


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

    scope: Literal["incentive", "campaign"]
    subject_id: str
    limit: int | None
    times: int = 1


Claim = QuantityClaim | TierClaim | CustomerClaim

"""What is checked before a redeemable's rules: existence, state, dates, quantity.

Source: engine specification, "Check order", steps 1 to 8.
"""

from collections.abc import Callable, Sequence
from functools import cache

from campaigns.engine.validity import State, state_at
from redemptions.engine.cards import gift_refusal
from redemptions.engine.check_facts import facts_behind
from redemptions.engine.decision import Step
from redemptions.engine.facts import Facts, Redeemable
from redemptions.engine.points import holder_refusal, points_refusal
from redemptions.engine.referrals import referral_refusal
from redemptions.engine.refusals import (
    Refusal,
    not_found,
    out_of_reach,
    promotion_inactive,
    refused,
    unsupported,
)

Check = Callable[[Redeemable, Facts], Refusal | None]
Checks = Sequence[tuple[str, Check]]


def first_refusal(
    redeemable: Redeemable, facts: Facts
) -> tuple[Refusal | None, tuple[Step, ...]]:
    """Return the first check that refuses ``redeemable``, and the trace up to it."""
    steps = []
    checks = _checks_of(redeemable)
    if facts.reached_campaigns is not None:
        checks = (checks[0], ("access", _is_reached), *checks[1:])
    for name, check in checks:
        refusal = check(redeemable, facts)
        if refusal is not None:
            found = {"key": refusal.key, **facts_behind(name, redeemable, facts)}
            steps.append(Step(name, passed=False, facts=found))
            return refusal, tuple(steps)
        steps.append(_PASSED[name])
    return None, tuple(steps)


def _exists(redeemable: Redeemable, _: Facts) -> Refusal | None:
    return None if redeemable.found else not_found(redeemable)


def _is_reached(redeemable: Redeemable, facts: Facts) -> Refusal | None:
    campaign = redeemable.campaign
    if campaign is not None and campaign.id in (facts.reached_campaigns or ()):
        return None
    return out_of_reach(redeemable)


def _is_active(redeemable: Redeemable, _: Facts) -> Refusal | None:
    campaign = redeemable.campaign
    if redeemable.active and (campaign is None or campaign.active):
        return None
    if redeemable.object == "promotion_tier":
        return promotion_inactive(redeemable)
    return refused(redeemable, "voucher_disabled")


def _is_valid_now(redeemable: Redeemable, facts: Facts) -> Refusal | None:
    """Dates first, then the repeating windows inside them."""
    if redeemable.validity is None:
        return None
    state = state_at(redeemable.validity, facts.now, facts.time_zone)
    if state is State.VALID:
        return None
    if redeemable.object == "promotion_tier":
        if state is State.OUTSIDE_WINDOW:
            return refused(redeemable, "promotion_not_active_now")
        return promotion_inactive(redeemable)
    return refused(redeemable, _VOUCHER_KEYS[state])


_VOUCHER_KEYS = {
    State.NOT_STARTED: "voucher_not_active",
    State.EXPIRED: "voucher_expired",
    State.OUTSIDE_WINDOW: "voucher_not_active_now",
}


def _has_quantity_left(redeemable: Redeemable, _: Facts) -> Refusal | None:
    limit = redeemable.quantity
    taken = redeemable.redeemed_quantity + redeemable.held_quantity
    if limit is None or taken < limit:
        return None
    return refused(redeemable, "quantity_exceeded")


def _gives_something(redeemable: Redeemable, _: Facts) -> Refusal | None:
    if redeemable.discount or redeemable.gift or redeemable.loyalty:
        return None
    return unsupported("A redeemable without a discount")


CHECKS: Checks = (
    ("exists", _exists),
    ("active", _is_active),
    ("validity", _is_valid_now),
    ("quantity", _has_quantity_left),
    ("kind", _gives_something),
)
_QUANTITY = 3
_OF_REFERRALS: Checks = (("referral", referral_refusal),)
_OF_HOLDERS: Checks = (("holder", holder_refusal),)
_OF_GIFTS: Checks = (("balance", gift_refusal),)
_OF_POINTS: Checks = (("reward", points_refusal),)
_ALL: Checks = (*CHECKS, *_OF_REFERRALS, *_OF_HOLDERS, *_OF_GIFTS, *_OF_POINTS)
#: Most checks pass, and say no more than that.
_PASSED = {
    name: Step(name, passed=True) for name in ("access", *(name for name, _ in _ALL))
}


def _checks_of(redeemable: Redeemable) -> Checks:
    """Return the checks in their order; cards and referral codes have some more."""
    return _joined(
        redeemable.is_referral_code,
        redeemable.gift is not None,
        redeemable.loyalty is not None,
    )


@cache
def _joined(is_referral_code: bool, is_gift: bool, is_loyalty: bool) -> Checks:  # noqa: FBT001 - what to join
    return (
        *CHECKS[:_QUANTITY],
        *(_OF_REFERRALS if is_referral_code else ()),
        *(_OF_HOLDERS if is_loyalty else ()),
        *CHECKS[_QUANTITY:],
        *(_OF_GIFTS if is_gift else ()),
        *(_OF_POINTS if is_loyalty else ()),
    )

"""Vouchers and tiers as the engine sees them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from campaigns.engine.discount_parsing import parse_discount
from campaigns.engine.discounts import Discount, Effect
from campaigns.engine.validity import Validity
from campaigns.models import (
    Campaign,
    Category,
    PromotionTier,
    RewardAssignment,
    Voucher,
    VoucherType,
)
from campaigns.services.compiled_rules import CompiledRule
from campaigns.services.worth import BLOCKS, put_worth
from promo.errors import PromoError
from redemptions.engine.facts import (
    AssignedRules,
    CampaignFacts,
    CategoryFacts,
    GiftCard,
    LoyaltyCard,
    Redeemable,
)
from redemptions.services.redeemables import FoundStack
from redemptions.services.requests import RedeemableRef
from redemptions.services.rewards import Offered, reward_facts
from redemptions.services.sessions import Locks

Kind = Literal["voucher", "promotion_tier", "promotion_stack"]


@dataclass(frozen=True, slots=True)
class Found:
    """What the database holds of the redeemables of one request.

    ``vouchers``, ``tiers`` and ``stacks`` are by reference, ``rules`` by the shown id
    of what they are assigned to. ``tiers`` holds those of the stacks too. ``locks``
    are what sessions hold, ``rewards`` what cards shall buy.
    """

    vouchers: Mapping[str, Voucher] = field(default_factory=dict)
    tiers: Mapping[str, PromotionTier] = field(default_factory=dict)
    stacks: Mapping[str, FoundStack] = field(default_factory=dict)
    rules: Mapping[str, Sequence[CompiledRule]] = field(default_factory=dict)
    locks: Locks = field(default_factory=Locks)
    rewards: Offered = field(default_factory=dict)


def expanded(refs: Iterable[RedeemableRef], found: Found) -> list[Redeemable]:
    """Return what the engine needs of each; a stack becomes its tiers, in order.

    Source: engine specification, "Redeemables".
    """
    redeemables = []
    for ref in refs:
        if ref.object == "promotion_stack" and ref.id in found.stacks:
            redeemables += stacked_facts(found.stacks[ref.id], found)
        else:
            redeemables.append(redeemable_facts(ref, found))
    return redeemables


def stacked_facts(found_stack: FoundStack, found: Found) -> list[Redeemable]:
    """Return the tiers of a stack; one without a category takes the stack's."""
    stack = found_stack.stack
    tiers = [
        redeemable_facts(RedeemableRef("promotion_tier", tier.pk), found)
        for tier in found_stack.tiers
    ]
    return [
        replace(
            each, stack_id=stack.pk, category=each.category or _category(stack.category)
        )
        for each in tiers
    ]


def stack_facts(found_stack: FoundStack, found: Found) -> Redeemable:
    """Return a stack as one candidate, with its tiers."""
    stack = found_stack.stack
    tiers = tuple(stacked_facts(found_stack, found))
    return Redeemable(
        object="promotion_stack",
        ref=stack.pk,
        found=True,
        id=stack.pk,
        name=stack.name,
        campaign=tiers[0].campaign,
        category=_category(stack.category),
        created_at=stack.created_at,
        tiers=tiers,
    )


def campaign_facts(campaign: Campaign, found: Found) -> Redeemable:
    """Return a campaign as the code a customer could still get from it."""
    template: Mapping[str, Any] = campaign.voucher or {}
    kind = VoucherType(template["type"])
    stand_in = Voucher(
        project_id=campaign.project_id,
        campaign=campaign,
        code=campaign.name,
        metadata=campaign.metadata,
        created_at=campaign.created_at,
    )
    put_worth(stand_in, kind, template[BLOCKS[kind]])
    stand_in.balance = stand_in.credited_amount
    stand_in.category = None
    facts = redeemable_facts(
        RedeemableRef("voucher", campaign.pk),
        replace(found, vouchers={campaign.pk: stand_in}),
    )
    return replace(facts, id=campaign.pk, name=campaign.name)


def redeemable_facts(ref: RedeemableRef, found: Found) -> Redeemable:
    """Return what the engine needs of one redeemable, found or not."""
    if ref.object == "voucher" and ref.id in found.vouchers:
        return _voucher(ref, found.vouchers[ref.id], found)
    if ref.object == "promotion_tier" and ref.id in found.tiers:
        return _tier(ref, found.tiers[ref.id], found)
    return Redeemable(object=cast("Kind", ref.object), ref=ref.id, found=False)


def _voucher(ref: RedeemableRef, voucher: Voucher, found: Found) -> Redeemable:
    held_quantity, held_amount = found.locks.others.get(voucher.pk, (0, 0))
    offered = _offered(voucher, ref, found.rewards)
    common = _common(voucher, found)
    if offered is not None:
        common["rules"] += _rules(offered.pk, "own", found)
    return Redeemable(
        object="voucher",
        ref=ref.id,
        found=True,
        code=voucher.code,
        name=voucher.code,
        type=voucher.type,
        quantity=voucher.redemption_quantity,
        redeemed_quantity=voucher.redeemed_quantity,
        held_quantity=held_quantity,
        discount=stored_discount(voucher.discount),
        gift=_gift(voucher, ref, held_amount),
        loyalty=_loyalty(voucher, ref, held_amount, offered),
        holder_id=voucher.holder_id,
        is_published=voucher.publications_count > 0,
        is_referral_code=voucher.is_referral_code,
        **common,
    )


def _offered(
    voucher: Voucher, ref: RedeemableRef, rewards: Offered
) -> RewardAssignment | None:
    """Return the reward that a card asks for, as its programme offers it."""
    if voucher.type != VoucherType.LOYALTY_CARD:
        return None
    return rewards.get((voucher.campaign_id or "", ref.reward or ""))


def _loyalty(
    voucher: Voucher,
    ref: RedeemableRef,
    locked: int,
    offered: RewardAssignment | None,
) -> LoyaltyCard | None:
    if voucher.type != VoucherType.LOYALTY_CARD:
        return None
    return LoyaltyCard(
        balance=voucher.balance,
        locked=locked,
        reward_id=ref.reward,
        reward=reward_facts(offered) if offered else None,
        wanted=ref.points,
    )


def _gift(voucher: Voucher, ref: RedeemableRef, locked: int) -> GiftCard | None:
    if voucher.type != VoucherType.GIFT_VOUCHER:
        return None
    effect = Effect(voucher.gift_effect or Effect.APPLY_TO_ORDER)
    return GiftCard(voucher.balance, effect, locked, ref.credits)


def _tier(ref: RedeemableRef, tier: PromotionTier, found: Found) -> Redeemable:
    return Redeemable(
        object="promotion_tier",
        ref=ref.id,
        found=True,
        name=tier.name,
        banner=tier.banner or None,
        redeemed_quantity=tier.redeemed_quantity,
        discount=stored_discount(tier.action.get("discount")),
        **_common(tier, found),
    )


def _common(thing: Voucher | PromotionTier, found: Found) -> dict[str, Any]:
    campaign = thing.campaign
    own = _rules(thing.pk, "own", found)
    return {
        "id": thing.pk,
        "active": thing.active,
        "campaign": _campaign(campaign) if campaign else None,
        "category": _category(thing.category),
        "validity": _limits(thing).over(_limits(campaign) if campaign else None),
        "rules": (_rules(campaign.pk, "campaign", found) if campaign else ()) + own,
        "metadata": thing.metadata,
        "created_at": thing.created_at,
    }


def stored_discount(definition: Mapping[str, Any] | None) -> Discount | None:
    """Return a stored discount; None where there is none that can be read.

    The engine refuses what has no discount, so an unreadable one never applies.
    """
    if definition is None:
        return None
    try:
        return parse_discount(definition)
    except PromoError:
        return None


def _campaign(campaign: Campaign) -> CampaignFacts:
    return CampaignFacts(
        id=campaign.pk,
        name=campaign.name,
        active=campaign.active and campaign.deleted_at is None,
        category=_category(campaign.category),
    )


def _category(category: Category | None) -> CategoryFacts | None:
    if category is None:
        return None
    return CategoryFacts(
        category.pk, category.name, category.hierarchy, category.created_at
    )


def _limits(limited: Campaign | Voucher | PromotionTier) -> Validity:
    hours = limited.validity_hours or {}
    return Validity(
        start=limited.start_date,
        expiration=limited.expiration_date,
        timeframe=limited.validity_timeframe,
        days=tuple(limited.validity_day_of_week or ()),
        hours=tuple(hours.get("daily", ())),
        anchor=limited.created_at,
    )


def _rules(
    related_id: str, level: Literal["campaign", "own"], found: Found
) -> tuple[AssignedRules, ...]:
    return tuple(
        AssignedRules(
            rule_id=rule.rule_id,
            name=rule.name,
            level=level,
            rules=rule.rules,
            applicable_to=rule.applicable_to,
            error_message=rule.error_message,
            bundle=rule.bundle,
        )
        for rule in found.rules.get(related_id, ())
    )

"""The rewards that loyalty cards of a request ask for, as their programmes offer them.

Source: engine specification, "Loyalty card".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from campaigns.models import RewardAssignment, RewardType, Voucher, VoucherType
from campaigns.models.reward import REWARD_PREFIX
from campaigns.wire.catalogue import product_as_json, sku_as_json
from campaigns.wire.reward import reward_as_json
from promo.ids import parse_or_none
from promo.tenancy.models import Project
from redemptions.engine.facts import Coin, Reward
from redemptions.services.requests import RedeemableRef

#: Assignments by campaign and reward.
Offered = Mapping[tuple[str, str], RewardAssignment]


def find_rewards(
    project: Project, refs: Iterable[RedeemableRef], vouchers: Mapping[str, Voucher]
) -> Offered:
    """Return the rewards that ``refs`` name, where the cards' programmes offer them.

    One statement, and none without a loyalty card that names a reward.
    """
    campaigns, rewards = set(), set()
    for ref in refs:
        voucher = vouchers.get(ref.id)
        if voucher is None or voucher.type != VoucherType.LOYALTY_CARD:
            continue
        if ref.reward and parse_or_none(REWARD_PREFIX, ref.reward):
            campaigns.add(voucher.campaign_id)
            rewards.add(ref.reward)
    if not rewards:
        return {}
    rows = project.reward_assignments.filter(reward__in=rewards, campaign__in=campaigns)
    return _by_campaign(rows)


def find_coins(project: Project, vouchers: Iterable[Voucher]) -> Offered:
    """Return the newest coin that the programme of each card offers.

    One statement, and none without a loyalty card.
    """
    cards = (one for one in vouchers if one.type == VoucherType.LOYALTY_CARD)
    campaigns = {card.campaign_id for card in cards}
    if not campaigns:
        return {}
    rows = project.reward_assignments.filter(
        campaign__in=campaigns, reward__type=RewardType.COIN
    )
    offered = _by_campaign(rows.order_by("created_at", "pk"))
    newest = dict(offered.keys())
    return {key: offered[key] for key in newest.items()}


def _by_campaign(rows: Any) -> Offered:
    related = rows.select_related("reward__product", "reward__sku", "reward__campaign")
    return {(row.campaign_id, row.reward_id): row for row in related}


def reward_facts(assignment: RewardAssignment) -> Reward:
    """Return an assigned reward as the engine sees it."""
    reward = assignment.reward
    coin = None
    if reward.exchange_ratio is not None and reward.points_ratio is not None:
        coin = Coin(reward.exchange_ratio, reward.points_ratio)
    return Reward(
        id=reward.pk,
        assignment_id=assignment.pk,
        name=reward.name,
        coin=coin,
        points=assignment.points or 0,
        stock=reward.stock,
    )


def redeemed_reward(assignment: RewardAssignment) -> dict[str, Any]:
    """Return what a redemption keeps of the reward that it handed out."""
    reward = assignment.reward
    shown = reward_as_json(reward)
    kept = {
        name: shown[name]
        for name in ("id", "object", "name", "created_at", "updated_at", "parameters")
    }
    kept |= {"assignment_id": assignment.pk, "type": reward.type}
    if reward.product is not None:
        kept["product"] = product_as_json(reward.product)
    if reward.sku is not None:
        kept["sku"] = sku_as_json(reward.sku)
    return kept

"""Rewards and their assignments as the API and events show them."""

from typing import Any

from campaigns.engine.numbers import json_number
from campaigns.models import Reward, RewardAssignment, RewardType
from campaigns.wire.limits import moment
from promo.clock import isoformat

Json = dict[str, Any]


def reward_as_json(reward: Reward) -> Json:
    """Return a reward; ``redeemed`` is null until it was redeemed once.

    Source: campaigns specification, "Rewards".
    """
    return {
        "id": reward.pk,
        "name": reward.name,
        "type": reward.type,
        "parameters": parameters_of(reward),
        "stock": reward.stock,
        "redeemed": reward.redeemed_quantity or None,
        "attributes": reward.attributes,
        "metadata": reward.metadata,
        "created_at": isoformat(reward.created_at),
        "updated_at": moment(reward.updated_at),
        "object": "reward",
    }


def parameters_of(reward: Reward) -> Json:
    """Return how a reward is handed out; its campaign is loaded."""
    if reward.type == RewardType.CAMPAIGN:
        campaign = reward.campaign
        kind = campaign.campaign_type if campaign else None
        balance = {} if reward.balance is None else {"balance": reward.balance}
        return {"campaign": {"id": reward.campaign_id, **balance, "type": kind}}
    if reward.type == RewardType.MATERIAL:
        return {"product": {"id": reward.product_id, "sku_id": reward.sku_id}}
    return {
        "coin": {
            "exchange_ratio": json_number(reward.exchange_ratio or 0),
            "points_ratio": reward.points_ratio,
        }
    }


def reward_assignment_as_json(assignment: RewardAssignment) -> Json:
    """Return an assignment; one of a coin has no price."""
    price = {"loyalty": {"points": assignment.points}} if assignment.points else {}
    return {
        "id": assignment.pk,
        "reward_id": assignment.reward_id,
        "related_object_id": assignment.campaign_id,
        "related_object_type": "campaign",
        "parameters": price,
        "created_at": isoformat(assignment.created_at),
        "updated_at": moment(assignment.updated_at),
        "object": "reward_assignment",
    }

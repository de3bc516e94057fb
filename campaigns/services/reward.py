"""Creating, changing and deleting rewards.

Source: campaigns specification, "Rewards".
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from campaigns.engine.numbers import LARGEST, check_range, whole_number
from campaigns.models import (
    Campaign,
    CampaignType,
    Product,
    Reward,
    RewardType,
    Sku,
)
from campaigns.services.rule_assignments import forget_rules
from campaigns.services.worth import invalid_campaign
from promo.comparison import as_number
from promo.errors import (
    BadRequest,
    InvalidPayload,
    ResourceInUse,
    ResourceNotFound,
)
from promo.metadata_schemas.known import changed_metadata
from promo.operations import Operations
from promo.tenancy.models import Project

RESOURCE = "reward"
_DIGITS = re.compile(r"\d{1,18}", re.ASCII)
_MOST_DECIMALS = 6
_LARGEST_RATIO = Decimal(10**9)
_HANDED_OUT = frozenset(
    {
        CampaignType.DISCOUNT_COUPONS,
        CampaignType.GIFT_VOUCHERS,
        CampaignType.LOYALTY_PROGRAM,
    }
)
_PLAIN = ("name", "stock", "attributes")


def create_reward(*, project: Project, now: datetime, name: str, **sent: Any) -> Reward:
    """Store a reward; ``type`` and ``parameters`` say how it is handed out.

    Raises:
        InvalidPayload: parameters of another shape, or another type.
        BadRequest: ``invalid_balance`` or ``invalid_campaign``.
        ResourceNotFound: no such campaign, product or SKU.
    """
    kind = _kind(sent["type"])
    reward = Reward(project=project, name=name, type=kind, created_at=now)
    if sent.get("parameters") is None:
        raise InvalidPayload("Payload must have required property 'parameters'")
    _put(reward, {**sent, "metadata": sent.get("metadata") or {}})
    reward.save(force_insert=True)
    return reward


@transaction.atomic
def update_reward(reward: Reward, *, now: datetime, **sent: Any) -> Reward:
    """Change a reward; its type stays, and so does what is not sent.

    Raises:
        InvalidPayload: parameters of another shape.
        BadRequest: as ``create_reward``.
        ResourceNotFound: it is gone, or no such campaign, product or SKU.
    """
    held = _lock(reward)
    sent.pop("type", None)
    _put(held, sent)
    held.updated_at = now
    held.save()
    return held


@transaction.atomic
def delete_reward(reward: Reward, *, now: datetime, force: bool = False) -> None:
    """Delete a reward that no programme offers; there is no bin.

    A programme in the bin comes back without it.

    Raises:
        ResourceInUse: it is assigned.
        ResourceNotFound: it is gone.
    """
    held = _lock(reward)
    offered = held.assignments.order_by("pk")
    users = list(offered.alive().values_list("pk", flat=True))
    if users:
        refusal = ResourceInUse.by(
            users,
            "reward_assignment",
            resource_type=RESOURCE,
            resource_id=held.pk,
        )
        refusal.extra["related_object_total"] = len(users)
        raise refusal
    hidden = list(offered.values_list("pk", flat=True))
    if hidden:
        forget_rules(project=held.project, related_ids=hidden)
        offered.delete()
    held.delete()


def _kind(given: str) -> RewardType:
    if given not in RewardType.values:
        allowed = ", ".join(RewardType.values)
        raise InvalidPayload(
            f"Property .type must be equal to one of the allowed values [ {allowed} ]"
        )
    return RewardType(given)


def _lock(reward: Reward) -> Reward:
    rows = reward.project.rewards.select_for_update(no_key=True)
    held = rows.filter(pk=reward.pk).first()
    if held is None:
        raise ResourceNotFound(RESOURCE, reward.pk)
    return held


def _put(reward: Reward, sent: Mapping[str, Any]) -> None:
    for name in _PLAIN:
        if name in sent and (sent[name] is not None or name == "stock"):
            setattr(reward, name, sent[name])
    if sent.get("metadata") is not None:
        reward.metadata = changed_metadata(
            reward.project, RESOURCE, {}, sent["metadata"]
        )
    parameters = sent.get("parameters")
    if parameters is None:
        return
    if reward.type == RewardType.CAMPAIGN:
        _put_campaign(reward, _part(parameters, "campaign"))
    elif reward.type == RewardType.COIN:
        _put_coin(reward, _part(parameters, "coin"))
    else:
        _put_product(reward, _part(parameters, "product"))


def _part(parameters: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = parameters.get(name)
    if part is None:
        details = f"Property .parameters should have required property '{name}'"
        raise InvalidPayload(details)
    if not isinstance(part, Mapping):
        raise InvalidPayload(f"Property .parameters.{name} must be object")
    return part


def _put_campaign(reward: Reward, sent: Mapping[str, Any]) -> None:
    reference = sent.get("id")
    if not isinstance(reference, str) or not reference:
        details = "Property .parameters.campaign should have required property 'id'"
        raise InvalidPayload(details)
    found = reward.project.campaigns.by_reference(reference).first()
    if found is None:
        raise ResourceNotFound("campaign", reference)
    if found.campaign_type not in _HANDED_OUT:
        kind = found.campaign_type
        raise invalid_campaign(f"Rewards cannot be handed out by a {kind} campaign")
    if reward.assignments.filter(campaign=found).exists():
        raise own_points()
    reward.campaign = found
    reward.balance = _balance(found, sent.get("balance"))


def _balance(campaign: Campaign, sent: Any) -> int | None:
    """Return what a card gets; None where the campaign gives codes."""
    if campaign.campaign_type == CampaignType.DISCOUNT_COUPONS:
        return None
    number = as_number(None if isinstance(sent, str) else sent)
    if number is None or number % 1 or not 0 < number <= LARGEST:
        name = "Property 'parameters.campaign.balance'"
        raise BadRequest(
            "invalid_balance",
            f"{name} is invalid",
            f"{name} must be greater than zero for campaign type: "
            f"{campaign.campaign_type}",
        )
    return int(number)


def own_points() -> BadRequest:
    """Build the refusal of a programme that would hand out its own points."""
    return invalid_campaign("A loyalty program cannot hand out its own points")


def _put_coin(reward: Reward, coin: Mapping[str, Any]) -> None:
    path = ".parameters.coin"
    for name in ("exchange_ratio", "points_ratio"):
        if coin.get(name) is None:
            details = f"Property {path} should have required property '{name}'"
            raise InvalidPayload(details)
    reward.exchange_ratio = _ratio(coin["exchange_ratio"], f"{path}.exchange_ratio")
    points = coin["points_ratio"]
    # The published schema has it as a text, and clients in its shape send one.
    if isinstance(points, str) and _DIGITS.fullmatch(points):
        points = int(points)
    reward.points_ratio = whole_number(points, f"{path}.points_ratio", least=1)


def _ratio(value: Any, path: str) -> Decimal:
    number = None if isinstance(value, str) else as_number(value)
    if number is None:
        raise InvalidPayload(f"Property {path} must be number")
    smallest = Decimal(1).scaleb(-_MOST_DECIMALS)
    check_range(number, path, smallest, _LARGEST_RATIO)
    if number % smallest:
        raise InvalidPayload(f"Property {path} must be a multiple of {smallest}")
    return number


def _put_product(reward: Reward, sent: Mapping[str, Any]) -> None:
    sku_id, product_id = _id(sent, "sku_id"), _id(sent, "id")
    reward.sku = _find_sku(reward.project, sku_id) if sku_id else None
    if product_id:
        reward.product = _find_product(reward.project, product_id)
    elif reward.sku is not None:
        reward.product = reward.sku.product
    else:
        details = "Property .parameters.product should have required property 'id'"
        raise InvalidPayload(details)


def _id(sent: Mapping[str, Any], name: str) -> str | None:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidPayload(f"Property .parameters.product.{name} must be string")
    return value or None


def _find_product(project: Project, reference: str) -> Product:
    found = project.products.alive().by_reference(reference).first()
    if found is None:
        raise ResourceNotFound("product", reference)
    return found


def _find_sku(project: Project, reference: str) -> Sku:
    rows = project.skus.by_reference(reference).select_related("product")
    found = rows.first()
    if found is None:
        raise ResourceNotFound("sku", reference)
    return found


OPERATIONS: Operations[Reward] = Operations(
    create=create_reward, update=update_reward, delete=delete_reward
)

"""Promotion stacks as the API and events show them."""

from typing import Any

from campaigns.models import PromotionStack
from campaigns.wire.campaign import category_as_json
from campaigns.wire.limits import moment, without_nulls
from promo.clock import isoformat


def stack_as_json(stack: PromotionStack) -> dict[str, Any]:
    """Return the whole stack; its members and its category must be loaded.

    Source: campaigns specification, "Stack".
    """
    category = stack.category
    return without_nulls({"updated_at": moment(stack.updated_at)}) | {
        "id": stack.pk,
        "name": stack.name,
        "created_at": isoformat(stack.created_at),
        "campaign_id": stack.campaign_id,
        "tiers": {
            "ids": [member.tier_id for member in stack.members.all()],
            "hierarchy_mode": "MANUAL",
        },
        "category_id": stack.category_id,
        "categories": [category_as_json(category)] if category else [],
        "object": "promotion_stack",
    }

"""Creating, changing and deleting promotion stacks.

Source: campaigns specification, "Stack".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns import events
from campaigns.models import (
    Campaign,
    PromotionStack,
    PromotionStackTier,
    PromotionTier,
)
from campaigns.models.promotion import TIER_PREFIX
from campaigns.services.own_category import read_category
from campaigns.services.tier_hierarchy import hold_campaign
from campaigns.wire import simple_campaign
from campaigns.wire.stack import stack_as_json
from promo.errors import InvalidPayload, ResourceNotFound
from promo.ids import parse_or_none
from promo.operations import Operations
from promo.outbox.events import Event, emit
from promo.tenancy.models import Project

News = Callable[[Mapping[str, Any], Mapping[str, Any]], Event]

RESOURCE = "promotion_stack"
MOST_TIERS = 30


@transaction.atomic
def create_stack(
    *, project: Project, campaign: Campaign, now: datetime, **values: Any
) -> PromotionStack:
    """Put tiers of a promotion into a stack; ``values`` are the fields of the API.

    Raises:
        InvalidPayload: no tier, one twice, one of another campaign, or too many.
        ResourceNotFound: the campaign, a tier or the category does not exist.
    """
    campaign = hold_campaign(project, campaign.pk)
    tiers = _tiers(campaign, values.get("tiers"))
    stack = PromotionStack.objects.create(
        project=project,
        campaign=campaign,
        name=values["name"],
        created_at=now,
        **read_category(project, values, now),
    )
    _put(stack, tiers)
    return _told(stack, events.stack_created, campaign, now)


@transaction.atomic
def update_stack(
    stack: PromotionStack, *, now: datetime, **values: Any
) -> PromotionStack:
    """Change the fields that ``values`` names; ``tiers`` are replaced whole.

    Raises:
        InvalidPayload: no tier, one twice, one of another campaign, or too many.
        ResourceNotFound: the stack, a tier or the category does not exist.
    """
    campaign = hold_campaign(stack.project, stack.campaign_id)
    stack = _held(stack)
    if values.get("name") is not None:
        stack.name = values["name"]
    for name, value in read_category(stack.project, values, now).items():
        setattr(stack, name, value)
    if values.get("tiers") is not None:
        tiers = _tiers(campaign, values["tiers"])
        stack.members.all().delete()
        _put(stack, tiers)
    stack.updated_at = now
    stack.save(update_fields=["name", "category", "updated_at"])
    return _told(stack, events.stack_updated, campaign, now)


@transaction.atomic
def delete_stack(stack: PromotionStack, *, now: datetime, force: bool = False) -> None:
    """Delete a stack; its tiers stay. There is no bin, so ``force`` changes nothing.

    Raises:
        ResourceNotFound: the stack is gone already.
    """
    hold_campaign(stack.project, stack.campaign_id)
    _held(stack).delete()


def leave_stacks(tier: PromotionTier, *, now: datetime) -> None:
    """Take a tier that is being deleted out of its stacks; none stays empty.

    The caller holds the tier's campaign.
    """
    members = PromotionStackTier.objects.filter(tier=tier)
    left = list(members.values_list("stack_id", flat=True))
    if not left:
        return
    members.delete()
    stacks = PromotionStack.objects.filter(pk__in=left)
    stacks.filter(members=None).delete()
    stacks.update(updated_at=now)
    campaign = simple_campaign(tier.campaign)
    rest = stacks.with_members()
    told = [events.stack_updated(stack_as_json(one), campaign) for one in rest]
    emit(tier.project, told, now=now)


def _held(stack: PromotionStack) -> PromotionStack:
    """Return the stack as it stands now; holding its campaign holds it too."""
    found = PromotionStack.objects.filter(pk=stack.pk).first()
    if found is None:
        raise ResourceNotFound(RESOURCE, stack.pk)
    found.project = stack.project
    return found


def _tiers(campaign: Campaign, sent: Any) -> list[PromotionTier]:
    """Return the tiers that ``tiers.ids`` names, in its order."""
    references = _references(sent)
    ids = [each for each in references if parse_or_none(TIER_PREFIX, each)]
    rows = campaign.project.promotion_tiers.alive().filter(pk__in=ids)
    found = {tier.pk: tier for tier in rows}
    for index, reference in enumerate(references):
        if reference not in found:
            raise ResourceNotFound("promotion_tier", reference)
        if found[reference].campaign_id != campaign.pk:
            path = f".tiers.ids[{index}]"
            raise InvalidPayload(f"Property {path} must be a tier of {campaign.pk}")
    return [found[reference] for reference in references]


def _references(sent: Any) -> Sequence[str]:
    ids = (sent or {}).get("ids") or ()
    path = "Property .tiers.ids must NOT have"
    if not ids:
        raise InvalidPayload(f"{path} fewer than 1 items")
    if len(ids) > MOST_TIERS:
        raise InvalidPayload(f"{path} more than {MOST_TIERS} items")
    if len(set(ids)) != len(ids):
        raise InvalidPayload(f"{path} duplicate items")
    return list(ids)


def _put(stack: PromotionStack, tiers: Sequence[PromotionTier]) -> None:
    PromotionStackTier.objects.bulk_create(
        PromotionStackTier(stack=stack, tier=tier, position=position)
        for position, tier in enumerate(tiers, start=1)
    )


def _told(
    stack: PromotionStack, news: News, campaign: Campaign, now: datetime
) -> PromotionStack:
    """Tell what happened; return the stack with all that showing it takes."""
    shown = PromotionStack.objects.with_members().get(pk=stack.pk)
    event = news(stack_as_json(shown), simple_campaign(campaign))
    emit(stack.project, [event], now=now)
    return shown


OPERATIONS: Operations[PromotionStack] = Operations(
    update=update_stack, delete=delete_stack
)

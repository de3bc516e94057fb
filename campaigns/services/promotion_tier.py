"""Creating, changing and deleting promotion tiers.

Source: campaigns specification, "Tier".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns import events
from campaigns.engine.discount_parsing import discount_json, parse_discount
from campaigns.engine.formulas.checking import check_discount
from campaigns.engine.validity import Validity
from campaigns.models import Campaign, CampaignType, PromotionTier
from campaigns.services.assigned import rendered_assignments
from campaigns.services.own_category import read_category
from campaigns.services.promotion_stack import leave_stacks
from campaigns.services.rule_assignments import (
    assign_rules,
    forget_rules,
    replace_rules,
)
from campaigns.services.tier_hierarchy import (
    free_place,
    hold_campaign,
    hold_tiers,
    next_place,
)
from campaigns.services.time_limits import LIMITS, read_limits
from campaigns.services.versions import keep_versions
from campaigns.wire import simple_campaign, tier_as_json
from promo.errors import BadRequest, InvalidPayload, ResourceNotFound
from promo.metadata_schemas.known import changed_metadata
from promo.operations import Operations
from promo.outbox.events import Event, emit
from promo.tenancy.models import Project

News = Callable[[Mapping[str, Any], Mapping[str, Any]], Event]

RESOURCE = "promotion_tier"
PLAIN_FIELDS = ("name", "active")


@transaction.atomic
def create_tier(
    *, project: Project, campaign: Campaign, now: datetime, **values: Any
) -> PromotionTier:
    """Add a tier to a promotion; ``values`` are the fields of the API.

    Without ``hierarchy`` it comes last; on an occupied place it shifts the others.

    Raises:
        InvalidPayload: a field of another shape, or no discount.
        BadRequest: ``invalid_campaign``, the campaign is no promotion.
        ResourceNotFound: the campaign, the category or the rule does not exist.
        MetadataRefused: the project's schema forbids the metadata.
    """
    campaign = hold_campaign(project, campaign.pk)
    if campaign.campaign_type != CampaignType.PROMOTION:
        raise BadRequest(
            "invalid_campaign",
            "Invalid Campaign",
            "You can create promotion tiers only in PROMOTION campaigns.",
        )
    tier = PromotionTier(project=project, campaign=campaign, created_at=now)
    _apply(tier, {"action": None, "metadata": {}, **values}, now)
    tier.hierarchy = values.get("hierarchy") or next_place(campaign)
    free_place(campaign, tier.hierarchy, moving=None, now=now)
    tier.save(force_insert=True)
    assign_rules(
        project=project,
        related_object=tier,
        rule_ids=values.get("validation_rules") or (),
        now=now,
    )
    _tell(tier, events.tier_created, now)
    return tier


def create_tiers(
    campaign: Campaign, promotion: Mapping[str, Any], *, now: datetime
) -> list[PromotionTier]:
    """Add the tiers that the ``promotion`` of a new campaign lists, in their order.

    Raises:
        InvalidPayload: as ``create_tier``; the path leads through the list.
        ResourceNotFound: as ``create_tier``.
    """
    made = []
    for index, values in enumerate(promotion.get("tiers") or ()):
        try:
            tier = create_tier(
                project=campaign.project, campaign=campaign, now=now, **values
            )
        except InvalidPayload as wrong:
            place = f"Property .promotion.tiers[{index}]."
            details = (wrong.details or "").replace("Property .", place, 1)
            raise InvalidPayload(details) from wrong
        made.append(tier)
    return made


@transaction.atomic
def update_tier(tier: PromotionTier, *, now: datetime, **values: Any) -> PromotionTier:
    """Change the fields that ``values`` names; metadata merges key by key.

    Moving to an occupied place shifts the others. ``validation_rules``, where
    given, replaces the tier's rule.

    Raises:
        InvalidPayload: a field of another shape, naming its path.
        ResourceNotFound: the tier, the category or the rule does not exist.
        MetadataRefused: the project's schema forbids the metadata.
    """
    campaign = hold_campaign(tier.project, tier.campaign_id)
    place = values.get("hierarchy")
    if place is not None:
        hold_tiers(campaign)
    tier = _held(tier, campaign)
    _apply(tier, values, now)
    if place is not None and place != tier.hierarchy:
        free_place(campaign, place, moving=tier, now=now)
        tier.hierarchy = place
    tier.updated_at = now
    tier.save(update_fields=_own_columns())
    if values.get("validation_rules") is not None:
        replace_rules(
            project=tier.project,
            related_object=tier,
            rule_ids=values["validation_rules"],
            now=now,
        )
    _tell(tier, events.tier_updated, now)
    return tier


@transaction.atomic
def delete_tier(tier: PromotionTier, *, now: datetime, force: bool = False) -> None:
    """Delete a tier for good; its place stays empty, its stacks lose it.

    The row stays for its redemptions alone, whatever ``force`` says.

    Raises:
        ResourceNotFound: the tier is gone already.
    """
    tier = _held(tier, hold_campaign(tier.project, tier.campaign_id))
    _tell(tier, events.tier_deleted, now)
    leave_stacks(tier, now=now)
    forget_rules(project=tier.project, related_ids=[tier.pk])
    tier.deleted_at = now
    tier.save(update_fields=["deleted_at"])
    keep_versions(tier.project, [tier.campaign_id], now=now)


def delete_tiers_of(campaign: Campaign, *, now: datetime) -> None:
    """Delete the tiers of a campaign that is being erased.

    The rules on them and on the campaign itself are taken off, its stacks go too.
    """
    campaign.stacks.all().delete()
    hold_tiers(campaign)
    living = campaign.tiers.filter(deleted_at=None)
    gone = [campaign.pk, *living.values_list("pk", flat=True)]
    living.update(deleted_at=now)
    forget_rules(project=campaign.project, related_ids=gone)


def enable_tier(tier: PromotionTier, *, now: datetime) -> PromotionTier:
    """Switch a tier on.

    Raises:
        ResourceNotFound: the tier is gone.
    """
    return _switched(tier, events.tier_enabled, active=True, now=now)


def disable_tier(tier: PromotionTier, *, now: datetime) -> PromotionTier:
    """Switch a tier off.

    Raises:
        ResourceNotFound: the tier is gone.
    """
    return _switched(tier, events.tier_disabled, active=False, now=now)


@transaction.atomic
def _switched(
    tier: PromotionTier, news: News, *, active: bool, now: datetime
) -> PromotionTier:
    tier = _held(tier, hold_campaign(tier.project, tier.campaign_id))
    tier.active, tier.updated_at = active, now
    tier.save(update_fields=["active", "updated_at"])
    _tell(tier, news, now)
    return tier


def _held(tier: PromotionTier, campaign: Campaign) -> PromotionTier:
    """Return the tier as it stands now, held until the transaction ends."""
    living = tier.project.promotion_tiers.alive().filter(pk=tier.pk)
    held = living.select_for_update(no_key=True, of=("self",))
    found = held.select_related("category").first()
    if found is None:
        raise ResourceNotFound(RESOURCE, tier.pk)
    found.campaign = campaign
    return found


def _apply(tier: PromotionTier, values: Mapping[str, Any], now: datetime) -> None:
    """Put what the API sent into the row's fields, checked."""
    for name in PLAIN_FIELDS:
        if name in values:
            setattr(tier, name, values[name])
    if "banner" in values:
        tier.banner = values["banner"] or ""
    if "action" in values:
        tier.action = _action(values["action"])
    if "metadata" in values:
        tier.metadata = changed_metadata(
            tier.project, RESOURCE, tier.metadata, values["metadata"]
        )
    read = read_category(tier.project, values, now) | _limits(tier, values)
    for name, value in read.items():
        setattr(tier, name, value)


def _action(sent: Any) -> dict[str, Any]:
    path = ".action.discount"
    discount = sent.get("discount") if isinstance(sent, Mapping) else None
    if discount is None:
        raise InvalidPayload(
            "Property .action should have required property 'discount'"
        )
    parsed = parse_discount(
        discount, path, key="invalid_payload", message="Invalid payload"
    )
    check_discount(parsed, path)
    return {"discount": discount_json(parsed)}


def _limits(tier: PromotionTier, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the time limits; a window may count from the campaign's start."""
    if not any(name in values for name in LIMITS):
        return {}
    sent = {name: values[name] for name in LIMITS if name in values}
    whole = {name: getattr(tier, name) for name in LIMITS} | sent
    if whole["start_date"] is not None:
        return read_limits(whole)
    inherited = {"start_date": tier.campaign.start_date}
    return read_limits(whole | inherited) | {"start_date": None}


def own_validity(limited: PromotionTier | Campaign) -> Validity:
    """Return the limits of a tier or campaign by itself, as the engine reads them."""
    return Validity(
        start=limited.start_date,
        expiration=limited.expiration_date,
        timeframe=limited.validity_timeframe,
        days=tuple(limited.validity_day_of_week or ()),
        hours=tuple((limited.validity_hours or {}).get("daily", ())),
        anchor=limited.start_date or limited.created_at,
    )


def _own_columns() -> list[str]:
    """Return the columns of an edit: not the counters that redemptions move."""
    moved = {"id", "redeemed_quantity", "orders_amount", "discounted_amount"}
    fields = PromotionTier._meta.concrete_fields
    return [field.name for field in fields if field.name not in moved]


def _tell(tier: PromotionTier, news: News, now: datetime) -> None:
    shown = rendered_tiers(tier.project, [tier])[0]
    event = news(shown, simple_campaign(tier.campaign))
    emit(tier.project, [event], now=now)
    keep_versions(tier.project, [tier.campaign_id], now=now)


def rendered_tiers(
    project: Project, tiers: Sequence[PromotionTier]
) -> list[dict[str, Any]]:
    """Return tiers as the API shows them, their assignments read by one query."""
    assignments = rendered_assignments(project, [tier.pk for tier in tiers])
    return [tier_as_json(tier, assignments=assignments[tier.pk]) for tier in tiers]


OPERATIONS: Operations[PromotionTier] = Operations(
    update=update_tier,
    delete=delete_tier,
    commands={"enable": enable_tier, "disable": disable_tier},
)

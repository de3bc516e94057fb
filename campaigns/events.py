"""What happens to campaigns, vouchers, tiers and rules, as listeners hear it.

Every function takes what ``campaigns.wire`` rendered.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from promo.outbox.events import Event

Shown = Mapping[str, Any]


def campaign_created(shown: Shown) -> Event:
    return _about_campaign("campaign.created", shown, created_at=shown["created_at"])


def campaign_updated(shown: Shown) -> Event:
    return _about_campaign("campaign.updated", shown)


def campaign_enabled(shown: Shown) -> Event:
    return _about_campaign("campaign.enabled", shown)


def campaign_disabled(shown: Shown) -> Event:
    return _about_campaign("campaign.disabled", shown)


def campaign_deleted(shown: Shown, deleted_at: str) -> Event:
    return _about_campaign("campaign.deleted", shown, deleted_at=deleted_at)


def generation_started(shown: Shown, count: int) -> Event:
    return _about_campaign(
        "campaign.vouchers.generation.started", shown, count=count, category="EFFECT"
    )


def generation_completed(shown: Shown, count: int, completed_at: str) -> Event:
    return _about_campaign(
        "campaign.vouchers.generation.completed",
        shown,
        count=count,
        completed_at=completed_at,
        category="EFFECT",
    )


def generation_failed(shown: Shown, count: int) -> Event:
    return _about_campaign(
        "campaign.vouchers.generation.failed", shown, count=count, category="EFFECT"
    )


def vouchers_added(shown: Shown, count: int) -> Event:
    return _about_campaign(
        "campaign.vouchers.added", shown, count=count, category="EFFECT"
    )


def voucher_created(shown: Shown, campaign: Shown | None) -> Event:
    return _about_voucher("voucher.created", shown, campaign)


def voucher_updated(shown: Shown, campaign: Shown | None) -> Event:
    return _about_voucher("voucher.updated", shown, campaign)


def voucher_enabled(shown: Shown, campaign: Shown | None) -> Event:
    return _about_voucher("voucher.enabled", shown, campaign)


def voucher_disabled(shown: Shown, campaign: Shown | None) -> Event:
    return _about_voucher("voucher.disabled", shown, campaign)


def voucher_deleted(shown: Shown, campaign: Shown | None) -> Event:
    return _about_voucher("voucher.deleted", shown, campaign)


def customer_lost_voucher(deleted: Event) -> Event:
    """Tell the holder's activity feed of a ``voucher.deleted``."""
    return replace(deleted, type="customer.voucher.deleted", category="EFFECT")


def published(
    publication: Shown,
    voucher: Shown,
    campaign: Shown | None,
    customer: Shown,
    *,
    user: Shown | None,
) -> tuple[Event, ...]:
    """Tell of one code that a customer got: to the project and to the customer.

    ``user`` is who published it at the dashboard.
    """
    payload = {
        "customer": dict(customer),
        "campaign": campaign and dict(campaign),
        "publication": dict(publication),
        "voucher": dict(voucher),
    }
    of_campaign = voucher["campaign_id"] or ""
    about = {"entity_id": publication["id"], "campaign_id": of_campaign}
    return (
        Event(type="publication.succeeded", payload={**payload, "user": user}, **about),
        Event(
            type="voucher.published",
            entity_id=voucher["id"],
            campaign_id=of_campaign,
            category="EFFECT",
            payload={**payload, "created_at": publication["created_at"]},
        ),
        Event(
            type="customer.publication.succeeded",
            customer_id=customer["id"],
            payload=payload,
            **about,
        ),
    )


def publication_failed(
    publication: Shown, campaign: Shown | None, customer: Shown
) -> Event:
    return Event(
        type="customer.publication.failed",
        entity_id=publication["id"],
        customer_id=customer["id"],
        campaign_id=campaign["id"] if campaign else "",
        payload={
            "customer": dict(customer),
            "campaign": campaign and dict(campaign),
            "publication": dict(publication),
        },
    )


def holder_assigned(holder: Shown, **about: Shown | None) -> Event:
    return _about_holder("customer.holder.assignment.created", holder, about)


def holder_unassigned(holder: Shown, **about: Shown | None) -> Event:
    return _about_holder("customer.holder.assignment.deleted", holder, about)


def _about_holder(kind: str, holder: Shown, about: Mapping[str, Shown | None]) -> Event:
    return Event(
        type=kind,
        category="EFFECT",
        entity_id=holder["id"],
        customer_id=holder["customer_id"],
        campaign_id=holder["campaign_id"] or "",
        payload={"holder": dict(holder), **about},
    )


def custom_event(
    event: Shown,
    schema: Shown,
    customer: Shown,
    *,
    referral: Shown | None,
    loyalty: Shown | None,
) -> Event:
    """Tell what a customer did; ``referral`` and ``loyalty`` are the codes with it."""
    return Event(
        type="customer.custom_event",
        entity_id=event["id"],
        customer_id=customer["id"],
        payload={
            "event": dict(event),
            "event_schema": dict(schema),
            "customer": dict(customer),
            "referral": referral and dict(referral),
            "loyalty": loyalty and dict(loyalty),
        },
    )


def customer_referred(customer: Shown, referral: Shown, event: Shown) -> Event:
    """Tell that a custom event made somebody a referee: who had referred them."""
    return Event(
        type="customer.referred",
        entity_id=referral["voucher"]["id"],
        category="EFFECT",
        customer_id=customer["id"],
        campaign_id=referral["campaign"]["id"],
        payload={
            "customer": dict(customer),
            **referral,
            "custom_event": dict(event),
            "redemption": None,
        },
    )


def tier_created(shown: Shown, campaign: Shown) -> Event:
    return _about_tier("campaign.promotion_tier.created", shown, campaign)


def tier_updated(shown: Shown, campaign: Shown) -> Event:
    return _about_tier("campaign.promotion_tier.updated", shown, campaign)


def tier_enabled(shown: Shown, campaign: Shown) -> Event:
    return _about_tier("campaign.promotion_tier.enabled", shown, campaign)


def tier_disabled(shown: Shown, campaign: Shown) -> Event:
    return _about_tier("campaign.promotion_tier.disabled", shown, campaign)


def tier_deleted(shown: Shown, campaign: Shown) -> Event:
    return _about_tier("campaign.promotion_tier.deleted", shown, campaign)


def stack_created(shown: Shown, campaign: Shown) -> Event:
    return _about_stack("campaign.promotion_stack.created", shown, campaign)


def stack_updated(shown: Shown, campaign: Shown) -> Event:
    return _about_stack("campaign.promotion_stack.updated", shown, campaign)


def rule_created(shown: Shown) -> Event:
    created_at = shown["created_at"]
    return _about_rule("business_validation_rule.created", shown, created_at=created_at)


def rule_updated(shown: Shown) -> Event:
    updated_at = shown["updated_at"]
    return _about_rule("business_validation_rule.updated", shown, updated_at=updated_at)


def rule_deleted(shown: Shown, deleted_at: str) -> Event:
    return _about_rule("business_validation_rule.deleted", shown, deleted_at=deleted_at)


def rule_assigned(rule: Shown, assignment: Shown, guarded: Shown | None) -> Event:
    kind = "business_validation_rule.assignment.created"
    return _about_assignment(kind, rule, assignment, guarded)


def rule_unassigned(rule: Shown, assignment: Shown, guarded: Shown | None) -> Event:
    kind = "business_validation_rule.assignment.deleted"
    return _about_assignment(kind, rule, assignment, guarded)


def reward_assigned(
    happened: str, assignment: Shown, campaign: Shown, *, at: str
) -> Event:
    """Tell that a programme offers a reward, or how that changed."""
    return Event(
        type=f"campaign.reward.assignment.{happened}",
        entity_id=assignment["id"],
        campaign_id=campaign["id"],
        payload={
            "campaign": dict(campaign),
            "reward_assignment": dict(assignment),
            f"{happened}_at": at,
        },
    )


def _about_campaign(
    kind: str, shown: Shown, *, category: str = "ACTION", **more: Any
) -> Event:
    return Event(
        type=kind,
        entity_id=shown["id"],
        campaign_id=shown["id"],
        category=category,
        payload={"campaign": dict(shown), **more},
    )


def _about_voucher(kind: str, shown: Shown, campaign: Shown | None) -> Event:
    """Tell of a voucher; its holder finds the event in the activity feed too."""
    return Event(
        type=kind,
        entity_id=shown["id"],
        customer_id=shown["holder_id"] or "",
        campaign_id=shown["campaign_id"] or "",
        payload={"voucher": dict(shown), "campaign": campaign and dict(campaign)},
    )


def _about_tier(kind: str, shown: Shown, campaign: Shown) -> Event:
    return Event(
        type=kind,
        entity_id=shown["id"],
        campaign_id=shown["campaign_id"],
        payload={"promotion_tier": dict(shown), "campaign": dict(campaign)},
    )


def _about_stack(kind: str, shown: Shown, campaign: Shown) -> Event:
    return Event(
        type=kind,
        entity_id=shown["id"],
        campaign_id=shown["campaign_id"],
        payload={"promotion_stack": dict(shown), "campaign": dict(campaign)},
    )


def _about_rule(kind: str, shown: Shown, **more: Any) -> Event:
    return Event(
        type=kind, entity_id=shown["id"], payload={"rule": dict(shown), **more}
    )


def _about_assignment(
    kind: str, rule: Shown, assignment: Shown, guarded: Shown | None
) -> Event:
    """Tell of a rule and what it guards; the other kinds of object stay null.

    Of a guarded reward only the assignment tells.
    """
    objects: dict[str, Any] = dict.fromkeys(
        ("voucher", "campaign", "distribution", "promotion_tier", "earning_rule")
    )
    if guarded is not None and guarded["object"] in objects:
        objects[guarded["object"]] = dict(guarded)
    return Event(
        type=kind,
        entity_id=assignment["id"],
        payload={"rule": dict(rule), "assignment": dict(assignment), **objects},
    )


def product_created(shown: Shown) -> Event:
    return _about("product", "created", shown)


def product_updated(shown: Shown) -> Event:
    return _about("product", "updated", shown)


def product_deleted(shown: Shown) -> Event:
    return _about("product", "deleted", shown)


def sku_created(shown: Shown) -> Event:
    return _about("sku", "created", shown)


def sku_updated(shown: Shown) -> Event:
    return _about("sku", "updated", shown)


def sku_deleted(shown: Shown) -> Event:
    return _about("sku", "deleted", shown)


def collection_created(shown: Shown) -> Event:
    return _about("products_collection", "created", shown)


def collection_updated(shown: Shown) -> Event:
    return _about("products_collection", "updated", shown)


def collection_deleted(shown: Shown) -> Event:
    return _about("products_collection", "deleted", shown)


def _about(thing: str, happened: str, shown: Shown) -> Event:
    return Event(
        type=f"{thing}.{happened}", entity_id=shown["id"], payload={thing: dict(shown)}
    )

"""What happens to campaigns and vouchers, as listeners hear it.

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

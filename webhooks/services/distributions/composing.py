"""What a message tells: the event, the customer as they are now, and what is offered.

Source: platform specification, "Distribution events".
"""

from collections.abc import Collection, Mapping
from typing import Any

from campaigns.services.offers_told import campaigns_told, tiers_told
from promo.outbox.catalogue import event_types
from promo.tenancy.models import Project
from webhooks.channels import Recipient
from webhooks.channels.wording import PROJECT
from webhooks.engine.distributions.definition import (
    NOTIFY_PROMOTION,
    PUBLISH_CODES,
)
from webhooks.models import Distribution

Json = dict[str, Any]


def offers_of(
    project: Project, distributions: Collection[Distribution]
) -> dict[str, Json]:
    """Return what distributions tell of their promotions, by the distribution's id.

    One statement. One whose tier is gone is left out; so are codes, which each customer
    gets of their own.
    """
    named = {
        each.pk: each.action["promotion_tier_id"]
        for each in distributions
        if each.action["type"] == NOTIFY_PROMOTION
    }
    tiers = tiers_told(project, set(named.values()))
    found: dict[str, Json] = {}
    for pk, tier_id in named.items():
        if tier_id in tiers:
            tier, campaign = tiers[tier_id]
            found[pk] = {"campaign": campaign, "promotion_tier": tier}
    return found


def sample_offer(project: Project, distribution: Distribution) -> Json:
    """Return what a preview tells of codes, of which it gives none."""
    if distribution.action["type"] != PUBLISH_CODES:
        return offers_of(project, [distribution]).get(distribution.pk, {})
    campaign_id = distribution.action["campaign_id"]
    campaign = campaigns_told(project, [campaign_id]).get(campaign_id)
    offered = (campaign or {}).get("voucher") or {}
    voucher = {
        "id": "v_preview",
        "code": "PREVIEW-CODE",
        "campaign": (campaign or {}).get("name"),
        "campaign_id": campaign_id,
        "type": offered.get("type"),
        "discount": offered.get("discount"),
        "gift": offered.get("gift"),
        "loyalty_card": offered.get("loyalty_card"),
        "expiration_date": (campaign or {}).get("expiration_date"),
        "object": "voucher",
    }
    publication = {"id": "pub_preview", "object": "publication", "voucher": voucher}
    return {"campaign": campaign, "voucher": voucher, "publication": publication}


def context_of(project: Project, data: Mapping[str, Any]) -> Json:
    """Return what channels fill contents with: the data, and how the project counts."""
    counts = {"name": project.name, "currency": project.currency}
    return {**data, PROJECT: {**counts, "timezone": project.timezone}}


def data_of(
    event_type: str,
    told: Mapping[str, Any],
    person: Recipient,
    offer: Mapping[str, Any],
) -> Json:
    """Return the ``data`` of a message.

    Keys that the event may lack are null, as in every envelope. The customer is shown
    whole, and as they are now; so is a holder who is the same.
    """
    declared = event_types()[event_type].data
    data: Json = {key.name: None for key in declared if key.nullable}
    data |= dict(told)
    profile = dict(person.profile)
    data["customer"] = profile
    holder = data.get("holder")
    if isinstance(holder, Mapping) and holder.get("id") == person.id:
        data["holder"] = profile
    return data | dict(offer)

"""Making a campaign again what one of its versions says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign, CampaignVersion
from campaigns.services.campaign import (
    disable_campaign,
    enable_campaign,
    update_campaign,
)
from campaigns.services.campaign_changes import lock_campaign
from campaigns.services.promotion_tier import create_tier, delete_tier, update_tier
from campaigns.services.rule_assignments import Guarded, replace_rules
from campaigns.services.time_limits import LIMITS
from campaigns.services.validation_rule import create_rule, update_rule
from campaigns.services.versions import keep_versions, snapshots, tiers_of

Json = Mapping[str, Any]

#: What an update takes as the API shows it, with what stands for nothing.
_FIELDS: Json = {
    "description": "",
    "activity_duration_after_publishing": "",
    "category_id": None,
    "auto_join": None,
    "join_once": None,
    **dict.fromkeys(LIMITS),
}
_TIER: Json = {
    "name": None,
    "banner": "",
    "action": None,
    "hierarchy": None,
    "active": None,
    "category_id": None,
    **dict.fromkeys(LIMITS),
}
_EMPTIED: dict[str, Any] = {"bundle_rules": {}, "applicable_to": None, "error": None}
_OF_RULE = ("name", "rules", "bundle_rules", "applicable_to", "error")


@transaction.atomic
def restore_version(version: CampaignVersion, *, now: datetime) -> Campaign:
    """Make the campaign what ``version`` says, which makes a new version.

    1. Change its own fields, and those alone that differ: its codes follow.
    2. Change, add and delete tiers, so that there are those of the version.
    3. Put the rules on. A rule that other offers share is left to them: the version's
       comes back as a rule of its own.
    4. Switch the campaign as it was.

    What has no way back stays: its name, its type, codes and balances.

    Raises:
        PromoError: as the services that change these things; then nothing is changed.
    """
    campaign = lock_campaign(version.campaign)
    wanted = version.snapshot
    current = snapshots(campaign.project, [campaign])[0]
    _restore_fields(campaign, wanted["campaign"], current["campaign"], now)
    renamed = _restore_tiers(campaign, wanted, current, now)
    _restore_rules(campaign, wanted, current, renamed, now)
    if wanted["campaign"]["active"] != current["campaign"]["active"]:
        switch = enable_campaign if wanted["campaign"]["active"] else disable_campaign
        switch(campaign, now=now)
    keep_versions(campaign.project, [campaign.pk], now=now)
    campaign.refresh_from_db()
    return campaign


def _differing(wanted: Json, current: Json, fields: Json) -> dict[str, Any]:
    """Return the fields to send: what differs, as the version has it."""
    return {
        name: wanted.get(name, nothing)
        for name, nothing in fields.items()
        if wanted.get(name, nothing) != current.get(name, nothing)
    }


def _metadata(wanted: Json, current: Json) -> dict[str, Any]:
    given, stored = wanted.get("metadata") or {}, current.get("metadata") or {}
    if given == stored:
        return {}
    gone = sorted(set(stored) - set(given))
    return {"metadata": given, "unset_metadata_fields": gone}


def _restore_fields(campaign: Campaign, wanted: Json, current: Json, now: Any) -> None:
    sent = _differing(wanted, current, _FIELDS) | _metadata(wanted, current)
    template = {
        name: value
        for name, value in (wanted.get("voucher") or {}).items()
        if name not in LIMITS and value != (current.get("voucher") or {}).get(name)
    }
    if template:
        sent["voucher"] = template
    if sent:
        update_campaign(campaign, now=now, **sent)


def _restore_tiers(
    campaign: Campaign, wanted: Json, current: Json, now: datetime
) -> dict[str, str]:
    """Make the tiers those of the version; return the new ids of those made again."""
    project = campaign.project
    then = {tier["id"]: tier for tier in tiers_of(wanted)}
    today = {tier["id"]: tier for tier in tiers_of(current)}
    rows = {tier.pk: tier for tier in project.promotion_tiers.filter(pk__in=today)}
    for pk in today.keys() - then.keys():
        delete_tier(rows[pk], now=now)
    made = {}
    for pk, tier in then.items():
        if pk in today:
            sent = _differing(tier, today[pk], _TIER)
            # Metadata of a tier merges: what is not in the version stays.
            if (tier.get("metadata") or {}) != (today[pk].get("metadata") or {}):
                sent["metadata"] = tier.get("metadata") or {}
            if sent:
                update_tier(rows[pk], now=now, **sent)
            continue
        values = {name: tier[name] for name in _TIER if tier.get(name) is not None}
        metadata = tier.get("metadata") or {}
        made[pk] = create_tier(
            project=project, campaign=campaign, now=now, metadata=metadata, **values
        ).pk
    return made


def _restore_rules(
    campaign: Campaign,
    wanted: Json,
    current: Json,
    renamed: Mapping[str, str],
    now: datetime,
) -> None:
    project = campaign.project
    ids = [renamed.get(tier["id"], tier["id"]) for tier in tiers_of(wanted)]
    guarded: dict[str, Guarded] = {campaign.pk: campaign}
    guarded |= {one.pk: one for one in project.promotion_tiers.filter(pk__in=ids)}
    for former, pk in [(campaign.pk, campaign.pk), *_pairs(wanted, renamed)]:
        then, today = wanted["rules"].get(former), current["rules"].get(pk)
        if then == today:
            continue
        rule_ids = [] if then is None else [_rule_like(campaign, then, now)]
        replace_rules(
            project=project, related_object=guarded[pk], rule_ids=rule_ids, now=now
        )


def _pairs(wanted: Json, renamed: Mapping[str, str]) -> list[tuple[str, str]]:
    ids = [tier["id"] for tier in tiers_of(wanted)]
    return [(pk, renamed.get(pk, pk)) for pk in ids]


def _rule_like(campaign: Campaign, then: Json, now: datetime) -> str:
    """Return the id of a rule that says what the version's said."""
    project = campaign.project
    rules = project.validation_rules.with_assignment_counts()
    stored = rules.filter(pk=then["id"]).first()
    values = {name: then[name] for name in _OF_RULE if then[name] is not None}
    if stored and all(getattr(stored, name) == then[name] for name in _OF_RULE):
        return str(stored.pk)
    if stored and stored.assignments_count <= 1:
        emptied: dict[str, Any] = {
            "bundle_rules": {},
            "applicable_to": None,
            "error": None,
        }
        return str(update_rule(stored, now=now, **(emptied | values)).pk)
    return str(create_rule(project=project, now=now, **values).pk)

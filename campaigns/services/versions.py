"""Keeping how campaigns stood, after each request that changed them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef

from campaigns.models import Campaign, CampaignVersion
from campaigns.models.validation_rule import RelatedObjectType
from campaigns.services.rendering import rendered_campaigns
from promo.audit.telling import author_of_now
from promo.tenancy.models import Project

Json = dict[str, Any]

#: What the campaign and its tiers count or repeat.
_COUNTED = frozenset(
    {
        *("vouchers_count", "creation_status", "vouchers_generation_status"),
        *("updated_at", "categories", "summary", "campaign", "promotion_id"),
        *("validation_rules_assignments", "validation_rule_assignments"),
    }
)
#: Why there is the first version of a campaign that is older than versions are.
FIRST = "How it stood when versions began to be kept"
_RULE = ("id", "name", "rules", "bundle_rules", "applicable_to", "error")


def keep_versions(project: Project, ids: Collection[str], *, now: datetime) -> None:
    """Keep how campaigns stand, unless they stand as they did.

    What one request does to a campaign is one version. The number of statements does
    not depend on the number of campaigns.
    """
    rows = project.campaigns.alive().filter(pk__in=ids).select_related("category")
    campaigns = list(rows.order_by("pk"))
    if not campaigns:
        return
    last = _last(campaigns)
    author = author_of_now()
    made, changed = [], []
    for campaign, snapshot in zip(
        campaigns, snapshots(project, campaigns), strict=True
    ):
        former = last.get(campaign.pk)
        if former is not None and former.snapshot == snapshot:
            continue
        if former is not None and author.is_request(former.request_id):
            former.snapshot = snapshot
            changed.append(former)
            continue
        made.append(
            CampaignVersion(
                project=project,
                campaign=campaign,
                snapshot=snapshot,
                author=author.name,
                reason=author.reason,
                request_id=author.request_id,
                created_at=now,
            )
        )
    CampaignVersion.objects.bulk_create(made)
    if changed:
        CampaignVersion.objects.bulk_update(changed, ["snapshot"])


@transaction.atomic
def keep_first_versions(
    project: Project, ids: Collection[str], *, now: datetime
) -> int:
    """Keep how campaigns stand that have no version yet; return how many had none.

    They were made before versions were kept: nobody is said to have changed them. Who
    changes one at the same moment is waited for.
    """
    rows = project.campaigns.alive().filter(pk__in=ids).order_by("pk")
    list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    kept = CampaignVersion.objects.filter(campaign=OuterRef("pk"))
    campaigns = list(rows.filter(~Exists(kept)).select_related("category"))
    if not campaigns:
        return 0
    CampaignVersion.objects.bulk_create(
        CampaignVersion(
            project=project,
            campaign=campaign,
            snapshot=snapshot,
            reason=FIRST,
            created_at=now,
        )
        for campaign, snapshot in zip(
            campaigns, snapshots(project, campaigns), strict=True
        )
    )
    return len(campaigns)


@dataclass(frozen=True, slots=True)
class Kept:
    """How many versions a campaign has, and who made the first of them.

    ``maker`` is empty for a campaign that is older than versions are.
    """

    number: int
    maker: str


def versions_kept(ids: Collection[str]) -> dict[str, Kept]:
    """Return what is kept of campaigns, in two statements; of some there is nothing."""
    rows = CampaignVersion.objects.filter(campaign__in=ids)
    counts = rows.order_by().values("campaign_id").annotate(number=Count("pk"))
    first = rows.order_by("campaign_id", "created_at", "id").distinct("campaign_id")
    makers = dict(first.values_list("campaign_id", "author"))
    return {
        one["campaign_id"]: Kept(one["number"], makers.get(one["campaign_id"], ""))
        for one in counts
    }


def keep_missing_versions(*, now: datetime, most: int = 200) -> int:
    """Keep the first versions of up to ``most`` campaigns; return how many."""
    kept = CampaignVersion.objects.filter(campaign=OuterRef("pk"))
    rows = Campaign.objects.alive().filter(~Exists(kept)).select_related("project")
    by_project: dict[Project, list[str]] = {}
    for campaign in rows.order_by("project_id", "pk")[:most]:
        by_project.setdefault(campaign.project, []).append(campaign.pk)
    return sum(
        keep_first_versions(project, ids, now=now)
        for project, ids in by_project.items()
    )


def keep_versions_under(project: Project, rule_id: str, *, now: datetime) -> None:
    """Keep how the campaigns stand that a rule guards, themselves or their tiers."""
    guarded = project.validation_rule_assignments.alive().filter(rule_id=rule_id)
    pairs = guarded.values_list("related_object_type", "related_object_id")
    ids = {pk for kind, pk in pairs if kind == RelatedObjectType.CAMPAIGN}
    tiers = [pk for kind, pk in pairs if kind == RelatedObjectType.PROMOTION_TIER]
    if tiers:
        rows = project.promotion_tiers.alive().filter(pk__in=tiers)
        ids.update(rows.values_list("campaign_id", flat=True))
    if ids:
        keep_versions(project, ids, now=now)


def snapshots(project: Project, campaigns: Sequence[Campaign]) -> list[Json]:
    """Return how campaigns stand now, with their tiers and rules."""
    shown = [_plain(one) for one in rendered_campaigns(project, campaigns)]
    guarded = {
        each["id"]: index
        for index, one in enumerate(shown)
        for each in (one, *tiers_of({"campaign": one}))
    }
    found: list[Json] = [{"campaign": one, "rules": {}} for one in shown]
    assigned = project.validation_rule_assignments.of_any(guarded)
    for assignment in assigned.select_related("rule"):
        rule = {name: getattr(assignment.rule, name) for name in _RULE[1:]}
        place = found[guarded[assignment.related_object_id]]
        place["rules"][assignment.related_object_id] = {
            "id": assignment.rule_id,
            **rule,
        }
    return found


def tiers_of(snapshot: Mapping[str, Any]) -> list[Json]:
    """Return the tiers in a snapshot, by their place."""
    tiers: list[Json] = (snapshot["campaign"].get("promotion") or {}).get("tiers", [])
    return tiers


def _plain(shown: Json) -> Json:
    found = {name: value for name, value in shown.items() if name not in _COUNTED}
    if "promotion" in found:
        tiers = [_plain(tier) for tier in found["promotion"]["tiers"]]
        found["promotion"] = {"tiers": tiers}
    return found


def _last(campaigns: Sequence[Campaign]) -> dict[str, CampaignVersion]:
    """Return the newest version of each campaign that has one."""
    rows = CampaignVersion.objects.filter(campaign__in=campaigns)
    newest = rows.order_by("campaign_id", "-created_at", "-id").distinct("campaign_id")
    return {one.campaign_id: one for one in newest}

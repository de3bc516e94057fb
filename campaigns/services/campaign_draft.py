"""Drafts of campaigns: kept at any step, published as a whole, kept as templates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign, CampaignDraft
from campaigns.services.campaign import create_campaign
from campaigns.services.validation_rule import create_rule
from promo.errors import ResourceNotFound
from promo.tenancy.models import Project, User

RESOURCE = "campaign_draft"
Json = dict[str, Any]


def create_draft(
    *,
    project: Project,
    owner: User | None,
    name: str,
    step: str,
    payload: Json,
    now: datetime,
    is_template: bool = False,
) -> CampaignDraft:
    """Keep what somebody has begun to build; nothing of it is checked."""
    return CampaignDraft.objects.create(
        project=project,
        owner=owner,
        name=name,
        step=step,
        payload=payload,
        is_template=is_template,
        created_at=now,
        updated_at=now,
    )


def save_draft(
    draft: CampaignDraft, *, name: str, step: str, payload: Json, now: datetime
) -> None:
    """Keep how a draft stands; of two people the later one counts.

    Raises:
        ResourceNotFound: it has been published or deleted meanwhile.
    """
    rows = CampaignDraft.objects.filter(pk=draft.pk)
    if not rows.update(name=name, step=step, payload=payload, updated_at=now):
        raise ResourceNotFound(RESOURCE, draft.pk)


def rename_template(template: CampaignDraft, *, name: str, now: datetime) -> None:
    """Give a template another name; what started from it keeps its own.

    Raises:
        ResourceNotFound: it has been deleted meanwhile.
    """
    rows = CampaignDraft.objects.templates().filter(pk=template.pk)
    if not rows.update(name=name, updated_at=now):
        raise ResourceNotFound(RESOURCE, template.pk)


def delete_draft(draft: CampaignDraft) -> None:
    """Forget a draft or a template; nobody is told, as nobody has known of it.

    Raises:
        ResourceNotFound: it is gone already.
    """
    deleted, _ = CampaignDraft.objects.filter(pk=draft.pk).delete()
    if not deleted:
        raise ResourceNotFound(RESOURCE, draft.pk)


@transaction.atomic
def publish_draft(
    draft: CampaignDraft,
    *,
    campaign: Mapping[str, Any],
    rule: Mapping[str, Any] | None,
    now: datetime,
) -> Campaign:
    """Make the campaign of a draft, with a rule of its own, and forget the draft.

    ``campaign`` and ``rule`` are what ``create_campaign`` and ``create_rule`` take.
    Of two who publish one draft, one is refused.

    Raises:
        ResourceNotFound: it has been published or deleted meanwhile.
        PromoError: as ``create_campaign`` and ``create_rule``; then nothing is made.
    """
    delete_draft(draft)
    return create_with_rule(
        project=draft.project, campaign=campaign, rule=rule, now=now
    )


@transaction.atomic
def create_with_rule(
    *,
    project: Project,
    campaign: Mapping[str, Any],
    rule: Mapping[str, Any] | None,
    now: datetime,
) -> Campaign:
    """Make a campaign, and before it the rule that guards it.

    Raises:
        PromoError: as ``create_campaign`` and ``create_rule``.
    """
    rules = [] if rule is None else [create_rule(project=project, now=now, **rule).pk]
    return create_campaign(
        project=project, now=now, **{**campaign, "validation_rules": rules}
    )

"""Creating, changing and deleting campaigns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from campaigns import events
from campaigns.models import (
    Campaign,
    CampaignType,
    PoolType,
    VoucherType,
    WorkStatus,
)
from campaigns.models.campaign import DisabledFor
from campaigns.services.campaign_changes import check_idle, lock_campaign
from campaigns.services.codes import check_ceiling
from campaigns.services.follow_up import follow_up
from campaigns.services.generation import start_generation
from campaigns.services.own_category import read_category
from campaigns.services.places import put_access
from campaigns.services.promotion_tier import create_tiers
from campaigns.services.referral_program import read_referral_program
from campaigns.services.removal import bin_campaign, erase_campaign
from campaigns.services.rendering import rendered_campaign
from campaigns.services.rule_assignments import assign_rules
from campaigns.services.time_limits import read_duration_after_publishing, read_limits
from campaigns.services.versions import keep_versions
from campaigns.services.voucher import add_first_voucher
from campaigns.services.voucher_template import read_quantity, read_template
from campaigns.services.worth import (
    BLOCKS,
    OF_CAMPAIGN,
    changed_worth,
    invalid_campaign,
    type_of,
)
from promo.clock import isoformat
from promo.errors import Duplicate, InvalidPayload
from promo.jobs.models import AsyncAction
from promo.metadata_schemas.known import changed_metadata
from promo.operations import Operations
from promo.outbox.events import emit
from promo.tenancy.models import Project

SUPPORTED = (
    CampaignType.DISCOUNT_COUPONS,
    CampaignType.GIFT_VOUCHERS,
    CampaignType.LOYALTY_PROGRAM,
    CampaignType.PROMOTION,
    CampaignType.REFERRAL_PROGRAM,
)
# Members of a programme have a card each, so that one code for all is none for them.
_WITHOUT_GENERIC_CODE = frozenset(
    {
        CampaignType.LOYALTY_PROGRAM,
        CampaignType.REFERRAL_PROGRAM,
        CampaignType.PROMOTION,
    }
)
_PLAIN = ("description", "metadata", "active", "join_once", "auto_join")


@transaction.atomic
def create_campaign(
    *,
    project: Project,
    now: datetime,
    name: str,
    campaign_type: str | None = None,
    vouchers_count: int | None = None,
    **sent: Any,
) -> Campaign:
    """Return a new campaign; its codes are made now (one) or in the background.

    Raises:
        Duplicate: the name is taken, in the project or in its bin.
        BadRequest: ``invalid_campaign``, ``invalid_campaign_params`` or
            ``invalid_code_config``.
        InvalidPayload: a field of another shape, or an underivable type.
        ResourceNotFound: the category id names nothing, or an area or store, or the
            custom event that counts as a referral is not defined.
        MetadataRefused: the project's schema forbids the metadata.
        Forbidden: a restricted caller does not reach all of it.

    Source: campaigns specification, "Campaign object".
    """
    kind = _kind(campaign_type, sent)
    campaign = Campaign(project=project, name=name, campaign_type=kind, created_at=now)
    _fill(campaign, sent, now)
    count = _first_codes(campaign, vouchers_count or 0)
    if count > 1:
        campaign.creation_status = WorkStatus.IN_PROGRESS
        campaign.vouchers_generation_status = WorkStatus.IN_PROGRESS
    _store(campaign)
    put_access(campaign, sent.get("access_settings"), now=now)
    assign_rules(
        project=project,
        related_object=campaign,
        rule_ids=sent.get("validation_rules") or (),
        now=now,
    )
    if not campaign.has_codes:
        create_tiers(campaign, sent.get("promotion") or {}, now=now)
    emit(project, [events.campaign_created(rendered_campaign(campaign))], now=now)
    keep_versions(project, [campaign.pk], now=now)
    if count == 1:
        add_first_voucher(campaign, now=now)
    elif count:
        start_generation(campaign, count=count, sent={}, now=now)
    return campaign


@transaction.atomic
def update_campaign(campaign: Campaign, *, now: datetime, **sent: Any) -> Campaign:
    """Change what may be changed; codes that follow are rewritten in the background.

    Fields that can never change are passed over.

    Raises:
        ResourceProtected: nobody may change the campaign.
        BadRequest: ``invalid_campaign``; it is being processed, or the discount
            would get another type.
        InvalidPayload: a field of another shape.
        ResourceNotFound: deleted meanwhile, or the category id names nothing.
        MetadataRefused: the project's schema forbids the metadata.

    Source: campaigns specification, "What an edit reaches".
    """
    stored = lock_campaign(campaign)
    check_idle(stored)
    changed = _changed_fields(stored, sent, now)
    metadata = _changed_metadata(stored, sent)
    template = _changed_template(stored, sent)
    for name, value in (changed | metadata | template).items():
        setattr(stored, name, value)
    stored.updated_at = now
    follow_up(stored, changed, template, sent, now=now)
    stored.save()
    put_access(stored, sent.get("access_settings"), now=now)
    emit(stored.project, [events.campaign_updated(rendered_campaign(stored))], now=now)
    keep_versions(stored.project, [stored.pk], now=now)
    return stored


@transaction.atomic
def delete_campaign(
    campaign: Campaign, *, now: datetime, force: bool = False
) -> AsyncAction:
    """Put a campaign and its codes into the bin; with ``force``, erase them.

    It is gone from the API at once; its codes follow in the background and have no
    entry of their own in the bin. Rewards that it offered are free to be deleted.

    Raises:
        ResourceProtected: nobody may change the campaign.
        BadRequest: ``invalid_campaign``; it is being processed.
        ResourceNotFound: deleted meanwhile.
    """
    stored = lock_campaign(campaign)
    check_idle(stored)
    shown = rendered_campaign(stored)
    remove = erase_campaign if force else bin_campaign
    action = remove(stored, now=now)
    emit(stored.project, [events.campaign_deleted(shown, isoformat(now))], now=now)
    return action


@transaction.atomic
def enable_campaign(campaign: Campaign, *, now: datetime) -> Campaign:
    """Let the campaign's codes and tiers be used again.

    Raises:
        ResourceProtected: nobody may change the campaign.
        ResourceNotFound: deleted meanwhile.
    """
    stored = _switch(campaign, active=True, now=now)
    emit(stored.project, [events.campaign_enabled(rendered_campaign(stored))], now=now)
    keep_versions(stored.project, [stored.pk], now=now)
    return stored


@transaction.atomic
def disable_campaign(
    campaign: Campaign, *, now: datetime, reason: DisabledFor | None = None
) -> Campaign:
    """Refuse every use of the campaign's codes and tiers; balances stay.

    ``reason`` is given where nobody chose it: it shows until somebody switches.

    Raises:
        ResourceProtected: nobody may change the campaign.
        ResourceNotFound: deleted meanwhile.
    """
    stored = _switch(campaign, active=False, now=now, reason=reason)
    emit(stored.project, [events.campaign_disabled(rendered_campaign(stored))], now=now)
    keep_versions(stored.project, [stored.pk], now=now)
    return stored


def _switch(
    campaign: Campaign,
    *,
    active: bool,
    now: datetime,
    reason: DisabledFor | None = None,
) -> Campaign:
    stored = lock_campaign(campaign)
    stored.active = active
    stored.disabled_for = reason or ""
    stored.updated_at = now
    stored.save(update_fields=["active", "disabled_for", "updated_at"])
    return stored


def _kind(given: str | None, sent: Mapping[str, Any]) -> CampaignType:
    if given is None:
        given = _derived_kind(sent)
    if given not in SUPPORTED:
        allowed = ", ".join(SUPPORTED)
        raise InvalidPayload(
            "Property .campaign_type must be equal to one of the allowed values "
            f"[ {allowed} ]"
        )
    return CampaignType(given)


def _derived_kind(sent: Mapping[str, Any]) -> str | None:
    if sent.get("promotion") is not None:
        return CampaignType.PROMOTION
    voucher = sent.get("voucher")
    if sent.get("referral_program") is not None:
        return CampaignType.REFERRAL_PROGRAM
    if not isinstance(voucher, Mapping):
        return None
    named = type_of(voucher) or ""
    return next((kind for kind, made in OF_CAMPAIGN.items() if made == named), None)


def _fill(campaign: Campaign, sent: Mapping[str, Any], now: datetime) -> None:
    """Set the fields of a new campaign."""
    project = campaign.project
    if campaign.has_codes:
        campaign.voucher = read_template(
            project, CampaignType(campaign.campaign_type), sent.get("voucher")
        )
    if campaign.campaign_type == CampaignType.REFERRAL_PROGRAM:
        program = sent.get("referral_program")
        campaign.referral_program = read_referral_program(project, program)
    campaign.type = _pool_type(campaign, sent.get("type"))
    given = {name: sent[name] for name in _PLAIN if sent.get(name) is not None}
    own = (
        given
        | read_limits(sent)
        | read_duration_after_publishing(sent)
        | read_category(project, sent, now)
    )
    for name, value in own.items():
        setattr(campaign, name, value)
    by_voucher = sent.get("use_voucher_metadata_schema")
    campaign.use_voucher_metadata_schema = (
        campaign.has_codes if by_voucher is None else by_voucher
    )
    campaign.metadata = changed_metadata(
        project, _schema_of(campaign), {}, campaign.metadata
    )
    if campaign.type == PoolType.STANDALONE:
        campaign.join_once = False
    if campaign.campaign_type == CampaignType.LOYALTY_PROGRAM:
        campaign.join_once = True


def _schema_of(campaign: Campaign) -> str:
    """Return the resource whose schema judges the campaign's metadata."""
    return "voucher" if campaign.use_voucher_metadata_schema else "campaign"


def _pool_type(campaign: Campaign, given: str | None) -> str:
    has_code = campaign.voucher is not None and "code" in campaign.voucher
    if given is None:
        given = PoolType.STANDALONE if has_code else PoolType.STATIC
    generic = given == PoolType.STANDALONE
    if generic and campaign.campaign_type in _WITHOUT_GENERIC_CODE:
        raise invalid_campaign(
            f"Type STANDALONE is not allowed for {campaign.campaign_type} campaign"
        )
    if given != PoolType.STANDALONE and campaign.voucher is not None:
        campaign.voucher.pop("code", None)
    return given


def _store(campaign: Campaign) -> None:
    try:
        with transaction.atomic():
            campaign.save(force_insert=True)
    except IntegrityError as taken:
        if "campaign_name" not in str(taken):
            raise
        raise Duplicate("campaign", campaign.name, by="name") from taken


def _first_codes(campaign: Campaign, wanted: int) -> int:
    """Return how many codes to make at creation."""
    if not campaign.has_codes:
        return 0
    if campaign.type == PoolType.STANDALONE:
        return 1
    if wanted:
        check_ceiling(campaign, wanted)
    return wanted


def _changed_fields(
    campaign: Campaign, sent: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    changed = (
        read_limits(sent, campaign)
        | read_duration_after_publishing(sent)
        | read_category(campaign.project, sent, now)
    )
    if "description" in sent:
        changed["description"] = sent["description"] or ""
    if sent.get("auto_join") is not None:
        changed["auto_join"] = sent["auto_join"]
    if campaign.type == PoolType.STANDALONE:
        return changed
    is_programme = campaign.campaign_type == CampaignType.LOYALTY_PROGRAM
    if sent.get("join_once") is not None and not is_programme:
        changed["join_once"] = sent["join_once"]
    if sent.get("type") in {PoolType.AUTO_UPDATE, PoolType.STATIC}:
        changed["type"] = sent["type"]
    return changed


def _changed_metadata(campaign: Campaign, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Merge metadata by key and take away what shall be unset."""
    unset = set(sent.get("unset_metadata_fields") or ())
    given, stored = sent.get("metadata"), campaign.metadata
    if given is None and not unset:
        return {}
    given = {name: each for name, each in (given or {}).items() if name not in unset}
    stored = {name: each for name, each in stored.items() if name not in unset}
    kept = changed_metadata(campaign.project, _schema_of(campaign), stored, given)
    return {"metadata": kept} if kept != campaign.metadata else {}


def _changed_template(campaign: Campaign, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template with a new worth or redemption quantity."""
    if campaign.voucher is None:
        return {}
    template = dict(campaign.voucher)
    voucher = sent.get("voucher") or {}
    if not isinstance(voucher, Mapping):
        raise InvalidPayload("Property .voucher must be object")
    kind = VoucherType(template["type"])
    block = BLOCKS[kind]
    if voucher.get(block) is not None:
        path = f".voucher.{block}"
        template[block] = changed_worth(kind, template[block], voucher[block], path)
    quantity = sent.get("default_voucher_redemption") or voucher.get("redemption")
    if quantity is not None:
        template["redemption"] = {"quantity": read_quantity({"redemption": quantity})}
    return {"voucher": template} if template != campaign.voucher else {}


OPERATIONS: Operations[Campaign] = Operations(
    create=create_campaign,
    update=update_campaign,
    delete=delete_campaign,
    commands={"enable": enable_campaign, "disable": disable_campaign},
)

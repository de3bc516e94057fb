"""What the codes of a campaign have in common, and a voucher made from it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaigns.engine.codes import CodeConfig, check_code, parse_code_config
from campaigns.engine.numbers import MOST_TIMES, whole_number
from campaigns.models import Campaign, CampaignType, Voucher, VoucherType
from campaigns.services.own_category import read_category
from campaigns.services.time_limits import LIMITS, read_limits
from campaigns.services.worth import (
    BLOCKS,
    OF_CAMPAIGN,
    invalid_campaign,
    invalid_voucher,
    put_worth,
    read_worth,
    type_of,
)
from promo.errors import InvalidPayload
from promo.tenancy.models import Project

Json = dict[str, Any]


def read_template(project: Project, kind: CampaignType, sent: Any) -> Json:
    """Return the template of a campaign with codes, as stored and answered.

    Raises:
        BadRequest: ``invalid_campaign``, without a voucher or its worth or with
            another voucher type; ``invalid_code_config``.
        InvalidPayload: a field of another shape.
    """
    if sent is None:
        raise invalid_campaign(f"Property 'voucher' is required for {kind} campaign")
    if not isinstance(sent, Mapping):
        raise InvalidPayload("Property .voucher must be object")
    voucher_type = OF_CAMPAIGN[kind]
    if sent.get("type") not in {None, voucher_type}:
        raise invalid_campaign(
            f"Property 'type' must be {voucher_type} for {kind} campaign"
        )
    block = BLOCKS[voucher_type]
    if sent.get(block) is None:
        raise invalid_campaign(f"Property '{block}' is required for {kind} campaign")
    config = parse_code_config(
        sent.get("code_config"),
        default_charset=project.default_code_charset,
        path=".voucher.code_config",
    )
    template: Json = {
        "type": voucher_type.value,
        block: read_worth(voucher_type, sent[block], f".voucher.{block}"),
        "redemption": {"quantity": read_quantity(sent, ".voucher")},
        "code_config": config.as_json(),
        "is_referral_code": kind is CampaignType.REFERRAL_PROGRAM,
    }
    if sent.get("code") is not None:
        template["code"] = check_code(sent["code"], ".voucher.code")
    return template


def read_quantity(sent: Mapping[str, Any], path: str = "") -> int | None:
    """Return ``redemption.quantity``; None is unlimited.

    Raises:
        InvalidPayload: no whole number of 1 or more that can be stored.
    """
    redemption = sent.get("redemption")
    if redemption is None:
        return None
    if not isinstance(redemption, Mapping):
        raise InvalidPayload(f"Property {path}.redemption must be object")
    name = f"{path}.redemption.quantity"
    return whole_number(redemption.get("quantity"), name, least=1, most=MOST_TIMES)


def prototype(
    *,
    project: Project,
    campaign: Campaign | None,
    sent: Mapping[str, Any],
    now: datetime,
) -> Voucher:
    """Return an unstored voucher without a code, from template and request.

    In a campaign it starts as the template and with the campaign's time limits;
    fields sent for it win and do not follow the campaign from then on.

    Raises:
        BadRequest: ``invalid_voucher``; its worth is not given.
        InvalidPayload: a field of another shape.
        ResourceNotFound: the category id names nothing.
    """
    voucher = Voucher(project=project, campaign=campaign, created_at=now, own_fields=[])
    if campaign is not None:
        _copy_template(voucher, campaign)
    own = read_limits(sent, voucher) | read_category(project, sent, now)
    if campaign is None:
        _read_own_worth(voucher, sent)
    if sent.get("redemption") is not None:
        own["redemption_quantity"] = read_quantity(sent)
    for name in ("active", "additional_info"):
        if sent.get(name) is not None:
            own[name] = sent[name]
    for name, value in own.items():
        setattr(voucher, name, value)
    voucher.metadata = voucher.metadata | (sent.get("metadata") or {})
    followed = {*LIMITS, "redemption_quantity"}
    voucher.own_fields = sorted(followed & own.keys()) if campaign else []
    return voucher


def handed_down(campaign: Campaign) -> tuple[Any, ...]:
    """Return all that vouchers copy from their campaign."""
    limits = [getattr(campaign, name) for name in LIMITS]
    shares_metadata = campaign.use_voucher_metadata_schema
    return (campaign.voucher, shares_metadata and campaign.metadata, *limits)


def _read_own_worth(voucher: Voucher, sent: Mapping[str, Any]) -> None:
    """Give a voucher without a campaign the worth that its own body names."""
    kind = VoucherType(type_of(sent) or VoucherType.DISCOUNT_VOUCHER)
    block = BLOCKS[kind]
    if sent.get(block) is None:
        raise invalid_voucher(f"Property '{block}' is required for {kind}")
    worth = read_worth(kind, sent[block], f".{block}", of_campaign=False)
    put_worth(voucher, kind, worth)


def _copy_template(voucher: Voucher, campaign: Campaign) -> None:
    template = campaign.voucher or {}
    kind = VoucherType(template["type"])
    put_worth(voucher, kind, template[BLOCKS[kind]])
    voucher.redemption_quantity = template["redemption"]["quantity"]
    voucher.is_referral_code = template["is_referral_code"]
    for name in LIMITS:
        setattr(voucher, name, getattr(campaign, name))
    if campaign.use_voucher_metadata_schema:
        voucher.metadata = campaign.metadata


def code_config(
    project: Project, campaign: Campaign | None, sent: Mapping[str, Any]
) -> CodeConfig:
    """Return how to make codes: as sent, else the campaign's way, else the default.

    Raises:
        InvalidPayload: a field of another shape.
        BadRequest: ``invalid_code_config``.
    """
    config = sent.get("code_config")
    if config is None and campaign is not None and campaign.voucher is not None:
        config = campaign.voucher["code_config"]
    return parse_code_config(config, default_charset=project.default_code_charset)

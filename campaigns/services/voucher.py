"""Creating, changing and deleting vouchers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns import events
from campaigns.engine.codes import check_code
from campaigns.models import Campaign, Voucher, VoucherType
from campaigns.services.bin import put_in_bin
from campaigns.services.campaign_changes import (
    check_takes_codes,
    lock_alive,
    lock_campaign,
)
from campaigns.services.codes import (
    check_ceiling,
    count_new_codes,
    store_with_code,
    store_with_drawn_code,
    uncount_code,
)
from campaigns.services.generation import start_generation
from campaigns.services.joining import leave
from campaigns.services.own_category import read_category
from campaigns.services.removal import erase
from campaigns.services.rendering import rendered_voucher
from campaigns.services.rule_assignments import (
    assign_rules,
    forget_rules,
    hide_rules,
)
from campaigns.services.time_limits import LIMITS, read_limits
from campaigns.services.voucher_template import code_config, prototype
from campaigns.services.worth import (
    BLOCKS,
    changed_worth,
    invalid_voucher,
    stored_block,
    type_of,
)
from campaigns.wire import simple_campaign
from promo.errors import InvalidPayload, ResourceNotFound
from promo.jobs.models import AsyncAction
from promo.metadata_schemas.known import changed_metadata, checked_metadata
from promo.operations import Operations
from promo.outbox.events import Event, emit
from promo.tenancy.models import Project

RESOURCE = "voucher"


@transaction.atomic
def create_voucher(
    *,
    project: Project,
    now: datetime,
    code: str | None = None,
    campaign_id: str | None = None,
    campaign: str | None = None,
    **sent: Any,
) -> Voucher:
    """Return a new voucher with the given code, or with one that is made.

    With a campaign, by id or by name, it is added to that campaign.

    Raises:
        Duplicate: the project, or its bin, has the code already.
        BadRequest: ``invalid_voucher``, ``invalid_campaign``,
            ``invalid_code_config`` or ``invalid_campaign_params``.
        InvalidPayload: a field of another shape.
        ResourceNotFound: no such campaign or category.
        MetadataRefused: the project's schema forbids the metadata.

    Source: campaigns specification, "Voucher endpoints".
    """
    reference = campaign_id if campaign_id is not None else campaign
    if reference is not None:
        found = project.campaigns.by_reference(reference).first()
        if found is None:
            raise ResourceNotFound("campaign", reference)
        found.project = project
        return add_voucher(found, now=now, code=code, **sent)
    check_type(sent, None)
    return _store(project, None, code, with_checked_metadata(project, None, sent), now)


@transaction.atomic
def add_voucher(
    campaign: Campaign, *, now: datetime, code: str | None = None, **sent: Any
) -> Voucher:
    """Return a new voucher of a campaign, made from its template.

    Raises:
        Duplicate: the project, or its bin, has the code already.
        BadRequest: ``invalid_campaign`` where the campaign takes no codes,
            ``invalid_campaign_params`` where it is full, ``invalid_voucher`` for
            another voucher type, ``invalid_code_config``.
        InvalidPayload: a field of another shape.
        ResourceNotFound: no such category, or the campaign is deleted meanwhile.
        ResourceProtected: nobody may change the campaign.
        MetadataRefused: the project's schema forbids the metadata.
    """
    held = lock_campaign(campaign)
    check_takes_codes(held)
    check_type(sent, held)
    check_ceiling(held, 1)
    return _add_to(held, code, with_checked_metadata(held.project, held, sent), now)


def add_first_voucher(campaign: Campaign, *, now: datetime) -> Voucher:
    """Return the one voucher that a campaign is created with."""
    return _add_to(campaign, (campaign.voucher or {}).get("code"), {}, now)


@transaction.atomic
def add_vouchers(
    campaign: Campaign, *, count: int, now: datetime, **sent: Any
) -> AsyncAction:
    """Have ``count`` vouchers made for a campaign in the background.

    Raises:
        BadRequest: as ``add_voucher``, and ``invalid_code_config`` where the
            pattern has no room.
        InvalidPayload: a field of another shape, or a code for several vouchers.
        ResourceNotFound: no such category, or the campaign is deleted meanwhile.
        ResourceProtected: nobody may change the campaign.
        MetadataRefused: the project's schema forbids the metadata.
    """
    if sent.get("code") is not None:
        raise InvalidPayload("Property .code cannot be given to several vouchers")
    held = lock_campaign(campaign)
    check_takes_codes(held)
    check_type(sent, held)
    sent = with_checked_metadata(held.project, held, sent)
    return start_generation(held, count=count, sent=sent, now=now)


@transaction.atomic
def update_voucher(voucher: Voucher, *, now: datetime, **sent: Any) -> Voucher:
    """Change what may be changed; other fields are passed over.

    What is changed here does not follow the campaign from then on.

    Raises:
        BadRequest: ``invalid_voucher``; the discount would get another type.
        InvalidPayload: a field of another shape.
        ResourceNotFound: deleted meanwhile, or no such category.
        MetadataRefused: the project's schema forbids the metadata.
    """
    stored = lock_voucher(voucher)
    changed = read_limits(sent, stored) | read_category(stored.project, sent, now)
    if sent.get("active") is not None:
        changed["active"] = sent["active"]
    if "additional_info" in sent:
        changed["additional_info"] = sent["additional_info"]
    changed |= _changed_worth(stored, sent)
    if sent.get("metadata") is not None:
        changed["metadata"] = changed_metadata(
            stored.project, RESOURCE, stored.metadata, sent["metadata"]
        )
    own = {*LIMITS, "discount", "gift_effect"} & changed.keys()
    if own and stored.campaign_id:
        changed["own_fields"] = sorted({*stored.own_fields, *own})
    return _change(stored, changed, events.voucher_updated, now)


@transaction.atomic
def enable_voucher(voucher: Voucher, *, now: datetime) -> Voucher:
    """Let the voucher be used again.

    Raises:
        ResourceNotFound: deleted meanwhile.
    """
    stored = lock_voucher(voucher)
    return _change(stored, {"active": True}, events.voucher_enabled, now)


@transaction.atomic
def disable_voucher(voucher: Voucher, *, now: datetime) -> Voucher:
    """Refuse every use of the voucher; balance and publications stay.

    Raises:
        ResourceNotFound: deleted meanwhile.
    """
    stored = lock_voucher(voucher)
    return _change(stored, {"active": False}, events.voucher_disabled, now)


@transaction.atomic
def delete_voucher(voucher: Voucher, *, now: datetime, force: bool = False) -> None:
    """Put a voucher into the bin; with ``force``, erase it and free its code.

    Its holder may join the campaign anew.

    Raises:
        ResourceNotFound: deleted meanwhile.
    """
    if voucher.campaign_id is not None:
        lock_alive(voucher.project, voucher.campaign_id)
    stored = lock_voucher(voucher)
    told = _tell(stored, events.voucher_deleted)
    joined = leave(stored)
    if force:
        erase(Voucher.objects.filter(pk=stored.pk), now)
        forget_rules(project=stored.project, related_ids=[stored.pk])
    else:
        _put_in_bin(stored, joined, now)
    if stored.campaign_id is not None:
        uncount_code(stored.campaign_id)
    if stored.holder_id:
        told.append(events.customer_lost_voucher(told[0]))
    emit(stored.project, told, now=now)


def _put_in_bin(voucher: Voucher, joined: list[str], now: datetime) -> None:
    voucher.deleted_at = now
    voucher.save(update_fields=["deleted_at"])
    hide_rules(project=voucher.project, related_ids=[voucher.pk])
    put_in_bin(voucher, joined=joined, now=now)


def lock_voucher(voucher: Voucher) -> Voucher:
    """Return the row behind ``voucher`` as it is now, held until the commit.

    Raises:
        ResourceNotFound: it has been deleted meanwhile.
    """
    rows = voucher.project.vouchers.alive().filter(pk=voucher.pk)
    rows = rows.select_related("campaign__category", "category")
    stored = rows.select_for_update(no_key=True, of=("self",)).first()
    if stored is None:
        raise ResourceNotFound(RESOURCE, voucher.pk)
    stored.project = voucher.project
    return stored


def check_type(sent: Mapping[str, Any], campaign: Campaign | None) -> None:
    """Refuse a voucher of a type that the campaign, or a lone voucher, cannot have."""
    kind = type_of(sent)
    if campaign is not None and campaign.voucher is not None:
        if kind not in {None, campaign.voucher["type"]}:
            raise invalid_voucher(
                f"Campaign {campaign.name} has vouchers of type "
                f"{campaign.voucher['type']}"
            )
    elif kind == VoucherType.LOYALTY_CARD:
        raise invalid_voucher("A LOYALTY_CARD needs a campaign of a loyalty program")


def with_checked_metadata(
    project: Project, campaign: Campaign | None, sent: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields of a new voucher with its own metadata as they are stored.

    Together with what it has of its campaign they must satisfy the schema.

    Raises:
        MetadataRefused: they do not.
    """
    own = sent.get("metadata") or {}
    inherited = {}
    if campaign is not None and campaign.use_voucher_metadata_schema:
        inherited = campaign.metadata
    kept = checked_metadata(project, RESOURCE, own, result={**inherited, **own})
    return {**sent, "metadata": kept} if kept else dict(sent)


def _add_to(
    campaign: Campaign, code: str | None, sent: Mapping[str, Any], now: datetime
) -> Voucher:
    """Store one voucher of a campaign that the caller holds, and count it."""
    stored = _store(campaign.project, campaign, code, sent, now)
    count_new_codes(campaign, 1)
    return stored


def _store(
    project: Project,
    campaign: Campaign | None,
    code: str | None,
    sent: Mapping[str, Any],
    now: datetime,
) -> Voucher:
    fresh = prototype(project=project, campaign=campaign, sent=sent, now=now)
    if code is not None:
        stored = store_with_code(fresh, check_code(code))
    else:
        stored = store_with_drawn_code(fresh, code_config(project, campaign, sent))
    assign_rules(
        project=project,
        related_object=stored,
        rule_ids=sent.get("validation_rules") or (),
        now=now,
    )
    emit(project, _tell(stored, events.voucher_created), now=now)
    return stored


def _changed_worth(voucher: Voucher, sent: Mapping[str, Any]) -> dict[str, Any]:
    kind = VoucherType(voucher.type)
    block, stored = BLOCKS[kind], stored_block(voucher)
    if kind is not VoucherType.DISCOUNT_VOUCHER and sent.get("discount") is not None:
        raise invalid_voucher("It is not possible to change Voucher discount type")
    if sent.get(block) is None or stored is None:
        return {}
    worth = changed_worth(kind, stored, sent[block], f".{block}", of_campaign=False)
    if kind is VoucherType.DISCOUNT_VOUCHER:
        return {"discount": worth}
    return {"gift_effect": worth.get("effect", "")} if worth != stored else {}


def _change(
    stored: Voucher, changed: Mapping[str, Any], kind: Any, now: datetime
) -> Voucher:
    for name, value in changed.items():
        setattr(stored, name, value)
    stored.updated_at = now
    stored.save(update_fields=[*changed, "updated_at"])
    emit(stored.project, _tell(stored, kind), now=now)
    return stored


def _tell(voucher: Voucher, kind: Any) -> list[Event]:
    campaign = simple_campaign(voucher.campaign) if voucher.campaign else None
    return [kind(rendered_voucher(voucher), campaign)]


OPERATIONS: Operations[Voucher] = Operations(
    create=create_voucher,
    update=update_voucher,
    delete=delete_voucher,
    commands={"enable": enable_voucher, "disable": disable_voucher},
)

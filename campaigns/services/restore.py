"""Bringing back what lies in the bin, as it was when it was deleted.

Deletion only hides, so that a restore has little to do: counters, balances, holders,
sessions, places in collections and history never moved. The codes of a campaign come
back in the background, but for those that were deleted by themselves before it: these
have entries of their own.

Everybody who restores, erases or deletes takes the campaign or product first, then the
entry, then codes or SKUs.

Source: data specification, "Bin"; restoring is our own.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns import events
from campaigns.models import BinEntry, BinnedType, Campaign, Product, Sku
from campaigns.models.campaign import WorkStatus
from campaigns.services.bin import take_out
from campaigns.services.campaign_changes import lock_alive
from campaigns.services.codes import check_ceiling, count_new_codes
from campaigns.services.generation import GENERATE, unfinished_work
from campaigns.services.joining import rejoin
from campaigns.services.removal import guarded_with
from campaigns.services.rendering import rendered_campaign, rendered_voucher
from campaigns.services.rule_assignments import show_rules
from campaigns.services.sku import hold_skus_of
from campaigns.services.worth import invalid_voucher
from campaigns.wire import simple_campaign
from campaigns.wire.catalogue import product_as_json, sku_as_json
from promo.errors import BadRequest, ResourceNotFound
from promo.jobs.actions import enqueue
from promo.jobs.models import AsyncAction
from promo.outbox.events import emit

RESTORE = "CAMPAIGN.VOUCHERS_RESTORE"
BATCH = 1_000


@transaction.atomic
def restore_entry(entry: BinEntry, *, now: datetime) -> AsyncAction | None:
    """Bring back what an entry stands for, with all that was deleted along with it.

    Return the work that brings the codes of a campaign, None without any. All is as it
    was. What was deleted for good meanwhile stays so: a validation rule, a reward, a
    category. Listeners hear that it was updated.

    Raises:
        ResourceNotFound: somebody restored or erased it meanwhile.
        BadRequest: ``invalid_voucher`` or ``invalid_sku``, its campaign or product lies
            in the bin itself; ``invalid_voucher``, its holder joined the campaign
            anew; ``invalid_campaign_params``, the campaign is full.
    """
    return _RESTORE[BinnedType(entry.resource_type)](entry, now)


def restore_step(action: AsyncAction, *, now: datetime) -> bool:
    """Bring back the next batch of codes; return whether all are back.

    The campaign shows ``MODIFYING`` until then and cannot be deleted meanwhile.
    """
    project = action.project
    campaign = lock_alive(project, action.arguments["campaign_id"])
    batch = _next_batch(campaign, action.progress.get("after")) if campaign else []
    done = action.progress.get("done", 0)
    action.result = {"message": f"Restored {done} vouchers.", "done_count": done}
    if campaign is None or not batch:
        _settle(campaign, action.arguments)
        return True
    alone = project.bin_entries.filter(resource_id__in=batch)
    gone_alone = set(alone.values_list("resource_id", flat=True))
    back = [pk for pk in batch if pk not in gone_alone]
    project.vouchers.filter(pk__in=back).update(deleted_at=None)
    show_rules(project=project, related_ids=back)
    action.progress = {
        "after": batch[-1],
        "done": done + len(back),
        "total": campaign.vouchers_count,
    }
    return False


def _next_batch(campaign: Campaign, after: str | None) -> list[str]:
    """Return the next codes in the bin by id, held: in key order."""
    rows = campaign.vouchers.filter(deleted_at__isnull=False, erased_at=None)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    held = rows.order_by("pk").select_for_update(no_key=True)
    return list(held.values_list("pk", flat=True)[:BATCH])


def _settle(campaign: Campaign | None, before: Mapping[str, Any]) -> None:
    """Let a campaign show again what it showed when it was deleted."""
    if campaign is None:
        return
    campaign.creation_status = before["creation_status"]
    # A generation that somebody started meanwhile has said how it stands.
    if campaign.vouchers_generation_status == WorkStatus.MODIFYING:
        campaign.vouchers_generation_status = _generation(campaign, before)
    campaign.save(update_fields=["creation_status", "vouchers_generation_status"])


def _generation(campaign: Campaign, before: Mapping[str, Any]) -> str:
    """Return how generation stands: what met the campaign in the bin has ended."""
    status: str = before["vouchers_generation_status"]
    if status != WorkStatus.IN_PROGRESS:
        return status
    going_on = unfinished_work(campaign, GENERATE).exists()
    return WorkStatus.IN_PROGRESS if going_on else WorkStatus.DONE


def _restore_campaign(entry: BinEntry, now: datetime) -> AsyncAction | None:
    campaign = binned_campaign(entry)
    take_out(entry)
    show_rules(project=campaign.project, related_ids=guarded_with(campaign))
    before = {
        "creation_status": campaign.creation_status,
        "vouchers_generation_status": campaign.vouchers_generation_status,
    }
    if campaign.has_codes:
        campaign.creation_status = WorkStatus.MODIFYING
        campaign.vouchers_generation_status = WorkStatus.MODIFYING
    campaign.deleted_at = None
    campaign.updated_at = now
    campaign.save(update_fields=[*before, "deleted_at", "updated_at"])
    told = events.campaign_updated(rendered_campaign(campaign))
    emit(campaign.project, [told], now=now)
    if not campaign.has_codes:
        return None
    arguments = {"campaign_id": campaign.pk, **before}
    return enqueue(project=campaign.project, kind=RESTORE, arguments=arguments, now=now)


def binned_campaign(entry: BinEntry) -> Campaign:
    """Return the campaign of an entry, held, as long as it lies in the bin.

    Raises:
        ResourceNotFound: it does not any more.
    """
    rows = entry.project.campaigns.binned().select_related("category")
    held = rows.select_for_update(no_key=True, of=("self",))
    campaign = held.filter(pk=entry.campaign_id).first()
    if campaign is None:
        raise ResourceNotFound("bin_entry", entry.pk)
    campaign.project = entry.project
    return campaign


def _restore_voucher(entry: BinEntry, now: datetime) -> None:
    campaign = None
    if entry.campaign_id is not None:
        campaign = lock_alive(entry.project, entry.campaign_id)
        if campaign is None:
            _check_entry(entry)
            details = f"Its campaign {entry.campaign_id} lies in the bin: restore that"
            raise invalid_voucher(details)
    joined = take_out(entry).joined
    if campaign is not None:
        check_ceiling(campaign, 1)
        count_new_codes(campaign, 1)
    rows = entry.project.vouchers.select_related("campaign__category", "category")
    voucher = rows.select_for_update(no_key=True, of=("self",)).get(
        pk=entry.resource_id
    )
    voucher.project = entry.project
    voucher.deleted_at = None
    voucher.updated_at = now
    voucher.save(update_fields=["deleted_at", "updated_at"])
    rejoin(joined)
    show_rules(project=entry.project, related_ids=[voucher.pk])
    shown = simple_campaign(voucher.campaign) if voucher.campaign else None
    told = events.voucher_updated(rendered_voucher(voucher), shown)
    emit(entry.project, [told], now=now)


def _restore_product(entry: BinEntry, now: datetime) -> None:
    product = held_product(entry)
    take_out(entry)
    product.deleted_at = None
    product.updated_at = now
    product.save(update_fields=["deleted_at", "updated_at"])
    told = [events.product_updated(product_as_json(product))]
    told += [events.sku_updated(sku_as_json(sku)) for sku in hold_skus_of(product)]
    emit(entry.project, told, now=now)


def _restore_sku(entry: BinEntry, now: datetime) -> None:
    product = held_product(entry)
    if product.deleted_at is not None:
        _check_entry(entry)
        details = f"Its product {product.pk} lies in the bin: restore that"
        raise BadRequest("invalid_sku", "Invalid SKU", details)
    take_out(entry)
    held = Sku.objects.select_for_update(no_key=True)
    sku = held.get(project=entry.project, pk=entry.resource_id)
    sku.deleted_at = None
    sku.updated_at = now
    sku.save(update_fields=["deleted_at", "updated_at"])
    emit(entry.project, [events.sku_updated(sku_as_json(sku))], now=now)


def held_product(entry: BinEntry) -> Product:
    """Return the product of an entry, held.

    Raises:
        ResourceNotFound: it was erased.
    """
    rows = entry.project.products.select_for_update(no_key=True)
    product = rows.filter(pk=entry.product_id).first()
    if product is None:
        raise ResourceNotFound("bin_entry", entry.pk)
    return product


def _check_entry(entry: BinEntry) -> None:
    """Refuse an entry that is gone before anything else is said about it."""
    if not entry.project.bin_entries.filter(pk=entry.pk).exists():
        raise ResourceNotFound("bin_entry", entry.pk)


_RESTORE: Mapping[BinnedType, Callable[[BinEntry, datetime], AsyncAction | None]] = {
    BinnedType.CAMPAIGN: _restore_campaign,
    BinnedType.VOUCHER: _restore_voucher,
    BinnedType.PRODUCT: _restore_product,
    BinnedType.SKU: _restore_sku,
}

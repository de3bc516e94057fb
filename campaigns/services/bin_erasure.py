"""Erasing for good what lies in the bin.

Names, codes and source ids are free afterwards; redemptions stay as history.

Source: data specification, "Bin".
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import BinEntry, BinnedType, Sku, Voucher
from campaigns.services.bin import take_out
from campaigns.services.removal import erase, erase_campaign
from campaigns.services.restore import binned_campaign, held_product, restore_entry
from campaigns.services.rule_assignments import forget_rules
from promo.operations import Operations


@transaction.atomic
def erase_entry(entry: BinEntry, *, now: datetime) -> None:
    """Erase what an entry stands for, with all that was deleted along with it.

    The codes of a campaign follow in the background; entries of those that had been
    deleted by themselves go with it. Nothing is told: the deletion was the news.

    Raises:
        ResourceNotFound: somebody restored or erased it meanwhile.
    """
    _ERASE[BinnedType(entry.resource_type)](entry, now)


def _erase_campaign(entry: BinEntry, now: datetime) -> None:
    campaign = binned_campaign(entry)
    take_out(entry)
    erase_campaign(campaign, now=now)


def _erase_voucher(entry: BinEntry, now: datetime) -> None:
    if entry.campaign_id is not None:
        # In the bin or not: who erases the whole campaign holds it.
        campaigns = entry.project.campaigns.filter(pk=entry.campaign_id)
        campaigns.select_for_update(no_key=True).first()
    take_out(entry)
    forget_rules(project=entry.project, related_ids=[entry.resource_id])
    erase(Voucher.objects.filter(project=entry.project, pk=entry.resource_id), now)


def _erase_product(entry: BinEntry, now: datetime) -> None:
    product = held_product(entry)
    take_out(entry)
    product.delete()


def _erase_sku(entry: BinEntry, now: datetime) -> None:
    held_product(entry)
    take_out(entry)
    Sku.objects.filter(project=entry.project, pk=entry.resource_id).delete()


_ERASE: Mapping[BinnedType, Callable[[BinEntry, datetime], None]] = {
    BinnedType.CAMPAIGN: _erase_campaign,
    BinnedType.VOUCHER: _erase_voucher,
    BinnedType.PRODUCT: _erase_product,
    BinnedType.SKU: _erase_sku,
}

OPERATIONS: Operations[Any] = Operations(
    commands={"restore": restore_entry, "erase": erase_entry}
)

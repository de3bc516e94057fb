"""Entries of the bin: written with a deletion, taken out by a restore or an erasure.

Source: data specification, "Bin".
"""

from collections.abc import Sequence
from datetime import datetime

from campaigns.models import BinEntry, BinnedType, Campaign, Product, Sku, Voucher
from promo import request_context
from promo.errors import ResourceNotFound

RESOURCE = "bin_entry"
Binned = Campaign | Product | Sku | Voucher

#: Whose permissions decide about a type.
PERMISSIONS_OF = {
    BinnedType.CAMPAIGN: "campaigns",
    BinnedType.VOUCHER: "vouchers",
    BinnedType.PRODUCT: "products",
    BinnedType.SKU: "products",
}


def put_in_bin(thing: Binned, *, now: datetime, joined: Sequence[str] = ()) -> BinEntry:
    """Write the entry of what is being deleted, in the caller's transaction.

    What goes along with it, the codes of a campaign or the SKUs of a product, gets
    none: people restore or erase what they deleted, as one thing. ``joined`` are the
    publications by which holders of a voucher had joined its campaign.
    """
    return BinEntry.objects.create(
        project=thing.project,
        resource_type=_type_of(thing),
        resource_id=thing.pk,
        resource_name=str(thing),
        campaign_id=_campaign_of(thing),
        product_id=_product_of(thing),
        joined=list(joined),
        deleted_by_id=request_context.current().user_id,
        created_at=now,
    )


def take_out(entry: BinEntry) -> BinEntry:
    """Delete an entry, whose thing goes elsewhere, and return it as it was.

    Two who want the same thing meet here: one of them gets it. The campaign or product
    that it belongs to is held before.

    Raises:
        ResourceNotFound: somebody else was first.
    """
    rows = entry.project.bin_entries.filter(pk=entry.pk)
    held = rows.select_for_update().first()
    if held is None:
        raise ResourceNotFound(RESOURCE, entry.pk)
    rows.delete()
    held.project = entry.project
    return held


def _type_of(thing: Binned) -> BinnedType:
    return BinnedType(type(thing).__name__.lower())


def _campaign_of(thing: Binned) -> str | None:
    if isinstance(thing, Campaign):
        return thing.pk
    return thing.campaign_id if isinstance(thing, Voucher) else None


def _product_of(thing: Binned) -> str | None:
    if isinstance(thing, Product):
        return thing.pk
    return thing.product_id if isinstance(thing, Sku) else None

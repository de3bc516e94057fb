"""Taking a metadata key off all products, campaigns or codes of a project."""

from datetime import datetime

from campaigns.models import Campaign, Product, Sku, Voucher
from promo.jobs.models import AsyncAction
from promo.metadata_schemas.purging import purge_batch


def purge_products_step(action: AsyncAction, *, now: datetime) -> bool:
    """Purge the next products, then SKUs; return whether all are done."""
    products = Product.objects.filter(project=action.project)
    skus = Sku.objects.filter(project=action.project)
    return purge_batch(action, [products, skus], now=now).complete


def purge_campaigns_step(action: AsyncAction, *, now: datetime) -> bool:
    """Purge the next campaigns; return whether all are done.

    Metadata that a campaign gives its codes are theirs: the key goes with the codes'.
    """
    campaigns = Campaign.objects.filter(
        project=action.project, use_voucher_metadata_schema=False
    )
    return purge_batch(action, [campaigns], now=now).complete


def purge_vouchers_step(action: AsyncAction, *, now: datetime) -> bool:
    """Purge the campaigns that new codes copy, then codes; return whether all are done.

    In this order no code made meanwhile gets the key from its campaign.
    """
    campaigns = Campaign.objects.filter(
        project=action.project, use_voucher_metadata_schema=True
    )
    vouchers = Voucher.objects.filter(project=action.project)
    return purge_batch(action, [campaigns, vouchers], now=now).complete

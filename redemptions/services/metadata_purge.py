"""Taking a metadata key off all orders of a project."""

from datetime import datetime

from promo.jobs.models import AsyncAction
from promo.metadata_schemas.purging import purge_batch
from redemptions.models import Order


def purge_step(action: AsyncAction, *, now: datetime) -> bool:
    """Purge the next orders; return whether all are done."""
    orders = Order.objects.filter(project=action.project)
    return purge_batch(action, [orders], now=now).complete

"""Taking a metadata key off all customers of a project."""

from datetime import datetime

from customers import events
from customers.models import Customer
from customers.services.rendering import full_customer
from promo.jobs.models import AsyncAction
from promo.metadata_schemas.purging import purge_batch
from promo.outbox.events import emit


def purge_step(action: AsyncAction, *, now: datetime) -> bool:
    """Purge the next customers and tell of each; return whether all are done.

    Whoever is told of is placed in segments anew.
    """
    everybody = Customer.objects.filter(project=action.project)
    purged = purge_batch(action, [everybody], now=now)
    changed = everybody.alive().filter(pk__in=purged.keys).order_by("pk")
    told = [events.customer_updated(full_customer(one)) for one in changed]
    emit(action.project, told, now=now)
    return purged.complete

"""Keeping the figures of customers, summed up after something happened to them.

Source: data specification, "Computed blocks".
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from customers.events import FIGURES_OUTDATED
from customers.models import Customer
from customers.services.hearing import people_of
from customers.services.summary import Figures, store_figures
from promo import ids
from promo.outbox.hearing import customers_by_project
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from redemptions.services.customer_figures import figures_of

#: What changes figures: the customers' own redemptions, orders and cards, which come
#: back from the bin as updated, and what moves the balance of a card, whoever used it.
_HEARD = (
    "customer.redemption.",
    "customer.order.",
    "customer.publication.",
    "customer.referred",
    "customer.voucher.",
    "voucher.deleted",
    "voucher.updated",
    "voucher.gift.transaction.created",
    "voucher.loyalty_card.transaction.created",
    FIGURES_OUTDATED,
)


def hear_events(events: Sequence[DomainEvent], *, now: datetime) -> None:
    """Sum up anew the customers whom ``events`` are about, in the relay's transaction.

    Eight statements a project, whatever the number of events.
    """
    for project, customers in customers_by_project(events, _people_of):
        refresh_summaries(project, customers, now=now)


def _people_of(event: DomainEvent) -> Iterable[str]:
    """Return whose figures an event changes."""
    return people_of(event) if event.type.startswith(_HEARD) else ()


def refresh_summaries(
    project: Project, customer_ids: Sequence[str], *, now: datetime
) -> int:
    """Work out the figures of customers from their rows; return how many changed.

    The customers are held first: of two who sum up, the later one sees all that the
    earlier one saw, so an older figure never overwrites a newer one.
    """
    rows = Customer.objects.filter(project=project, pk__in=customer_ids)
    held = rows.order_by("pk").select_for_update(no_key=True)
    stored = dict(held.values_list("pk", "loyalty"))
    found = figures_of([ids.parse("cust_", pk) for pk in stored])
    figures = {ids.show("cust_", key): one for key, one in found.items()}
    for customer_id, loyalty in stored.items():
        _keep_tiers(figures[customer_id], loyalty)
    return store_figures(project, figures)


def _keep_tiers(figures: Figures, loyalty: Mapping[str, Any]) -> None:
    """Leave the tiers where they are: they are no sums."""
    for name, block in figures.loyalty["campaigns"].items():
        tier = loyalty["campaigns"].get(name, {}).get("loyalty_tier")
        if tier is not None:
            block["loyalty_tier"] = tier

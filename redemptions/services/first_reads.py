"""What every checkout reads first: all that a request names, asked for together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.models import Voucher
from campaigns.services.catalogue_lookup import (
    KnownCatalogue,
    ask_items,
    items_found,
)
from customers.models import Customer
from customers.services.named import ask_customers, customers_found
from customers.services.upsert import CustomerDraft
from promo.sql_pipeline import pipeline
from promo.tenancy.models import Project
from redemptions.models import Order
from redemptions.services.order_facts import items_to_use
from redemptions.services.order_lines import references_of
from redemptions.services.redeemables import ask_vouchers, vouchers_found
from redemptions.services.requests import CheckoutRequest


@dataclass(frozen=True, slots=True)
class FirstReads:
    """What stands behind the names in a request.

    ``items`` is what the catalogue has of the lines, None when it has to be read
    again, and where there are no lines.
    """

    customers: Sequence[Customer]
    vouchers: Mapping[str, Voucher]
    items: KnownCatalogue | None = None


def read_first(
    project: Project,
    request: CheckoutRequest,
    draft: CustomerDraft,
    order: Order | None,
) -> FirstReads:
    """Read customers, vouchers and products that are named; one trip, unlocked."""
    codes = [ref.id for ref in request.redeemables if ref.object == "voucher"]
    lines = items_to_use(request.order, order) if request.order is not None else ()
    named = references_of(lines)
    customers = None
    with pipeline():
        if draft.reference:
            customers = ask_customers(project, [draft.reference])
        vouchers = ask_vouchers(project, codes)
        items = ask_items(project, sorted(named.products), sorted(named.skus))
    return FirstReads(
        customers=customers_found(project, customers) if customers else (),
        vouchers=vouchers_found(project, codes, vouchers),
        items=items_found(*items) if lines else None,
    )

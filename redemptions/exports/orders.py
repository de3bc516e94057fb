"""Orders as a file."""

from collections.abc import Mapping

from django.db.models import F, QuerySet

from customers.models.customer import ID_PREFIX
from promo.api.columns import Column, IdColumn, NumberColumn, TextColumn
from promo.tenancy.models import Project
from redemptions.exports import cells, listed
from redemptions.exports.catalogue import CREATED, Catalogue, Terms
from redemptions.models import Order

_AMOUNTS = (
    "amount",
    "discount_amount",
    "items_discount_amount",
    "total_discount",
    "total",
)


def _rows(project: Project) -> QuerySet[Order]:
    off = F("discount_amount") + F("items_discount_amount")
    return project.orders.alias(total_discount=off, total=F("amount") - off)


FIELDS = {
    "id": cells.shown("pk", "ord_"),
    "source_id": cells.text("source_id"),
    "created_at": cells.moment("created_at"),
    "updated_at": cells.moment("updated_at"),
    "status": cells.plain("status"),
    "amount": cells.plain("amount"),
    "discount_amount": cells.plain("discount_amount"),
    "items_discount_amount": cells.plain("items_discount_amount"),
    "total_discount_amount": cells.plain("total_discount"),
    "total_amount": cells.plain("total"),
    "customer_id": cells.shown("customer", ID_PREFIX),
    "referrer_id": cells.shown("referrer", ID_PREFIX),
}


def _columns(terms: Terms) -> Mapping[str, Column]:
    named = {"total_discount": "total_discount_amount", "total": "total_amount"}
    return {
        **{name: terms.moment(name) for name in CREATED},
        **{named.get(name, name): NumberColumn(name) for name in _AMOUNTS},
        **listed.of_orders(),
        "customer_id": IdColumn("customer_id", ID_PREFIX),
        "status": TextColumn("status"),
        "source_id": TextColumn("source_id"),
        "metadata.*": terms.metadata("order"),
    }


CATALOGUE = Catalogue(
    name="order",
    label="Orders",
    permission="orders.read",
    rows=_rows,
    fields=FIELDS,
    defaults=("id", "source_id", "status"),
    orderings={name: name for name in (*CREATED, "status")},
    columns=_columns,
    metadata="order",
    is_personal=True,
)

"""What the checkout keeps about a customer: orders, redemptions, returns, movements."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from customers.models import Customer
from customers.services.records import PORTION, Records
from redemptions.models import LedgerEntry, Order, OrderReturn, Redemption
from redemptions.services.kept_orders import kept_order_as_json
from redemptions.wire.ledger import entry_as_json
from redemptions.wire.order_return import return_as_json
from redemptions.wire.redemption import redemption_as_json

Json = dict[str, Any]


def records_of(customer: Customer, *, now: datetime) -> Records:
    """Return the orders, redemptions, returns and movements on cards of a customer."""
    return {
        "orders": _orders(customer),
        "redemptions": _redemptions(customer),
        "returns": _returns(customer),
        "transactions": _movements(customer),
    }


def _orders(customer: Customer) -> Iterator[Json]:
    rows = Order.objects.alive().filter(customer=customer).order_by("pk")
    for order in rows.select_related("customer", "referrer").iterator(PORTION):
        yield kept_order_as_json(order, ())


def _redemptions(customer: Customer) -> Iterator[Json]:
    rows = Redemption.objects.filter(customer=customer).with_related().order_by("pk")
    for row in rows.select_related("parent", "original").iterator(PORTION):
        yield redemption_as_json(row)


def _returns(customer: Customer) -> Iterator[Json]:
    rows = OrderReturn.objects.filter(order__customer=customer).order_by("pk")
    rows = rows.prefetch_related(
        "lines__sold_line", "shares__redemption", "shares__rollback"
    )
    for row in rows.iterator(PORTION):
        yield return_as_json(row, row.lines.all(), row.shares.all())


def _movements(customer: Customer) -> Iterator[Json]:
    rows = LedgerEntry.objects.filter(voucher__holder=customer).order_by("pk")
    for entry in rows.select_related("voucher").iterator(PORTION):
        yield entry_as_json(entry)

"""An order as a cart: its lines and the arithmetic beneath, ready to be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promo.admin.presentation import money

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cart; amounts are texts."""

    name: str
    note: str
    quantity: str
    price: str
    amount: str
    discount: str
    subtotal: str


@dataclass(frozen=True, slots=True)
class Sum:
    """One line of the arithmetic: what, how much, and whether it is the result."""

    name: str
    amount: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart with its arithmetic."""

    lines: Sequence[Line]
    sums: Sequence[Sum]


def cart_of(order: Json | None, currency: str) -> Cart | None:
    """Return the cart behind an order as the API writes it; None without one."""
    if not order:
        return None
    lines = [_line(item, currency) for item in order.get("items") or ()]
    return Cart(lines, list(_sums(order, currency)))


def name_of(item: Json) -> str:
    """Return what a line is called, as the API writes lines."""
    return _product_of(item) or _variant_of(item) or "Item"


def _product_of(item: Json) -> str:
    product = item.get("product") or {}
    names = (product.get("name"), product.get("source_id"), item.get("product_id"))
    return next((name for name in (*names, item.get("source_id")) if name), "")


def _variant_of(item: Json) -> str:
    sku = item.get("sku") or {}
    names = (sku.get("sku"), sku.get("source_id"), item.get("sku_id"))
    return next((name for name in names if name), "")


def _line(item: Json, currency: str) -> Line:
    free = item.get("discount_quantity") or 0
    return Line(
        name=name_of(item),
        note=_variant_of(item) if _product_of(item) else "",
        quantity=f"{item.get('quantity', 1):,}" + (f" ({free:,} free)" if free else ""),
        price=money(item.get("price"), currency),
        amount=money(item.get("amount"), currency),
        discount=_taken(item.get("discount_amount"), currency),
        subtotal=money(item.get("subtotal_amount", item.get("amount")), currency),
    )


def _sums(order: Json, currency: str) -> list[Sum]:
    amount = order.get("amount")
    if amount is None:
        return []
    found = [Sum("Amount", money(amount, currency))]
    initial = order.get("initial_amount")
    if initial is not None and initial != amount:
        found.insert(0, Sum("Before free items", money(initial, currency)))
    for name, field in (
        ("Discounts on items", "items_discount_amount"),
        ("Discounts on the order", "discount_amount"),
    ):
        if order.get(field):
            found.append(Sum(name, _taken(order[field], currency)))
    total = order.get("total_amount", amount)
    return [*found, Sum("To pay", money(total, currency), is_total=True)]


def _taken(amount: int | None, currency: str) -> str:
    return f"-{money(amount, currency)}" if amount else ""

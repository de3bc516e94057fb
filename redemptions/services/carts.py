"""An order that there is, as the shop sent its cart before any discount."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]

#: What a shop says of a line and of what lies in it; the rest is worked out.
_LINE = ("product_id", "sku_id", "source_id", "related_object", "price", "metadata")
_ITEM = ("id", "source_id", "name", "sku", "price", "metadata")


def cart_as_sent(order: Json | None) -> dict[str, Any]:
    """Return an order as the shop sent it: before discounts, without added lines.

    ``order`` is as the API shows it, or as a trace keeps it; None gives an empty cart.
    """
    if not order:
        return {}
    cart: dict[str, Any] = {}
    amount = order.get("initial_amount", order.get("amount"))
    if amount is not None:
        cart["amount"] = amount
    items = [_line(one) for one in order.get("items") or () if _was_sent(one)]
    if items:
        cart["items"] = items
    if order.get("metadata"):
        cart["metadata"] = order["metadata"]
    return cart


def _was_sent(line: Json) -> bool:
    return bool(line.get("initial_quantity", line.get("quantity", 1)))


def _line(line: Json) -> dict[str, Any]:
    sent = {name: line[name] for name in _LINE if line.get(name) is not None}
    sent["quantity"] = line.get("initial_quantity", line.get("quantity", 1))
    if "price" not in sent:
        amount = line.get("initial_amount", line.get("amount"))
        if amount is not None:
            sent["amount"] = amount
    for name in ("product", "sku"):
        item = line.get(name)
        if item:
            sent[name] = {key: item[key] for key in _ITEM if item.get(key) is not None}
    return sent

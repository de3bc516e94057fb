"""A redemption of the log as a request, so that it can be decided again."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from redemptions.models import Redemption

Json = Mapping[str, Any]

#: What a shop says of a line and of what lies in it; the rest is worked out.
_LINE = ("product_id", "sku_id", "source_id", "related_object", "price", "metadata")
_ITEM = ("id", "source_id", "name", "sku", "price", "metadata")


def filled_from(row: Redemption) -> dict[str, Any]:
    """Return the fields of the form as they ask what the redemption asked.

    Credits and rewards go with the JSON, in which alone they can be said.
    """
    asked = _asked(row)
    body: dict[str, Any] = {}
    cart = _cart(row.order_state or (row.trace or {}).get("order"))
    if cart:
        body["order"] = cart
    if row.metadata:
        body["metadata"] = row.metadata
    says_more = any(one.keys() - {"object", "id"} for one in asked)
    if says_more:
        body["redeemables"] = asked
    return {
        "codes": "" if says_more else "\n".join(_named(asked, {"voucher"})),
        "tiers": []
        if says_more
        else list(_named(asked, {"promotion_tier", "promotion_stack"})),
        "customer": row.customer_id or "",
        "pasted": json.dumps(body, indent=2, ensure_ascii=False) if body else "",
    }


def _asked(row: Redemption) -> list[dict[str, Any]]:
    """Return the redeemables of the request; of what succeeded, those that applied."""
    trace = row.trace or {}
    if trace.get("asked"):
        return list(trace["asked"])
    entries = trace.get("redeemables") or ([trace] if trace.get("checks") else [])
    return [{"object": one["object"], "id": one["id"]} for one in entries]


def _named(asked: Iterable[Json], kinds: set[str]) -> Iterable[str]:
    return (one["id"] for one in asked if one["object"] in kinds)


def _cart(order: Json | None) -> dict[str, Any]:
    """Return an order as the shop sent it: before discounts, without added lines."""
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

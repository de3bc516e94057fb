"""A redemption of the log as a request, so that it can be decided again."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from redemptions.models import Redemption
from redemptions.services.carts import cart_as_sent

Json = Mapping[str, Any]


def filled_from(row: Redemption) -> dict[str, Any]:
    """Return the fields of the form as they ask what the redemption asked.

    Credits and rewards go with the JSON, in which alone they can be said.
    """
    asked = _asked(row)
    body: dict[str, Any] = {}
    cart = cart_as_sent(row.order_state or (row.trace or {}).get("order"))
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

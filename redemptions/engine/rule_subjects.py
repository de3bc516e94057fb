"""What each rule is about, in a marketer's words."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """The beginning of a sentence about a rule: "order amount was …".

    ``rest`` follows the value; ``nothing`` is said when there is none.
    """

    text: str
    verb: str = "was"
    rest: str = ""
    nothing: str = ""


def _counted(text: str) -> Subject:
    return Subject(text, "would be", " with this one")


_WINDOWS = {"": "", ".daily": " today", ".weekly": " this week"}
_WINDOWS[".monthly"] = " this month"

_COUNTERS = {
    "campaign.redemptions.count": "uses of the whole campaign",
    "campaign.redemptions.customers_count": "this customer's uses of the campaign",
    "redemption.count": "uses of this offer",
    "redemption.count.per_customer": "this customer's uses of this offer",
}

_SUBJECTS: Mapping[str, Subject] = {
    "customer.segment": Subject(
        "customer's segments", "were", nothing="the customer is in no such segment"
    ),
    "customer.loyalty.tier": Subject(
        "customer's loyalty tiers", "were", nothing="the customer holds no loyalty tier"
    ),
    "redemption.api_key": Subject("API key", nothing="no API key was used"),
    "redemption.user.login": Subject("person", nothing="nobody was signed in"),
    "order.amount": Subject("order amount"),
    "order.initial_amount": Subject("order amount before discounts"),
    "order.total_amount": Subject("order amount after this discount", "would be"),
    "order.items.count": Subject("number of items"),
    "order.items.price_any": Subject("prices of items", "were"),
    "order.items.price_each": Subject("prices of items", "were"),
    "order.items.price": Subject("price of the items found"),
    "order.items.quantity": Subject("quantity of the items found"),
    "order.items.aggregated_amount": Subject("amount of the items found"),
    "order.items.aggregated_quantity": Subject("number of the items found"),
    "product.price": Subject("price of the items found"),
    "product.quantity": Subject("quantity of the items found"),
    "sku.price": Subject("price of the items found"),
    "sku.quantity": Subject("quantity of the items found"),
    "product.metadata.aggregated_amount": Subject("amount of the items found"),
    "product.metadata.aggregated_quantity": Subject("number of the items found"),
    "redemption.count.per_api_key": _counted("uses of this offer by the API key"),
    "redemption.count.per_user": _counted("uses of this offer by the person"),
    "campaign.orders.amount": _counted("order value of the whole campaign"),
    "campaign.orders.amount_discounted": _counted("discounts of the whole campaign"),
    "redemption.gift.amount": _counted("gift credits used in the whole campaign"),
    "redemption.reward.pay_with_points.points_used": Subject(
        "points to pay with", "would be"
    ),
    **{
        name + window: _counted(text + when)
        for name, text in _COUNTERS.items()
        for window, when in _WINDOWS.items()
    },
}

_METADATA: Mapping[str, str] = {
    "customer.metadata": "customer's",
    "order.metadata": "order's",
    "order.items.metadata": "items'",
    "order.items.metadata_any": "items'",
    "order.items.metadata_each": "items'",
    "product.metadata": "products'",
    "redemption.metadata": "request's",
    "custom_event.metadata": "event's",
}

#: Rules whose facts and values are minor units.
MONEY = frozenset(
    {
        *("order.amount", "order.initial_amount", "order.total_amount"),
        *("order.items.price", "order.items.price_any", "order.items.price_each"),
        *("order.items.aggregated_amount", "product.metadata.aggregated_amount"),
        *("product.price", "sku.price", "campaign.orders.amount"),
        *("campaign.orders.amount_discounted", "redemption.gift.amount"),
    }
)

#: What goes before the demand when a rule looks at several values.
EVERY_ONE: Mapping[str, str] = {
    "order.items.price_any": "one ",
    "order.items.metadata_any": "one ",
    "order.items.price_each": "each ",
    "order.items.metadata_each": "each ",
    "product.metadata": "one ",
}

#: How many of the lines an item rule wants.
ITEM_DEMANDS: Mapping[str, str] = {
    "order.items.every": "all must be",
    "order.items.none": "none may be",
}

#: The lines that a rule about an extreme looks at.
PLACES: Mapping[str, str] = {
    "order.items.cheapest": "the cheapest",
    "order.items.most_expensive": "the most expensive",
}


def subject_of(name: str, path: str | None) -> Subject:
    """Return what a rule is about; ``path`` is the key of metadata."""
    if name in _METADATA:
        return Subject(f"{_METADATA[name]} {path}")
    return _SUBJECTS.get(name) or Subject(name)

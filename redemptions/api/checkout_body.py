"""What checkout sends: redeemables, order, customer, options."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from promo.api.fields import (
    INTEGER,
    Amount,
    Choice,
    Day,
    JsonObject,
    JsonValue,
    ListOf,
    Moment,
    Number,
    Text,
    WholeNumber,
)
from promo.api.serializers import ApiSerializer
from promo.ids import new_id
from redemptions.engine.sessions import DEFAULT_TTL, DEFAULT_UNIT, LOCK, UNITS, Session
from redemptions.services.requests import CheckoutRequest, RedeemableRef

MAX_ITEMS = 500
MAX_REDEEMABLES = 30
REDEEMABLES = ("voucher", "promotion_tier", "promotion_stack")
# Cards are vouchers to the database; the API lets callers say what they expect.
_ALIASES = {"gift_card": "voucher", "loyalty_card": "voucher"}


class Quantity(WholeNumber):
    """A whole number of at least 1; a numeric string counts."""

    default_error_messages = {"least": "cannot be lower than 1"}

    def __init__(self, **options: Any) -> None:
        super().__init__(least=1, most=INTEGER, **options)

    def to_internal_value(self, data: Any) -> int:
        """Return the number that ``data`` is or spells."""
        if isinstance(data, str) and data.isascii() and data.isdigit():
            data = int(data) if len(data) < len(str(INTEGER)) else INTEGER + 1
        return super().to_internal_value(data)


class InlineItem(ApiSerializer):
    """A product or SKU as a line describes it."""

    id = Text(longest=255, required=False, allow_null=True)
    source_id = Text(longest=255, required=False, allow_null=True)
    name = Text(required=False, allow_null=True)
    sku = Text(required=False, allow_null=True)
    price = Amount(required=False, allow_null=True)
    metadata = JsonObject(required=False)
    override = JsonValue(required=False)


class OrderItemBody(ApiSerializer):
    """One line of an order."""

    id = Text(longest=255, required=False, allow_null=True)
    product_id = Text(longest=255, required=False, allow_null=True)
    sku_id = Text(longest=255, required=False, allow_null=True)
    source_id = Text(longest=255, required=False, allow_null=True)
    related_object = Choice(("product", "sku"), required=False, allow_null=True)
    quantity = Quantity(required=False)
    initial_quantity = Quantity(required=False)
    discount_quantity = WholeNumber(least=0, required=False)
    price = Amount(required=False, allow_null=True)
    amount = Amount(required=False, allow_null=True)
    initial_amount = Amount(required=False, allow_null=True)
    discount_amount = Amount(required=False, allow_null=True)
    product = InlineItem(required=False, allow_null=True)
    sku = InlineItem(required=False, allow_null=True)
    metadata = JsonObject(required=False)


class CustomerBody(ApiSerializer):
    """A customer as a request names and describes one."""

    id = Text(longest=255, required=False, allow_null=True)
    source_id = Text(longest=255, required=False, allow_null=True)
    name = Text(longest=500, required=False)
    description = Text(required=False)
    email = Text(longest=320, required=False)
    phone = Text(longest=64, required=False)
    birthdate = Day(required=False)
    birthday = Day(required=False)
    address = JsonObject(required=False)
    metadata = JsonObject(required=False)


class OrderBody(ApiSerializer):
    """An order as a request names and describes one; money in minor units."""

    id = Text(longest=255, required=False, allow_null=True)
    source_id = Text(longest=512, required=False, allow_null=True)
    status = Choice(
        ("CREATED", "PAID", "CANCELED", "FULFILLED"), required=False, allow_null=True
    )
    amount = Amount(required=False, allow_null=True)
    initial_amount = Amount(required=False, allow_null=True)
    discount_amount = Amount(required=False, allow_null=True)
    items = ListOf(OrderItemBody(), most=MAX_ITEMS, required=False)
    customer = CustomerBody(required=False)
    referrer = CustomerBody(required=False)
    metadata = JsonObject(required=False)
    created_at = Moment(required=False)


class RewardBody(ApiSerializer):
    """What the points of a loyalty card shall buy; how many, where it is money."""

    id = Text(shortest=1, longest=255, required=False, allow_null=True)
    points = JsonValue(required=False, allow_null=True)


class RedeemableBody(ApiSerializer):
    """One thing to use."""

    object = Choice((*REDEEMABLES, *_ALIASES))
    id = Text(shortest=1, longest=255)
    gift = JsonObject(required=False, allow_null=True)
    reward = RewardBody(required=False, allow_null=True)


class OptionsBody(ApiSerializer):
    """What the answer should hold beyond the usual."""

    expand = ListOf(
        Choice(("order", "redeemable", "category", "redemption")), required=False
    )


class SessionBody(ApiSerializer):
    """A validation session: with its type it is opened, with its key alone used."""

    type = Choice((LOCK,), required=False, allow_null=True)
    key = Text(shortest=1, longest=255, required=False, allow_null=True)
    ttl = Number(least=0, most=10**12, places=9, required=False, allow_null=True)
    ttl_unit = Choice(tuple(UNITS), required=False, allow_null=True)


class BasketBody(ApiSerializer):
    """Who asks, and about what order."""

    order = OrderBody(required=False)
    customer = CustomerBody(required=False)
    tracking_id = Text(longest=1024, required=False)
    metadata = JsonObject(required=False)
    options = OptionsBody(required=False)
    session = SessionBody(required=False, allow_null=True)


class CheckoutBody(BasketBody):
    """A validation or redemption as sent."""

    redeemables = ListOf(RedeemableBody(), fewest=1, most=MAX_REDEEMABLES)


class SingleBody(BasketBody):
    """The body of the deprecated endpoints, for one thing that the path names."""

    gift = JsonObject(required=False, allow_null=True)
    reward = RewardBody(required=False, allow_null=True)


def as_request(values: Mapping[str, Any]) -> CheckoutRequest:
    """Return the parsed body as the services take it.

    The customer may stand beside the order or inside it; the one beside it counts.
    """
    order = values.get("order")
    inside = order.get("customer") if order else None
    options = values.get("options") or {}
    return CheckoutRequest(
        redeemables=tuple(_reference(each) for each in values.get("redeemables", ())),
        customer=values.get("customer") or inside,
        order=order,
        metadata=values.get("metadata"),
        session=_session(values.get("session") or {}),
        tracking_id=values.get("tracking_id"),
        expand=frozenset(options.get("expand") or ()),
        options=options,
    )


def as_single_request(values: Mapping[str, Any], kind: str, id: str) -> CheckoutRequest:  # noqa: A002 - the API's name
    """Return the body of a deprecated endpoint, which names one thing in its path."""
    thing = {name: values.get(name) for name in ("gift", "reward")}
    redeemables = [{"object": kind, "id": id, **thing}]
    request = as_request({**values, "redeemables": redeemables})
    return replace(request, all_or_nothing=True)


def _session(body: Mapping[str, Any]) -> Session | None:
    """Return the session, with a key of its own when it is opened without one."""
    sent = {name: value for name, value in body.items() if value is not None}
    opens = "type" in sent
    if not opens and "key" not in sent:
        return None
    return Session(
        key=sent.get("key") or new_id("ssn_"),
        opens=opens,
        ttl=sent.get("ttl", Decimal(DEFAULT_TTL)),
        unit=sent.get("ttl_unit", DEFAULT_UNIT),
    )


def _reference(body: Mapping[str, Any]) -> RedeemableRef:
    """Return one redeemable; a whole number may be written as ``500.0``."""
    kind, reward = body["object"], body.get("reward") or {}
    return RedeemableRef(
        _ALIASES.get(kind, kind),
        body["id"],
        credits=_whole((body.get("gift") or {}).get("credits")),
        reward=reward.get("id"),
        points=_whole(reward.get("points")),
    )


def _whole(sent: Any) -> Any:
    is_whole = isinstance(sent, float) and sent.is_integer()
    return int(sent) if is_whole else sent

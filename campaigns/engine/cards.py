"""What a gift card or a loyalty card starts with, parsed and checked.

Source: campaigns specification, "Gift cards"; loyalty specification, "Program
endpoints".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.engine.discounts import Effect
from campaigns.engine.numbers import choice, whole_number
from promo.errors import BadRequest, InvalidPayload

#: What credits may pay: the order as a whole, or the lines that a rule names.
GIFT_EFFECTS = (Effect.APPLY_TO_ORDER, Effect.APPLY_TO_ITEMS)


@dataclass(frozen=True, slots=True)
class Gift:
    """Credits in minor units; ``effect`` None pays the order, as by default."""

    amount: int
    effect: Effect | None = None


def parse_gift(body: Any, path: str, *, key: str, message: str) -> Gift:
    """Read a gift as sent or as stored.

    Raises:
        InvalidPayload: a field of another type or outside its range.
        BadRequest: ``key``; the amount is missing.
    """
    sent = _object(body, path)
    amount = _required(sent, "amount", path, key, message)
    return Gift(amount, parse_gift_effect(sent, path))


def parse_gift_effect(sent: Mapping[str, Any], path: str) -> Effect | None:
    """Read what a gift's credits pay; None when it is not sent.

    Raises:
        InvalidPayload: no effect that gifts have.
    """
    allowed = tuple(effect.value for effect in GIFT_EFFECTS)
    effect = choice(sent.get("effect"), f"{path}.effect", allowed)
    return None if effect is None else Effect(effect)


def gift_json(gift: Gift) -> dict[str, Any]:
    """Return the gift as stored and answered, an unset effect left out."""
    body: dict[str, Any] = {"amount": gift.amount}
    return body | ({"effect": gift.effect.value} if gift.effect else {})


def parse_points(body: Any, path: str, *, key: str, message: str) -> int:
    """Read the points that a loyalty card starts with.

    Raises:
        InvalidPayload: a field of another type or outside its range.
        BadRequest: ``key``; the points are missing, or shall expire, which no rule
            of this version can say.
    """
    sent = _object(body, path)
    if sent.get("expiration_rules") is not None:
        details = f"Property {path}.expiration_rules is not supported: no points expire"
        raise BadRequest(key, message, details)
    return _required(sent, "points", path, key, message)


def _object(body: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    return body


def _required(
    sent: Mapping[str, Any], name: str, path: str, key: str, message: str
) -> int:
    value = whole_number(sent.get(name), f"{path}.{name}")
    if value is None:
        details = f"Property {path} should have required property '{name}'"
        raise BadRequest(key, message, details)
    return value

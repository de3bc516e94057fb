"""Reading a discount's definition, and writing it back.

Source: engine specification, "Discount types and effects"; campaigns
specification, "Voucher endpoints".
"""

from collections.abc import Mapping
from typing import Any

from campaigns.engine.discounts import Discount, DiscountType, Effect, UnitDiscount
from campaigns.engine.formulas.checking import formula_text
from campaigns.engine.numbers import (
    choice,
    json_number,
    optional_text,
    percentage,
    whole_number,
)
from promo.errors import BadRequest, InvalidPayload

ORDER, ITEMS = Effect.APPLY_TO_ORDER, Effect.APPLY_TO_ITEMS
MANY = Effect.ADD_MANY_ITEMS

#: The effects that each type of discount may have.
EFFECTS: Mapping[DiscountType, tuple[Effect, ...]] = {
    DiscountType.AMOUNT: (
        ORDER,
        ITEMS,
        Effect.APPLY_TO_ITEMS_PROPORTIONALLY,
        Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY,
        Effect.APPLY_TO_ITEMS_BY_QUANTITY,
    ),
    DiscountType.PERCENT: (ORDER, ITEMS),
    DiscountType.FIXED: (ORDER, ITEMS),
    DiscountType.UNIT: (
        Effect.ADD_MISSING_ITEMS,
        Effect.ADD_NEW_ITEMS,
        Effect.ADD_SAME_ITEMS,
        Effect.REPLACE_ITEMS,
        MANY,
    ),
}
MEMBER_EFFECTS = (Effect.ADD_NEW_ITEMS, Effect.ADD_MISSING_ITEMS)

VALUE_FIELDS: Mapping[DiscountType, str] = {
    DiscountType.AMOUNT: "amount_off",
    DiscountType.PERCENT: "percent_off",
    DiscountType.FIXED: "fixed_amount",
    DiscountType.UNIT: "unit_off",
}
CAPS: Mapping[DiscountType, tuple[str, ...]] = {
    DiscountType.AMOUNT: ("aggregated_amount_limit",),
    DiscountType.PERCENT: ("amount_limit", "aggregated_amount_limit"),
    DiscountType.FIXED: (),
    DiscountType.UNIT: (),
}


def parse_discount(
    body: Any,
    path: str = ".discount",
    *,
    key: str = "invalid_voucher",
    message: str = "Invalid Voucher",
) -> Discount:
    """Read a discount as sent or as stored; fields of other types are ignored.

    ``key`` and ``message`` are the refusal of a discount without its value:
    campaigns and tiers have their own.

    Raises:
        InvalidPayload: a field of another type or outside its range.
        BadRequest: ``key``; the type, the value or the unit is missing. A FIXED
            discount on items may leave its price to the rule's entries.
    """
    if not isinstance(body, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    reader = _Reader(body, path, key, message)
    kind = DiscountType(
        choice(body.get("type"), f"{path}.type", tuple(DiscountType))
        or reader.missing("type")
    )
    effect = _effect(body.get("effect"), f"{path}.effect", EFFECTS[kind])
    if kind is DiscountType.UNIT:
        return _unit_discount(reader, effect)
    discount = Discount(
        type=kind,
        effect=effect,
        formulas=reader.formulas(VALUE_FIELDS[kind]),
        **reader.caps(CAPS[kind]),
        **reader.value(VALUE_FIELDS[kind]),
    )
    has_own_price = kind is DiscountType.FIXED and effect in {None, ITEMS}
    if not has_own_price:
        reader.require(VALUE_FIELDS[kind])
    return discount


def discount_json(discount: Discount) -> dict[str, Any]:
    """Return the definition as stored and answered, unset fields left out."""
    body: dict[str, Any] = {"type": discount.type.value}
    for name in ("amount_off", "fixed_amount", "unit_off", "unit_type"):
        body[name] = getattr(discount, name)
    percent = discount.percent_off
    body["percent_off"] = None if percent is None else json_number(percent)
    body["units"] = [_unit_json(unit) for unit in discount.units] or None
    body["amount_limit"] = discount.amount_limit
    body["aggregated_amount_limit"] = discount.aggregated_amount_limit
    body["effect"] = discount.effect.value if discount.effect else None
    for name, formula in discount.formulas.items():
        body[f"{name}_formula"] = formula
    return {name: value for name, value in body.items() if value is not None}


def _unit_json(unit: UnitDiscount) -> dict[str, Any]:
    body = {
        "unit_off": unit.unit_off,
        "unit_off_formula": unit.unit_off_formula,
        "unit_type": unit.unit_type,
        "effect": unit.effect.value,
    }
    return {name: value for name, value in body.items() if value is not None}


class _Reader:
    """The fields of one discount, with the words of its refusals."""

    def __init__(
        self, body: Mapping[str, Any], path: str, key: str, message: str
    ) -> None:
        self.body = body
        self.path = path
        self.key = key
        self.message = message

    def missing(self, name: str) -> str:
        raise BadRequest(
            self.key,
            self.message,
            f"Property {self.path} should have required property '{name}'",
        )

    def require(self, name: str) -> None:
        if self.body.get(name) is None and not self.formulas(name):
            self.missing(name)

    def value(self, name: str) -> dict[str, Any]:
        read = percentage if name == "percent_off" else whole_number
        return {name: read(self.body.get(name), f"{self.path}.{name}")}

    def caps(self, names: tuple[str, ...]) -> dict[str, Any]:
        return {
            name: whole_number(self.body.get(name), f"{self.path}.{name}")
            for name in names
        }

    def formulas(self, name: str) -> dict[str, str]:
        path = f"{self.path}.{name}_formula"
        formula = formula_text(self.body.get(f"{name}_formula"), path)
        return {name: formula} if formula else {}


def _effect(value: Any, path: str, allowed: tuple[Effect, ...]) -> Effect | None:
    found = choice(value, path, tuple(effect.value for effect in allowed))
    return None if found is None else Effect(found)


def _unit_discount(reader: _Reader, effect: Effect | None) -> Discount:
    sent = reader.body.get("units")
    if effect is MANY or (effect is None and sent):
        units = _units(reader, sent)
        return Discount(type=DiscountType.UNIT, effect=effect, units=units)
    unit_type = optional_text(
        reader.body.get("unit_type"), f"{reader.path}.unit_type"
    ) or reader.missing("unit_type")
    reader.require("unit_off")
    return Discount(
        type=DiscountType.UNIT,
        effect=effect,
        unit_type=unit_type,
        formulas=reader.formulas("unit_off"),
        **reader.value("unit_off"),
    )


def _units(reader: _Reader, sent: Any) -> tuple[UnitDiscount, ...]:
    if not sent:
        reader.missing("units")
    if not isinstance(sent, list | tuple):
        raise InvalidPayload(f"Property {reader.path}.units must be array")
    return tuple(
        _unit(reader, unit, f"{reader.path}.units[{index}]")
        for index, unit in enumerate(sent)
    )


def _unit(reader: _Reader, body: Any, path: str) -> UnitDiscount:
    if not isinstance(body, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    member = _Reader(body, path, reader.key, reader.message)
    member.require("unit_off")
    unit_type = optional_text(body.get("unit_type"), f"{path}.unit_type")
    return UnitDiscount(
        unit_type=unit_type or member.missing("unit_type"),
        effect=_effect(body.get("effect"), f"{path}.effect", MEMBER_EFFECTS)
        or Effect.ADD_MISSING_ITEMS,
        unit_off_formula=member.formulas("unit_off").get("unit_off"),
        **member.value("unit_off"),
    )

"""Discount definitions: read, refused, written back."""

from decimal import Decimal

import pytest

from campaigns.engine.discount_parsing import discount_json, parse_discount
from campaigns.engine.discounts import Discount, DiscountType, Effect, UnitDiscount
from promo.errors import BadRequest, InvalidPayload


@pytest.mark.parametrize(
    ("body", "discount"),
    [
        (
            {"type": "AMOUNT", "amount_off": 1500},
            Discount(DiscountType.AMOUNT, amount_off=1500),
        ),
        (
            {
                "type": "AMOUNT",
                "amount_off": 500,
                "aggregated_amount_limit": 1200,
                "effect": "APPLY_TO_ITEMS",
            },
            Discount(
                DiscountType.AMOUNT,
                effect=Effect.APPLY_TO_ITEMS,
                amount_off=500,
                aggregated_amount_limit=1200,
            ),
        ),
        (
            {
                "type": "PERCENT",
                "percent_off": 12.5,
                "amount_limit": 1000,
                "effect": "APPLY_TO_ORDER",
            },
            Discount(
                DiscountType.PERCENT,
                effect=Effect.APPLY_TO_ORDER,
                percent_off=Decimal("12.5"),
                amount_limit=1000,
            ),
        ),
        (
            {"type": "PERCENT", "percent_off": 10, "percent_off_formula": "5 + 5"},
            Discount(
                DiscountType.PERCENT,
                percent_off=Decimal(10),
                formulas={"percent_off": "5 + 5"},
            ),
        ),
        (
            {"type": "FIXED", "fixed_amount": 9900, "effect": "APPLY_TO_ORDER"},
            Discount(
                DiscountType.FIXED, effect=Effect.APPLY_TO_ORDER, fixed_amount=9900
            ),
        ),
        (
            {"type": "FIXED", "effect": "APPLY_TO_ITEMS"},
            Discount(DiscountType.FIXED, effect=Effect.APPLY_TO_ITEMS),
        ),
        (
            {"type": "UNIT", "unit_off": 3, "unit_type": "prod_1"},
            Discount(DiscountType.UNIT, unit_off=3, unit_type="prod_1"),
        ),
        (
            {
                "type": "UNIT",
                "effect": "ADD_MANY_ITEMS",
                "units": [
                    {
                        "unit_off": 1,
                        "unit_type": "prod_1",
                        "effect": "ADD_NEW_ITEMS",
                    },
                    {
                        "unit_off_formula": "2",
                        "unit_type": "sku_1",
                        "effect": "ADD_MISSING_ITEMS",
                    },
                ],
            },
            Discount(
                DiscountType.UNIT,
                effect=Effect.ADD_MANY_ITEMS,
                units=(
                    UnitDiscount(1, "prod_1", Effect.ADD_NEW_ITEMS),
                    UnitDiscount(None, "sku_1", Effect.ADD_MISSING_ITEMS, "2"),
                ),
            ),
        ),
    ],
)
def test_a_definition_is_read_and_written_back_as_it_was(body, discount):
    assert parse_discount(body) == discount
    assert discount_json(discount) == body


def test_fields_of_other_types_and_answers_are_ignored():
    body = {"type": "AMOUNT", "amount_off": 100.0, "percent_off": "x", "is_dynamic": 1}

    assert discount_json(parse_discount(body)) == {"type": "AMOUNT", "amount_off": 100}


def test_units_alone_make_a_discount_of_many():
    body = {"type": "UNIT", "units": [{"unit_off": 1, "unit_type": "prod_1"}]}

    discount = parse_discount(body)

    assert discount.effect is None
    assert discount.units == (UnitDiscount(1, "prod_1", Effect.ADD_MISSING_ITEMS),)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "type"),
        ({"type": "AMOUNT"}, "amount_off"),
        ({"type": "AMOUNT", "amount_off": None}, "amount_off"),
        ({"type": "PERCENT", "amount_off": 5}, "percent_off"),
        ({"type": "FIXED", "effect": "APPLY_TO_ORDER"}, "fixed_amount"),
        ({"type": "UNIT", "unit_off": 1}, "unit_type"),
        ({"type": "UNIT", "unit_type": "prod_1"}, "unit_off"),
        ({"type": "UNIT", "effect": "ADD_MANY_ITEMS"}, "units"),
        ({"type": "UNIT", "effect": "ADD_MANY_ITEMS", "units": []}, "units"),
    ],
)
def test_a_discount_without_its_value_is_an_invalid_voucher(body, name):
    with pytest.raises(BadRequest) as refusal:
        parse_discount(body)

    assert refusal.value.key == "invalid_voucher"
    assert refusal.value.message == "Invalid Voucher"
    assert refusal.value.details == (
        f"Property .discount should have required property '{name}'"
    )


@pytest.mark.parametrize(
    ("unit", "name"),
    [({"unit_type": "prod_1"}, "unit_off"), ({"unit_off": 1}, "unit_type")],
)
def test_a_unit_without_its_parts_names_the_unit(unit, name):
    with pytest.raises(BadRequest) as refusal:
        parse_discount(
            {"type": "UNIT", "units": [unit]},
            ".voucher.discount",
            key="invalid_campaign",
            message="Invalid Campaign",
        )

    assert refusal.value.key == "invalid_campaign"
    assert refusal.value.message == "Invalid Campaign"
    assert refusal.value.details == (
        f"Property .voucher.discount.units[0] should have required property '{name}'"
    )


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ("10%", " must be object"),
        (
            {"type": "GIFT"},
            (
                ".type must be equal to one of the allowed values "
                "[ AMOUNT, PERCENT, FIXED, UNIT ]"
            ),
        ),
        (
            {"type": "PERCENT", "percent_off": 5, "effect": "ADD_NEW_ITEMS"},
            (
                ".effect must be equal to one of the allowed values "
                "[ APPLY_TO_ORDER, APPLY_TO_ITEMS ]"
            ),
        ),
        ({"type": "AMOUNT", "amount_off": "5"}, ".amount_off must be integer"),
        ({"type": "AMOUNT", "amount_off": 5.5}, ".amount_off must be integer"),
        ({"type": "AMOUNT", "amount_off": True}, ".amount_off must be integer"),
        ({"type": "AMOUNT", "amount_off": -1}, ".amount_off must be >= 0"),
        (
            {"type": "AMOUNT", "amount_off": 2**53},
            ".amount_off must be <= 9007199254740991",
        ),
        ({"type": "PERCENT", "percent_off": "5"}, ".percent_off must be number"),
        ({"type": "PERCENT", "percent_off": 100.01}, ".percent_off must be <= 100"),
        ({"type": "PERCENT", "percent_off": -0.1}, ".percent_off must be >= 0"),
        (
            {"type": "PERCENT", "percent_off": 5, "amount_limit": []},
            ".amount_limit must be integer",
        ),
        (
            {"type": "AMOUNT", "amount_off": 5, "amount_off_formula": 5},
            ".amount_off_formula must be string",
        ),
        ({"type": "UNIT", "unit_off": 1, "unit_type": 7}, ".unit_type must be string"),
        ({"type": "UNIT", "units": {"a": 1}}, ".units must be array"),
        ({"type": "UNIT", "units": ["prod_1"]}, ".units[0] must be object"),
        (
            {
                "type": "UNIT",
                "units": [{"unit_off": 1, "unit_type": "p", "effect": "REPLACE_ITEMS"}],
            },
            (
                ".units[0].effect must be equal to one of the allowed values "
                "[ ADD_NEW_ITEMS, ADD_MISSING_ITEMS ]"
            ),
        ),
    ],
)
def test_a_value_of_another_shape_is_an_invalid_payload(body, details):
    with pytest.raises(InvalidPayload) as refusal:
        parse_discount(body)

    assert refusal.value.details == f"Property .discount{details}"

"""Formulas are refused when they are saved, and read as they are afterwards."""

import pytest

from campaigns.engine.applicability_parsing import LASTING_CAPS, parse_applicable_to
from campaigns.engine.discount_parsing import parse_discount
from campaigns.engine.formulas.checking import (
    check_discount,
    check_lists,
    formula_text,
)
from promo.errors import BadRequest, InvalidPayload

spec = pytest.mark.spec
UNIT = {"unit_off": 1, "unit_type": "prod_1"}
DISCOUNTS = [
    ({"type": "AMOUNT", "amount_off": 5}, "amount_off_formula"),
    ({"type": "PERCENT", "percent_off": 5}, "percent_off_formula"),
    ({"type": "FIXED", "fixed_amount": 5}, "fixed_amount_formula"),
    ({"type": "UNIT", **UNIT}, "unit_off_formula"),
]
ENTRY_FORMULAS = ["price_formula", *(f"{name}_formula" for name in LASTING_CAPS)]


def entry(**fields):
    return {"object": "product", "id": "prod_1", **fields}


@spec("rules 8.1 `amount_off_formula`, `fixed_amount_formula`, entry `price_formula`")
@spec("rules 8.1 `percent_off_formula`")
@spec("rules 8.1 `unit_off_formula`")
@pytest.mark.parametrize(("body", "name"), DISCOUNTS)
def test_a_discount_with_a_wrong_formula_is_refused_with_its_path(body, name):
    discount = parse_discount({**body, name: "ORDER_AMOUNT *"})

    with pytest.raises(InvalidPayload) as refused:
        check_discount(discount, ".discount")

    assert refused.value.details == (
        f"Property .discount.{name} must be a formula: it ends too early"
    )


@spec("rules 8.1 `unit_off_formula`")
def test_the_member_with_the_wrong_formula_is_named():
    units = [UNIT, {**UNIT, "unit_off_formula": "2"}, {**UNIT, "unit_off_formula": "x"}]

    with pytest.raises(InvalidPayload) as refused:
        check_discount(parse_discount({"type": "UNIT", "units": units}), ".discount")

    assert refused.value.details == (
        "Property .discount.units[2].unit_off_formula must be a formula: x is not known"
    )


@spec("rules 8.1 the eight `product_…_quantity_limit_formula`")
@pytest.mark.parametrize("side", ["included", "excluded"])
@pytest.mark.parametrize("name", ENTRY_FORMULAS)
def test_an_entry_with_a_wrong_formula_is_refused_with_its_path(name, side):
    lists = parse_applicable_to({side: [entry(), entry(**{name: "1 2"})]})

    with pytest.raises(InvalidPayload) as refused:
        check_lists(lists)

    assert refused.value.details == (
        f"Property .applicable_to.{side}[1].{name} must be a formula: "
        "unexpected '2' at position 3"
    )


def test_what_can_be_read_is_not_refused():
    discount = parse_discount({**DISCOUNTS[0][0], "amount_off_formula": "ORDER_AMOUNT"})
    lists = parse_applicable_to({"included": [entry(price_formula=12.5)]})

    check_discount(discount, ".discount")
    check_lists(lists)
    check_lists(None)

    assert discount.formulas == {"amount_off": "ORDER_AMOUNT"}
    assert lists.included[0].price_formula == "12.5"


def test_a_stored_formula_that_no_longer_can_be_read_leaves_the_rest_as_it_was():
    discount = parse_discount({**DISCOUNTS[0][0], "amount_off_formula": "OLD("})
    lists = parse_applicable_to({"included": [entry(price=9, price_formula="OLD(")]})

    assert (discount.amount_off, discount.formulas) == (5, {"amount_off": "OLD("})
    assert (lists.included[0].price, lists.included[0].price_formula) == (9, "OLD(")


@pytest.mark.parametrize("blank", [None, "", " \n"])
def test_a_blank_text_is_no_formula(blank):
    assert formula_text(blank, ".formula") is None


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({"type": "AMOUNT", "amount_off_formula": " "}, "amount_off"),
        (
            {"type": "UNIT", "unit_type": "prod_1", "unit_off_formula": " "},
            "unit_off",
        ),
    ],
)
def test_a_blank_formula_does_not_stand_in_for_a_value(body, missing):
    with pytest.raises(BadRequest) as refused:
        parse_discount(body)

    assert refused.value.details == (
        f"Property .discount should have required property '{missing}'"
    )

"""Rule definitions: what is accepted, stored and refused."""

from typing import Any

import pytest

from campaigns.engine.rule_catalogue import CATALOGUE, Operand
from campaigns.engine.rule_parsing import (
    canonical_rules,
    parse_error_message,
    parse_rules,
)
from campaigns.engine.rules import And, Key, Or, Rule, RuleSet, Target, key_order
from promo.errors import BadRequest, InvalidPayload

TRADE = {
    "1": {
        "name": "customer.segment",
        "conditions": {"$is": ["seg_wholesale"]},
        "error": {"message": "Trade members only"},
    },
    "2": {"name": "order.initial_amount", "conditions": {"$more_than": [25000]}},
    "3": {
        "name": "order.items.any",
        "conditions": {
            "$is": [
                {
                    "id": "pc_tools",
                    "type": "products_collection",
                    "object": "products_collection",
                }
            ]
        },
        "rules": {
            "1": {
                "name": "order.items.aggregated_quantity",
                "conditions": {"$more_than_or_equal": [3]},
            },
            "2": {
                "name": "order.items.price",
                "conditions": {"$more_than_or_equal": [1200]},
            },
            "logic": "1 and 2",
        },
    },
    "logic": "1 or (2 and 3)",
}


def test_the_example_of_the_specification_is_compiled():
    assert parse_rules(TRADE) == RuleSet(
        {
            "1": Rule(
                "1",
                "customer.segment",
                None,
                {"$is": ("seg_wholesale",)},
                error_message="Trade members only",
            ),
            "2": Rule("2", "order.initial_amount", None, {"$more_than": (25000,)}),
            "3": Rule(
                "3",
                "order.items.any",
                None,
                {"$is": (Target("products_collection", "pc_tools"),)},
                nested=RuleSet(
                    {
                        "1": Rule(
                            "1",
                            "order.items.aggregated_quantity",
                            None,
                            {"$more_than_or_equal": (3,)},
                        ),
                        "2": Rule(
                            "2",
                            "order.items.price",
                            None,
                            {"$more_than_or_equal": (1200,)},
                        ),
                    },
                    And((Key("1"), Key("2"))),
                ),
            ),
        },
        Or((Key("1"), And((Key("2"), Key("3"))))),
    )


def rule(name: str = "order.amount", **fields: Any) -> dict[str, Any]:
    return {"1": {"name": name, "conditions": {"$more_than": [1]}, **fields}}


def test_stored_rules_are_canonical():
    stored = canonical_rules(
        {
            "10": {"name": "customer_segment", "conditions": {"$in": "seg_1"}},
            "2": {
                "name": "order_metadata",
                "property": "visits",
                "conditions": {"$greater_than_or_equal": 5, "$less_than_equal": [9]},
                "rules": {},
                "error": {"message": "No"},
                "unknown": 1,
            },
        }
    )

    assert stored == {
        "10": {
            "name": "customer.segment",
            "property": None,
            "conditions": {"$in": ["seg_1"]},
        },
        "2": {
            "name": "order.metadata",
            "property": "visits",
            "conditions": {"$more_than_or_equal": [5], "$less_than_or_equal": [9]},
            "rules": {},
            "error": {"message": "No"},
        },
        "logic": "2 and 10",
    }
    assert canonical_rules(stored) == stored


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({}, {}),
        ({"logic": ""}, {"logic": ""}),
        ({"logic": None}, {"logic": ""}),
    ],
)
def test_an_empty_set_stays_empty_and_has_no_logic(sent, stored):
    assert canonical_rules(sent) == stored
    assert parse_rules(sent) == RuleSet()


def test_a_single_rule_is_its_own_logic():
    stored = canonical_rules({**rule(), "logic": " "})

    assert stored["logic"] == "1"
    assert parse_rules(rule()).logic == Key("1")


def test_a_nested_set_without_logic_is_echoed_without_and_joined_with_and():
    nested = {
        "1": {
            "name": "order.items.price",
            "property": None,
            "conditions": {"$more_than": [1]},
        },
        "2": {
            "name": "order.items.quantity",
            "property": None,
            "conditions": {"$more_than": [1]},
        },
    }
    definition = {"1": {"name": "order.items.any", "rules": nested}}

    assert canonical_rules(definition)["1"]["rules"] == nested
    parsed = parse_rules(definition).rules["1"]
    assert parsed.conditions == {}
    assert parsed.nested is not None
    assert parsed.nested.logic == And((Key("1"), Key("2")))


def test_rules_outside_the_logic_are_kept():
    definition = {**rule(), "x": rule()["1"], "logic": "1"}

    assert set(parse_rules(definition).rules) == {"1", "x"}
    assert canonical_rules(definition)["logic"] == "1"


def test_keys_go_by_number_then_by_text():
    assert sorted(["b", "10", "9", "a"], key=key_order) == ["9", "10", "a", "b"]


@pytest.mark.parametrize(
    ("entry", "target"),
    [
        ("prod_1", Target("product", "prod_1")),
        ({"id": "sku_1"}, Target("sku", "sku_1")),
        ({"id": "pc_1"}, Target("products_collection", "pc_1")),
        ({"id": "lamp"}, Target(None, "lamp")),
        ({"source_id": "lamp", "id": None}, Target(None, None, "lamp")),
        ({"id": "x", "object": "sku", "type": "product_or_sku"}, Target("sku", "x")),
        (
            {"id": "x", "type": "products_collection"},
            Target("products_collection", "x"),
        ),
        ({"id": "x", "object": 5}, Target(None, "x")),
    ],
)
def test_an_item_is_named_by_id_and_kind(entry, target):
    definition = {"1": {"name": "order.items.any", "conditions": {"$is": [entry]}}}

    assert parse_rules(definition).rules["1"].conditions == {"$is": (target,)}
    assert target.label in {"prod_1", "sku_1", "pc_1", "lamp", "x"}


def test_several_items_may_stand_under_is():
    definition = {
        "1": {"name": "product.id", "conditions": {"$is": ["prod_1", "prod_2"]}}
    }

    assert len(parse_rules(definition).rules["1"].conditions["$is"]) == 2


def test_a_flag_may_be_sent_as_text():
    definition = {
        "1": {
            "name": "publication.redeemable_by_linked_customer",
            "conditions": {"$is": ["true"]},
        }
    }

    assert parse_rules(definition).rules["1"].conditions == {"$is": (True,)}


def metadata(operator: str, *values: Any) -> dict[str, Any]:
    return {
        "1": {
            "name": "order.metadata",
            "property": "x",
            "conditions": {operator: list(values)},
        }
    }


@pytest.mark.parametrize(
    ("operator", "values"),
    [
        ("$is", ["a"]),
        ("$is", [True]),
        ("$in", ["a", 1, False]),
        ("$more_than", ["2027-01-01"]),
        ("$more_than", [1.5]),
        ("$starts_with", ["a", "b"]),
        ("$after", ["2027-01-01T10:00:00Z"]),
        ("$is_days_ago", ["3"]),
        ("$dow", [0, "6"]),
        ("$count", [0]),
        ("$not_differ", ["a"]),
        ("$timeframe", ["2027-02-01T08:30:00Z;P2D;PT3H", "2027-02-01;;P1D"]),
        ("$timeframe_absolute", ["2027-02-01;2027-02-02"]),
        ("$timeframe_daily_hours", ["17:30;21:15;4,5", "17:30;;", ";24:00"]),
    ],
)
def test_values_that_an_operator_takes(operator, values):
    parsed = parse_rules(metadata(operator, *values))

    assert parsed.rules["1"].conditions == {operator: tuple(values)}


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("$is", [], " must have at least one value"),
        ("$is", ["a", "b"], " must have exactly one value"),
        ("$is", [None], "[0] must be string, number or boolean"),
        ("$in", ["a", {}], "[1] must be string, number or boolean"),
        ("$more_than", [True], "[0] must be string or number"),
        ("$more_than", [float("nan")], "[0] must be string or number"),
        ("$contains", [5], "[0] must be string"),
        ("$contains", [""], "[0] must be string"),
        ("$before", ["soon"], "[0] must be an ISO-8601 date"),
        ("$before", [5], "[0] must be an ISO-8601 date"),
        ("$more_than_ago", [-1], "[0] must be a number not below 0"),
        ("$count", ["many"], "[0] must be a number not below 0"),
        ("$dow", [7], "[0] must be a weekday from 0 to 6"),
        ("$dow", [1.5], "[0] must be a weekday from 0 to 6"),
    ],
)
def test_values_that_an_operator_does_not_take(operator, values, expected):
    with pytest.raises(BadRequest) as refusal:
        parse_rules(metadata(operator, *values))

    assert refusal.value.details == f"Property .rules.1.conditions.{operator}{expected}"


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("$timeframe", "2027-02-01;P2D"),
        ("$timeframe", "soon;P2D;PT3H"),
        ("$timeframe", "2027-02-01;often;PT3H"),
        ("$timeframe", "2027-02-01;PT0S;PT3H"),
        ("$timeframe", "2027-02-01;P2D;PT0S"),
        ("$timeframe", 5),
        ("$timeframe_absolute", "2027-02-02;2027-02-01"),
        ("$timeframe_absolute", "2027-02-02"),
        ("$timeframe_absolute", "2027-02-02;"),
        ("$timeframe_absolute", 5),
        ("$timeframe_daily_hours", "17:30"),
        ("$timeframe_daily_hours", "25:00;26:00;1"),
        ("$timeframe_daily_hours", "17:30;9;1"),
        ("$timeframe_daily_hours", "24:00;;1"),
        ("$timeframe_daily_hours", "17:30;18:30;7"),
        ("$timeframe_daily_hours", 5),
    ],
)
def test_times_that_cannot_be_read(operator, value):
    with pytest.raises(BadRequest) as refusal:
        parse_rules(metadata(operator, value))

    assert refusal.value.details.startswith(
        f"Property .rules.1.conditions.{operator}[0] must be "
    )


@pytest.mark.parametrize(
    ("definition", "details"),
    [
        ({"1": "order.amount"}, "Property .rules.1 must be object"),
        ({"1": {}}, "Property .rules.1.name must be string"),
        (rule("order.weight"), "Rule 'order.weight' at .rules.1 is unknown"),
        (rule("customer.metadata"), "Rule 'customer.metadata' must have a 'property'"),
        (
            rule("custom_event.metadata", property=""),
            "Rule 'custom_event.metadata' must have a 'property'",
        ),
        (rule(property=5), "Property .rules.1.property must be string"),
        (rule(conditions=[]), "Property .rules.1.conditions must be object"),
        (
            rule(conditions={"$equals": [1]}),
            (
                "Rule 'order.amount' does not know the operator at "
                ".rules.1.conditions.$equals"
            ),
        ),
        (
            rule(conditions={"$starts_with": ["1"]}),
            (
                "Rule 'order.amount' does not know the operator at "
                ".rules.1.conditions.$starts_with"
            ),
        ),
        (
            rule(conditions={"$more_than": ["8000"]}),
            "Property .rules.1.conditions.$more_than[0] must be integer",
        ),
        (
            rule(conditions={"$more_than": [80.5]}),
            "Property .rules.1.conditions.$more_than[0] must be integer",
        ),
        (
            rule("customer.segment", conditions={"$is": [5]}),
            "Property .rules.1.conditions.$is[0] must be string",
        ),
        (
            rule(
                "publication.redeemable_by_linked_customer", conditions={"$is": ["yes"]}
            ),
            "Property .rules.1.conditions.$is[0] must be boolean",
        ),
        (
            rule("order.items.any", conditions={"$is": [{"id": 5}]}),
            (
                "Property .rules.1.conditions.$is[0] must be a product, SKU or "
                "products collection"
            ),
        ),
        (
            rule("order.items.any", conditions={"$is": [{}]}),
            (
                "Property .rules.1.conditions.$is[0] must be a product, SKU or "
                "products collection"
            ),
        ),
        (
            rule("order.items.any", conditions={"$is": [5, ""]}),
            (
                "Property .rules.1.conditions.$is[0] must be a product, SKU or "
                "products collection"
            ),
        ),
        (rule(rules=[]), "Property .rules.1.rules must be object"),
        (
            rule(rules=rule("unheard.of")),
            "Rule 'unheard.of' at .rules.1.rules.1 is unknown",
        ),
        (rule(error="No"), "Property .rules.1.error must be object"),
        (
            rule(error={"message": 5}),
            "Property .rules.1.error.message must be string",
        ),
        ({**rule(), "logic": 1}, "Property .rules.logic must be string"),
        (
            {**rule(), "logic": "1 and"},
            "Property .rules.logic is no valid expression",
        ),
        (
            {**rule(), "logic": "1 and 2"},
            "Logic at .rules uses the key '2' that has no rule",
        ),
    ],
)
def test_an_invalid_definition_is_refused_with_its_path(definition, details):
    with pytest.raises(BadRequest) as refusal:
        canonical_rules(definition)

    assert refusal.value.key == "invalid_validation_rules"
    assert refusal.value.message == "Invalid Validation Rule Definition"
    assert refusal.value.details == details


def test_rules_nested_beyond_reason_are_refused():
    definition = rule()
    for _ in range(25):
        definition = rule(rules=definition)

    with pytest.raises(BadRequest) as refusal:
        parse_rules(definition)

    assert "nested too deeply" in refusal.value.details


@pytest.mark.parametrize("definition", [None, [], "1"])
def test_rules_that_are_no_object_are_refused(definition):
    with pytest.raises(InvalidPayload) as refusal:
        parse_rules(definition)

    assert refusal.value.details == "Property .rules must be object"


@pytest.mark.parametrize(
    ("error", "message"),
    [(None, None), ({}, None), ({"message": ""}, None), ({"message": "No"}, "No")],
)
def test_the_text_of_an_error_is_optional(error, message):
    assert parse_error_message(error) == message


def test_every_published_name_is_in_the_catalogue():
    assert len(CATALOGUE) == 61
    assert {kind.operand for kind in CATALOGUE.values()} == set(Operand)
    assert {name for name, kind in CATALOGUE.items() if kind.needs_result} == {
        "order.total_amount",
        "campaign.orders.amount_discounted",
        "redemption.gift.amount",
        "redemption.reward.pay_with_points.points_used",
    }


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_rule_may_be_saved_without_conditions(name):
    definition = {"1": {"name": name, "property": "x"}}

    assert parse_rules(definition).rules["1"].name == name

"""Rules about metadata that are declared as boolean."""

import pytest

from campaigns.engine.declared_types import RESOURCES, check_declared
from campaigns.engine.rule_parsing import parse_rules
from promo.comparison import Kind
from promo.errors import BadRequest

KINDS = {
    resource: {"vip": Kind.BOOLEAN, "age": Kind.NUMBER}
    for resource in RESOURCES.values()
}


def checked(operator, *, name="customer.metadata", path="vip", value=True):
    rule = {"name": name, "property": path, "conditions": {operator: [value]}}
    check_declared(parse_rules({"1": rule, "logic": "1"}), KINDS)


@pytest.mark.parametrize("name", sorted(RESOURCES.keys() - {"order.items.metadata"}))
def test_whether_it_is_true_can_be_asked(name):
    checked("$is", name=name)


@pytest.mark.spec("rules 3.2 Booleans")
@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("$more_than", 1),
        ("$starts_with", "t"),
        ("$before", "2026-03-10"),
        ("$dow", 1),
    ],
)
def test_what_has_an_order_a_beginning_or_a_date_cannot(operator, value):
    with pytest.raises(BadRequest) as refused:
        checked(operator, value=value)

    assert refused.value.key == "invalid_validation_rules"
    assert refused.value.details == (
        f"Property .rules.1.conditions.{operator} cannot be asked of vip, "
        "which is declared as boolean"
    )


def test_other_types_and_what_is_not_declared_are_asked_anything():
    checked("$more_than", path="age", value=1)
    checked("$more_than", path="other", value=1)


def test_rules_below_a_rule_are_looked_at_too():
    nested = {
        "name": "order.items.metadata",
        "property": "vip",
        "conditions": {"$less_than": [1]},
    }
    whole = {
        "name": "order.items.any",
        "conditions": {"$is": [{"id": "prod_1", "object": "product"}]},
        "rules": {"7": nested, "logic": "7"},
    }

    with pytest.raises(BadRequest) as refused:
        check_declared(parse_rules({"1": whole, "logic": "1"}), KINDS)

    assert refused.value.details == (
        "Property .rules.1.rules.7.conditions.$less_than cannot be asked of vip, "
        "which is declared as boolean"
    )

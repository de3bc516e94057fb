"""Rules about metadata, against the types that the project declares.

Source: rules specification, "Coercion".
"""

from collections.abc import Mapping

from campaigns.engine.rule_values import invalid
from campaigns.engine.rules import Rule, RuleSet
from promo.comparison import Kind

#: The metadata that a rule reads, by the resource whose schema declares its types.
RESOURCES: Mapping[str, str] = {
    "customer.metadata": "customer",
    "order.metadata": "order",
    "redemption.metadata": "redemption",
    "order.items.metadata": "order_item",
    "order.items.metadata_any": "order_item",
    "order.items.metadata_each": "order_item",
    "product.metadata": "product",
}
#: What can be asked of a boolean, alone or in an array.
_OF_BOOLEANS = frozenset(
    {
        *("$is", "$is_not", "$in", "$not_in"),
        *("$count", "$count_more", "$count_less", "$not_differ", "$not_intersect"),
    }
)


def check_declared(
    rules: RuleSet, kinds: Mapping[str, Mapping[str, Kind]], path: str = ".rules"
) -> None:
    """Refuse rules that a declared boolean can never satisfy.

    ``kinds`` maps a resource and a metadata path to the declared type.

    Raises:
        BadRequest: ``invalid_validation_rules``, naming rule and operator.
    """
    for key, rule in rules.rules.items():
        declared = kinds.get(RESOURCES.get(rule.name, ""), {})
        if declared.get(rule.property or "") is Kind.BOOLEAN:
            _check_boolean(rule, f"{path}.{key}")
        if rule.nested is not None:
            check_declared(rule.nested, kinds, f"{path}.{key}.rules")


def _check_boolean(rule: Rule, path: str) -> None:
    for operator in rule.conditions:
        if operator not in _OF_BOOLEANS:
            raise invalid(
                f"Property {path}.conditions.{operator} cannot be asked of "
                f"{rule.property}, which is declared as boolean"
            )

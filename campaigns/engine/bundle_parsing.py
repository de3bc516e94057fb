"""Reading the ``bundle_rules`` of a validation rule: checked and canonical.

An entry asks for a number of units of one product, SKU or collection; a bundle
holds every entry. ``multiply_discount`` is our own: false gives the discount once,
however many bundles an order holds.

Source: engine specification, "Bundles".
"""

from collections.abc import Mapping
from typing import Any

from campaigns.engine.bundles import Bundle, BundlePart
from campaigns.engine.numbers import whole_number
from campaigns.engine.rule_parsing import LOGIC, canonical_rules, parse_rules
from campaigns.engine.rule_values import invalid
from campaigns.engine.rules import Rule, key_order
from promo.errors import InvalidPayload

LIMIT = "limit"
MULTIPLY = "multiply_discount"
LARGEST_LIMIT = 100
PATH = ".bundle_rules"
#: The rule by which a bundle names one of its parts.
BUNDLE_RULE = "order.items.any"
_UNITS = "order.items.aggregated_quantity"


def canonical_bundle(definition: Any, path: str = PATH) -> dict[str, Any]:
    """Return the bundle as stored and answered; an empty one is no bundle.

    Raises:
        InvalidPayload: the definition is no object, or ``limit`` is no whole number
            from 1 to 100, or ``multiply_discount`` no boolean.
        BadRequest: ``invalid_validation_rules``, an entry is something else than so
            many units of one thing; the details name its path.
    """
    if not isinstance(definition, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    entries = _entries(definition)
    canonical = canonical_rules(entries, path)
    keys = sorted((key for key in entries if key != LOGIC), key=key_order)
    for key in keys:
        _check_entry(canonical[key], f"{path}.{key}")
    if not keys:
        return {}
    multiplies = definition.get(MULTIPLY)
    if not isinstance(multiplies, bool | None):
        raise InvalidPayload(f"Property {path}.{MULTIPLY} must be boolean")
    settings: dict[str, Any] = {LIMIT: _limit(definition.get(LIMIT), f"{path}.{LIMIT}")}
    if multiplies is False:
        settings[MULTIPLY] = False
    return canonical | settings


def parse_bundle(definition: Any) -> Bundle | None:
    """Return a stored bundle ready to be counted; None where there is none.

    Raises:
        InvalidPayload: as ``canonical_bundle``.
        BadRequest: as ``canonical_bundle``.
    """
    stored = canonical_bundle(definition or {})
    if not stored:
        return None
    rules = parse_rules(_entries(stored), PATH).rules
    return Bundle(
        parts=tuple(_part(rules[key]) for key in sorted(rules, key=key_order)),
        limit=stored[LIMIT],
        multiplies=stored.get(MULTIPLY, True),
    )


def _part(rule: Rule) -> BundlePart:
    [target] = rule.conditions["$is"]
    counted = rule.nested.rules if rule.nested is not None else {}
    [units] = counted.values()
    [quantity] = units.conditions["$is"]
    return BundlePart(target, int(quantity), rule.error_message)


def _entries(definition: Mapping[str, Any]) -> dict[str, Any]:
    settings = {LIMIT, MULTIPLY}
    return {key: entry for key, entry in definition.items() if key not in settings}


def _limit(value: Any, path: str) -> int:
    limit = whole_number(value, path, least=1) or 1
    if limit > LARGEST_LIMIT:
        raise InvalidPayload(f"Property {path} must be <= {LARGEST_LIMIT}")
    return limit


def _check_entry(entry: Mapping[str, Any], path: str) -> None:
    if entry["name"] != BUNDLE_RULE:
        raise invalid(f"Property {path}.name must be '{BUNDLE_RULE}'")
    _only_value(entry, path)
    nested = entry.get("rules") or {}
    units = {key: rule for key, rule in nested.items() if key != LOGIC}
    if len(units) != 1:
        raise invalid(f"Property {path}.rules must have one rule")
    [(key, rule)] = units.items()
    where = f"{path}.rules.{key}"
    if rule["name"] != _UNITS:
        raise invalid(f"Property {where}.name must be '{_UNITS}'")
    # Null has been refused with the rules: what is left is a number or not.
    whole_number(_only_value(rule, where), f"{where}.conditions.$is", least=1)


def _only_value(rule: Mapping[str, Any], path: str) -> Any:
    """Return the value of ``$is``, the one condition that a bundle knows."""
    values = rule["conditions"].get("$is")
    if set(rule["conditions"]) != {"$is"} or len(values) != 1:
        raise invalid(f"Property {path}.conditions must have one '$is' value")
    return values[0]

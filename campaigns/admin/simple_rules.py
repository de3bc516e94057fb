"""The rules most marketers need, as plain fields, and back from stored rules.

A stored definition that says anything else is not simple: it is edited as JSON.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from promo.admin.presentation import money

Json = dict[str, Any]

#: Field of the form, name of the rule, its operator.
_NUMBERS = (
    ("least_amount", "order.amount", "$more_than_or_equal"),
    ("most_amount", "order.amount", "$less_than_or_equal"),
    ("least_items", "order.items.quantity", "$more_than_or_equal"),
    ("per_customer", "redemption.count.per_customer", "$less_than_or_equal"),
)
_METADATA = ("customer.metadata", "$in")
_COLLECTIONS = ("order.items.any", "$is")

#: The fields that together make the rules.
NAMES = (
    *(field for field, _, _ in _NUMBERS),
    "customer_key",
    "customer_values",
    "collections",
)


def rules_from(values: Mapping[str, Any]) -> Json:
    """Return the definition behind the simple fields; all must hold."""
    found = [
        _condition(name, operator, [values[field]])
        for field, name, operator in _NUMBERS
        if values.get(field) is not None
    ]
    if values.get("customer_key"):
        name, operator = _METADATA
        key, wanted = values["customer_key"], values["customer_values"]
        found.append(_condition(name, operator, wanted, key))
    if values.get("collections"):
        name, operator = _COLLECTIONS
        entries = [collection_entry(one.pk) for one in values["collections"]]
        found.append(_condition(name, operator, entries))
    keyed: Json = {str(index): rule for index, rule in enumerate(found, 1)}
    return {**keyed, "logic": " and ".join(keyed)} if keyed else {}


def collection_entry(collection_id: str) -> Json:
    """Return a collection as rules and applicability lists name it."""
    return {"object": "products_collection", "id": collection_id}


def simple_values(rules: Mapping[str, Any]) -> Json | None:
    """Return what the simple fields show; None where they cannot say it all.

    ``collections`` is a list of ids.
    """
    keys = [key for key in rules if key != "logic"]
    if set(str(rules.get("logic", "")).lower().split()) - {*keys, "and"}:
        return None
    shown: Json = {}
    for key in keys:
        value = _simple_value(rules[key])
        if value is None or value.keys() & shown.keys():
            return None
        shown |= value
    return shown


def _condition(
    name: str, operator: str, values: Sequence[Any], key: str | None = None
) -> Json:
    return {"name": name, "property": key, "conditions": {operator: list(values)}}


def _simple_value(rule: Mapping[str, Any]) -> Json | None:
    """Return the field behind one stored rule, with its value."""
    conditions = rule["conditions"]
    if rule.get("rules") or rule.get("error") or len(conditions) != 1:
        return None
    [(operator, values)] = conditions.items()
    said = (rule["name"], operator)
    if said == _METADATA and all(isinstance(value, str) for value in values):
        return {"customer_key": rule["property"], "customer_values": values}
    if said == _COLLECTIONS:
        ids = [_collection_id(value) for value in values]
        return {"collections": ids} if all(ids) else None
    for field, name, of in _NUMBERS:
        if said == (name, of) and len(values) == 1 and isinstance(values[0], int):
            return {field: values[0]}
    return None


def _collection_id(entry: Any) -> str | None:
    found = entry.get("id") if isinstance(entry, Mapping) else entry
    return found if isinstance(found, str) and found.startswith("pc_") else None


def rules_in_words(rules: Mapping[str, Any], currency: str) -> str:
    """Return what a rule asks for in one line."""
    simple = simple_values(rules)
    if simple is None:
        count = len([key for key in rules if key != "logic"])
        return "1 condition" if count == 1 else f"{count} conditions"
    parts = [_in_words(field, simple, currency) for field in simple]
    said = "; ".join(part for part in parts if part) or "always holds"
    return f"{said[0].upper()}{said[1:]}"


def _in_words(field: str, simple: Mapping[str, Any], currency: str) -> str:
    value = simple[field]
    if field == "customer_values":
        return ""
    if field == "customer_key":
        wanted = " or ".join(simple["customer_values"])
        return f"customer's {value} is {wanted}"
    if field == "collections":
        which = "a collection" if len(value) == 1 else f"{len(value)} collections"
        return f"a product of {which}"
    said = {
        "least_amount": "order from {money}",
        "most_amount": "order up to {money}",
        "least_items": "at least {value} items",
        "per_customer": "at most {value} uses a customer"
        if value != 1
        else "once a customer",
    }[field]
    return said.format(value=value, money=money(value, currency))

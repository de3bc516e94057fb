"""The filters most automatic collections need, as plain fields, and back."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_METADATA = "metadata."
#: Field of the form, attribute of the item, operator of the filter.
_FIELDS = (
    ("name_contains", "name", "$contains"),
    ("least_price", "price", "$more_than_equal"),
    ("most_price", "price", "$less_than_equal"),
)
NAMES = (*(field for field, _, _ in _FIELDS), "metadata_key", "metadata_values")


def filter_from(values: Mapping[str, Any]) -> Json:
    """Return the filter behind the simple fields; all must hold."""
    body: Json = {"junction": "and"}
    for field, attribute, operator in _FIELDS:
        if values.get(field) not in {None, ""}:
            conditions = body.setdefault(attribute, {"conditions": {}})["conditions"]
            conditions[operator] = [values[field]]
    if values.get("metadata_key"):
        wanted = {"conditions": {"$in": list(values["metadata_values"])}}
        body[f"{_METADATA}{values['metadata_key']}"] = wanted
    return body


def simple_values(body: Mapping[str, Any]) -> Json | None:
    """Return what the simple fields show; None where they cannot say it all."""
    shown: Json = {}
    for attribute, field in body.items():
        if attribute.startswith(_METADATA) and "metadata_key" not in shown:
            shown["metadata_key"] = attribute.removeprefix(_METADATA)
            shown["metadata_values"] = (field.get("conditions") or {}).get("$in", [])
        elif isinstance(field, Mapping):
            conditions = field.get("conditions") or {}
            for name, of, operator in _FIELDS:
                if of == attribute and len(conditions.get(operator, ())) == 1:
                    shown[name] = conditions[operator][0]
    return shown if filter_from(shown) == dict(body) else None

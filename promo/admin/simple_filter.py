"""The filters most people need, as plain fields, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_METADATA = "metadata."


@dataclass(frozen=True, slots=True)
class SimpleFilter:
    """The plain fields that ask about one kind of thing.

    ``fields`` are each a field of the form, an attribute of the thing and an operator;
    beside them any metadata may be asked for one of several values.
    """

    fields: Sequence[tuple[str, str, str]]

    @property
    def names(self) -> tuple[str, ...]:
        """All fields of the form."""
        own = (field for field, _, _ in self.fields)
        return (*own, "metadata_key", "metadata_values")

    def filter_from(self, values: Mapping[str, Any]) -> Json:
        """Return the filter behind the fields; all must hold."""
        body: Json = {"junction": "and"}
        for field, attribute, operator in self.fields:
            if values.get(field) not in {None, ""}:
                entry = body.setdefault(attribute, {"conditions": {}})
                entry["conditions"][operator] = [values[field]]
        if values.get("metadata_key"):
            wanted = {"conditions": {"$in": list(values["metadata_values"])}}
            body[f"{_METADATA}{values['metadata_key']}"] = wanted
        return body

    def values_of(self, body: Mapping[str, Any]) -> Json | None:
        """Return what the fields show; None where they cannot say it all."""
        shown: Json = {}
        for attribute, field in body.items():
            if attribute.startswith(_METADATA) and "metadata_key" not in shown:
                shown["metadata_key"] = attribute.removeprefix(_METADATA)
                conditions = field.get("conditions") or {}
                shown["metadata_values"] = conditions.get("$in", [])
            elif isinstance(field, Mapping):
                conditions = field.get("conditions") or {}
                for name, of, operator in self.fields:
                    if of == attribute and len(conditions.get(operator, ())) == 1:
                        shown[name] = conditions[operator][0]
        is_all = self.filter_from(shown) == dict(body)
        listed = all(map(_is_listable, shown.get("metadata_values", ())))
        return shown if is_all and listed else None


def _is_listable(value: Any) -> bool:
    """Say whether a value stays what it is in a list that commas separate."""
    return isinstance(value, str) and value.strip() == value and "," not in value

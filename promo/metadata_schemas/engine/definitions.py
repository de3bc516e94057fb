"""What metadata may hold: the definitions of one resource.

Source: data specification, "Metadata schemas".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from promo.comparison import Kind

#: Resources of the API; any other name is a schema of nested objects.
STANDARD = (
    "campaign",
    "customer",
    "earning_rule",
    "loyalty_tier",
    "order",
    "order_item",
    "product",
    "promotion_tier",
    "publication",
    "redemption",
    "reward",
    "voucher",
    "vl_program",
    "vl_member",
    "vl_card_definition",
    "vl_earning_rule",
    "vl_tier_structure",
    "vl_tier",
    "vl_reward",
    "vl_benefit",
)
WITH_GEOPOINTS = frozenset({"customer", "product"})
TYPES = (
    "string",
    "number",
    "boolean",
    "date",
    "datetime",
    "image_url",
    "geopoint",
    "object",
)
#: The object type of an object that may hold anything.
UNKNOWN = "unknown"
MOST_DEFINITIONS = 100
_KINDS = {
    "string": Kind.TEXT,
    "image_url": Kind.TEXT,
    "number": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "geopoint": Kind.GEOPOINT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What one key may hold.

    Lengths are those of a string, ``eq`` lists what a string or a number may be,
    ``ne`` what a number may not be; ``lt`` to ``gte`` bound a number. Numbers are as
    in JSON. ``object_type`` names the schema of an object. A ``deleted`` definition
    says nothing any more.
    """

    type: str
    array: bool = False
    optional: bool = True
    object_type: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    exact_length: int | None = None
    eq: tuple[Any, ...] = ()
    ne: tuple[Any, ...] = ()
    lt: Any = None
    lte: Any = None
    gt: Any = None
    gte: Any = None
    deleted: bool = False

    @property
    def is_required(self) -> bool:
        """Whether what is stored must have the key."""
        return not self.optional and not self.deleted

    def as_json(self) -> dict[str, Any]:
        """Return the definition as it is stored: what is not set is left out."""
        always = {"type", "array", "optional", "object_type"}
        whole = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in whole.items()
            if name in always or not (value is None or value is False or value == ())
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The definitions of one resource; with ``defined_only`` no other key may be."""

    related_object: str
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    defined_only: bool = False

    @property
    def living(self) -> dict[str, Definition]:
        """The definitions that have not been removed."""
        return {k: v for k, v in self.definitions.items() if not v.deleted}


Schemas = Mapping[str, Schema]


def stored_definition(stored: Mapping[str, Any]) -> Definition:
    """Return the definition behind what ``as_json`` gave."""
    lists = {name: tuple(stored[name]) for name in ("eq", "ne") if name in stored}
    return Definition(**{**stored, **lists})


def declared_kinds(schema: Schema, schemas: Schemas) -> dict[str, Kind]:
    """Return the declared type of each path; those of nested objects are dotted."""
    kinds = {}
    for key, definition in schema.living.items():
        if definition.type in _KINDS:
            kinds[key] = _KINDS[definition.type]
        nested = schemas.get(definition.object_type or "")
        if nested is not None:
            for inner, kind in declared_kinds(nested, {}).items():
                kinds[f"{key}.{inner}"] = kind
    return kinds

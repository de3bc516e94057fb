"""The validation-rule grammar: parsed once, checked on save, evaluated elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Union

ItemObject = Literal["product", "sku", "products_collection"]


@dataclass(frozen=True, slots=True)
class Target:
    """A product, SKU or collection that an item rule names.

    ``object`` is None when neither the entry nor its id says what it is: then
    product, SKU and collection are tried in turn.
    """

    object: ItemObject | None
    id: str | None
    source_id: str | None = None

    @property
    def label(self) -> str:
        """What to call it in a sentence."""
        return self.id or self.source_id or ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a fact's name, an optional metadata path, and what must hold.

    ``conditions`` maps an operator (``$more_than``) to its values, those of item
    rules being ``Target``; all must hold.
    """

    key: str
    name: str
    property: str | None
    conditions: Mapping[str, tuple[Any, ...]]
    nested: "RuleSet | None" = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A leaf of the logic expression: one rule's key."""

    key: str


@dataclass(frozen=True, slots=True)
class And:
    """Every operand holds."""

    operands: tuple["Logic", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one operand holds."""

    operands: tuple["Logic", ...]


Logic = Union[Key, And, Or]  # noqa: UP007 - a recursive alias


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules by key and the expression that joins them; no logic always passes."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    logic: Logic | None = None

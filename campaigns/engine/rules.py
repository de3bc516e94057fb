"""The validation-rule grammar: parsed once, checked on save, evaluated elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
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


@dataclass(frozen=True)
class RuleSet:
    """Rules by key and the expression that joins them; no logic always passes.

    What is asked of it for every decision is found once.
    """

    rules: Mapping[str, Rule] = field(default_factory=dict)
    logic: Logic | None = None

    @cached_property
    def read(self) -> tuple[Rule, ...]:
        """The rules that the logic reads, in key order."""
        keys = sorted(keys_of(self.logic), key=key_order)
        return tuple(self.rules[key] for key in keys if key in self.rules)

    @cached_property
    def read_deeply(self) -> tuple[Rule, ...]:
        """The rules that the logic reads, those nested in each behind it."""
        found: list[Rule] = []
        for rule in self.read:
            found.append(rule)
            if rule.nested is not None:
                found += rule.nested.read_deeply
        return tuple(found)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the rules that the logic reads, nested ones included."""
        return frozenset(rule.name for rule in self.read_deeply)

    def granting(self, keys: frozenset[str]) -> "RuleSet":
        """Return the set with the rules under ``keys`` taken for granted."""
        if not keys or self.logic is None:
            return self
        if keys not in self._granted:
            self._granted[keys] = RuleSet(self.rules, granted(self.logic, keys))
        return self._granted[keys]

    @cached_property
    def _granted(self) -> dict[frozenset[str], "RuleSet"]:
        return {}


def granted(logic: Logic, keys: frozenset[str]) -> Logic | None:
    """Simplify an expression, ``keys`` being true; None is always true."""
    if isinstance(logic, Key):
        return None if logic.key in keys else logic
    parts = [granted(part, keys) for part in logic.operands]
    kept = tuple(part for part in parts if part is not None)
    if isinstance(logic, Or):
        return Or(kept) if len(kept) == len(parts) else None
    return And(kept) if kept else None


def keys_of(logic: Logic | None) -> tuple[str, ...]:
    """Return the keys an expression reads, each once, from the left."""
    if logic is None:
        return ()
    if isinstance(logic, Key):
        return (logic.key,)
    found = (key for operand in logic.operands for key in keys_of(operand))
    return tuple(dict.fromkeys(found))


def key_order(key: str) -> tuple[int, int, str]:
    """Order rule keys: numbers by value, then everything else by text."""
    if key.isascii() and key.isdigit():
        return 0, int(key[:18]), key
    return 1, 0, key

"""The parts a formula is made of."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Union


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text:
    """A text between double quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Operand:
    """A fact by its name; that of metadata has a key."""

    name: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One ``SWITCH_CASE``: what is looked for, and what it comes to."""

    matches: "Node"
    result: "Node"


@dataclass(frozen=True, slots=True)
class Switch:
    """``SWITCH``: the first equal case, else the default."""

    subject: "Node"
    cases: tuple[Case, ...]
    default: "Node"


@dataclass(frozen=True, slots=True)
class Negative:
    """A minus before a value."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Chain:
    """Values joined from the left by operators of one precedence."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]


Node = Union[Number, Text, Operand, Call, Switch, Negative, Chain]  # noqa: UP007 - a recursive alias

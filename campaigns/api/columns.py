"""Filters over JSON columns and states of campaigns and vouchers."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform

from promo.api.columns import (
    FlagColumn,
    LookupColumn,
    TextColumn,
    flags,
    text_condition,
)
from promo.errors import InvalidQueryParams
from promo.filter_grammar import Condition

NOTHING = Q(pk__in=[])
WEEKDAYS = frozenset("0123456")


@dataclass(frozen=True)
class KeyColumn(TextColumn):
    """The text below one key of a JSON column."""

    key: str = ""

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows whose text fits any of the values."""
        values = [str(value) for value in condition.values]
        text = KeyTextTransform(self.key, self.lookup)
        return text_condition(text, condition.operator, values)


@dataclass(frozen=True)
class WeekdaysColumn(LookupColumn):
    """An array of weekdays, 0 (Sunday) to 6; it fits when it has one of them."""

    operators = FlagColumn.operators

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows with one of the weekdays."""
        found = NOTHING
        for value in condition.values:
            if str(value) not in WEEKDAYS:
                raise InvalidQueryParams(f"Property {path} must be from 0 to 6")
            found |= Q(**{f"{self.lookup}__contains": [int(value)]})
        return found


@dataclass(frozen=True)
class IsColumn(FlagColumn):
    """Whether a column has one certain value."""

    value: str = ""

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows that have the value, or those that have another."""
        has = Q(**{self.lookup: self.value})
        asked = flags(condition, path)
        return (has if True in asked else NOTHING) | (
            ~has if False in asked else NOTHING
        )

"""The ``order`` parameter and the position it gives a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, OrderBy, Q
from django.http import QueryDict

from promo.errors import InvalidQueryParams


@dataclass(frozen=True, slots=True)
class Order:
    """One field and a direction; the primary key decides between equals."""

    lookup: str
    descending: bool

    def terms(self) -> list[OrderBy]:
        """Return what goes into ``order_by``; nulls come last either way."""
        keys = [F(self.lookup)] if self.lookup == "pk" else [F(self.lookup), F("pk")]
        if self.descending:
            return [key.desc(nulls_last=True) for key in keys]
        return [key.asc() for key in keys]

    def after(self, row: Model) -> Q:
        """Return the condition of standing behind ``row``."""
        side = "lt" if self.descending else "gt"
        behind = Q(**{f"pk__{side}": row.pk})
        if self.lookup == "pk":
            return behind
        value = _value(row, self.lookup)
        if value is None:
            return Q(**{f"{self.lookup}__isnull": True}) & behind
        return (
            Q(**{f"{self.lookup}__{side}": value})
            | (Q(**{self.lookup: value}) & behind)
            | Q(**{f"{self.lookup}__isnull": True})
        )


def _value(row: Any, lookup: str) -> Any:
    for name in lookup.split("__"):
        row = None if row is None else getattr(row, name)
    return row


def read_order(query: QueryDict, orderings: Mapping[str, str], default: str) -> Order:
    """Return the order asked for, among the ``orderings`` (name → lookup).

    Raises:
        InvalidQueryParams: the field is not among them.
    """
    asked = query.get("order") or default
    name = asked.removeprefix("-")
    if name not in orderings:
        allowed = ", ".join(f"{one}, -{one}" for one in orderings)
        raise InvalidQueryParams(
            f"Property .order must be equal to one of the allowed values [ {allowed} ]"
        )
    lookup = "pk" if orderings[name] == "id" else orderings[name]
    return Order(lookup, descending=asked.startswith("-"))

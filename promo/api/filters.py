"""From the filters of a query string to SQL.

A resource declares its ``Columns``: the name of each filter and what it means in
the database. ``QueryFilters`` narrows a queryset by everything the request sends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from promo.api import query
from promo.api.columns import Column, MomentColumn
from promo.errors import InvalidQueryParams
from promo.filter_grammar import (
    Condition,
    FieldFilter,
    Filter,
    allows,
    parse_date_windows,
    parse_query_filter,
)


@dataclass(frozen=True, slots=True)
class QueryFilters:
    """What a list may be narrowed by.

    ``columns`` answer ``filters[<name>][conditions]…``; ``metadata.*`` stands for
    every path below it. ``shortcuts`` answer ``?name=value`` as ``$is``.
    ``date_range`` is the lookup that ``start_date`` (included) and ``end_date``
    (excluded) bound. ``created_at[before]`` and its kin work wherever there is a
    column of that name.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    shortcuts: Mapping[str, Column] = field(default_factory=dict)
    date_range: str | None = None

    def apply(self, rows: QuerySet[Any], sent: QueryDict, now: datetime) -> Any:
        """Return ``rows`` narrowed by the query string ``sent``.

        Raises:
            InvalidQueryParams: a filter is malformed, unknown or does not fit.
        """
        wanted = parse_query_filter(sent.lists())
        for condition in (
            self.condition(wanted, now),
            self.condition(self._windows(sent), now),
            self._shortcuts(sent, now),
            self._range(sent),
        ):
            if condition:
                rows = rows.filter(condition)
        return rows

    def _windows(self, sent: QueryDict) -> Filter:
        windows = parse_date_windows(sent.lists())
        known = tuple(
            entry
            for entry in windows.fields
            if isinstance(self.columns.get(entry.field), MomentColumn)
        )
        return Filter(known)

    def condition(self, wanted: Filter, now: datetime, *, path: str = ".filters") -> Q:
        """Return the rows that ``wanted`` accepts; ``path`` is where it stands.

        Raises:
            InvalidQueryParams: a filter is unknown or does not fit.
        """
        whole = Q()
        for entry in wanted.fields:
            part = self._field(entry, wanted.junction, now, path)
            whole = whole & part if wanted.junction == "and" else whole | part
        return whole

    def _field(self, entry: FieldFilter, junction: str, now: datetime, whole: str) -> Q:
        column = self._column(entry.field)
        path = f"{whole}.{entry.field}"
        every = Q()
        for condition in entry.conditions:
            meant = _meant(condition, junction)
            every &= column.condition(meant, entry.field, path, now)
        return every

    def _column(self, name: str) -> Column:
        if name in self.columns:
            return self.columns[name]
        if not allows(self.columns, name):
            raise InvalidQueryParams(f"Property .filters.{name} is not a known filter")
        parts = name.split(".")
        heads = (".".join(parts[:end]) + ".*" for end in range(len(parts), 0, -1))
        return next(self.columns[head] for head in heads if head in self.columns)

    def _shortcuts(self, sent: QueryDict, now: datetime) -> Q:
        every = Q()
        for name, column in self.shortcuts.items():
            value = query.text(sent, name)
            if value is not None:
                condition = Condition("$is", (value,))
                every &= column.condition(condition, name, f".{name}", now)
        return every

    def _range(self, sent: QueryDict) -> Q:
        if self.date_range is None:
            return Q()
        bounds = {
            f"{self.date_range}__gte": query.moment(sent, "start_date"),
            f"{self.date_range}__lt": query.moment(sent, "end_date"),
        }
        return Q(**{side: at for side, at in bounds.items() if at is not None})


def _meant(condition: Condition, junction: str) -> Condition:
    if condition.operator == "$is" and junction == "or":
        return Condition("$in", condition.values)
    return condition

"""Inserting model instances with hand-written SQL, for the hot road only.

Rows travel as one JSON text that PostgreSQL takes apart by the table's own types: the
statement is the same for one row as for many, so it is planned once a connection,
and several tables can be filled by one statement.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, models

from promo.row_reader import value_field

M = TypeVar("M", bound=models.Model)


class RowWriter(Generic[M]):
    """The INSERT of one model; ``sql`` takes what ``rows`` returns.

    Columns that the database works out itself are left to it.
    """

    def __init__(self, model: type[M]) -> None:
        fields = [each for each in model._meta.concrete_fields if not each.generated]
        table = model._meta.db_table
        columns = ", ".join(f'"{field.column}"' for field in fields)
        # The text is put together from table and column names of our own models.
        self.sql = (
            f"INSERT INTO {table} ({columns}) SELECT {columns} "  # noqa: S608
            f"FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"
        )
        self._table, self._key = table, model._meta.pk.column
        self._columns = {field.attname: field.column for field in fields}
        self._fields = [
            (field.column, field.attname, _plain_value(field)) for field in fields
        ]

    def rows(self, instances: Sequence[M]) -> str:
        """Return instances as the JSON text that ``sql`` inserts."""
        return json.dumps(
            [
                {
                    column: plain(getattr(instance, name))
                    for column, name, plain in self._fields
                }
                for instance in instances
            ]
        )

    def insert(self, instances: Sequence[M]) -> None:
        """Insert ``instances``, whose keys are set, with one statement."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [self.rows(instances)])

    def insert_new(self, instances: Sequence[M]) -> set[Any]:
        """Insert those that no unique constraint keeps out; return their keys.

        Keys are as the database has them. Others who insert the same rows are waited
        for, so give the instances in one order everywhere.
        """
        sql = f'{self.sql} ON CONFLICT DO NOTHING RETURNING "{self._key}"'
        with connection.cursor() as cursor:
            cursor.execute(sql, [self.rows(instances)])
            return {row[0] for row in cursor.fetchall()}

    def update(self, instances: Sequence[M], names: Sequence[str]) -> None:
        """Write the fields ``names`` of ``instances``, whose rows the caller holds."""
        columns = [self._columns[name] for name in names]
        changes = ", ".join(f'"{column}" = g."{column}"' for column in columns)
        # The text is put together from table and column names of our own models.
        sql = (
            f"UPDATE {self._table} t SET {changes} "  # noqa: S608
            f"FROM jsonb_populate_recordset(NULL::{self._table}, %s::jsonb) g "
            f'WHERE t."{self._key}" = g."{self._key}"'
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [self.rows(instances)])


def _plain_value(field: Any) -> Callable[[Any], Any]:
    """Return what makes a field's value JSON that its column's type reads back."""
    target = value_field(field)
    if isinstance(target, models.JSONField):
        return lambda value: value
    return lambda value: _plain(target.get_prep_value(value))


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, date):
        return value.isoformat()
    return value

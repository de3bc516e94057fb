"""Inserting model instances with hand-written SQL, for the hot road only.

Rows travel as one JSON text that PostgreSQL takes apart by the table's own types: the
statement is the same for one row as for many, so it is planned once a connection,
and several tables can be filled by one statement.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, models

from promo.errors import PromoError
from promo.ids import PrefixedIdField
from promo.quick_json import dumps
from promo.row_reader import value_field

M = TypeVar("M", bound=models.Model)

#: Fields whose values are JSON as they are, or become it as the column reads them.
_AS_THEY_ARE = (
    models.BooleanField,
    models.CharField,
    models.IntegerField,
    models.JSONField,
    models.TextField,
)
#: Column, name of the attribute, and what makes its value JSON; None: it is already.
_Written = tuple[str, str, Callable[[Any], Any] | None]


class Overtaken(PromoError):
    """Somebody else has stored a row since it was looked up: start over."""

    key = "conflict"
    message = "The same has been stored at the same moment"


class RowWriter(Generic[M]):
    """The INSERT of one model; ``sql`` takes what ``rows`` returns.

    Columns that the database works out itself are left to it, numbers as keys too.
    """

    def __init__(self, model: type[M]) -> None:
        fields = [each for each in model._meta.concrete_fields if not each.generated]
        table = model._meta.db_table
        columns = ", ".join(
            f'"{field.column}"'
            for field in fields
            if not isinstance(field, models.AutoField)
        )
        # The text is put together from table and column names of our own models.
        insert = f"INSERT INTO {table} ({columns}) SELECT {columns} "
        self.sql = f"{insert}FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"
        self._table, self._key = table, model._meta.pk.column
        self._new = (
            f"{insert}FROM jsonb_populate_recordset("
            f"jsonb_populate_record(NULL::{table}, %s::jsonb), %s::jsonb) "
            f'ON CONFLICT DO NOTHING RETURNING "{self._key}"'
        )
        self._fields: list[_Written] = [
            (str(field.column), field.attname, _plain_value(field)) for field in fields
        ]
        self._inserted = [
            written
            for written, field in zip(self._fields, fields, strict=True)
            if not isinstance(field, models.AutoField)
        ]
        self._json = {each.column for each in fields if _is_json(each)}

    def rows(self, instances: Sequence[M]) -> str:
        """Return instances as the JSON text that ``sql`` inserts."""
        return self.values([vars(each) for each in instances])

    def values(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Return rows, as ``insert_values`` takes them, as ``sql`` does."""
        return _json(self._inserted, rows)

    def insert(self, instances: Sequence[M]) -> None:
        """Insert ``instances`` with one statement; keys that are no numbers are set."""
        self.insert_values([vars(each) for each in instances])

    def insert_values(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that nobody needs as instances: each the values of all fields.

        They are by the names of attributes, ``delivery_id``; a number that the database
        gives as the key is left out or None.
        """
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [self.values(rows)])

    def insert_new(self, instances: Sequence[M]) -> set[Any]:
        """Insert those that no unique constraint keeps out; return their keys.

        Keys are as the database has them. Others who insert the same rows are waited
        for, so give the instances in one order everywhere. What all have in common
        travels once.
        """
        return self.insert_new_values([vars(each) for each in instances])

    def insert_new_values(self, rows: Sequence[Mapping[str, Any]]) -> set[Any]:
        """Do so with rows as ``insert_values`` takes them."""
        with connection.cursor() as cursor:
            cursor.execute(self._new, self._apart(rows))
            return {row[0] for row in cursor.fetchall()}

    def insert_first(self, instances: Sequence[M]) -> None:
        """Insert instances, all of them; give them in one order everywhere.

        Raises:
            Overtaken: a unique constraint keeps one of them out.
        """
        if instances and len(self.insert_new(instances)) < len(instances):
            raise Overtaken

    def update(self, instances: Sequence[M], names: Sequence[str]) -> None:
        """Write the fields ``names`` of ``instances``, whose rows the caller holds."""
        changed = [each for each in self._fields if each[1] in names]
        sent = [
            each for each in self._fields if each[0] == self._key or each in changed
        ]
        changes = ", ".join(f'"{column}" = g."{column}"' for column, *_ in changed)
        # The text is put together from table and column names of our own models.
        sql = (
            f"UPDATE {self._table} t SET {changes} "  # noqa: S608
            f"FROM jsonb_populate_recordset(NULL::{self._table}, %s::jsonb) g "
            f'WHERE t."{self._key}" = g."{self._key}"'
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [_json(sent, [vars(each) for each in instances])])

    def _apart(self, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
        """Return as JSON what all rows share, and what each has of its own."""
        shared: dict[str, Any] = {}
        own: dict[str, list[Any]] = {}
        for column, name, plain in self._inserted:
            values = [row[name] for row in rows]
            if _alike(values, as_json=column in self._json):
                shared[column] = plain(values[0]) if plain else values[0]
            else:
                own[column] = [plain(each) for each in values] if plain else values
        apart = [
            {column: values[place] for column, values in own.items()}
            for place in range(len(rows))
        ]
        return _text(shared), _text(apart)


def _json(fields: Sequence[_Written], instances: Sequence[Mapping[str, Any]]) -> str:
    columns = [column for column, *_ in fields]
    names = [name for _, name, _ in fields]
    to_make = [(at, plain) for at, (*_, plain) in enumerate(fields) if plain]
    rows = []
    for known in instances:
        values = [known[name] for name in names]
        for at, plain in to_make:
            values[at] = plain(values[at])
        rows.append(dict(zip(columns, values, strict=True)))
    return _text(rows)


def _text(value: Any) -> str:
    return dumps(value).decode()


def _alike(values: Sequence[Any], *, as_json: bool) -> bool:
    """Say whether all values are one. JSON tells 1 from true, Python does not."""
    first = values[0]
    if not as_json:
        return all(value == first for value in values)
    if first:
        return all(value is first for value in values)
    return all(type(value) is type(first) and not value for value in values)


def _is_json(field: Any) -> bool:
    return isinstance(value_field(field), models.JSONField)


def _plain_value(field: Any) -> Callable[[Any], Any] | None:
    """Return what makes a field's value JSON that its column's type reads back."""
    target = value_field(field)
    if isinstance(target, _AS_THEY_ARE):
        return None
    if isinstance(target, PrefixedIdField):
        return _digits_of(target)
    if isinstance(target, models.DateTimeField):
        return partial(_moment, target)
    return lambda value: _plain(target.get_prep_value(value))


def _digits_of(field: PrefixedIdField) -> Callable[[Any], Any]:
    """Return what makes digits of an id, without asking whether they are some."""
    prefix, length = field.prefix, len(field.prefix) + 32

    def digits(value: Any) -> Any:
        if isinstance(value, str) and len(value) == length and value.startswith(prefix):
            return value[-32:]
        return _plain(field.get_prep_value(value))

    return digits


def _moment(field: Any, value: Any) -> Any:
    """Return a moment as PostgreSQL reads it; most that may be there are not."""
    if value is None:
        return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()
    return _plain(field.get_prep_value(value))


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, date):
        return value.isoformat()
    return value

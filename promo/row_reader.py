"""Reading model instances from hand-written SQL, for the hot road only.

The ORM compiles each query anew, which costs more than PostgreSQL needs to answer
it. Here the column list is written once and rows become ordinary instances.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)


class RowReader(Generic[M]):
    """The columns of one model in a joined SELECT, and how to read them back."""

    def __init__(self, model: type[M], alias: str) -> None:
        """Read ``model`` from the table called ``alias`` in the statement."""
        fields = model._meta.concrete_fields
        self.model = model
        self.table = model._meta.db_table
        self.columns = ", ".join(f'{alias}."{field.column}"' for field in fields)
        self.width = len(fields)
        self._names = [field.attname for field in fields]
        self._key = self._names.index(str(model._meta.pk.attname))
        values = [value_field(field) for field in fields]
        self._converters = [
            (index, _reading(field))
            for index, field in enumerate(values)
            if hasattr(field, "from_db_value")
        ]

    def read(self, values: Sequence[Any]) -> M | None:
        """Return the instance behind one row's part; None where a join found none."""
        if values[self._key] is None:
            return None
        row = list(values)
        convert: Callable[..., Any]
        for index, convert in self._converters:
            if row[index] is not None:
                row[index] = convert(row[index], None, connection)
        return self._made(row)

    def _made(self, row: Sequence[Any]) -> M:
        """Return an instance as ``from_db`` does, without asking who wants to know."""
        state = ModelState()
        state.adding, state.db = False, "default"
        instance = self.model.__new__(self.model)
        vars(instance).update(zip(self._names, row, strict=True), _state=state)
        return instance

    def select(self, sql: str, arguments: Sequence[Any] | Mapping[str, Any]) -> list[M]:
        """Return the instances of a statement that selects ``columns`` alone."""
        with connection.cursor() as cursor:
            cursor.execute(sql, arguments)
            rows = cursor.fetchall()
        return self.read_all(rows)

    def read_all(self, rows: Iterable[Sequence[Any]]) -> list[M]:
        """Return the instances behind rows of ``columns`` alone."""
        return [found for row in rows if (found := self.read(row)) is not None]


def _reading(field: Any) -> Callable[..., Any]:
    """Return how a field reads what is stored; much of the JSON stored is empty."""
    plain: Callable[..., Any] = field.from_db_value
    if not isinstance(field, models.JSONField):
        return plain

    def read(stored: Any, *rest: Any) -> Any:
        return {} if stored == "{}" else plain(stored, *rest)

    return read


def read_joined(row: Sequence[Any], *readers: RowReader[Any]) -> list[Any]:
    """Return the instances that stand side by side in a row; None where none is."""
    found, start = [], 0
    for reader in readers:
        found.append(reader.read(row[start : start + reader.width]))
        start += reader.width
    return found


def value_field(field: Any) -> Any:
    """Return the field whose values a column holds: for a key, the one it points at."""
    while field.remote_field is not None:
        field = field.target_field
    return field

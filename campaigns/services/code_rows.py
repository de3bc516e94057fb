"""The rows of many vouchers that differ by their code alone, and storing them.

COPY is twice as fast and stops at a code that is taken; INSERT passes over it. What
they write is the same.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from psycopg.errors import UniqueViolation

from campaigns.models import Voucher
from campaigns.models.voucher import code_key
from promo.ids import new_hexes

_OWN = frozenset({"id", "code", "code_key"})
_LINES = 1_000
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NOTHING = r"\N"


def add_codes(prototype: Voucher, codes: Sequence[str]) -> int:
    """Store a voucher like ``prototype`` for each code that is free.

    Returns how many these are.
    """
    rows = CodeRows(prototype, codes)
    return rows.copy() or len(rows.insert())


def insert_codes(prototype: Voucher, codes: Sequence[str]) -> list[str]:
    """Store a voucher like ``prototype`` for each code; return the new codes."""
    return CodeRows(prototype, codes).insert()


class CodeRows:
    """A row for each of ``codes``; those that compare equal share one.

    Rows go in in the order of their keys, so that two makers wait for each other in
    one direction only. Their ids are in the order of ``codes``: an id does not tell
    where its code lies among others.
    """

    def __init__(self, prototype: Voucher, codes: Sequence[str]) -> None:
        project = prototype.project
        keyed = {code_key(project, code): code for code in codes}
        ids = new_hexes(len(keyed))
        self._rows = sorted(zip(keyed.keys(), keyed.values(), ids, strict=True))
        self._shared = [
            field
            for field in Voucher._meta.concrete_fields
            if field.name not in _OWN and not field.generated
        ]
        self._values: list[Any] = [
            field.get_db_prep_save(getattr(prototype, field.attname), connection)
            for field in self._shared
        ]
        table = connection.ops.quote_name(Voucher._meta.db_table)
        shared = ", ".join(f'"{field.column}"' for field in self._shared)
        self._target = f"{table} (code_key, code, id, {shared})"

    def copy(self) -> int:
        """Store all rows and return how many; 0, and nothing, where a code is taken."""
        shared = self._shared_cells()
        try:
            with (
                transaction.atomic(),
                connection.cursor() as cursor,
                connection.wrap_database_errors,
                cursor.copy(f"COPY {self._target} FROM STDIN") as copy,
            ):
                for lines in self._lines(shared):
                    copy.write(lines)
        except IntegrityError as refused:
            if not isinstance(refused.__cause__, UniqueViolation):
                raise
            return 0
        return len(self._rows)

    def insert(self) -> list[str]:
        """Store the rows whose key is free, with one statement; return their codes."""
        shared = ", ".join(f"%s::{field.db_type(connection)}" for field in self._shared)
        statement = f"""
            INSERT INTO {self._target}
            SELECT made.key, made.code, made.id, {shared}
            FROM unnest(%s::text[], %s::text[], %s::uuid[]) WITH ORDINALITY
              AS made (key, code, id, place)
            ORDER BY made.place
            ON CONFLICT (project_id, code_key) DO NOTHING
            RETURNING code
        """  # noqa: S608 - names of our own columns
        columns = [list(column) for column in zip(*self._rows, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(statement, [*self._values, *(columns or [[], [], []])])
            return [row[0] for row in cursor.fetchall()]

    def _lines(self, shared: str) -> Iterator[str]:
        """Return the rows as COPY reads them, some at a time.

        Codes have no control characters, which leaves them one to escape.
        """
        for start in range(0, len(self._rows), _LINES):
            yield "".join(
                [
                    f"{key}\t{code}\t{row_id}\t{shared}\n"
                    if "\\" not in code
                    else f"{_cell(key)}\t{_cell(code)}\t{row_id}\t{shared}\n"
                    for key, code, row_id in self._rows[start : start + _LINES]
                ]
            )

    def _shared_cells(self) -> str:
        """Return what all rows have in common, as PostgreSQL itself writes it."""
        cells = ", ".join(
            f"%s::{field.db_type(connection)}::text" for field in self._shared
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {cells}", self._values)
            [texts] = cursor.fetchall()
        return "\t".join(map(_cell, texts))


def _cell(text: str | None) -> str:
    return _NOTHING if text is None else text.translate(_ESCAPED)

"""The cells of a file, each worked out by the database.

Source: data specification, "Exports", "Types".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, NullIf

from promo.api.json_columns import json_text
from promo.clock import ISO_SQL

#: What a spreadsheet would take for a formula: text that begins with one of these, but
#: for negative numbers. The same that ``promo.csv_cells`` guards.
_FORMULA = ", ".join(str(ord(sign)) for sign in "\t\n\r+-=@")
#: No letter comes before this: most texts are done with after one comparison.
_FIRST_LETTER = ord("A")
_WORDS = {"id": "ID", "qr": "QR", "sku": "SKU", "url": "URL"}


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a file: what is in its cells.

    Whatever somebody may have typed is ``guarded``: it never is a formula.
    """

    expression: Any
    guarded: bool = False


class _Shown(Func):
    """A prefixed id as the API shows it; NULL stays NULL."""

    template = "%(prefix)s || encode(uuid_send(%(expressions)s), 'hex')"
    output_field = TextField()


class _Major(Func):
    template = "((%(expressions)s)::numeric * 0.01)::text"
    output_field = TextField()


class _Moment(Func):
    template = ISO_SQL.format("%(expressions)s")
    output_field = TextField()


class _Day(Func):
    template = "to_char(%(expressions)s, 'YYYY-MM-DD')"
    output_field = TextField()


def text(expression: Any) -> Field:
    """Return the column of a text; an empty one is no text."""
    filled = NullIf(_of(expression), Value(""), output_field=TextField())
    return Field(filled, guarded=True)


def code(name: str) -> Field:
    """Return the column of a text that is never empty."""
    return Field(F(name), guarded=True)


def plain(expression: Any) -> Field:
    """Return the column of numbers and words of our own."""
    return Field(_of(expression))


def moment(name: str) -> Field:
    """Return the column of moments, in UTC to the millisecond."""
    return Field(_Moment(F(name)))


def day(name: str) -> Field:
    """Return the column of calendar days."""
    return Field(_Day(F(name)))


def flag(name: str) -> Field:
    """Return the column of ``true`` and ``false``."""
    return Field(Cast(F(name), TextField()))


def json(name: str) -> Field:
    """Return the column of arrays and objects, as JSON."""
    return Field(Cast(F(name), TextField()))


def below(name: str, *keys: str) -> Any:
    """Return what stands at a path of a JSON column, as text."""
    holder: Any = F(name)
    for key in keys[:-1]:
        holder = KeyTransform(key, holder)
    return KeyTextTransform(keys[-1], holder)


def major(expression: Any) -> Any:
    """Return minor units as major ones, with their two decimals."""
    return _Major(expression)


def shown(name: str, prefix: str) -> Field:
    """Return the column of ids with ``prefix``."""
    return Field(shown_id(F(name), prefix))


def shown_id(expression: Any, prefix: str) -> Any:
    """Return an id as the API shows it."""
    return _Shown(expression, prefix=f"'{prefix}'")


def metadata(path: str) -> Field:
    """Return the column of one path of metadata: text, or JSON of what is nested."""
    return Field(json_text("metadata", path.split(".")), guarded=True)


def nothing() -> Field:
    """Return a column that is always empty."""
    return Field(Value(None, output_field=TextField()))


def label(name: str) -> str:
    """Return the header of a field: ``voucher_type`` is ``Voucher Type``."""
    return " ".join(_WORDS.get(word, word.capitalize()) for word in name.split("_"))


def guarded(column: str) -> str:
    """Return SQL for a column of text that no spreadsheet takes for a formula."""
    return (
        f"CASE WHEN ascii({column}) < {_FIRST_LETTER} "
        f"AND ascii({column}) IN ({_FORMULA}) "
        f"AND {column} !~ '^-\\d+(\\.\\d+)?$' "
        f"THEN '''' || {column} ELSE {column} END"
    )


def named(
    prefix: str, names: Sequence[str], column: str, path: str
) -> dict[str, Field]:
    """Return columns of figures below a path of a JSON column, by prefixed names."""
    return {
        f"{prefix}{name}": plain(below(column, *path.split("."), name))
        for name in names
    }


def _of(expression: Any) -> Any:
    return F(expression) if isinstance(expression, str) else expression

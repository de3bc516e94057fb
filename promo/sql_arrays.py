"""Arrays as PostgreSQL's own literals, for ``%s::uuid[]`` and its kin.

The driver works out the type of every element anew, which takes longer than the
statement; whoever writes the statement knows it.
"""

from collections.abc import Iterable
from uuid import UUID

#: An array of nothing.
EMPTY = "{}"


def uuids(values: Iterable[UUID]) -> str:
    """Return the literal of a ``uuid[]``."""
    return "{" + ",".join([value.hex for value in values]) + "}"


def integers(values: Iterable[int | None]) -> str:
    """Return the literal of a ``bigint[]``."""
    return (
        "{"
        + ",".join(["NULL" if value is None else str(value) for value in values])
        + "}"
    )


def texts(values: Iterable[str]) -> str:
    """Return the literal of a ``text[]``, each element quoted."""
    return "{" + ",".join([_quoted(value) for value in values]) + "}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

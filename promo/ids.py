"""Time-ordered ids: stored as ``uuid``, shown with their type's prefix.

``camp_`` followed by the 32 hex digits of the UUID. The field parses and prints;
nothing else knows.
"""

import re
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import uuid_utils
from django.core.exceptions import ValidationError
from django.db import models
from uuid_utils.compat import uuid7

_DIGITS = 32
_HEX = re.compile(rf"[0-9a-f]{{{_DIGITS}}}")


def new_uuid() -> uuid.UUID:
    """Return a fresh time-ordered UUID."""
    return uuid7()


def new_hexes(count: int) -> list[str]:
    """Return so many fresh time-ordered UUIDs as 32 hex digits each, for bulk rows."""
    return [uuid_utils.uuid7().hex for _ in range(count)]


def show(prefix: str, value: uuid.UUID) -> str:
    """Return ``value`` as the API shows it: prefix and 32 hex digits."""
    return f"{prefix}{value.hex}"


#: What ``new_uuid`` makes, as PostgreSQL does it.
NEW_UUID_SQL = """
overlay(overlay(replace(gen_random_uuid()::text, '-', '')
  placing lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
  from 1 for 12) placing '7' from 13 for 1)::uuid
"""


def shown_sql(prefix: str, column: str) -> str:
    """Return how PostgreSQL shows the id in ``column``, a name of our own."""
    return f"'{prefix}' || replace({column}::text, '-', '')"


def new_id(prefix: str) -> str:
    """Return a fresh shown id."""
    return show(prefix, new_uuid())


def parse(prefix: str, text: str) -> uuid.UUID:
    """Return the UUID behind a shown id.

    Raises:
        ValueError: ``text`` is no id of this type.
    """
    found = parse_or_none(prefix, text)
    if found is None:
        msg = f"not an id with prefix {prefix}"
        raise ValueError(msg)
    return found


def parse_or_none(prefix: str, text: object) -> uuid.UUID | None:
    """Return the UUID behind a shown id, None for anything else."""
    if not isinstance(text, str) or len(text) != len(prefix) + _DIGITS:
        return None
    return _parsed(prefix, text)


@lru_cache(maxsize=4_096)
def _parsed(prefix: str, text: str) -> uuid.UUID | None:
    """Parse; a checkout asks for the same few ids again and again."""
    digits = text[len(prefix) :]
    is_id = text.startswith(prefix) and _HEX.fullmatch(digits)
    return uuid.UUID(hex=digits) if is_id else None


def parse_shown(text: str) -> uuid.UUID:
    """Return the UUID behind a shown id of any type.

    Raises:
        ValueError: ``text`` is no shown id.
    """
    return parse(text[: text.rindex("_") + 1], text)


if TYPE_CHECKING:
    _Base = models.Field[str | uuid.UUID, str]
else:
    _Base = models.Field


class PrefixedIdField(_Base):
    """A ``uuid`` column whose Python value is the shown id, ``camp_<32 hex>``."""

    def __init__(self, prefix: str = "", **options: Any) -> None:
        self.prefix = prefix
        super().__init__(**options)

    def deconstruct(self) -> Any:
        """Return what a migration needs to make the field again."""
        name, path, args, kwargs = super().deconstruct()
        kwargs["prefix"] = self.prefix
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        """Store as Django's UUIDField does."""
        return "UUIDField"

    def get_default(self) -> Any:
        """Return a fresh id where the field is the primary key."""
        return new_id(self.prefix) if self.primary_key else super().get_default()

    def from_db_value(self, value: uuid.UUID | None, *_: Any) -> str | None:
        """Return the shown id of a stored value."""
        return None if value is None else show(self.prefix, value)

    def to_python(self, value: Any) -> Any:
        """Return the shown id of a shown id or UUID.

        Raises:
            ValidationError: ``value`` is neither.
        """
        if value is None:
            return None
        if isinstance(value, uuid.UUID):
            return show(self.prefix, value)
        if parse_or_none(self.prefix, value) is None:
            message = "“%(value)s” is not a valid id."
            raise ValidationError(message, code="invalid", params={"value": value})
        return value

    def get_prep_value(self, value: Any) -> uuid.UUID | None:
        """Return the UUID to send to the database.

        Raises:
            ValueError: ``value`` is no id of this type.
        """
        value = super().get_prep_value(value)
        if value is None or isinstance(value, uuid.UUID):
            return value
        return parse(self.prefix, str(value))

    def get_db_prep_value(
        self,
        value: Any,
        connection: Any,
        prepared: Any = False,  # noqa: FBT002 - Django's signature
    ) -> Any:
        """Return the database's form."""
        return value if prepared else self.get_prep_value(value)

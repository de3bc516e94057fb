"""Storing the fields of a held row that differ from what was given."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Product, Sku


def save_changes(
    held: Product | Sku, fields: Mapping[str, Any], *, now: datetime
) -> bool:
    """Store ``fields`` on ``held``; return whether any of them was another before.

    Raises:
        IntegrityError: a unique value is taken; the transaction goes on.
    """
    if not any(getattr(held, name) != value for name, value in fields.items()):
        return False
    for name, value in fields.items():
        setattr(held, name, value)
    held.updated_at = now
    with transaction.atomic():
        held.save(update_fields=[*fields, "updated_at"])
    return True

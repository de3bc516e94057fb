"""Deleting much without holding it for long."""

from typing import Any

from django.db.models import QuerySet

_BATCH = 5_000


def delete_batch(rows: QuerySet[Any]) -> int:
    """Delete the first of ``rows``, at most a batch; return how many."""
    keys = list(rows.values_list("pk", flat=True)[:_BATCH])
    rows.model._base_manager.filter(pk__in=keys).delete()  # noqa: SLF001 - of all rows
    return len(keys)

"""The bin as the API shows it."""

from typing import Any

from campaigns.models import BinEntry
from promo.clock import isoformat
from promo.jobs.models import AsyncAction


def bin_entry_as_json(entry: BinEntry) -> dict[str, Any]:
    """Return an entry; its ``object`` is the type of what was deleted.

    Source: data specification, "Bin".
    """
    return {
        "id": entry.pk,
        "created_at": isoformat(entry.created_at),
        "deleted_by_user_id": entry.deleted_by_id,
        "resource_id": entry.resource_id,
        "resource_type": entry.resource_type,
        "resource_name": entry.resource_name,
        "resource_parent_id": entry.resource_parent_id,
        "object": entry.resource_type,
    }


def restored_as_json(entry: BinEntry, action: AsyncAction | None) -> dict[str, Any]:
    """Return what came back: its own id, and the work that brings its codes."""
    return {
        "id": entry.resource_id,
        "async_action_id": action and action.pk,
        "object": entry.resource_type,
    }

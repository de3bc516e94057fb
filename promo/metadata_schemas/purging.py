"""Taking the values of a removed definition off everything that still has them.

The rows belong to later stages: each has a step of its own, which names its tables.

Source: data specification, "Metadata schemas, Endpoints".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, JSONField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from promo.jobs.models import AsyncAction

BATCH = 1_000
#: Whose values can be purged, and by which asynchronous action.
ACTIONS = {
    "campaign": "CAMPAIGNS.METADATA_KEY_PURGE",
    "customer": "CUSTOMERS.METADATA_KEY_PURGE",
    "product": "PRODUCTS.METADATA_KEY_PURGE",
    "voucher": "VOUCHERS.METADATA_KEY_PURGE",
    "order": "ORDERS.METADATA_KEY_PURGE",
}


@dataclass(frozen=True, slots=True)
class Purged:
    """The rows of one step by their keys, and whether it was the last one."""

    keys: list[str]
    complete: bool


def purge_batch(
    action: AsyncAction, tables: Sequence[QuerySet[Any]], *, now: datetime
) -> Purged:
    """Take the action's key off the next rows of ``tables``, one after the other.

    Rows are held in key order, as all who write several of them do.
    """
    key, progress = action.arguments["key"], dict(action.progress)
    place = progress.get("table", 0)
    rows = tables[place].filter(metadata__has_key=key).order_by("pk")
    if "after" in progress:
        rows = rows.filter(pk__gt=progress["after"])
    held = rows.select_for_update(no_key=True, of=("self",))
    keys = list(held.values_list("pk", flat=True)[:BATCH])
    tables[place].filter(pk__in=keys).update(metadata=_without(key), updated_at=now)
    done = progress.get("purged", 0) + len(keys)
    is_last = len(keys) < BATCH
    action.progress = {"table": place + is_last, "purged": done}
    if not is_last:
        action.progress["after"] = keys[-1]
    action.result = {
        "message": f"Purged {key} from {done} objects.",
        "done_count": done,
    }
    return Purged(keys, complete=is_last and place + 1 == len(tables))


def _without(key: str) -> Func:
    keys = ArrayField(TextField())
    return Func(
        F("metadata"),
        Cast(Value([key], keys), keys),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=JSONField(),
    )

"""Asking for exports, taking them back, and making people in them disappear.

Source: data specification, "Exports".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import Case, DateTimeField, F, Value, When

from customers.models import Customer
from promo import request_context
from promo.operations import Operations
from promo.tenancy.models import ApiKey, Project, User
from redemptions.exports.registry import PERSONAL, catalogue_of
from redemptions.exports.selection import select
from redemptions.models import Export, ScheduledExport
from redemptions.models.export import KEPT, ExportChannel
from redemptions.services.export_files import remove_withdrawn

RESOURCE = "export"
_FOLDER = "exports"
#: The kind whose clients cannot read an answer without filters.
_ALWAYS_FILTERED = "voucher_transactions"


@dataclass(frozen=True, slots=True)
class Scope:
    """What an address fixes: the filter of that name, the id, and how it is shown."""

    name: str
    id: str
    shown: str


def create_export(
    *,
    project: Project,
    exported_object: str,
    parameters: Mapping[str, Any] | None = None,
    now: datetime,
    scope: Scope | None = None,
    user: User | None = None,
    api_key: ApiKey | None = None,
    schedule: ScheduledExport | None = None,
) -> Export:
    """Record an export and, once the transaction commits, ask a worker to make it.

    A lost message costs only time: the sweep finds the row. What a person asks for
    comes from the website, anything else from the API.

    Raises:
        BadRequest: ``invalid_export_fields``; there is no such field.
        InvalidPayload: no such kind of rows, order or filter.
    """
    catalogue = catalogue_of(exported_object)
    fixed = {scope.name: scope.id} if scope else {}
    select(project, catalogue, parameters or {}, scope=fixed, now=now)
    export = Export(
        project=project,
        exported_object=exported_object,
        parameters=_shown(exported_object, parameters or {}, scope),
        scope=fixed,
        places=_places(),
        channel=ExportChannel.WEBSITE if user else ExportChannel.API,
        user=user,
        api_key=api_key,
        schedule=schedule,
        created_at=now,
        updated_at=now,
    )
    export.file_name = f"{_FOLDER}/{export.pk}.csv"
    export.save(force_insert=True)
    transaction.on_commit(lambda: _ask_worker(export.pk), robust=True)
    return export


def _shown(
    exported_object: str, parameters: Mapping[str, Any], scope: Scope | None
) -> dict[str, Any]:
    shown = dict(parameters)
    if scope is not None:
        named = {scope.name: {"conditions": {"$in": [scope.shown]}}}
        shown["filters"] = {**(shown.get("filters") or {}), **named}
    elif exported_object == _ALWAYS_FILTERED:
        shown["filters"] = shown.get("filters") or {"junction": "and"}
    return shown


def _places() -> list[list[Any]] | None:
    """Return how far the caller reaches, for the worker; None for everywhere."""
    places = request_context.current().places
    if places is None:
        return None
    return [[one.area, one.store, one.all_stores] for one in places]


def _ask_worker(export_id: str) -> None:
    # Sent by name: tasks call services, never the other way round.
    current_app.send_task("redemptions.tasks.run_export", [export_id])


@transaction.atomic
def delete_export(export: Export, *, now: datetime, **_: Any) -> None:
    """Take an export back; its file goes as soon as nobody writes it any more."""
    rows = Export.objects.filter(pk=export.pk, deleted_at=None)
    rows.update(deleted_at=now, withdrawn_at=now)
    transaction.on_commit(lambda: remove_withdrawn(now), robust=True)


def withdraw_old_exports(now: datetime) -> int:
    """Withdraw the files that have been kept for long enough; return how many."""
    old = Export.objects.filter(created_at__lte=now - KEPT, withdrawn_at=None)
    return old.update(withdrawn_at=now, updated_at=now)


def forget_exports_naming(customer: Customer, *, now: datetime) -> int:
    """Take back every file that may name a person; return how many exports it were.

    Runs in the transaction of the erasure. All files of the project with personal
    data go, whoever is in them; what is being written is begun again, so that it
    cannot show what it read before.

    Source: data specification, "Delete and erase".
    """
    made = Export.objects.alive().filter(
        project=customer.project_id, exported_object__in=PERSONAL, withdrawn_at=None
    )
    withdrawn = Case(
        When(finished_at=None, then=Value(None)),
        default=Value(now),
        output_field=DateTimeField(),
    )
    count = made.update(
        attempt=F("attempt") + 1, tries=0, withdrawn_at=withdrawn, updated_at=now
    )
    transaction.on_commit(lambda: remove_withdrawn(now), robust=True)
    return count


OPERATIONS = Operations(create=create_export, delete=delete_export)

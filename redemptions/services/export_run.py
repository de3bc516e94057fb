"""Making the file of an export, in a worker.

Source: data specification, "Exports", "Lifecycle".
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from promo import request_context
from promo.errors import PromoError
from promo.tenancy.access_scope import Place
from redemptions.exports.registry import catalogue_of
from redemptions.exports.selection import Selection, select
from redemptions.exports.writing import write
from redemptions.models import Export
from redemptions.models.export import ExportStatus
from redemptions.services import export_files
from redemptions.services.export_files import Draft

#: How often a worker may die of an export before it counts as failed.
MOST_TRIES = 5
_STALE_AFTER = timedelta(seconds=30)
_SWEEP_SIZE = 100

log = structlog.get_logger()


def run_export(export_id: str, *, now: datetime) -> bool:
    """Make the file of an export; return whether it has to be begun again.

    1. Begin, and say so; what an earlier attempt still writes is void from here on.
    2. Copy the rows into a file of this machine.
    3. Put it into storage and finish, unless somebody was forgotten meanwhile or the
       export deleted: then the file is void.

    The second and third are one transaction, which holds the export to its end: no
    other worker takes it up, also while a slow storage swallows the file. A killed
    worker leaves the row unfinished and free.
    """
    export = _begin(export_id, now)
    if export is None:
        return False
    try:
        selection = _selection(export)
    except PromoError as refused:
        _fail(export, refused.details or refused.message, now)
        return False
    with transaction.atomic():
        if not export_files.hold(export):
            return False
        with Draft(export) as draft:
            rows = write(selection, draft)
            done = _finish(export, draft, rows, now)
    return not done and Export.objects.unfinished().filter(pk=export.pk).exists()


@transaction.atomic
def _begin(export_id: str, now: datetime) -> Export | None:
    """Return the export with its new attempt; None where there is nothing to do."""
    waiting = Export.objects.unfinished().filter(pk=export_id)
    begun = waiting.filter(export_files.free()).update(
        status=ExportStatus.IN_PROGRESS,
        attempt=F("attempt") + 1,
        tries=F("tries") + 1,
        updated_at=now,
    )
    if not begun:
        return None
    export = waiting.select_related("project").get()
    if export.tries > MOST_TRIES:
        _fail(export, "Every attempt ended before the file was whole.", now)
        return None
    return export


def _selection(export: Export) -> Selection:
    """Return the rows, as far as who asked reaches; time is that of the asking."""
    with request_context.internal_work():
        if export.places is not None:
            places = frozenset(Place(*place) for place in export.places)
            request_context.bind_caller(places=places)
        return select(
            export.project,
            catalogue_of(export.exported_object),
            export.parameters,
            scope=export.scope,
            now=export.created_at,
        )


def _finish(
    export: Export, draft: export_files.Draft, rows: int, now: datetime
) -> bool:
    """Keep the file and say so; False where it is void."""
    size, checksum = draft.tell(), draft.checksum()
    name = export_files.store(export, draft)
    current = Export.objects.unfinished().filter(pk=export.pk, attempt=export.attempt)
    if current.update(
        status=ExportStatus.DONE,
        file_name=name,
        size=size,
        checksum=checksum,
        rows=rows,
        updated_at=now,
        finished_at=now,
    ):
        return True
    export_files.remove(export)
    return False


def _fail(export: Export, reason: str, now: datetime) -> None:
    current = Export.objects.unfinished().filter(pk=export.pk, attempt=export.attempt)
    current.update(
        status=ExportStatus.ERROR, failure=reason, updated_at=now, finished_at=now
    )
    log.warning("export_failed", export_id=export.pk)


@transaction.atomic
def stale_exports(now: datetime) -> list[str]:
    """Return the ids of unfinished exports that nobody works on."""
    quiet = Export.objects.unfinished().filter(updated_at__lt=now - _STALE_AFTER)
    oldest = quiet.order_by("created_at").values_list("pk", flat=True)
    ids = list(oldest[:_SWEEP_SIZE])
    left = Export.objects.filter(export_files.free(), pk__in=ids)
    return list(left.order_by("created_at").values_list("pk", flat=True))

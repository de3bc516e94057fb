"""Exports that are made again and again, and the mail about them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core import mail
from django.db import transaction

from promo.errors import PromoError
from promo.operations import Operations
from promo.tenancy.models import Project, User
from redemptions.exports.registry import catalogue_of
from redemptions.exports.selection import select
from redemptions.models import Export, ScheduledExport
from redemptions.models.export import KEPT, ExportStatus
from redemptions.services.export import create_export
from redemptions.services.schedules import check_recipients, next_run
from redemptions.wire.export import download_address

_CHANGEABLE = (
    "name",
    "exported_object",
    "parameters",
    "frequency",
    "weekday",
    "hour",
    "recipients",
    "active",
)
#: How long after the file was made its recipients are still written to.
_TOLD_WITHIN = timedelta(days=1)
_SWEEP_SIZE = 100

log = structlog.get_logger()


@transaction.atomic
def create_schedule(
    *, project: Project, now: datetime, user: User | None = None, **values: Any
) -> ScheduledExport:
    """Return a new schedule; it first runs when its hour next comes.

    Raises:
        BadRequest: ``invalid_export_fields``; there is no such field.
        InvalidPayload: no such kind of rows, order or filter, or no such address.
    """
    schedule = ScheduledExport(project=project, user=user, created_at=now)
    _set(schedule, values, now)
    schedule.save(force_insert=True)
    return schedule


@transaction.atomic
def update_schedule(
    schedule: ScheduledExport, *, now: datetime, **values: Any
) -> ScheduledExport:
    """Change what is named; the next run follows the new hours.

    Raises:
        BadRequest: ``invalid_export_fields``; there is no such field.
        InvalidPayload: no such kind of rows, order or filter, or no such address.
    """
    held = ScheduledExport.objects.select_for_update(of=("self",))
    stored = held.select_related("project").get(pk=schedule.pk)
    _set(stored, values, now)
    stored.updated_at = now
    stored.save()
    return stored


@transaction.atomic
def delete_schedule(schedule: ScheduledExport, *, now: datetime, **_: Any) -> None:
    """Run it no more; the files that it made stay."""
    ScheduledExport.objects.filter(pk=schedule.pk).delete()


def _set(schedule: ScheduledExport, values: Mapping[str, Any], now: datetime) -> None:
    for name in _CHANGEABLE:
        if name in values:
            setattr(schedule, name, values[name])
    check_recipients(schedule.recipients)
    catalogue = catalogue_of(schedule.exported_object)
    select(schedule.project, catalogue, schedule.parameters, scope={}, now=now)
    schedule.next_run_at = next_run(schedule, now)


def run_due_schedules(now: datetime) -> int:
    """Begin the exports whose hour has come; return how many.

    What was due while nobody ran is made up for once.
    """
    due = ScheduledExport.objects.due_at(now).select_related("project", "user")
    return sum(_run(schedule, now) for schedule in due.order_by("next_run_at", "pk"))


@transaction.atomic
def _run(schedule: ScheduledExport, now: datetime) -> bool:
    # Whoever moves the next run first begins this one.
    waiting = ScheduledExport.objects.due_at(now).filter(
        pk=schedule.pk, next_run_at=schedule.next_run_at
    )
    following = next_run(schedule, now)
    if not waiting.update(next_run_at=following, last_run_at=now):
        return False
    try:
        with transaction.atomic():
            create_export(
                project=schedule.project,
                exported_object=schedule.exported_object,
                parameters=schedule.parameters,
                user=schedule.user,
                schedule=schedule,
                now=now,
            )
    except PromoError as refused:
        log.warning("schedule_refused", schedule_id=schedule.pk, key=refused.key)
        return False
    return True


def untold_exports(now: datetime) -> list[str]:
    """Return the ids of files whose recipients nobody has written to."""
    waiting = Export.objects.alive().filter(
        schedule__isnull=False,
        status=ExportStatus.DONE,
        told_at=None,
        finished_at__gt=now - _TOLD_WITHIN,
    )
    ids = waiting.order_by("finished_at").values_list("pk", flat=True)
    return list(ids[:_SWEEP_SIZE])


def tell_recipients(export_id: str, *, now: datetime) -> int:
    """Send the link of a finished file to whom its schedule names; return to how many.

    Who marks the export first sends; should sending fail, the mark goes again and the
    sweep tries anew.
    """
    told = Export.objects.alive().filter(
        pk=export_id, status=ExportStatus.DONE, schedule__isnull=False
    )
    export = told.select_related("schedule", "project").first()
    if export is None or not told.filter(told_at=None).update(told_at=now):
        return 0
    try:
        with mail.get_connection() as connection:
            return connection.send_messages(_letters(export)) or 0
    except OSError:
        told.filter(told_at=now).update(told_at=None)
        log.warning("recipients_not_told", export_id=export.pk)
        raise


def _letters(export: Export) -> list[mail.EmailMessage]:
    """Return one letter for each recipient, so that none sees the others."""
    schedule = export.schedule
    if schedule is None:
        return []
    until = (export.created_at + KEPT).astimezone(export.project.zone)
    text = (
        f"{schedule.name}: {export.rows or 0:,} rows of {export.project.name}.\n\n"
        f"{download_address(export, settings.PUBLIC_URL)}\n\n"
        f"Whoever has this link can read the file, until {until:%d %B %Y}.\n"
    )
    subject = f"Export ready: {' '.join(schedule.name.split())}"
    return [
        mail.EmailMessage(subject, text, to=[address])
        for address in schedule.recipients
    ]


OPERATIONS = Operations(
    create=create_schedule, update=update_schedule, delete=delete_schedule
)

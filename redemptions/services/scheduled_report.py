"""Reports that are sent again and again, and the mail they go by."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.utils.module_loading import import_string

from promo.errors import InvalidPayload
from promo.operations import Operations
from promo.tenancy.models import Project
from redemptions.models import ScheduledReport
from redemptions.services.schedules import check_recipients, next_run

_CHANGEABLE = (
    *("name", "campaign", "frequency", "weekday", "hour", "recipients", "active"),
)

log = structlog.get_logger()


@transaction.atomic
def create_report(*, project: Project, now: datetime, **values: Any) -> ScheduledReport:
    """Return a new schedule; it first runs when its hour next comes.

    Raises:
        InvalidPayload: no recipient, too many, or no e-mail address.
    """
    report = ScheduledReport(project=project, created_at=now)
    _set(report, values, now)
    report.save(force_insert=True)
    return report


@transaction.atomic
def update_report(
    report: ScheduledReport, *, now: datetime, **values: Any
) -> ScheduledReport:
    """Change what is named; the next run follows the new hours.

    Raises:
        InvalidPayload: no recipient, too many, or no e-mail address.
    """
    held = ScheduledReport.objects.select_for_update(of=("self",))
    stored = held.select_related("project").get(pk=report.pk)
    _set(stored, values, now)
    stored.updated_at = now
    stored.save()
    return stored


@transaction.atomic
def delete_report(report: ScheduledReport, *, now: datetime, **_: Any) -> None:
    """Send it no more."""
    ScheduledReport.objects.filter(pk=report.pk).delete()


def _set(report: ScheduledReport, values: Mapping[str, Any], now: datetime) -> None:
    for name in _CHANGEABLE:
        if name in values:
            setattr(report, name, values[name])
    if not report.recipients:
        raise InvalidPayload("Property .recipients must NOT have fewer than 1 items")
    check_recipients(report.recipients)
    report.next_run_at = next_run(report, now)


def send_due_reports(now: datetime) -> int:
    """Send the reports whose hour has come; return how many letters went.

    What was due while nobody ran is made up for once, as of now.
    """
    due = ScheduledReport.objects.due_at(now).select_related("project", "campaign")
    return sum(_send(report, now) for report in due.order_by("next_run_at", "pk"))


def _send(report: ScheduledReport, now: datetime) -> int:
    """Send one report; should that fail, it stays due."""
    # Whoever moves the next run first sends this one.
    before = (report.next_run_at, report.last_run_at)
    waiting = ScheduledReport.objects.due_at(now).filter(
        pk=report.pk, next_run_at=report.next_run_at
    )
    following = next_run(report, now)
    if not waiting.update(next_run_at=following, last_run_at=now):
        return 0
    try:
        with mail.get_connection() as connection:
            return connection.send_messages(_letters(report, now)) or 0
    except OSError as failed:
        rows = ScheduledReport.objects.filter(pk=report.pk, next_run_at=following)
        rows.update(next_run_at=before[0], last_run_at=before[1])
        log.warning("report_not_sent", report_id=report.pk, error=type(failed).__name__)
        return 0


def _letters(report: ScheduledReport, now: datetime) -> list[mail.EmailMessage]:
    """Return one letter for each recipient, so that none sees the others."""
    text, files = import_string(settings.REPORT_LETTER)(report, now)
    subject = " ".join(f"Report: {report.name}".split())
    return [
        mail.EmailMessage(
            subject,
            text,
            to=[address],
            attachments=[(name, body, "text/csv") for name, body in files.items()],
        )
        for address in report.recipients
    ]


OPERATIONS = Operations(
    create=create_report, update=update_report, delete=delete_report
)

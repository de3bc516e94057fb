"""Housekeeping of the checkout, and the making of exports."""

from celery import shared_task

from promo.clock import utc_now
from promo.request_context import internal_work
from redemptions.services import (
    budget_letters,
    budget_watch,
    export_run,
    scheduled_export,
    scheduled_report,
)
from redemptions.services.export import withdraw_old_exports
from redemptions.services.export_files import remove_withdrawn
from redemptions.services.ledger_verification import verify_ledger
from redemptions.services.past_windows import forget_past_windows
from redemptions.services.report_proof import outdated_projects, rebuild_reports
from redemptions.services.sessions import sweep_sessions


@shared_task
def sweep_expired_sessions() -> None:
    """Free what expired sessions still hold, batch by batch."""
    while sweep_sessions(utc_now()):
        pass


@shared_task
def sweep_past_windows() -> None:
    """Forget the counters of days, weeks and months long past, batch by batch."""
    while forget_past_windows(utc_now()):
        pass


@shared_task
def run_export(export_id: str) -> None:
    """Make the file of an export, and write to the recipients of a schedule."""
    with internal_work():
        while export_run.run_export(export_id, now=utc_now()):
            pass
        scheduled_export.tell_recipients(export_id, now=utc_now())


@shared_task
def tell_recipients(export_id: str) -> None:
    """Write to the recipients of a schedule whom nobody has written to."""
    scheduled_export.tell_recipients(export_id, now=utc_now())


@shared_task
def sweep_exports() -> None:
    """Ask again for what was left; a second worker finds the export held."""
    now = utc_now()
    for export_id in export_run.stale_exports(now):
        run_export.delay(export_id)
    for export_id in scheduled_export.untold_exports(now):
        tell_recipients.delay(export_id)


@shared_task
def run_scheduled_exports() -> None:
    """Begin the exports whose hour has come."""
    with internal_work():
        scheduled_export.run_due_schedules(utc_now())


@shared_task
def remove_old_exports() -> None:
    """Remove the files that nobody can download any more, batch by batch."""
    withdraw_old_exports(utc_now())
    while remove_withdrawn(utc_now()):
        pass


@shared_task
def check_budgets() -> None:
    """Tell of budgets that are used up to a threshold, and stop what shall stop."""
    with internal_work():
        budget_watch.check_budgets(utc_now())
    budget_letters.send_budget_letters(now=utc_now())


@shared_task
def send_reports() -> None:
    """Send the reports whose hour has come."""
    scheduled_report.send_due_reports(utc_now())


@shared_task
def build_reports() -> None:
    """Add up the figures of projects that have none yet, or got another time zone."""
    for project in outdated_projects():
        rebuild_reports(project, now=utc_now())


@shared_task
def check_ledger() -> None:
    """Compare all kept numbers with their records, for the dashboard to tell."""
    with internal_work():
        verify_ledger(clock=utc_now)

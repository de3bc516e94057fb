"""The letter of a scheduled report: the figures as text, the tables as files."""

from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.urls import reverse

from promo.admin.presentation import money
from promo.csv_cells import csv_lines
from redemptions.admin.report_query import asked_for, days_of
from redemptions.admin.report_tables import TABLES, file_rows, header
from redemptions.models import ScheduledReport
from redemptions.models.scheduled_report import ReportFrequency
from redemptions.services.report import DAY, Days, Scope, report_of

#: Rows of a file that goes by mail; the page has all.
_MOST_ROWS = 5_000
_TEXT = """{name}
{whose}, {first:%-d %B %Y} to {last:%-d %B %Y} ({zone}).

Redemptions: {redemptions:,} (before: {before:,})
Customers: {customers:,}
Discount given: {discount}
Revenue with discount: {revenue}
Average order: {average}
Refused: {refused:,} of {attempts:,} attempts
Rolled back: {rolled_back:,}

The tables are attached. The same figures at the dashboard:
{address}
"""


def letter_of(schedule: ScheduledReport, now: datetime) -> tuple[str, dict[str, str]]:
    """Return the text of a report as of ``now``, and its files by name."""
    project = schedule.project
    days = days_before(schedule, now)
    asked = asked_for(Scope(project, schedule.campaign), days)
    found = report_of(asked.scope, days, asked.step)
    totals, currency = found.totals, project.currency
    text = _TEXT.format(
        name=schedule.name,
        whose=schedule.campaign.name if schedule.campaign else project.name,
        first=days.first,
        last=days.last,
        zone=project.timezone,
        redemptions=totals.redemptions,
        before=found.before.redemptions,
        customers=totals.customers or 0,
        discount=money(totals.discount, currency),
        revenue=money(totals.revenue, currency),
        average=money(totals.average, currency),
        refused=totals.refused,
        attempts=totals.attempts,
        rolled_back=totals.rolled_back,
        address=f"{settings.PUBLIC_URL}{reverse('reports')}?{asked.query}",
    )
    files = {}
    for name, table_of in TABLES.items():
        table = table_of(asked)
        rows = islice(file_rows(table), _MOST_ROWS)
        lines = csv_lines(header(table, currency), rows)
        files[f"{name}-{days.first}-{days.last}.csv"] = "".join(lines)
    return text, files


def days_before(schedule: ScheduledReport, now: datetime) -> Days:
    """Return the days that a report sent now is about: over, and whole."""
    calendar = schedule.project.calendar(now)
    if schedule.frequency == ReportFrequency.MONTHLY:
        return days_of("last_month", calendar)
    yesterday = calendar.today - DAY
    if schedule.frequency == ReportFrequency.WEEKLY:
        return Days(yesterday - timedelta(days=6), yesterday)
    return Days(yesterday, yesterday)

"""What all schedules have in common: when they run next, and whom they write to."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from promo.calendar_windows import weekday
from promo.errors import InvalidPayload
from redemptions.models import ScheduledExport, ScheduledReport
from redemptions.models.scheduled_report import ReportFrequency

MOST_RECIPIENTS = 20
_DAY = timedelta(days=1)
_LONGEST_WAIT = 33


def check_recipients(recipients: Sequence[str]) -> None:
    """Refuse what cannot be written to.

    Raises:
        InvalidPayload: too many recipients, or one that is no e-mail address.
    """
    if len(recipients) > MOST_RECIPIENTS:
        raise InvalidPayload(
            f"Property .recipients must NOT have more than {MOST_RECIPIENTS} items"
        )
    for address in recipients:
        try:
            validate_email(address)
        except ValidationError as wrong:
            details = f"Property .recipients must be e-mail addresses: {address}"
            raise InvalidPayload(details) from wrong


def next_run(schedule: ScheduledExport | ScheduledReport, after: datetime) -> datetime:
    """Return when a schedule next runs after a moment, by the project's clock."""
    zone = schedule.project.zone
    first = after.astimezone(zone).date()
    for number in range(_LONGEST_WAIT):
        day = first + number * _DAY
        is_its_day = {
            ReportFrequency.DAILY: True,
            ReportFrequency.WEEKLY: weekday(day) == schedule.weekday,
            ReportFrequency.MONTHLY: day.day == 1,
        }[ReportFrequency(schedule.frequency)]
        at = datetime.combine(day, time(schedule.hour), zone)
        if at > after and is_its_day:
            return at
    msg = "every month has a first day"
    raise LookupError(msg)

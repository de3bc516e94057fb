"""The months of the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from promo.audit.models import Change
from promo.months import Months

MONTHS = Months(Change._meta.db_table)


@contextmanager
def opened() -> Iterator[None]:
    """Run a transaction in which rows of the log may be moved, blanked or dropped."""
    with transaction.atomic():
        _set("on")
        yield
        _set("off")


def keep(now: datetime) -> None:
    """Make the next months' partitions, and drop what AUDIT_LOG_DAYS does not keep."""
    with opened():
        MONTHS.ensure_ahead(now)
    if settings.AUDIT_LOG_DAYS:
        with opened():
            MONTHS.drop_before(now - timedelta(days=settings.AUDIT_LOG_DAYS))


def _set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('promo.audit_open', %s, true)", [value])

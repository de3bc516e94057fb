"""Comparing all kept numbers with their records, and keeping what was found."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from redemptions.models import LedgerVerification
from redemptions.services.verification import CHECKS, Check, Drift

#: So many of what differs are kept by name.
SHOWN = 10
_KEPT = timedelta(days=90)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found."""

    name: str
    drifts: Sequence[Drift]


def findings(checks: Iterable[Check] = CHECKS) -> Iterator[Finding]:
    """Yield what each check finds, one after the other."""
    for check in checks:
        yield Finding(check.name, list(check.find()))


def verify_ledger(*, clock: Callable[[], datetime]) -> LedgerVerification:
    """Compare everything, and keep the outcome."""
    began_at = clock()
    return keep_verification(list(findings()), began_at=began_at, now=clock())


@transaction.atomic
def keep_verification(
    found: Sequence[Finding], *, began_at: datetime, now: datetime
) -> LedgerVerification:
    """Keep what was found; outcomes of long ago are forgotten."""
    drifts = sum(len(each.drifts) for each in found)
    if drifts:
        log.error("ledger_drift", drifts=drifts)
    LedgerVerification.objects.filter(finished_at__lt=now - _KEPT).delete()
    return LedgerVerification.objects.create(
        began_at=began_at,
        finished_at=now,
        drifts=drifts,
        found=[
            {
                "name": each.name,
                "count": len(each.drifts),
                "first": [asdict(drift) for drift in each.drifts[:SHOWN]],
            }
            for each in found
        ],
    )


def last_verification() -> LedgerVerification | None:
    """Return the outcome of the last comparison, if there was one."""
    return LedgerVerification.objects.first()

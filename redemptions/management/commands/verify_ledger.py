"""Prove for the whole database that kept sums equal the records behind them."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from promo.clock import utc_now
from redemptions.management.proving import prove
from redemptions.services.ledger_verification import (
    Finding,
    findings,
    keep_verification,
)
from redemptions.services.verification import CHECKS


class Command(BaseCommand):
    help = "Compares counters, uses and balances with their records; fails on a drift."

    def handle(self, *_: Any, **_options: Any) -> None:
        width = max(len(check.name) for check in CHECKS)
        failure = "numbers are not what their records come to"
        prove(_kept(), self.stdout, failure=failure, width=width)


def _kept() -> Iterator[Finding]:
    """Yield what is found, and keep it for the dashboard once all is."""
    began_at, found = utc_now(), list[Finding]()
    for each in findings():
        found.append(each)
        yield each
    keep_verification(found, began_at=began_at, now=utc_now())

"""Prove for the whole database that kept sums equal the records behind them."""

from typing import Any

from django.core.management.base import BaseCommand

from redemptions.management.proving import prove
from redemptions.services.verification import CHECKS


class Command(BaseCommand):
    help = "Compares counters, uses and balances with their records; fails on a drift."

    def handle(self, *_: Any, **_options: Any) -> None:
        failure = "numbers are not what their records come to"
        prove(CHECKS, self.stdout, failure=failure)

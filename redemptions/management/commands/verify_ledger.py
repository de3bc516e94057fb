"""Prove for the whole database that kept sums equal the records behind them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from redemptions.services.verification import CHECKS

SHOWN = 10


class Command(BaseCommand):
    help = "Compares counters, uses and balances with their records; fails on a drift."

    def handle(self, *_: Any, **_options: Any) -> None:
        width = max(len(check.name) for check in CHECKS)
        drifted = 0
        for check in CHECKS:
            found = list(check.find())
            drifted += len(found)
            self.stdout.write(f"{check.name:<{width}}  {len(found) or 'ok'}")
            for drift in found[:SHOWN]:
                self.stdout.write(
                    f"  {drift.thing}: kept {drift.kept}, recorded {drift.recorded}"
                )
        if drifted:
            msg = f"{drifted} numbers are not what their records come to"
            raise CommandError(msg)

"""Prove for the whole database that the figures of reports equal the rows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from promo.clock import utc_now
from promo.tenancy.models import Project
from redemptions.services.report_proof import CHECKS, rebuild_reports

SHOWN = 10


class Command(BaseCommand):
    help = "Compares the figures of reports with their rows; fails on a drift."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rebuild",
            action="store_true",
            help="Add all figures up anew first; events wait meanwhile.",
        )

    def handle(self, *_: Any, rebuild: bool = False, **_options: Any) -> None:
        if rebuild:
            for project in Project.objects.order_by("pk"):
                rebuild_reports(project, now=utc_now())
        drifted = 0
        width = max(len(check.name) for check in CHECKS)
        for check in CHECKS:
            found = list(check.find())
            drifted += len(found)
            self.stdout.write(f"{check.name:<{width}}  {len(found) or 'ok'}")
            for drift in found[:SHOWN]:
                self.stdout.write(
                    f"  {drift.thing}: kept {drift.kept}, recorded {drift.recorded}"
                )
        if drifted:
            msg = f"{drifted} figures are not what their rows come to"
            raise CommandError(msg)

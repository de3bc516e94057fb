"""Prove for the whole database that the figures of reports equal the rows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from promo.clock import utc_now
from promo.tenancy.models import Project
from redemptions.management.proving import prove
from redemptions.services.ledger_verification import findings
from redemptions.services.report_proof import CHECKS, rebuild_reports


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
        failure = "figures are not what their rows come to"
        width = max(len(check.name) for check in CHECKS)
        prove(findings(CHECKS), self.stdout, failure=failure, width=width)

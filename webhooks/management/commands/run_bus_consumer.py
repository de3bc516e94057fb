from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from promo.clock import utc_now
from webhooks.api.ingest import take
from webhooks.management.stopping import stopped_by_signals
from webhooks.services.bus.access import is_configured, problem_of_settings
from webhooks.services.bus.consuming import Ingest
from webhooks.services.bus.producing import Bus
from webhooks.services.bus.projects import ingest_project
from webhooks.services.bus.taking import Taker


class Command(BaseCommand):
    help = "Take customers, orders, products and events from Kafka until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", default="", help="Else KAFKA_INGEST_PROJECT")

    def handle(self, *, project: str, **_options: Any) -> None:
        if not is_configured():
            raise CommandError("KAFKA_BOOTSTRAP_SERVERS is not set: there is no bus.")
        problem = problem_of_settings()
        if problem:
            raise CommandError(problem)
        found = ingest_project(project)
        if found is None:
            raise CommandError("--project or KAFKA_INGEST_PROJECT must name a project.")
        bus = Bus()
        try:
            taker = Taker(found, take, bus, clock=utc_now)
            Ingest(found, taker, clock=utc_now).run(stopped_by_signals())
        finally:
            bus.close()

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from promo.clock import utc_now
from webhooks.management.stopping import stopped_by_signals
from webhooks.services.bus.access import is_configured, problem_of_settings
from webhooks.services.bus.producing import Bus
from webhooks.services.bus.relaying import run_relay


class Command(BaseCommand):
    help = "Publish events to Kafka until stopped; any number may run."

    def handle(self, **_options: Any) -> None:
        if not is_configured():
            raise CommandError("KAFKA_BOOTSTRAP_SERVERS is not set: there is no bus.")
        problem = problem_of_settings()
        if problem:
            raise CommandError(problem)
        bus = Bus()
        try:
            run_relay(bus, clock=utc_now, stopping=stopped_by_signals())
        finally:
            bus.close()

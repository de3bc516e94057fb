import json
from typing import Any

from django.core.management.base import BaseCommand

from promo.clock import utc_now
from promo.outbox.backlog import backlog


class Command(BaseCommand):
    help = "Print how many events wait to be handed out, and for how many seconds."

    def handle(self, **_options: Any) -> None:
        found = backlog()
        lag = found.lag(utc_now()).total_seconds()
        self.stdout.write(json.dumps({"waiting": found.waiting, "lag": round(lag, 3)}))

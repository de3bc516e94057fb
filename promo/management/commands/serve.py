from typing import Any

from promo.server.command import ServingCommand
from promo.server.static_files import collect_if_stale


class Command(ServingCommand):
    help = "Serve Promo from this machine: gunicorn, Celery's workers and beat."

    def prepare(self, url: str, options: dict[str, Any]) -> str:
        collect_if_stale()
        return ""

"""What commands that serve share: where they listen, and how they fail."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from promo.server import programs
from promo.server.serving import CannotServe, address, serve
from promo.server.supervisor import ProgramFailedToStart


class ServingCommand(BaseCommand):
    """Serves until it is stopped; ``prepare`` runs once nothing is in the way."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to listen."""
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        """Serve on ``host`` and ``port``."""
        try:
            serve(
                host=host,
                port=port,
                data_folder=settings.DATA_DIR,
                broker_url=settings.CELERY_BROKER_URL,
                bus_programs=programs.bus(
                    settings.KAFKA_BOOTSTRAP_SERVERS, settings.KAFKA_INGEST_PROJECT
                ),
                prepare=lambda: self.prepare(address(host, port), options),
                say=self._say_now,
            )
        except (CannotServe, ProgramFailedToStart) as failure:
            raise CommandError(str(failure)) from failure

    def prepare(self, url: str, options: dict[str, Any]) -> str:
        """Have something to serve; return what to say once it is at ``url``."""
        raise NotImplementedError

    def _say_now(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

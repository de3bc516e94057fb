from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from promo.server.serving import CannotServe, serve
from promo.server.static_files import collect_if_stale
from promo.server.supervisor import ProgramFailedToStart


class Command(BaseCommand):
    help = "Serve Promo from this machine: gunicorn and a Celery worker with beat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *, host: str, port: int, **_options: Any) -> None:
        try:
            serve(
                host=host,
                port=port,
                data_folder=settings.DATA_DIR,
                prepare=_collect,
                say=self._say_now,
            )
        except (CannotServe, ProgramFailedToStart) as failure:
            raise CommandError(str(failure)) from failure

    def _say_now(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _collect() -> str:
    collect_if_stale()
    return ""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from promo.clock import utc_now
from promo.server.serving import CannotServe, address, serve
from promo.server.static_files import collect_if_stale
from promo.server.supervisor import ProgramFailedToStart
from redemptions.demo.access import access_to, as_card
from redemptions.demo.load import find_shop


class Command(BaseCommand):
    help = "Serve Promo with the demo shop in it, and say how to get in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--scale", type=float, default=1.0, help="as of load_demo")

    def handle(self, *, host: str, port: int, scale: float, **_options: Any) -> None:
        try:
            serve(
                host=host,
                port=port,
                data_folder=settings.DATA_DIR,
                prepare=lambda: self._prepare(address(host, port), scale),
                say=self._say_now,
            )
        except (CannotServe, ProgramFailedToStart) as failure:
            raise CommandError(str(failure)) from failure

    def _prepare(self, url: str, scale: float) -> str:
        """Have a shop to serve; return the way in."""
        call_command("migrate", verbosity=0, stdout=self.stdout)
        call_command("load_demo", scale=scale, stdout=self.stdout)
        collect_if_stale()
        project = find_shop()
        if project is None:
            msg = "the demo shop has been deleted meanwhile"
            raise CommandError(msg)
        return as_card(access_to(project, now=utc_now()), url)

    def _say_now(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError

from promo.clock import utc_now
from promo.server.command import ServingCommand
from promo.server.static_files import collect_if_stale
from redemptions.demo.access import access_to, as_card
from redemptions.demo.load import find_shop


class Command(ServingCommand):
    help = "Serve Promo with the demo shop in it, and say how to get in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--scale", type=float, default=1.0, help="as of load_demo")

    def prepare(self, url: str, options: dict[str, Any]) -> str:
        """Have a shop to serve; return the way in."""
        call_command("migrate", verbosity=0, stdout=self.stdout)
        call_command("load_demo", scale=options["scale"], stdout=self.stdout)
        collect_if_stale()
        project = find_shop()
        if project is None:
            msg = "the demo shop has been deleted meanwhile"
            raise CommandError(msg)
        return as_card(access_to(project, now=utc_now()), url)

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from promo.clock import utc_now
from promo.request_context import internal_work
from redemptions.demo.load import NAME, Size, find_shop, load_shop


class Command(BaseCommand):
    help = "Load the demo shop; where it has been loaded already, change nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--scale", type=float, default=1.0, help="1 is 100,000 codes"
        )

    def handle(self, *, scale: float, **_options: Any) -> None:
        if find_shop() is not None:
            self.stdout.write(f"{NAME} is there already.")
            return
        self.stdout.write(f"Loading {NAME}, once; this takes less than a minute.")
        self.stdout.flush()
        with internal_work():
            load_shop(Size.scaled(scale), now=utc_now())

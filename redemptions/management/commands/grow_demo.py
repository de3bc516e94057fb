from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from promo.clock import utc_now
from promo.request_context import internal_work
from redemptions.demo.grow import Target, grow_shop
from redemptions.demo.load import NAME, find_shop


class Command(BaseCommand):
    help = "Grow the demo shop to the size of a large one; a second time adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in ("codes", "customers", "redemptions"):
            parser.add_argument(
                f"--{name}",
                type=int,
                default=getattr(Target, name),
                help=f"how many {name} there are to be",
            )

    def handle(
        self, *, codes: int, customers: int, redemptions: int, **_options: Any
    ) -> None:
        project = find_shop()
        if project is None:
            msg = f"{NAME} is not there: run load_demo first."
            raise CommandError(msg)
        target = Target(codes=codes, customers=customers, redemptions=redemptions)
        with internal_work():
            grown = grow_shop(project, target, now=utc_now(), say=self._say)
        done = "has grown" if grown else "is as large already"
        self.stdout.write(f"{NAME} {done}.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

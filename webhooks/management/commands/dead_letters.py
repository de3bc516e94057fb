import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webhooks.services.bus.access import is_configured
from webhooks.services.bus.producing import Bus
from webhooks.services.bus.reading import CannotRead
from webhooks.services.bus.replaying import DeadLetter, dead_letters, redrive


class Command(BaseCommand):
    help = "List the dead letters of a topic, show one, or put some back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("topic", help="The topic of the dead letters, ….dlq")
        parser.add_argument("--only", metavar="PARTITION/OFFSET", help="This one alone")
        parser.add_argument("--show", action="store_true", help="With their values")
        parser.add_argument(
            "--redrive", action="store_true", help="Put them back where they died"
        )

    def handle(self, *, topic: str, only: str | None, **options: Any) -> None:
        if not is_configured():
            raise CommandError("KAFKA_BOOTSTRAP_SERVERS is not set: there is no bus.")
        bus = Bus()
        try:
            for letter in list(dead_letters(topic)):
                if only and only != _place(letter):
                    continue
                if options["redrive"]:
                    redrive(bus, letter)
                self.stdout.write(_told(letter, whole=options["show"]))
        except CannotRead as failed:
            raise CommandError(str(failed)) from failed
        finally:
            bus.close()


def _place(letter: DeadLetter) -> str:
    return f"{letter.partition}/{letter.offset}"


def _told(letter: DeadLetter, *, whole: bool) -> str:
    names = ("error", "attempts", "topic", "partition", "offset", "time")
    told = {name: letter.told(f"dlq_{name}") for name in names}
    shown: dict[str, Any] = {"dead_letter": _place(letter), **told}
    if whole:
        shown["key"] = letter.key.decode("utf-8", "replace")
        shown["value"] = (letter.value or b"").decode("utf-8", "replace")
    return json.dumps(shown)

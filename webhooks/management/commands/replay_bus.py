from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from promo.clock import utc_now
from webhooks.api.ingest import take
from webhooks.services.bus.access import ingest_topics, is_configured
from webhooks.services.bus.producing import Bus
from webhooks.services.bus.projects import ingest_project
from webhooks.services.bus.reading import Bound, CannotRead, read_stretch
from webhooks.services.bus.replaying import replay
from webhooks.services.bus.taking import BusAway, DatabaseAway, Taker


class Command(BaseCommand):
    help = "Take the records of an ingest topic again; what was taken is passed by."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("topic")
        parser.add_argument("--project", default="", help="Else KAFKA_INGEST_PROJECT")
        parser.add_argument("--from", dest="first", help="An offset, or a moment")
        parser.add_argument("--to", dest="end", help="The same; it is not taken itself")
        parser.add_argument("--dry-run", action="store_true", help="Only count them")
        parser.add_argument(
            "--force", action="store_true", help="Take all of them anew"
        )

    def handle(self, *, topic: str, **options: Any) -> None:
        if not is_configured():
            raise CommandError("KAFKA_BOOTSTRAP_SERVERS is not set: there is no bus.")
        project = ingest_project(options["project"])
        if project is None:
            raise CommandError("--project or KAFKA_INGEST_PROJECT must name a project.")
        kind = ingest_topics(project.pk).get(topic)
        if kind is None:
            names = ", ".join(ingest_topics(project.pk))
            raise CommandError(f"{topic} is none of {names}.")
        first, end = _bound(options["first"]), _bound(options["end"])
        bus = Bus()
        taker = Taker(
            project, take, bus, clock=utc_now, is_forced=bool(options["force"])
        )
        try:
            if options["dry_run"]:
                found = Counter(["found" for _ in read_stretch(topic, first, end)])
            else:
                done = replay(taker, kind, topic, first, end)
                found = Counter(outcome for _, outcome in done)
        except (CannotRead, BusAway, DatabaseAway) as failed:
            raise CommandError(str(failed)) from failed
        finally:
            bus.close()
        told = ", ".join(f"{count} {name}" for name, count in sorted(found.items()))
        self.stdout.write(told or "nothing there")


def _bound(text: str | None) -> Bound | None:
    if not text:
        return None
    try:
        return Bound.read(text)
    except ValueError as wrong:
        raise CommandError(f"{text} is neither an offset nor a moment.") from wrong

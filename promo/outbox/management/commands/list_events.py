from typing import Any

from django.core.management.base import BaseCommand

from promo.outbox.catalogue import event_types, heard_by
from promo.outbox.declaring import Audience, EventType

_HEADER = """# Events

What is told, to whom and with what, as `manage.py list_events` prints it (`make docs`).
`data` is the body that listeners get; keys with a question mark may be null or missing.
The shapes behind the keys stand in `/asyncapi.json`.

"""
_SECTIONS = (
    ("Project webhooks", Audience.PROJECT, "A project webhook may ask for these."),
    (
        "Events of our own",
        Audience.OWN,
        "A project webhook may ask for these, too; only Promo has them.",
    ),
    ("Distributions", Audience.DISTRIBUTION, "A distribution may wait for these."),
    ("Customer activity", Audience.ACTIVITY, "The activity of a customer shows these."),
)
_TABLE = "| Event | Data |\n| --- | --- |\n"
_PLANNED_TABLE = "| Event | Data | Why not |\n| --- | --- | --- |\n"
_PLANNED = "Declared, and told by nothing yet:"


class Command(BaseCommand):
    help = "Print docs/events.md."

    def handle(self, **_options: Any) -> None:
        parts = [_section(*each) for each in _SECTIONS]
        rest = [
            each for each in event_types().values() if each.audience == Audience.NOBODY
        ]
        parts.append(_part("Others", "These stand in the event log alone.", rest))
        self.stdout.write(_HEADER + "\n".join(parts), ending="")


def _section(title: str, audience: Audience, about: str) -> str:
    types = [event_types()[name] for name in heard_by(audience)]
    return _part(f"{title} ({len(types)})", about, types)


def _part(title: str, about: str, types: list[EventType]) -> str:
    told = [each for each in types if not each.planned]
    planned = [each for each in types if each.planned]
    text = f"## {title}\n\n{about}\n\n{_TABLE}{''.join(map(_row, told))}"
    if planned:
        text += f"\n{_PLANNED}\n\n{_PLANNED_TABLE}{''.join(map(_row, planned))}"
    return text


def _row(each: EventType) -> str:
    keys = ", ".join(f"`{key.name}{'?' if key.nullable else ''}`" for key in each.data)
    why = f" {each.planned} |" if each.planned else ""
    return f"| `{each.name}` | {keys or '-'} |{why}\n"

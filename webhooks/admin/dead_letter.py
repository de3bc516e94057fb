"""Dead letters: what came in by the event bus and could not be taken."""

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, for_selected, tell
from promo.admin.filters import DayFilter
from promo.admin.keyset import LongList
from promo.admin.presentation import json_block, moment
from promo.admin.visit import visit
from promo.operations import Operations
from webhooks.models import BusDeadLetter, LetterState
from webhooks.services.bus.letters import dismiss_letter, retake_letter

_COLOURS = {
    LetterState.WAITING.label: "danger",
    LetterState.TAKEN.label: "success",
    LetterState.DISMISSED.label: "info",
}
#: What consumers note before the details, and what it means.
_WORDS = {
    "invalid_payload": "Something is missing, or not as the API takes it",
    "resource_not_found": "It names something that is not here",
    "not_found": "It names something that is not here",
    "duplicate_resource_key": "There is one of that name already",
    "unknown project": "It is for a project that is not here",
    "The value must": "It cannot be read",
    "specversion": "It cannot be read",
    "A structured event": "It cannot be read",
    "The format": "It cannot be read",
}


def reason_in_words(error: str) -> str:
    """Return why a record was not taken, as people say it."""
    key, colon, details = error.partition(": ")
    if colon and key in _WORDS:
        return f"{_WORDS[key]}. {details}"
    known = next(
        (words for start, words in _WORDS.items() if error.startswith(start)), ""
    )
    if known:
        return f"{known}. {error}"
    if colon or " " in error:
        return details or error
    return f"Promo failed on it, which is a mistake of Promo's ({error})."


@admin.register(BusDeadLetter)
class DeadLetterAdmin(LongList, ProjectModelAdmin):
    """Dead letters, newest first; they are tried anew or put aside."""

    resource = "webhooks"
    empty_note = (
        "What comes in by Kafka and cannot be taken is listed here with the reason. "
        "Once that is mended you can have it taken again."
    )
    verbs: ClassVar = {"create": None, "delete": None}
    operations = Operations(
        commands={"retake": retake_letter, "dismiss": dismiss_letter}
    )
    related = ("settled_by", "project")
    unlisted: ClassVar = ("value", "headers")
    list_display = ["created_at", "about", "named", "why", "state_shown", "attempts"]
    list_display_links = ["created_at", "about"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("created_at", DayFilter),
    ]
    list_filter_submit = True
    search_fields = ["key__exact", "error__icontains"]
    search_help_text = "The key of the record, its id, or a part of the reason"
    ordering = ["-created_at", "-id"]
    fields = [
        ("about", "state_shown"),
        "why",
        ("created_at", "attempts"),
        ("tried_at", "settled"),
        ("named", "place"),
        "content",
        "told",
    ]
    readonly_fields: ClassVar = [
        *("about", "state_shown", "why", "created_at", "attempts", "tried_at"),
        *("settled", "named", "place", "content", "told"),
    ]
    actions = ["retake_selected", "dismiss_selected"]
    actions_detail = ["retake", "dismiss"]

    retake_selected = for_selected(
        "retake", label="Take selected again", permission="manage", said="taken"
    )
    dismiss_selected = for_selected(
        "dismiss", label="Put selected aside", permission="manage", said="put aside"
    )
    retake = command(
        "retake",
        label="Take it again",
        question="It is done now, as if it had just come in. What came in since about "
        "the same thing may be overwritten.",
        permission="manage",
        icon="replay",
    )
    dismiss = command(
        "dismiss",
        label="Put aside",
        question="Nothing of it is taken, and nobody is reminded of it any more.",
        permission="manage",
        icon="done",
    )

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "modify")

    def is_offered(self, name: str, obj: BusDeadLetter) -> bool:
        return obj.state == LetterState.WAITING

    def carry_out(
        self, request: HttpRequest, name: str, obj: Any, **values: Any
    ) -> None:
        seen = visit(request)
        self.operations.commands[name](obj, now=seen.now, user=seen.user, **values)

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> None:
        self.carry_out(request, name, obj, **values)
        tell(request, "It is taken." if name == "retake" else "It is put aside.")

    @display(description="About", ordering="kind")
    def about(self, letter: BusDeadLetter) -> str:
        return letter.kind.capitalize()

    @display(description="Key")
    def named(self, letter: BusDeadLetter) -> str:
        return letter.key or "-"

    @display(description="Why it was not taken")
    def why(self, letter: BusDeadLetter) -> str:
        return reason_in_words(letter.error)

    @display(description="State", ordering="state", label=_COLOURS)
    def state_shown(self, letter: BusDeadLetter) -> str:
        return str(LetterState(letter.state).label)

    @display(description="Dealt with")
    def settled(self, letter: BusDeadLetter) -> Any:
        if letter.settled_at is None:
            return "-"
        by = f" by {letter.settled_by}" if letter.settled_by else ""
        return f"{moment(letter.settled_at)}{by}"

    @display(description="Topic, partition and offset")
    def place(self, letter: BusDeadLetter) -> str:
        return str(letter)

    @display(description="What it says")
    def content(self, letter: BusDeadLetter) -> Any:
        if letter.value is None:
            return (
                "Nothing: a record without a value asks to forget what its key names."
            )
        try:
            return json_block(json.loads(letter.value))
        except ValueError:
            return letter.value

    @display(description="Headers")
    def told(self, letter: BusDeadLetter) -> Any:
        return json_block(dict(letter.headers)) if letter.headers else "-"

"""Sendouts of webhooks: what went out, what was answered, and sending it again."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, for_selected
from promo.admin.filters import DayFilter, ProjectDropdownFilter
from promo.admin.keyset import LongList
from promo.admin.presentation import json_block
from promo.errors import InvalidPayload
from promo.operations import Operations
from webhooks.models import Attempt, Delivery, Status
from webhooks.services.claiming import events_behind
from webhooks.services.replay import replay
from webhooks.wire.envelope import envelope

_COLOURS = {
    "Pending": "info",
    "Succeeded": "success",
    "Failed": "danger",
    "Canceled": "warning",
}


def _replay(delivery: Delivery, *, now: datetime) -> None:
    if not replay(delivery.project, [delivery.pk], now=now):
        details = "This sendout is on its way already"
        raise InvalidPayload(details)


@admin.register(Delivery)
class DeliveryAdmin(LongList, ProjectModelAdmin):
    """Sendouts, newest first; nothing here can be changed, but sent again."""

    resource = "webhooks"
    empty_note = (
        "Every message to a webhook stands here, with what was answered. Nothing has "
        "been sent yet."
    )
    operations = Operations(commands={"requeue": _replay})
    related = ("webhook",)
    list_display = ["created_at", "type", "webhook", "state", "attempts_made", "due_at"]
    list_display_links = ["created_at", "type"]
    list_filter = [
        ("created_at", DayFilter),
        ("status", ChoicesDropdownFilter),
        ("webhook", ProjectDropdownFilter),
    ]
    list_filter_submit = True
    search_fields = ["type__startswith", "key__exact"]
    search_help_text = "Start of the event's name, or an id"
    ordering = ["-created_at", "-id"]
    fields = [
        ("type", "state"),
        "webhook",
        "shown_id",
        ("created_at", "due_at"),
        "tries",
        "content",
    ]
    readonly_fields: ClassVar = [
        *("type", "state", "webhook", "shown_id", "created_at", "due_at"),
        *("tries", "content"),
    ]
    actions = ["requeue_selected"]
    actions_detail = ["requeue"]

    requeue_selected = for_selected(
        "requeue", label="Send selected again", permission="manage"
    )
    requeue = command(
        "requeue",
        label="Send again",
        question="It goes out with the same id, and its schedule starts again.",
        permission="manage",
        icon="replay",
    )

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "modify")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        rows: QuerySet[Delivery] = super().get_queryset(request)
        return rows.select_related("project")

    def is_offered(self, name: str, obj: Delivery) -> bool:
        return obj.status != Status.PENDING

    @display(description="State", ordering="status", label=_COLOURS)
    def state(self, delivery: Delivery) -> str:
        return str(Status(delivery.status).label)

    @display(description="Id")
    def shown_id(self, delivery: Delivery) -> str:
        return str(delivery.pk)

    @display(description="Attempts")
    def tries(self, delivery: Delivery) -> Any:
        rows = [_row(each) for each in delivery.attempts.all()]
        if not rows:
            return "None yet"
        return format_html(
            '<pre class="promo-json" tabindex="0">{}</pre>',
            format_html_join("\n\n", "{}", rows),
        )

    @display(description="Body")
    def content(self, delivery: Delivery) -> Any:
        event = events_behind([delivery]).get(delivery.event_id)
        if event is None:
            return "The event is gone, and with it the body."
        return json_block(envelope(delivery, event))


def _row(attempt: Attempt) -> tuple[str]:
    headers = "\n".join(
        f"{name}: {value}" for name, value in attempt.request_headers.items()
    )
    answer = attempt.error or f"{attempt.status_code} {attempt.response_body}"
    when = f"{attempt.started_at:%Y-%m-%d %H:%M:%S} UTC, {attempt.duration:,} ms"
    return (f"{when}\n{headers}\n\n{answer}",)

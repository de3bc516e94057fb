"""The event log."""

from typing import Any

from django.contrib import admin
from unfold.decorators import display

from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import DayFilter
from promo.admin.keyset import IdKeysetChangeList, LongList
from promo.admin.presentation import json_block
from promo.call_log.links import calls_link
from promo.outbox.models import DomainEvent


@admin.register(DomainEvent)
class DomainEventAdmin(LongList, ProjectModelAdmin):
    """What happened in the project, newest first; nothing here can be changed."""

    changelist = IdKeysetChangeList
    #: Read by the page of one event alone.
    unlisted = ("payload",)
    resource = "logs"
    empty_note = "What happens in the project is listed here, newest first."
    list_display = ["created_at", "type", "entity_id", "customer_id", "channel"]
    list_display_links = ["created_at", "type"]
    list_filter = [("created_at", DayFilter)]
    list_filter_submit = True
    search_fields = [
        "type__startswith",
        "entity_id__exact",
        "customer_id__exact",
        "campaign_id__exact",
        "group_id__exact",
    ]
    search_help_text = "Start of the type, or an id"
    ordering = ["-id"]
    fields = [
        "type",
        "category",
        "created_at",
        "entity_id",
        "customer_id",
        "campaign_id",
        "channel",
        "call",
        "published_at",
        "content",
    ]
    readonly_fields = fields

    @display(description="Channel", empty_value="-")
    def channel(self, event: DomainEvent) -> str | None:
        channel: str | None = event.source.get("channel")
        return channel

    @display(description="Call")
    def call(self, event: DomainEvent) -> Any:
        return calls_link(event.group_id)

    @display(description="Content")
    def content(self, event: DomainEvent) -> Any:
        return json_block(event.data)

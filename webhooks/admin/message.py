"""The log of what distributions sent, and what they did not and why."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from customers.services.recipients import people_by_id
from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import DayFilter, ProjectDropdownFilter
from promo.admin.keyset import KeysetChangeList
from promo.admin.presentation import json_block
from promo.admin.visit import project_of
from webhooks.engine.messages.occasions import in_plain_words, occasion
from webhooks.models import DistributionMessage, MessageState

_TONES = {
    "Waiting": "info",
    "On its way": "info",
    "Sent": "success",
    "Skipped": "warning",
    "Canceled": "warning",
    "Failed": "danger",
}
_CHANNELS = {"EMAIL": "E-mail", "SMS": "Text message", "WEBHOOK": "Webhook"}


class MessageList(KeysetChangeList):
    """The messages of a page, with the names of whom they are for."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        ids = {each.customer_id for each in self.result_list}
        people = people_by_id(project_of(request), ids)
        for each in self.result_list:
            each.person = people.get(each.customer_id)


@admin.register(DistributionMessage)
class DistributionMessageAdmin(ProjectModelAdmin):
    """Messages, newest first; nothing here can be changed."""

    resource = "distributions"
    empty_note = (
        "Every message of a distribution stands here, with what became of it. None "
        "has been due yet."
    )
    related = ("distribution",)
    unlisted = ("sent",)
    list_display = [
        *("created_at", "whom", "distribution", "by", "became", "why", "due_at")
    ]
    list_display_links = ["created_at"]
    list_filter = [
        ("created_at", DayFilter),
        ("distribution", ProjectDropdownFilter),
        ("state", ChoicesDropdownFilter),
    ]
    list_filter_submit = True
    search_fields = ["customer_id__exact"]
    search_help_text = "Id of a message or of a customer"
    fields = [
        ("distribution", "became"),
        ("whom", "by"),
        "why",
        "after",
        ("created_at", "due_at", "finished_at"),
        "attempts_made",
        "content",
        "id",
    ]
    readonly_fields: ClassVar = [
        *("distribution", "became", "whom", "by", "why", "after", "created_at"),
        *("due_at", "finished_at", "attempts_made", "content", "id"),
    ]

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[MessageList]:
        return MessageList

    @display(description="Customer")
    def whom(self, message: Any) -> Any:
        if not hasattr(message, "person"):
            found = people_by_id(message.project, [message.customer_id])
            message.person = found.get(message.customer_id)
        if message.person is None:
            return "Gone"
        page = reverse(
            "admin:customers_customer_change", args=(quote(message.person.pk),)
        )
        return format_html(
            '<a class="promo-link" href="{}">{}</a>', page, message.person
        )

    @display(description="Channel", ordering="channel")
    def by(self, message: DistributionMessage) -> str:
        return _CHANNELS.get(message.channel, message.channel.capitalize())

    @display(description="State", ordering="state", label=_TONES)
    def became(self, message: DistributionMessage) -> str:
        return str(MessageState(message.state).label)

    @display(description="Why")
    def why(self, message: DistributionMessage) -> str:
        said = in_plain_words(message.reason) if message.reason else "-"
        return f"{said}. {message.problem}." if message.problem else said

    @display(description="Because")
    def after(self, message: DistributionMessage) -> str:
        return occasion(message.event_type)

    @display(description="What was sent")
    def content(self, message: DistributionMessage) -> Any:
        sent = message.sent
        if not sent:
            return "Nothing"
        if "body" in sent:
            return json_block(sent["body"])
        shown = "\n\n".join(
            str(sent[name]) for name in ("subject", "text") if sent.get(name)
        )
        return format_html('<pre class="promo-json" tabindex="0">{}</pre>', shown)

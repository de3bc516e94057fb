"""Webhooks: where they lead, what they hear, and trying them out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, tell
from promo.admin.forms import CommandForm, ProjectForm
from promo.admin.summary import Figure, list_address
from promo.admin.visit import project_of, visit
from promo.operations import Operations
from promo.outbox.catalogue import webhook_events
from promo.tenancy.admin.once import show_once
from webhooks.engine.event_names import event_of
from webhooks.engine.targets import LONGEST
from webhooks.models import Status, Webhook, WebhookQuerySet
from webhooks.services import webhook as service
from webhooks.services.replay import replay_since, send_test
from webhooks.services.secrets import rotate_secret

_WARNING = "The secret is shown this once. The one before signs beside it for a day."
_SPANS = [(1, "1 hour"), (24, "1 day"), (72, "3 days"), (168, "7 days")]


def _events() -> list[tuple[str, str]]:
    return [(name, name) for name in webhook_events()]


class WebhookForm(ProjectForm):
    """A webhook; headers are typed one a line."""

    target_url = forms.CharField(
        label="Target URL",
        max_length=LONGEST,
        widget=UnfoldAdminTextInputWidget,
        help_text="Where events are posted to, https://shop.example/hooks.",
    )
    all_events = forms.BooleanField(
        label="Every event",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Those of later versions too.",
    )
    events = forms.MultipleChoiceField(
        choices=_events,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    headers = forms.CharField(
        label="Headers",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Sent along with every event, one a line: authorization: Bearer x.",
    )

    class Meta:
        model = Webhook
        fields = ("active",)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.instance.created_at:
            self.initial["target_url"] = self.instance.target_url
            self.initial["all_events"] = self.instance.all_events
            self.initial["events"] = [event_of(name) for name in self.instance.events]
            self.initial["headers"] = "\n".join(
                f"{name}: {value}" for name, value in self.instance.headers.items()
            )

    def clean_headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for line in str(self.cleaned_data["headers"]).splitlines():
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip()] = value.strip()
            elif line.strip():
                msg = f"A line is a name, a colon and a value, not: {line}"
                raise forms.ValidationError(msg)
        return headers


class TestForm(CommandForm):
    """Which event the test stands for."""

    event = forms.ChoiceField(choices=_events, widget=UnfoldAdminSelectWidget)


class ReplayForm(CommandForm):
    """How far back to begin."""

    hours = forms.TypedChoiceField(
        label="Everything of the last",
        coerce=int,
        choices=_SPANS,
        widget=UnfoldAdminSelectWidget,
    )


def _test(webhook: Webhook, *, now: datetime, event: str) -> None:
    send_test(webhook, event=event, now=now)


def _replay(webhook: Webhook, *, now: datetime, hours: int) -> int:
    return replay_since(webhook, now - timedelta(hours=hours), now=now)


@admin.register(Webhook)
class WebhookAdmin(ProjectModelAdmin):
    resource = "webhooks"
    empty_note = (
        "A webhook tells another system, such as a CRM or a store, what happens here "
        "within seconds. Add one with its address, and send it a test."
    )
    verbs: ClassVar[dict[str, str | None]] = {"create": "modify", "delete": "modify"}
    operations = Operations(
        create=service.create_webhook,
        update=service.update_webhook,
        delete=service.delete_webhook,
        commands={"test": _test, "replay": _replay},
    )
    form = WebhookForm
    list_display = ["target_url", "hears", "state", "failures", "created_at"]
    list_filter = ["active"]
    search_fields = ["target_url__icontains"]
    search_help_text = "Part of the target URL, or id"
    ordering = ["-created_at", "-id"]
    readonly_fields = ["target_url_shown", "hears", "state"]
    conditional_fields: ClassVar = {"events": "all_events == false"}
    fieldsets = (
        (None, {"fields": ("target_url", "active")}),
        ("What it hears", {"fields": ("all_events", "events")}),
        ("What goes along", {"fields": ("headers",)}),
    )
    view_fieldsets = ((None, {"fields": ("target_url_shown", "hears", "state")}),)
    actions_detail = ["test", "replay", "rotate"]

    test = command(
        "test",
        label="Send a test",
        question="One sendout with made-up data goes out; see it among the sendouts.",
        permission="change",
        icon="send",
        form_class=TestForm,
    )
    replay = command(
        "replay",
        label="Send again",
        question="What arrived goes out again with the same ids, and what was missed.",
        permission="change",
        icon="replay",
        form_class=ReplayForm,
    )
    rotate = command(
        "rotate",
        label="Change the secret",
        question="All webhooks of the project sign with a fresh secret from now on.",
        permission="change",
        icon="autorenew",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        rows: Any = super().get_queryset(request)
        found: WebhookQuerySet = rows.configured()
        return found

    @display(description="Target URL")
    def target_url_shown(self, webhook: Webhook) -> str:
        return webhook.target_url

    @display(description="Hears")
    def hears(self, webhook: Webhook) -> str:
        if webhook.all_events:
            return "Every event"
        count = len(webhook.events)
        return webhook.events[0] if count == 1 else f"{count} events"

    @display(
        description="State",
        ordering="active",
        label={"Works": "success", "Failing": "warning", "Off": "danger"},
    )
    def state(self, webhook: Webhook) -> str:
        if not webhook.active:
            return "Off"
        return "Failing" if webhook.paused_until else "Works"

    def summary(self, request: HttpRequest, obj: Webhook) -> Sequence[Figure]:
        waiting = obj.deliveries.filter(status=Status.PENDING).count()
        sendouts = list_address("webhooks_delivery", webhook__id__exact=obj.pk)
        return [
            Figure("State", self.state(obj)),
            Figure("Waiting", f"{waiting:,}", link=sendouts),
            Figure("Failures in a row", f"{obj.failures:,}"),
        ]

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> Any:
        if name == "rotate":
            secret = rotate_secret(project_of(request), now=visit(request).now)
            return show_once(
                request,
                title="Secret of the project's webhooks",
                rows={"Secret": secret},
                back=self.change_address(obj),
                warning=_WARNING,
            )
        done = self.operations.commands[name](obj, now=visit(request).now, **values)
        if name == "replay":
            tell(request, f"{done:,} sendouts go out again.")
        else:
            tell(request, "The test is on its way.")
        return list_address("webhooks_delivery", webhook__id__exact=obj.pk)

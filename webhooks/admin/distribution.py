"""Distributions: built from what starts them to how often, previewed, followed."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.timezone import localtime
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.views import ChangeList

from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, tell
from promo.admin.summary import Figure, list_address
from promo.admin.visit import project_of, visit
from webhooks.admin.distribution_form import DistributionForm
from webhooks.admin.distribution_panels import not_sent_panel, rule_put_on
from webhooks.admin.distribution_preview import preview_of
from webhooks.engine.messages.occasions import in_plain_words
from webhooks.engine.messages.sentence import sentence, trigger_words
from webhooks.models import (
    Distribution,
    DistributionKind,
    DistributionMessage,
    DistributionStatus,
    MessageState,
)
from webhooks.services.distributions.lifecycle import OPERATIONS
from webhooks.services.distributions.names import names_in
from webhooks.services.distributions.stats import stats_of

_TONES = {
    "Draft": "info",
    "Scheduled": "info",
    "Active": "success",
    "Paused": "warning",
    "Done": "info",
    "Failed": "danger",
}
_DONE = {
    "activate": "It runs from now on.",
    "pause": "It rests. What it owes is kept.",
    "resume": "It goes on.",
}
_OFFERED = {
    "activate": (DistributionStatus.DRAFT,),
    "pause": (DistributionStatus.SCHEDULED, DistributionStatus.ACTIVE),
    "resume": (DistributionStatus.PAUSED,),
}


class DistributionList(ChangeList):
    """The rows of a page with their counts and with the names of what they name."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        counts, last = stats_of(rows), _last_sent(rows)
        names = names_in(project_of(request), [parts_of(each) for each in rows])
        for each in rows:
            each.counts, each.last_sent_at = counts[each.pk], last.get(each.pk)
            each.starts_when = trigger_words(parts_of(each), names)
        self.result_list = rows


@admin.register(Distribution)
class DistributionAdmin(ProjectModelAdmin):
    """What is sent to whom, when and how."""

    resource = "distributions"
    empty_note = (
        "A distribution sends customers a message, a promotion or a code of their own "
        "when something happens: two days after an order is paid, say, or when "
        "somebody enters a segment. Add one, look at what a customer would get, and "
        "activate it when it is right."
    )
    operations = OPERATIONS
    form = DistributionForm
    list_display = [
        *("name", "state", "starts"),
        *("sent", "waiting", "skipped", "failed", "last_sent"),
    ]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
    ]
    list_filter_submit = True
    search_fields = ["name__icontains"]
    search_help_text = "Name or id"
    ordering = ["-created_at", "-id"]
    readonly_fields = ["state", "what_it_does", "id"]
    view_fieldsets = ((None, {"fields": ("name", "state", "what_it_does", "id")}),)
    fieldsets = (
        (None, {"fields": ("name",)}),
        (
            "1. When it starts",
            {
                "fields": (
                    "occasion",
                    "trigger_segment",
                    "include_existing",
                    "custom_event",
                    "trigger_campaign",
                    "audience",
                    "audience_segment",
                    "audience_customer",
                )
            },
        ),
        ("2. Who gets it", {"fields": ("condition_segment", "rule")}),
        ("3. What they get", {"fields": ("action", "campaign", "tier")}),
        (
            "4. How it reaches them",
            {
                "fields": (
                    "by_email",
                    "email",
                    "email_consent",
                    "by_sms",
                    "sms",
                    "sms_consent",
                    "by_webhook",
                    "target_url",
                    "event_name",
                    "headers",
                    "payload",
                    "raw",
                )
            },
        ),
        (
            "5. When it is sent",
            {
                "fields": (
                    "delay",
                    ("delay_value", "delay_unit"),
                    "delay_from",
                    "delay_property",
                    "delay_time",
                )
            },
        ),
        (
            "6. What calls it off",
            {
                "fields": (
                    "cancel_happens",
                    "cancel_event",
                    ("cancel_left", "cancel_entered"),
                )
            },
        ),
        (
            "7. How often at most",
            {"fields": ("max_per_customer", "max_total", "per_day")},
        ),
    )
    conditional_fields: ClassVar = {
        "trigger_segment": "(occasion || '').startsWith('customer.segment.')",
        "include_existing": "occasion == 'customer.segment.entered'",
        "custom_event": "occasion == 'customer.custom_event'",
        "trigger_campaign": (
            "occasion && occasion != 'MANUAL' && occasion != 'customer.custom_event' "
            "&& !/\\.(order|segment)\\./.test(occasion)"
        ),
        "audience": "occasion == 'MANUAL'",
        "audience_segment": "occasion == 'MANUAL' && audience == 'segment'",
        "audience_customer": "occasion == 'MANUAL' && audience == 'customer'",
        "campaign": "action == 'PUBLISH_CODES'",
        "tier": "action == 'NOTIFY_PROMOTION'",
        **dict.fromkeys(("email", "email_consent"), "by_email"),
        **dict.fromkeys(("sms", "sms_consent"), "by_sms"),
        **dict.fromkeys(
            ("target_url", "event_name", "headers", "payload", "raw"), "by_webhook"
        ),
        "delay_value": "delay && delay != 'NONE'",
        "delay_unit": "delay && delay != 'NONE'",
        "delay_from": "delay && delay != 'NONE'",
        "delay_property": ("delay && delay != 'NONE' && delay_from == 'METADATA_DATE'"),
        "delay_time": "delay == 'AT_LOCAL_TIME'",
        "cancel_event": "cancel_happens == 'customer.custom_event'",
    }
    change_form_before_template = "admin/distribution_sentence.html"
    change_form_after_template = "admin/distribution_below.html"
    actions_detail = ["activate", "pause", "resume"]

    activate = command(
        "activate",
        label="Activate",
        question=(
            "From now on it sends. One that is started by hand begins in ten minutes, "
            "so that a slip can still be mended."
        ),
        permission="change",
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
    )
    pause = command(
        "pause",
        label="Pause",
        question="Nothing goes out until it is resumed. What it owes is kept.",
        permission="change",
        icon="pause",
    )
    resume = command(
        "resume",
        label="Resume",
        question="It goes on, and sends what it owes.",
        permission="change",
        icon="play_arrow",
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        own = path("preview/", view, name="webhooks_distribution_preview")
        return [own, *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Answer what a customer would get of the fields as they are posted."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = self.get_form(request)(request.POST)
        shown = preview_of(request, form)
        return render(request, "admin/distribution_preview.html", shown)

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[DistributionList]:
        return DistributionList

    def is_offered(self, name: str, obj: Distribution) -> bool:
        return obj.status in _OFFERED[name]

    def service_values(
        self, request: HttpRequest, form: Any, *, change: bool
    ) -> dict[str, Any]:
        values: dict[str, Any] = form.parts
        return values

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> HttpResponseBase | str | None:
        self.operations.commands[name](obj, now=visit(request).now)
        tell(request, _DONE[name])
        return None

    # Columns

    @display(description="Status", ordering="status", label=_TONES)
    def state(self, distribution: Distribution) -> str:
        return str(DistributionStatus(distribution.status).label)

    @display(description="When")
    def starts(self, distribution: Any) -> str:
        return str(distribution.starts_when)

    @display(description="Sent")
    def sent(self, distribution: Any) -> str:
        return _figure(distribution, "sent")

    @display(description="Waiting")
    def waiting(self, distribution: Any) -> str:
        return _figure(distribution, "waiting", "sending")

    @display(description="Skipped")
    def skipped(self, distribution: Any) -> str:
        return _figure(distribution, "skipped", "canceled")

    @display(description="Failed")
    def failed(self, distribution: Any) -> str:
        return _figure(distribution, "failed")

    @display(description="Last sent")
    def last_sent(self, distribution: Any) -> str:
        at = distribution.last_sent_at
        return date_format(localtime(at), "DATETIME_FORMAT") if at else "-"

    # The page of one

    @display(description="What it does")
    def what_it_does(self, distribution: Distribution) -> str:
        parts = parts_of(distribution)
        return sentence(parts, names_in(distribution.project, [parts]))

    def summary(self, request: HttpRequest, obj: Distribution) -> Sequence[Figure]:
        counts = stats_of([obj])[obj.pk]
        obj.counts = counts  # type: ignore[attr-defined]  # for the panel below
        owed = counts["waiting"] + counts["sending"]
        why = in_plain_words(obj.paused_reason) if obj.paused_reason else ""
        if obj.status == DistributionStatus.SCHEDULED and obj.starts_at:
            why = f"Starts at {date_format(localtime(obj.starts_at), 'H:i')}"
        if obj.status == DistributionStatus.DRAFT:
            why = "Sends nothing until it is activated"
        return [
            Figure("Status", self.state(obj), why),
            _counted("Sent", obj, counts, MessageState.SENT, f"{owed:,} waiting"),
            _counted("Skipped", obj, counts, MessageState.SKIPPED),
            _counted("Failed", obj, counts, MessageState.FAILED),
        ]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **named: Any
    ) -> HttpResponseBase:
        shown = named.get("obj")
        answer = super().render_change_form(request, context, *args, **named)
        if shown and hasattr(answer, "context_data"):
            counts = getattr(shown, "counts", None) or stats_of([shown])[shown.pk]
            answer.context_data["panel"] = not_sent_panel(shown, counts)
            answer.context_data["rule_put_on"] = rule_put_on(shown)
        return answer


def parts_of(distribution: Distribution) -> dict[str, Any]:
    """Return the parts of a distribution as its sentence is made of them."""
    names = (
        *("trigger", "audience", "conditions", "action", "channels"),
        *("delay", "cancel_if", "limits"),
    )
    kept = {name: getattr(distribution, name) for name in names}
    is_manual = distribution.kind == DistributionKind.MANUAL
    return {"kind": "MANUAL" if is_manual else "AUTOMATIC", **kept}


def _figure(distribution: Any, *states: str) -> str:
    return f"{sum(distribution.counts[state] for state in states):,}"


def _counted(
    name: str,
    obj: Distribution,
    counts: dict[str, Any],
    state: MessageState,
    note: str = "",
) -> Figure:
    count = counts[state.lower()]
    address = list_address(
        "webhooks_distributionmessage",
        distribution__id__exact=obj.pk,
        state__exact=state.value,
    )
    tone = "bad" if state == MessageState.FAILED and count else ""
    return Figure(name, f"{count:,}", note, link=address, tone=tone)


def _last_sent(rows: Sequence[Distribution]) -> dict[str, Any]:
    """Return when each distribution sent something last; one statement."""
    sent = DistributionMessage.objects.filter(
        distribution__in=rows, state=MessageState.SENT
    )
    grouped = sent.order_by().values_list("distribution_id")
    return dict(grouped.annotate(last=Max("finished_at")))

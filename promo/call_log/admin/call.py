"""The API log."""

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import display

from promo.admin.base import ProjectModelAdmin
from promo.admin.keyset import KeysetChangeList
from promo.admin.presentation import json_block
from promo.admin.summary import list_address
from promo.admin.visit import visit
from promo.call_log.admin import filters
from promo.call_log.masking import LONGEST_BODY
from promo.call_log.models import ApiCall
from promo.call_log.search import about_calls
from promo.tenancy.models import ApiKey

#: Bytes; a cut never falls inside one.
_LONGEST_CHARACTER = 4
_COLOURS = {"2": "success", "3": "info", "4": "warning", "5": "danger"}


@admin.register(ApiCall)
class ApiCallAdmin(ProjectModelAdmin):
    """Calls of the project, newest first; nothing here can be changed."""

    resource = "logs"
    empty_note = "Calls of the API are listed here as soon as your shop makes one."
    list_display = [
        "created_at",
        "answer",
        "endpoint",
        "caller",
        "channel",
        "took",
        "request_id",
    ]
    list_display_links = ["created_at", "endpoint"]
    list_filter = [
        ("created_at", filters.RecentDays),
        filters.StatusClass,
        filters.Channel,
        filters.Endpoint,
        filters.Key,
        filters.Person,
        filters.Surface,
    ]
    list_filter_submit = True
    search_fields = ["request_id"]
    search_help_text = "Request id, or a part of the address or of a body"
    ordering = ["-created_at", "-id"]
    is_exported = True
    list_before_template = "admin/call_list.html"
    #: Read by the page of one call alone.
    unlisted = ("request_body", "response_body")
    fields = [
        ("created_at", "answer"),
        ("endpoint", "url"),
        ("caller", "channel"),
        ("request_id", "took"),
        "events",
        "asked",
        "answered",
    ]
    readonly_fields: ClassVar = [
        "created_at",
        "answer",
        "endpoint",
        "url",
        "caller",
        "channel",
        "request_id",
        "took",
        "events",
        "asked",
        "answered",
    ]

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the project's calls; all of its organisation's for who runs it."""
        project = visit(request).project
        mine = Q(project=project)
        if project and filters.sees_management(request):
            mine |= Q(project=None, organisation=project.organisation_id)
        app_id = Coalesce(OuterRef("app_id"), OuterRef("client_app_id"))
        names = ApiKey.objects.filter(app_id=app_id).values("name", "kind")
        rows: QuerySet[Any] = (
            ModelAdmin.get_queryset(self, request)
            .filter(mine)
            .annotate(
                key_name=Subquery(names.values("name")),
                key_kind=Subquery(names.values("kind")),
            )
        )
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(about_calls(term)) if term else queryset), False

    @display(description="Answer", label=_COLOURS)
    def answer(self, call: ApiCall) -> tuple[str, str]:
        return str(call.status)[0], str(call.status)

    @display(description="Called by")
    def caller(self, call: Any) -> str:
        if call.user_email:
            return str(call.user_email)
        return call.key_name or call.key_kind or str(call.app_id or call.client_app_id)

    @display(description="Took")
    def took(self, call: ApiCall) -> str:
        return f"{call.request_duration:,} ms"

    @display(description="What it caused")
    def events(self, call: ApiCall) -> Any:
        link = list_address("outbox_domainevent", q=call.request_id)
        return format_html(
            '<a class="promo-link" href="{}">Events of this call</a>', link
        )

    @display(description="Request")
    def asked(self, call: ApiCall) -> Any:
        return _body(call, call.request_body)

    @display(description="Response")
    def answered(self, call: ApiCall) -> Any:
        return _body(call, call.response_body)


def _body(call: ApiCall, text: str) -> Any:
    if call.erased_at:
        return "Taken out when a person named in this call was erased."
    if not text:
        return "-"
    try:
        return json_block(json.loads(text))
    except ValueError:
        is_cut = len(text.encode()) > LONGEST_BODY - _LONGEST_CHARACTER
        note = f"Cut after {LONGEST_BODY // 1024} KB." if is_cut else ""
        return format_html(
            '{}<pre class="promo-json" tabindex="0">{}</pre>', note, text
        )

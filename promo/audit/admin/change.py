"""The audit log: who changed what, from what to what."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, path, reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from unfold.admin import ModelAdmin
from unfold.decorators import display

from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import DayFilter
from promo.admin.keyset import KeysetChangeList
from promo.admin.visit import visit
from promo.audit.admin import filters
from promo.audit.admin.words import value_in_words
from promo.audit.kinds import fields_of, kind_in_words, models_by_table, shown_id
from promo.audit.models import Action, ActorKind, Change
from promo.audit.reading import about, name_people, readable
from promo.call_log.links import calls_link
from promo.csv_cells import csv_lines

_COLOURS = {
    Action.CREATED: "success",
    Action.CHANGED: "info",
    Action.DELETED: "danger",
    Action.RESTORED: "warning",
}
_SHOWN_FIELDS = 3
_BATCH = 500
#: Lines; more is what a narrower choice is for.
_LONGEST_FILE = 100_000
_HEADER = (
    *("When", "Who", "Kind of actor", "What was done", "Kind", "Object", "Id"),
    *("Rows", "Field", "Before", "After", "Reason", "Request", "Channel"),
)


class ChangeList(KeysetChangeList):
    """Pages whose people are all named."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        name_people(self.result_list)


@admin.register(Change)
class ChangeAdmin(ProjectModelAdmin):
    """Changes of the project, newest first; nothing here can be changed."""

    resource = "logs"
    empty_note = "Whatever is created, changed or deleted is listed here."
    list_display = ["created_at", "who", "done", "what", "fields_changed", "reason"]
    list_display_links = ["created_at"]
    list_filter = [
        ("created_at", DayFilter),
        filters.About,
        filters.Kind,
        filters.Actor,
        filters.Done,
    ]
    list_filter_submit = True
    search_fields = ["request_id"]
    search_help_text = "Request id, or the id of an object"
    ordering = ["-created_at", "-id"]
    list_before_template = "admin/change_log_list.html"
    unlisted: ClassVar = ()
    fields = [
        ("created_at", "who"),
        ("done", "what"),
        "reason",
        ("call", "channel"),
        "differences",
    ]
    readonly_fields: ClassVar = [
        *("created_at", "who", "done", "what", "reason", "call", "channel"),
        "differences",
    ]

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        return ChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        seen = visit(request)
        if seen.project is None:
            none: QuerySet[Any] = ModelAdmin.get_queryset(self, request).none()
            return none
        return readable(seen.project, seen.permissions)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: Any = None
    ) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            name_people([found])
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if term[:2] in {"v-", "w-"}:
            return queryset.filter(request_id=term), False
        if term.startswith("chg_"):
            return super().get_search_results(request, queryset, term)
        return about(queryset, term), False

    def get_urls(self) -> Any:
        download = self.admin_site.admin_view(self.download)
        name = "audit_change_download"
        return [path("changes.csv", download, name=name), *super().get_urls()]

    def changes_address(self, request: HttpRequest, obj: Any) -> str:
        """Return nothing: entries are never changed."""
        return ""

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponseBase:
        query = request.GET.urlencode()
        file = f"{reverse('admin:audit_change_download')}?{query}"
        context = {"file": file, **(extra_context or {})}
        return super().changelist_view(request, context)

    def download(self, request: HttpRequest) -> HttpResponseBase:
        """Send what the list shows as a file, a line for each field that differs."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_changelist_instance(request).queryset
        response = StreamingHttpResponse(
            csv_lines(_HEADER, _lines(rows)), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
        response["Cache-Control"] = "no-store"
        return response

    @display(description="Who")
    def who(self, change: Change) -> str:
        return _actor(change)

    @display(description="What was done", label=_COLOURS)
    def done(self, change: Change) -> tuple[str, str]:
        return change.action, Action(change.action).label

    @display(description="Object")
    def what(self, change: Change) -> Any:
        words = kind_in_words(change.table)
        if change.rows > 1:
            return f"{words}: {change.rows:,} at once"
        named = change.name or shown_id(change)
        address = _address(change)
        if not address:
            return f"{words} {named}"
        return format_html(
            '{} <a class="promo-link" href="{}">{}</a>', words, address, named
        )

    @display(description="Fields")
    def fields_changed(self, change: Change) -> str:
        if change.erased_at:
            return "Taken out with a person's data"
        if change.action == Action.CREATED:
            return ""
        names = [name for name, _, _ in fields_of(change)]
        more = len(names) - _SHOWN_FIELDS
        told = ", ".join(names[:_SHOWN_FIELDS])
        return f"{told} and {more} more" if more > 0 else told

    @display(description="Request")
    def call(self, change: Change) -> Any:
        return calls_link(change.request_id)

    @display(description="From what to what")
    def differences(self, change: Change) -> Any:
        rows = [
            (name, value_in_words(before), value_in_words(after))
            for name, before, after in fields_of(change)
        ]
        return render_to_string(
            "admin/change_fields.html", {"rows": rows, "of": change}
        )


def _actor(change: Change) -> str:
    if change.actor_kind == ActorKind.SYSTEM:
        return "System"
    named = change.actor_name or change.actor_id
    return f"Key {named}" if change.actor_kind == ActorKind.KEY else named


def _address(change: Change) -> str:
    model = models_by_table().get(change.table)
    if model is None or change.action == Action.DELETED or not change.object_id:
        return ""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    try:
        return reverse(name, args=(quote(shown_id(change)),))
    except NoReverseMatch:
        return ""


def _lines(rows: QuerySet[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of each field that differs, page by page of the log."""
    found = rows.order_by("-created_at", "-id")
    for start in range(0, _LONGEST_FILE, _BATCH):
        batch = list(found[start : start + _BATCH])
        name_people(batch)
        for one in batch:
            yield from _cells(one)
        if len(batch) < _BATCH:
            return


def _cells(one: Change) -> Iterator[tuple[Any, ...]]:
    first = (
        *(localtime(one.created_at), _actor(one), ActorKind(one.actor_kind).label),
        *(Action(one.action).label, kind_in_words(one.table), one.name),
        *(shown_id(one), one.rows),
    )
    last = (one.reason, one.request_id, one.channel)
    for name, before, after in list(fields_of(one)) or [("", None, None)]:
        yield (*first, name, value_in_words(before), value_in_words(after), *last)

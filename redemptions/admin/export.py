"""The export centre: files of rows, what became of them, and making one."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat, pluralize
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import DayFilter
from promo.admin.presentation import json_block
from promo.admin.summary import Figure
from promo.admin.visit import visit
from promo.errors import InvalidQueryParams, ResourceNotFound
from redemptions.admin.export_form import CONDITIONS, SELECTION, ExportForm
from redemptions.admin.export_words import dictionary_of, progress_of
from redemptions.admin.list_export import LISTS, form_values, said
from redemptions.exports.registry import CATALOGUES, readable_kinds
from redemptions.models import Export
from redemptions.models.export import KEPT, ExportStatus
from redemptions.services import export as service
from redemptions.wire.export import file_response

Json = dict[str, Any]
COLOURS = {
    ExportStatus.SCHEDULED.label: "info",
    ExportStatus.IN_PROGRESS.label: "warning",
    ExportStatus.DONE.label: "success",
    ExportStatus.ERROR.label: "danger",
}


def kind_in_words(exported_object: str) -> str:
    """Return what people call a kind of rows."""
    found = CATALOGUES.get(exported_object)
    return found.label if found else exported_object


class KindFilter(DropdownFilter):
    """Exports of one kind of rows."""

    title = "what"
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[Any]:
        return [(each.name, each.label) for each in CATALOGUES.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        return queryset.filter(exported_object=wanted) if wanted else queryset


@admin.register(Export)
class ExportAdmin(ProjectModelAdmin):
    resource = "exports"
    empty_note = (
        "An export is a CSV file of vouchers, customers, orders and more. Make "
        "one whenever you need it, or have it made on a schedule."
    )
    operations = service.OPERATIONS
    form = ExportForm
    related = ("user", "api_key", "schedule")
    list_display = [
        "what",
        "state",
        "size_shown",
        "who",
        "created_at",
        "kept_until",
        "file_link",
    ]
    list_before_template = "admin/export_list.html"
    change_form_outer_before_template = "admin/export_progress.html"
    list_display_links = ["what"]
    list_filter = [
        KindFilter,
        ("status", ChoicesDropdownFilter),
        ("created_at", DayFilter),
    ]
    list_filter_submit = True
    search_fields = ["schedule__name__icontains"]
    search_help_text = "An id, or the name of a schedule"
    ordering = ["-created_at", "-id"]
    readonly_fields = [
        "what",
        "state",
        "size_shown",
        "who",
        "asked",
        "failure",
        "checksum",
        "created_at",
        "finished_at",
        "kept_until",
        "file_link",
    ]
    conditional_fields: ClassVar = {
        **CONDITIONS,
        "since": "period == 'dates'",
        "until": "period == 'dates'",
    }
    add_fieldsets = (
        (None, {"fields": SELECTION[:-3]}),
        ("Which rows", {"fields": ("period", ("since", "until"), *SELECTION[-2:])}),
    )
    view_fieldsets = (
        (
            None,
            {
                "fields": (
                    ("what", "state"),
                    ("size_shown", "file_link"),
                    "checksum",
                    "failure",
                )
            },
        ),
        ("Asked for", {"fields": ("asked", "who")}),
        ("When", {"fields": ("created_at", "finished_at", "kept_until")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.add_fieldsets if obj is None else self.view_fieldsets

    def get_urls(self) -> list[URLPattern]:
        page, name = self.admin_site.admin_view, "redemptions_export"
        own = [
            path("dictionary/", page(self.dictionary), name=f"{name}_dictionary"),
            path("of/<str:listed>/", page(self.of_list), name=f"{name}_of_list"),
            path(
                "<path:object_id>/download/",
                page(self.download_view),
                name=f"{name}_download",
            ),
            path(
                "<path:object_id>/progress/",
                page(self.show_progress),
                name=f"{name}_progress",
            ),
        ]
        return [*own, *super().get_urls()]

    def of_list(self, request: HttpRequest, listed: str) -> HttpResponseBase:
        """Lead to the form of a file, filled with what a list was narrowed by."""
        if listed not in LISTS:
            msg = "No such list"
            raise Http404(msg)
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.GET.dict()
        try:
            values = form_values(listed, sent, visit(request).now)
        except InvalidQueryParams as refused:
            messages.error(request, f"This list cannot be exported: {refused.details}.")
            back = reverse(f"admin:{LISTS[listed].model}_changelist")
            return HttpResponseRedirect(f"{back}?{urlencode(sent)}")
        narrowed = said(listed, sent)
        if narrowed:
            messages.info(request, f"The file holds what the list showed: {narrowed}.")
        form = reverse("admin:redemptions_export_add")
        return HttpResponseRedirect(f"{form}?{urlencode(values)}")

    def get_changeform_initial_data(self, request: HttpRequest) -> Json:
        """Return what the form begins with; filters stand in the address as JSON."""
        found: Json = super().get_changeform_initial_data(request)
        with suppress(ValueError):
            found["filters"] = json.loads(found.get("filters") or "{}")
        return found

    def dictionary(self, request: HttpRequest) -> HttpResponseBase:
        """Show what stands in each column of each kind of file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        shown = dictionary_of(request, request.GET.get("what", ""))
        context = {**self.admin_site.each_context(request), **shown}
        return TemplateResponse(request, "admin/export_dictionary.html", context)

    def show_progress(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Answer how far a file is; where it is made, have the page read anew."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        export = self.object_or_404(request, object_id)
        bar = {"bar": progress_of(export)}
        answer = render(request, "admin/export_bar.html", bar)
        if export.finished_at is not None:
            answer["HX-Refresh"] = "true"
        return answer

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **named: Any
    ) -> HttpResponseBase:
        shown = context.get("original")
        context["bar"] = progress_of(shown) if shown else None
        return super().render_change_form(request, context, *args, **named)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        rows: QuerySet[Export] = super().get_queryset(request)
        kinds = readable_kinds(visit(request).permissions)
        return rows.filter(exported_object__in=kinds)

    def download_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Answer the file to whoever may read exports, and what is in this one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        export = self.object_or_404(request, object_id)
        try:
            return file_response(export, now=visit(request).now)
        except ResourceNotFound:
            messages.warning(request, "The file is not there any more.")
            return HttpResponseRedirect(self.change_address(export))

    # What is shown

    @display(description="What", ordering="exported_object")
    def what(self, export: Export) -> str:
        return kind_in_words(export.exported_object)

    @display(description="Status", ordering="status", label=COLOURS)
    def state(self, export: Export) -> str:
        return ExportStatus(export.status).label

    @display(description="Size", ordering="size")
    def size_shown(self, export: Export) -> str:
        if export.size is None:
            return "-"
        rows = export.rows or 0
        return f"{rows:,} row{pluralize(rows)}, {filesizeformat(export.size)}"

    @display(description="Made by")
    def who(self, export: Export) -> str:
        if export.schedule:
            return f"Schedule: {export.schedule}"
        return str(export.user or (export.api_key and export.api_key.name) or "API")

    @display(description="File")
    def file_link(self, export: Export) -> Any:
        # The moment of the page is not known here: an old link says so itself.
        if export.status != ExportStatus.DONE or export.withdrawn_at:
            return "-"
        address = reverse("admin:redemptions_export_download", args=(quote(export.pk),))
        return format_html('<a class="promo-link" href="{}">Download</a>', address)

    @display(description="Kept until")
    def kept_until(self, export: Export) -> Any:
        return export.created_at + KEPT

    @display(description="Asked for")
    def asked(self, export: Export) -> Any:
        return json_block(export.parameters)

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        return [
            Figure("Status", self.state(obj), obj.failure),
            Figure("Rows", "-" if obj.rows is None else f"{obj.rows:,}"),
            Figure("Size", "-" if obj.size is None else filesizeformat(obj.size)),
        ]

    # What is written

    def service_values(self, request: HttpRequest, form: Any, *, change: bool) -> Json:
        return {
            "exported_object": form.cleaned_data["exported_object"],
            "parameters": form.parameters,
            "user": visit(request).user,
        }

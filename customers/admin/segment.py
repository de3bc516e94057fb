"""Segments: groups of customers that rules refer to, and who is in them."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from customers.admin.segment_preview import preview_of
from customers.models import Segment, SegmentMember, SegmentType
from customers.models.segment import SEGMENT_PREFIX
from customers.services import segment as service
from promo.admin.base import ProjectModelAdmin
from promo.admin.filter_form import (
    FilterForm,
    builder_field,
    filter_conditions,
    metadata_fields,
    text_field,
)
from promo.admin.forms import MoneyField
from promo.admin.presentation import json_block
from promo.admin.simple_filter import SimpleFilter
from promo.admin.summary import Figure, list_address
from promo.admin.visit import project_of
from promo.errors import PromoError
from promo.ids import parse_or_none

Json = dict[str, Any]
PEOPLE = SimpleFilter(
    (
        ("city", "address.city", "$is"),
        ("country", "address.country", "$is"),
        ("email_ends", "email", "$ends_with"),
        ("least_spent", "summary.orders.total_amount", "$more_than_equal"),
        ("least_orders", "summary.orders.total_count", "$more_than_equal"),
    )
)


class SegmentForm(FilterForm):
    simple = PEOPLE
    filtered = SegmentType.PASSIVE
    only_new = ("customers",)
    type = forms.ChoiceField(
        label="Kind",
        choices=[
            (SegmentType.PASSIVE, "Dynamic: whoever fits, also later"),
            (
                SegmentType.AUTO_UPDATE,
                "Dynamic and active: also tells who enters and leaves",
            ),
            (SegmentType.STATIC, "Static: the customers that I list"),
        ],
        widget=UnfoldAdminSelectWidget,
        help_text="The kind stays; only the first kind lets you change later who fits.",
    )
    customers = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}),
        help_text="One a line: its id, or its id in your shop.",
    )
    city = text_field("City", "Paris")
    country = text_field("Country", "FR")
    email_ends = text_field("E-mail address ends with", "@example.com")
    least_spent = MoneyField(
        label="Spent at least",
        required=False,
        help_text="In the project's currency, such as 100.00.",
    )
    least_orders = forms.IntegerField(
        label="Orders at least",
        required=False,
        min_value=0,
        max_value=1_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Orders that were paid or fulfilled.",
    )

    builder = builder_field("Who fits", "Whoever meets all of these")
    metadata_key, metadata_values = metadata_fields("level", "gold, silver")

    class Meta:
        model = Segment
        fields = ("name", "filter")

    def clean_customers(self) -> list[str]:
        lines = str(self.cleaned_data["customers"]).splitlines()
        return [line.strip() for line in lines if line.strip()]

    def _place(self, refused: PromoError) -> tuple[str | None, str]:
        field, text = super()._place(refused)
        is_unknown = refused.resource_type == "customer" and "customers" in self.fields
        return ("customers" if is_unknown else field), text


class SegmentFilter(DropdownFilter):
    """Customers by a segment that has been found to hold them."""

    title = "segment"
    parameter_name = "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[Any]:
        rows = project_of(request).segments.order_by("name", "pk")
        return list(rows.values_list("pk", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        if not wanted:
            return queryset
        if parse_or_none(SEGMENT_PREFIX, wanted) is None:
            return queryset.none()
        return queryset.filter(memberships__segment=wanted)


@admin.register(Segment)
class SegmentAdmin(ProjectModelAdmin):
    resource = "segments"
    empty_note = (
        "A segment is a group of customers: those you list, or whoever meets its "
        "conditions. Rules can then be for them alone."
    )
    operations = service.OPERATIONS
    form = SegmentForm
    list_display = ["name", "kind", "size", "created_at"]
    list_filter = [("type", ChoicesDropdownFilter)]
    list_filter_submit = True
    search_fields = ["name__icontains"]
    search_help_text = "Name or id"
    ordering = ["name", "id"]
    readonly_fields = [
        "id",
        "kind",
        "filter_shown",
        "created_at",
        "updated_at",
    ]
    _FILTER = (
        "builder",
        ("city", "country"),
        "email_ends",
        ("least_spent", "least_orders"),
        ("metadata_key", "metadata_values"),
        "filter",
    )
    conditional_fields: ClassVar = {
        "customers": "$data.type == 'static'",
        **filter_conditions(PEOPLE, "$data.type != 'static'"),
    }
    add_fieldsets = (
        (None, {"fields": ("name", "type")}),
        ("Who is in it", {"fields": ("customers", *_FILTER)}),
    )
    view_fieldsets = (
        (None, {"fields": ("name", "kind", "filter_shown")}),
        ("More", {"fields": ("id", "created_at", "updated_at")}),
    )

    change_form_after_template = "admin/segment_preview.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        own = path("preview/", view, name="customers_segment_preview")
        return [own, *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Answer who fits the fields as they are posted; nothing is stored."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.get_form(request)(request.POST)
        return render(request, "admin/segment_fitting.html", preview_of(request, form))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        can_change = self.has_change_permission(request, obj)
        if obj.type != SegmentType.PASSIVE or not can_change:
            return self.view_fieldsets
        return (
            (None, {"fields": ("name", "kind")}),
            ("Who is in it", {"fields": self._FILTER}),
            *self.view_fieldsets[1:],
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        rows: QuerySet[Segment] = super().get_queryset(request)
        # For the rows of a page alone: there may be millions of members.
        members = SegmentMember.objects.filter(segment=OuterRef("pk")).order_by()
        counted = members.values("segment").annotate(count=Count("pk")).values("count")
        return rows.annotate(members_found=Coalesce(Subquery(counted), 0))

    @admin.display(description="Kind", ordering="type")
    def kind(self, segment: Segment) -> str:
        return SegmentType(segment.type).label

    @admin.display(description="Customers", ordering="members_found")
    def size(self, segment: Any) -> str:
        return f"{segment.members_found:,}"

    @admin.display(description="Who is in it")
    def filter_shown(self, segment: Segment) -> Any:
        if segment.type == SegmentType.STATIC:
            return "The customers listed when it was made"
        return json_block(segment.filter)

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        note = "" if obj.completed_at else "A worker is still looking for more"
        customers = list_address("customers_customer", segment=obj.pk)
        return [
            Figure("Kind", self.kind(obj)),
            Figure("Customers", self.size(obj), note, link=customers),
        ]

    def service_values(self, request: HttpRequest, form: Any, *, change: bool) -> Json:
        values, stored = form.cleaned_data, form.instance
        sent: Json = {}
        if not change or "name" in form.changed_data:
            sent["name"] = values["name"]
        if not change:
            sent["type"] = values["type"]
            if values["type"] == SegmentType.STATIC:
                return {**sent, "customers": values["customers"]}
        # The same filter again would have everybody placed anew.
        if "builder" in form.fields and form.filter_sent != stored.filter:
            sent["filter"] = form.filter_sent
        return sent

"""Categories: which offers are applied first when codes are combined."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from campaigns.models import Category
from campaigns.services import category as service
from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import DayFilter
from promo.admin.forms import ProjectForm


class CategoryForm(ProjectForm):
    hierarchy = forms.IntegerField(
        label="Place",
        min_value=0,
        max_value=2_147_483_647,
        initial=1,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 0}),
        help_text="The lower, the earlier offers of this category are applied.",
    )

    class Meta:
        model = Category
        fields = ("name",)


@admin.register(Category)
class CategoryAdmin(ProjectModelAdmin):
    resource = "categories"
    empty_note = "Categories sort offers, and decide how they combine at the checkout."
    operations = service.OPERATIONS
    form = CategoryForm
    list_display = ["name", "hierarchy", "campaign_count", "created_at"]
    list_filter = [("created_at", DayFilter)]
    list_filter_submit = True
    search_fields = ["name__icontains"]
    search_help_text = "Name or id"
    ordering = ["hierarchy", "created_at", "id"]
    readonly_fields = ["id", "created_at", "updated_at"]
    add_fieldsets = ((None, {"fields": ("name", "hierarchy")}),)
    fieldsets = (
        (None, {"fields": ("name", "hierarchy", "id", "created_at", "updated_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        rows: QuerySet[Category] = super().get_queryset(request)
        return rows.annotate(used=Count("campaigns"))

    @admin.display(description="Campaigns", ordering="used")
    def campaign_count(self, category: Any) -> str:
        return f"{category.used:,}"

    def service_values(
        self, request: HttpRequest, form: Any, *, change: bool
    ) -> dict[str, Any]:
        return dict(form.cleaned_data)

"""SKUs: the variants of products."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns.admin.catalogue_form import ItemForm, one_product
from campaigns.models import Product, Sku
from campaigns.services import sku as service
from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import DayFilter
from promo.admin.presentation import money, pairs
from promo.admin.visit import project_of, visit


class SkuForm(ItemForm):
    product = forms.ModelChoiceField(
        queryset=Product.objects.none(), widget=one_product()
    )
    sku = forms.CharField(
        label="Name", max_length=1000, widget=UnfoldAdminTextInputWidget
    )
    currency = forms.CharField(
        required=False,
        max_length=3,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "EUR"}),
        help_text="Empty for the project's.",
    )

    class Meta:
        model = Sku
        fields = ("attributes", "metadata")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.instance.created_at:
            self.fields.pop("product", None)
        else:
            products = project_of(self.request).products.alive()
            self.fields["product"].queryset = products  # type: ignore[attr-defined]  # a model choice
        if "attributes" in self.fields:
            self.fields[
                "attributes"
            ].help_text = "Values by the names that the product lists, as JSON."

    def others(self) -> QuerySet[Sku]:
        return project_of(self.request).skus.alive()


@admin.register(Sku)
class SkuAdmin(ProjectModelAdmin):
    resource = "products"
    empty_note = "An SKU is a variant of a product, such as a size or a colour."
    operations = service.OPERATIONS
    form = SkuForm
    related = ("product", "project")
    list_display = ["label", "product", "source_id", "cost", "variant", "created_at"]
    list_filter = [
        ("product", AutocompleteSelectFilter),
        ("created_at", DayFilter),
    ]
    list_filter_submit = True
    is_exported = True
    list_before_template = "admin/list_export.html"
    search_fields = ["sku__icontains", "source_id__exact", "product__name__icontains"]
    search_help_text = "Name, its product's name, or a whole id"
    ordering = ["-created_at", "-id"]
    readonly_fields = [
        "id",
        "product",
        "cost",
        "variant",
        "metadata_shown",
        "created_at",
        "updated_at",
    ]
    _ITEM = ("sku", "source_id", ("price", "currency"), "image_url", "attributes")
    add_fieldsets = (
        (None, {"fields": ("product", *_ITEM)}),
        ("More", {"fields": ("metadata",)}),
    )
    fieldsets = (
        (None, {"fields": ("product", *_ITEM)}),
        ("More", {"fields": ("metadata", "id", "created_at", "updated_at")}),
    )
    view_fieldsets = (
        (None, {"fields": ("product", "sku", "source_id", "cost", "image_url")}),
        (
            "More",
            {
                "fields": (
                    "variant",
                    "metadata_shown",
                    "id",
                    "created_at",
                    "updated_at",
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = list(self.readonly_fields)
        if obj is None:
            shown.remove("product")
        return shown

    @admin.display(description="Name", ordering="sku")
    def label(self, sku: Sku) -> str:
        return str(sku)

    @admin.display(description="Price", ordering="price")
    def cost(self, sku: Sku) -> str:
        return money(sku.price, sku.currency or sku.project.currency)

    @admin.display(description="Variant")
    def variant(self, sku: Sku) -> str:
        return pairs(sku.attributes) or "-"

    @admin.display(description="Metadata")
    def metadata_shown(self, sku: Sku) -> str:
        return pairs(sku.metadata) or "-"

    def service_values(
        self, request: HttpRequest, form: Any, *, change: bool
    ) -> dict[str, Any]:
        values = super().service_values(request, form, change=change)
        for name in ("attributes", "metadata"):
            if name in values:
                values[name] = values[name] or {}
        return values

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        values = self.service_values(request, form, change=False)
        made = service.create_sku(now=visit(request).now, **values)
        obj.pk = made.pk
        obj.refresh_from_db()

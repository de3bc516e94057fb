"""Products: what a shop sells."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns.admin.catalogue_form import ItemForm
from campaigns.models import Product
from campaigns.services import product as service
from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import DayFilter
from promo.admin.presentation import money, pairs
from promo.admin.summary import Figure, list_address
from promo.admin.visit import project_of


class ProductForm(ItemForm):
    name = forms.CharField(max_length=1000, widget=UnfoldAdminTextInputWidget)
    attributes = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "colour, size"}),
        help_text="What its variants differ by, separated by commas.",
    )

    class Meta:
        model = Product
        fields = ("metadata",)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.initial["attributes"] = ", ".join(self.instance.attributes)

    def others(self) -> QuerySet[Product]:
        return project_of(self.request).products.alive()

    def clean_attributes(self) -> list[str]:
        names = str(self.cleaned_data["attributes"]).split(",")
        return list(dict.fromkeys(name.strip() for name in names if name.strip()))


@admin.register(Product)
class ProductAdmin(ProjectModelAdmin):
    resource = "products"
    empty_note = (
        "Your shop sends products as they come. You can also add them here, or "
        "bring in a file under Imports."
    )
    begin = ("Import a file", "imports", "products.modify")
    operations = service.OPERATIONS
    form = ProductForm
    related = ("project",)
    list_display = ["label", "source_id", "cost", "sku_count", "created_at"]
    list_filter = [("created_at", DayFilter)]
    list_filter_submit = True
    is_exported = True
    list_before_template = "admin/list_export.html"
    search_fields = ["name__icontains", "source_id__exact"]
    search_help_text = "Name, or a whole id"
    ordering = ["-created_at", "-id"]
    readonly_fields = [
        "id",
        "cost",
        "attributes_shown",
        "metadata_shown",
        "created_at",
        "updated_at",
    ]
    add_fieldsets = (
        (None, {"fields": ("name", "source_id", "price", "image_url", "attributes")}),
        ("More", {"fields": ("metadata",)}),
    )
    fieldsets = (
        add_fieldsets[0],
        ("More", {"fields": ("metadata", "id", "created_at", "updated_at")}),
    )
    view_fieldsets = (
        (None, {"fields": ("name", "source_id", "cost", "image_url")}),
        (
            "More",
            {
                "fields": (
                    "attributes_shown",
                    "metadata_shown",
                    "id",
                    "created_at",
                    "updated_at",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        rows: QuerySet[Product] = super().get_queryset(request)
        return rows.annotate(variants=Count("skus", filter=Q(skus__deleted_at=None)))

    @admin.display(description="Name", ordering="name")
    def label(self, product: Product) -> str:
        return str(product)

    @admin.display(description="Price", ordering="price")
    def cost(self, product: Product) -> str:
        return money(product.price, product.project.currency)

    @admin.display(description="SKUs", ordering="variants")
    def sku_count(self, product: Any) -> str:
        return f"{product.variants:,}"

    @admin.display(description="Variants differ by")
    def attributes_shown(self, product: Product) -> str:
        return ", ".join(product.attributes) or "-"

    @admin.display(description="Metadata")
    def metadata_shown(self, product: Product) -> str:
        return pairs(product.metadata) or "-"

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        link = list_address("campaigns_sku", product__id__exact=obj.pk)
        return [
            Figure("Price", self.cost(obj)),
            Figure("SKUs", self.sku_count(obj), "its variants", link=link),
        ]

    def service_values(
        self, request: HttpRequest, form: Any, *, change: bool
    ) -> dict[str, Any]:
        values = super().service_values(request, form, change=change)
        if "metadata" in values:
            values["metadata"] = values["metadata"] or {}
        return values

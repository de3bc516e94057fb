"""Product collections: sets of products that rules and discounts refer to."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.admin.catalogue_form import many
from campaigns.admin.simple_filter import ITEMS
from campaigns.models import CollectionType, Product, ProductCollection, Sku
from campaigns.models.catalogue import has_living_member
from campaigns.services import collection as service
from campaigns.services.collection_members import NamedItem, load_members, members_of
from promo.admin.base import ProjectModelAdmin
from promo.admin.filter_form import FilterForm, filter_conditions, text_field
from promo.admin.forms import MoneyField
from promo.admin.presentation import json_block, money
from promo.admin.summary import Figure
from promo.admin.visit import project_of, visit

Json = dict[str, Any]
_SHOWN = 200


class CollectionForm(FilterForm):
    simple = ITEMS
    filtered = CollectionType.AUTO_UPDATE
    only_new = ("products", "skus")
    type = forms.ChoiceField(
        label="Kind",
        choices=[
            (CollectionType.STATIC, "Static: the products that I choose"),
            (CollectionType.AUTO_UPDATE, "Automatic: whatever fits, also later"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    products = forms.ModelMultipleChoiceField(
        required=False,
        queryset=Product.objects.none(),
        widget=many("product"),
        help_text="Each with all its variants.",
    )
    skus = forms.ModelMultipleChoiceField(
        label="SKUs",
        required=False,
        queryset=Sku.objects.none(),
        widget=many("sku"),
        help_text="Single variants.",
    )
    name_contains = text_field("Name contains", "boots")
    least_price = MoneyField(label="Price at least", required=False)
    most_price = MoneyField(label="Price at most", required=False)

    class Meta:
        model = ProductCollection
        fields = ("name", "filter")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.instance.created_at:
            return
        project = project_of(self.request)
        self.fields["products"].queryset = project.products.alive()  # type: ignore[attr-defined]  # a model choice
        self.fields["skus"].queryset = project.skus.alive()  # type: ignore[attr-defined]  # a model choice


@admin.register(ProductCollection)
class CollectionAdmin(ProjectModelAdmin):
    resource = "collections"
    empty_note = (
        "A collection is a group of products that rules and discounts can be for."
    )
    operations = service.OPERATIONS
    form = CollectionForm
    list_display = ["name", "kind", "size", "created_at"]
    list_filter = [("type", ChoicesDropdownFilter)]
    list_filter_submit = True
    search_fields = ["name__icontains"]
    search_help_text = "Name or id"
    ordering = ["name", "id"]
    readonly_fields = [
        "id",
        "kind",
        "size",
        "filter_shown",
        "created_at",
        "updated_at",
    ]
    _FILTER = (
        "builder",
        "name_contains",
        ("least_price", "most_price"),
        ("metadata_key", "metadata_values"),
        "filter",
    )
    conditional_fields: ClassVar = {
        "products": "$data.type == 'STATIC'",
        "skus": "$data.type == 'STATIC'",
        **filter_conditions(ITEMS, "$data.type != 'STATIC'"),
    }
    add_fieldsets = (
        (None, {"fields": ("name", "type")}),
        ("What is in it", {"fields": ("products", "skus", *_FILTER)}),
    )
    view_fieldsets = (
        (None, {"fields": ("name", "kind", "filter_shown")}),
        ("More", {"fields": ("id", "created_at", "updated_at")}),
    )
    actions_detail = ["members"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or not self.has_change_permission(request, obj):
            return self.view_fieldsets if obj else self.add_fieldsets
        more = ("More", {"fields": ("id", "created_at", "updated_at")})
        if obj.type == CollectionType.STATIC:
            return ((None, {"fields": ("name", "kind", "size")}), more)
        return (
            (None, {"fields": ("name", "kind")}),
            ("What is in it", {"fields": self._FILTER}),
            more,
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductCollection]:
        rows: QuerySet[ProductCollection] = super().get_queryset(request)
        living = has_living_member("items__")
        return rows.annotate(listed=Count("items", filter=living))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        fixed = obj is not None and obj.is_predefined
        return not fixed and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        fixed = obj is not None and obj.is_predefined
        return not fixed and super().has_delete_permission(request, obj)

    @admin.display(description="Kind", ordering="type")
    def kind(self, collection: ProductCollection) -> str:
        if collection.is_predefined:
            return "Everything"
        return CollectionType(collection.type).label

    @admin.display(description="Products and SKUs", ordering="listed")
    def size(self, collection: Any) -> str:
        is_static = collection.type == CollectionType.STATIC
        listed = is_static and not collection.is_predefined
        return f"{collection.listed:,}" if listed else "Whatever fits"

    @admin.display(description="What is in it")
    def filter_shown(self, collection: ProductCollection) -> Any:
        return json_block(collection.filter) if collection.filter else "-"

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        return [Figure("Kind", self.kind(obj)), Figure("Holds", self.size(obj))]

    @action(description="See what is in it", permissions=["view"], icon="list")
    def members(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show the products and SKUs; a filter is tried on the whole catalogue."""
        collection = self.object_or_404(request, object_id)
        found = members_of(collection, now=visit(request).now, newest_first=True)
        project = project_of(request)
        rows = [
            {
                "name": str(one),
                "of": str(one.product) if isinstance(one, Sku) else "",
                "source_id": one.source_id,
                "price": money(one.price, project.currency),
            }
            for one in load_members(project, found[:_SHOWN])
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": collection.name,
            "count": len(found),
            "rows": rows,
            "back": self.change_address(collection),
        }
        return TemplateResponse(request, "admin/collection_members.html", context)

    def service_values(
        self, request: HttpRequest, form: Any, *, change: bool
    ) -> dict[str, Any]:
        values, changed = form.cleaned_data, set(form.changed_data)
        sent: Json = {"name": values["name"]}
        if not change:
            sent["type"] = values["type"]
        if not change and values["type"] == CollectionType.STATIC:
            products = [NamedItem(one.pk) for one in values["products"]]
            skus = [NamedItem(one.pk, "sku") for one in values["skus"]]
            return {**sent, "products": [*products, *skus]}
        if "builder" in form.fields and (not change or changed - {"name"}):
            sent["filter"] = form.filter_sent
        return sent

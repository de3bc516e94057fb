"""Orders as the shop sent them, with the discounts they had."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import DayFilter
from promo.admin.keyset import LongList
from promo.admin.presentation import money, pairs
from promo.admin.visit import project_of, visit
from redemptions.admin.cart import cart_of
from redemptions.admin.order_returns import (
    ReturnForm,
    asked_in,
    previewed,
    return_action,
    returns_of,
    take_units_back,
)
from redemptions.admin.redemption_filters import outcome_of
from redemptions.models import Order
from redemptions.models.order import OrderStatus
from redemptions.services.kept_orders import kept_order_as_json
from redemptions.services.returns import is_returnable

_SHOWN = 50


@admin.register(Order)
class OrderAdmin(LongList, ProjectModelAdmin):
    resource = "orders"
    empty_note = (
        "Orders appear as soon as your shop sends one, or redeems an offer with one."
    )
    begin = ("Redeem a code", "redeem-by-hand", "redemptions.redeem")
    related = ("customer", "referrer", "project")
    list_display = [
        "label",
        "state",
        "customer",
        "value",
        "discount",
        "to_pay",
        "created_at",
    ]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("customer", AutocompleteSelectFilter),
        ("created_at", DayFilter),
    ]
    list_filter_submit = True
    is_exported = True
    list_before_template = "admin/list_export.html"
    search_fields = ["source_id"]
    search_help_text = "The whole id, yours or ours"
    ordering = ["-created_at", "-id"]
    readonly_fields = [
        "label",
        "id",
        "state",
        "customer",
        "referrer",
        "created_at",
        "updated_at",
        "metadata_shown",
    ]
    fields = [
        ("label", "state"),
        ("customer", "referrer"),
        ("created_at", "updated_at"),
        ("id", "metadata_shown"),
    ]
    change_form_outer_after_template = "admin/order_detail.html"
    actions_detail = ["return_units"]

    return_units = return_action(ReturnForm)

    COLOURS = {
        OrderStatus.CREATED.label: "info",
        OrderStatus.PAID.label: "success",
        OrderStatus.CANCELED.label: "danger",
        OrderStatus.FULFILLED.label: "success",
    }

    def has_return_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return visit(request).may("redemptions.rollback")

    def is_offered(self, name: str, obj: Order) -> bool:
        return is_returnable(obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        own = path(
            "<path:object_id>/return_preview/",
            view,
            name="redemptions_order_return_preview",
        )
        return [own, *super().get_urls()]

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Answer what a return would come to; nothing is stored."""
        if not self.has_return_permission(request):
            raise PermissionDenied
        order = self.object_or_404(request, object_id)
        shown = previewed(project_of(request), order, asked_in(request.GET))
        return render(request, "admin/return_preview.html", shown)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        known = project_of(request).orders.alive().by_reference(term).values_list("pk")
        return queryset.filter(pk__in=known), False

    @display(description="Order", ordering="source_id")
    def label(self, order: Order) -> str:
        return str(order)

    @display(description="Status", ordering="status", label=COLOURS)
    def state(self, order: Order) -> str:
        return OrderStatus(order.status).label

    @display(description="Amount", ordering="amount")
    def value(self, order: Order) -> str:
        return money(order.amount, order.project.currency)

    @display(description="Discount")
    def discount(self, order: Order) -> str:
        return money(order.total_discount_amount, order.project.currency)

    @display(description="To pay")
    def to_pay(self, order: Order) -> str:
        return money(order.total_amount, order.project.currency)

    @display(description="Metadata")
    def metadata_shown(self, order: Order) -> str:
        return pairs(order.metadata) or "-"

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **named: Any
    ) -> HttpResponseBase:
        order = named["obj"]
        kept = kept_order_as_json(order, ())
        context |= {
            "cart": cart_of(kept, order.project.currency),
            "redemptions": _redemptions(order),
            "returns": returns_of(order),
        }
        return super().render_change_form(request, context, *args, **named)

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> str:
        take_units_back(request, obj, values)
        return self.change_address(obj)


def _redemptions(order: Order) -> list[dict[str, Any]]:
    rows = order.redemptions.select_related("promotion_tier", "campaign")
    return [
        {
            "at": row.created_at,
            "what": row.voucher_code or str(row.promotion_tier or "Several"),
            "campaign": str(row.campaign or ""),
            "outcome": outcome_of(row),
            "discount": money(row.applied_amount, order.project.currency),
            "link": reverse(
                "admin:redemptions_redemption_change", args=(quote(row.pk),)
            ),
        }
        for row in rows.order_by("created_at", "pk")[:_SHOWN]
    ]

"""Customers: who they are, what they have bought, what happened to them."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from customers.admin.customer_tabs import asked_tab, tab_address, tab_of
from customers.admin.erasing import erase_action
from customers.admin.everything import everything_about
from customers.admin.segment import SegmentFilter
from customers.engine.profile import ADDRESS_KEYS
from customers.models import Customer
from customers.services import customer as service
from customers.services.customer_search import find_customers
from customers.services.erasure import erase_customer
from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import tell
from promo.admin.filters import DayFilter
from promo.admin.forms import ProjectForm
from promo.admin.keyset import LongList
from promo.admin.presentation import money, pairs
from promo.admin.summary import Figure, list_address
from promo.admin.visit import project_of, visit

_PROFILE = ("name", "email", "phone", "birthdate", "description")
_ADDRESS = {
    "line_1": "Street",
    "line_2": "Second line",
    "postal_code": "Postal code",
    "city": "City",
    "state": "State",
    "country": "Country",
}


def _text(label: str, longest: int = 255, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=longest,
        widget=UnfoldAdminTextInputWidget,
        **options,
    )


class CustomerForm(ProjectForm):
    source_id = _text(
        "Id in your shop", help_text="How your own system names this customer."
    )
    name = _text("Name", 500)
    email = _text("E-mail address", 320)
    phone = _text("Phone", 64)
    line_1 = _text("Street")
    line_2 = _text("Second line")
    postal_code = _text("Postal code")
    city = _text("City")
    state = _text("State")
    country = _text("Country")
    description = forms.CharField(
        required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )

    class Meta:
        model = Customer
        fields = ("birthdate", "metadata")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        customer = self.instance
        if customer.created_at:
            self.fields.pop("source_id", None)
            self.initial.update({name: getattr(customer, name) for name in _PROFILE})
            self.initial.update(customer.address or {})
        if "metadata" in self.fields:
            self.fields["metadata"].help_text = "Keys can be added and changed."

    def clean_source_id(self) -> str:
        given = str(self.cleaned_data["source_id"])
        known = project_of(self.request).customers.alive().filter(source_id=given)
        if given and known.exists():
            msg = "Another customer has this id already."
            raise forms.ValidationError(msg)
        return given


@admin.register(Customer)
class CustomerAdmin(LongList, ProjectModelAdmin):
    resource = "customers"
    empty_note = (
        "Your shop sends customers as they come. You can also add them one by "
        "one, or bring in a file under Imports."
    )
    begin = ("Import a file", "imports", "customers.modify")
    verbs: ClassVar = {"create": "modify"}
    operations = service.OPERATIONS
    form = CustomerForm
    related = ("project",)
    list_display = [
        "label",
        "email",
        "source_id",
        "city",
        "redeemed",
        "orders",
        "spent",
        "created_at",
    ]
    list_filter = [SegmentFilter, ("created_at", DayFilter)]
    list_filter_submit = True
    is_exported = True
    list_before_template = "admin/list_export.html"
    search_fields = ["name"]
    search_help_text = "Starts of names, start of the e-mail address, phone or id"
    ordering = ["-created_at", "-id"]
    readonly_fields = [
        "id",
        "source_id",
        "place",
        "metadata_shown",
        "created_at",
        "updated_at",
    ]
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "source_id",
                    "name",
                    ("email", "phone"),
                    "birthdate",
                    "description",
                )
            },
        ),
        (
            "Address",
            {
                "fields": (
                    ("line_1", "line_2"),
                    ("postal_code", "city"),
                    ("state", "country"),
                )
            },
        ),
        ("More", {"fields": ("metadata",)}),
    )
    fieldsets = (
        *add_fieldsets[:2],
        ("More", {"fields": ("metadata", "id", "created_at", "updated_at")}),
    )
    view_fieldsets = (
        (None, {"fields": ("source_id", *_PROFILE, "place")}),
        ("More", {"fields": ("metadata_shown", "id", "created_at", "updated_at")}),
    )
    change_form_outer_before_template = "admin/customer_head.html"
    actions_detail = ["download", "erase"]
    #: Actions that are no buttons at the top, but links beside what they are about.
    on_the_page: ClassVar[tuple[str, ...]] = ("download",)

    erase = erase_action()

    @action(
        description="Download everything", permissions=["download"], icon="download"
    )
    def download(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Answer all that is kept about the customer as a file; the history has it."""
        customer = self.object_or_404(request, object_id)
        self.log_change(request, customer, "Downloaded everything about the customer.")
        return everything_about(customer, now=visit(request).now)

    def has_download_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may take personal details out of the house."""
        seen = visit(request)
        return seen.may("customers.details.read") and seen.may("exports.create")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Return the buttons at the top; others are links on the page itself."""
        offered = super().get_actions_detail(request, object_id)
        names = tuple(f"_{name}" for name in self.on_the_page)
        return [one for one in offered if not one.action_name.endswith(names)]

    def links(self, request: HttpRequest, customer: Customer) -> list[tuple[str, str]]:
        """Return what the page offers beside the name: a text and an address each."""
        if not self.has_download_permission(request):
            return []
        page = "admin:customers_customer_download"
        return [("Download everything", reverse(page, args=(quote(customer.pk),)))]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.tab_view)
        own = path(
            "<path:object_id>/tab/<slug:tab>/", view, name="customers_customer_tab"
        )
        return [own, *super().get_urls()]

    def tab_view(
        self, request: HttpRequest, object_id: str, tab: str
    ) -> HttpResponseBase:
        """Answer one tab of a customer's page, as the page puts it in its place."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        customer = self.object_or_404(request, object_id)
        context = tab_of(request, customer, tab)
        return render(request, "admin/customer_tab.html", context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = list(self.readonly_fields)
        if obj is None:
            shown.remove("source_id")
        return shown

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(pk__in=find_customers(project_of(request), term)), False

    @admin.display(description="Name", ordering="name")
    def label(self, customer: Customer) -> str:
        return str(customer)

    @admin.display(description="City", empty_value="-")
    def city(self, customer: Customer) -> str | None:
        return (customer.address or {}).get("city")

    @admin.display(description="Address")
    def place(self, customer: Customer) -> str:
        known = customer.address or {}
        return ", ".join(known[key] for key in _ADDRESS if known.get(key)) or "-"

    @admin.display(description="Metadata")
    def metadata_shown(self, customer: Customer) -> str:
        return pairs(customer.metadata) or "-"

    @admin.display(description="Redemptions")
    def redeemed(self, customer: Customer) -> str:
        return f"{customer.summary['redemptions']['total_succeeded']:,}"

    @admin.display(description="Orders")
    def orders(self, customer: Customer) -> str:
        return f"{customer.summary['orders']['total_count']:,}"

    @admin.display(description="Spent")
    def spent(self, customer: Customer) -> str:
        amount = customer.summary["orders"]["total_amount"]
        return money(amount, customer.project.currency)

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        redemptions, orders = obj.summary["redemptions"], obj.summary["orders"]
        currency = obj.project.currency
        about = {"customer__id__exact": obj.pk}
        return [
            Figure(
                "Spent",
                self.spent(obj),
                f"{money(orders['average_amount'], currency)} an order",
            ),
            Figure(
                "Orders",
                self.orders(obj),
                f"The last one {money(orders['last_order_amount'], currency)}",
                link=list_address("redemptions_order", **about),
            ),
            Figure(
                "Redemptions",
                self.redeemed(obj),
                f"{redemptions['total_failed']:,} refused, "
                f"{redemptions['total_rolled_back']:,} rolled back",
                link=list_address("redemptions_redemption", **about),
            ),
            *_balances(obj),
            Figure(
                "Codes held",
                f"{obj.vouchers.filter(deleted_at=None).count():,}",
                link=list_address("campaigns_voucher", holder__id__exact=obj.pk),
            ),
        ]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **named: Any
    ) -> HttpResponseBase:
        shown = named.get("obj")
        if shown is not None:
            context |= tab_of(request, shown, asked_tab(request))
            context["links"] = self.links(request, shown)
        return super().render_change_form(request, context, *args, **named)

    def service_values(
        self, request: HttpRequest, form: Any, *, change: bool
    ) -> dict[str, Any]:
        values = super().service_values(request, form, change=change)
        address = {key: values.pop(key) for key in ADDRESS_KEYS if key in values}
        if address and (change or any(address.values())):
            values["address"] = address
        if "metadata" in values:
            values["metadata"] = values["metadata"] or {}
        return values

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> str:
        erase_customer(obj.project, obj.pk, now=visit(request).now)
        tell(request, f"{obj} is erased.")
        return reverse("admin:customers_customer_changelist")


def _balances(customer: Customer) -> list[Figure]:
    """Return what is left on the cards of a customer; none where there is nothing."""
    left = customer.summary["redemptions"]["gift"]["amount_to_go"]
    points = customer.loyalty.get("points") or 0
    found = []
    if left:
        credit = money(left, customer.project.currency)
        wallet = tab_address("", "wallet")
        found.append(Figure("Credit", credit, "On gift cards", link=wallet))
    if points:
        cards = tab_address("", "points")
        found.append(Figure("Points", f"{points:,}", "On loyalty cards", link=cards))
    return found

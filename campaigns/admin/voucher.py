"""Vouchers: one code found, looked at, changed, switched."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.admin.change_codes import change_codes
from campaigns.admin.code_commands import balance_action, change_balance, extend_action
from campaigns.admin.code_history import history_of
from campaigns.admin.code_list import CodeList, KindFilter, UsesFilter
from campaigns.admin.code_pictures import picture_of, pictures_of
from campaigns.admin.giving import give, give_action, may_give
from campaigns.admin.offer import OfferAdmin, OfferForm
from campaigns.admin.print_codes import print_codes
from campaigns.admin.state import COLOURS, VoucherStateFilter, state_in_words
from campaigns.admin.worth import amount_in_words, balance_in_words
from campaigns.engine.code_images import qr_inline
from campaigns.models import Voucher, VoucherType
from campaigns.services import voucher as service
from campaigns.services.code_search import starts_with
from campaigns.services.states import voucher_state
from promo.admin.approval import do
from promo.admin.commands import command, tell
from promo.admin.filters import DayFilter, ProjectDropdownFilter
from promo.admin.keyset import KeysetChangeList
from promo.admin.summary import Figure, list_address, share_of
from promo.admin.visit import project_of, visit


class VoucherForm(OfferForm):
    at_adding = ("code", "quantity")
    code = forms.CharField(
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text="Empty for a random one.",
    )
    quantity = forms.IntegerField(
        label="Uses",
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1}),
        help_text="Empty for no limit.",
    )
    additional_info = forms.CharField(
        label="Note",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    class Meta:
        model = Voucher
        fields = ("category", "metadata")


@admin.register(Voucher)
class VoucherAdmin(OfferAdmin):
    resource = "vouchers"
    empty_note = (
        "Codes are made with their campaign. You can also bring in a file under "
        "Imports."
    )
    begin = ("Build a campaign", "campaign-builder", "campaigns.create")
    operations = service.OPERATIONS
    asks_as = "voucher"
    form = VoucherForm
    related = ("campaign", "category", "holder", "project")
    list_display = [
        "code",
        "state",
        "offer",
        "campaign",
        "uses",
        "holder",
        "period",
        "created_at",
    ]
    list_filter = [
        VoucherStateFilter,
        UsesFilter,
        KindFilter,
        ("campaign", AutocompleteSelectFilter),
        ("category", ProjectDropdownFilter),
        ("holder", AutocompleteSelectFilter),
        ("created_at", DayFilter),
    ]
    list_filter_submit = True
    is_exported = True
    search_fields = ["code"]
    search_help_text = "Start of the code, or an id"
    ordering = ["-created_at", "-id"]
    sortable_by = ()
    unlisted = ("metadata", "additional_info")
    list_before_template = "admin/code_list.html"
    readonly_fields = [
        "id",
        "campaign",
        "uses",
        "holder",
        "offer",
        "period",
        "weekdays_shown",
        "hours_shown",
        "rule_shown",
        "metadata_shown",
        "created_at",
        "updated_at",
    ]
    at_adding = ("code", "quantity", "additional_info")
    own_fields = ("campaign", "uses", "holder", "additional_info")
    actions = ("change_ticked",)
    actions_detail = ["try_it", "give", "extend", "change_balance", "enable", "disable"]
    change_form_outer_after_template = "admin/code_below.html"

    give = give_action("The customer becomes the holder of this code.")

    extend = extend_action()
    change_balance = balance_action()
    enable = command(
        "enable",
        label="Enable",
        question="The code can be used again, within its dates and limits.",
        permission="manage",
        icon="play_circle",
    )
    disable = command(
        "disable",
        label="Disable",
        question="Nobody can use the code until it is enabled again.",
        permission="manage",
        icon="pause_circle",
        variant=ActionVariant.DANGER,
    )

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[KeysetChangeList]:
        return CodeList

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(change_codes)
        own = path("change/", view, name="campaigns_voucher_change_codes")
        picture = self.admin_site.admin_view(self.picture)
        drawn = path(
            "<path:object_id>/picture/<str:name>",
            picture,
            name="campaigns_voucher_picture",
        )
        sheet = path(
            "print/",
            self.admin_site.admin_view(print_codes),
            name="campaigns_voucher_print_codes",
        )
        return [own, sheet, drawn, *super().get_urls()]

    def picture(
        self, request: HttpRequest, object_id: str, name: str
    ) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return picture_of(self, request, object_id, name)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **named: Any
    ) -> HttpResponseBase:
        code = named.get("obj")
        if code:
            context |= {
                "qr": qr_inline(code.code),
                "pictures": pictures_of(code),
                "history": history_of(request, code),
            }
        return super().render_change_form(request, context, *args, **named)

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponseBase:
        may = {"may_change_codes": self.has_manage_permission(request)}
        return super().changelist_view(request, (extra_context or {}) | may)

    @admin.action(description="Change these codes", permissions=["manage"])
    def change_ticked(
        self, request: HttpRequest, rows: QuerySet[Any]
    ) -> HttpResponseBase:
        """Lead to the page that changes the codes which are ticked."""
        ids = rows.order_by("pk").values_list("pk", flat=True)[: self.list_per_page]
        page = reverse("admin:campaigns_voucher_change_codes")
        return HttpResponseRedirect(f"{page}?{urlencode({'ids': ','.join(ids)})}")

    def has_publish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_give(request)

    def is_offered(self, name: str, obj: Any) -> bool:
        if name == "change_balance":
            return bool(obj.type != VoucherType.DISCOUNT_VOUCHER)
        if name == "extend":
            return True
        return bool(obj.active) if name == "give" else super().is_offered(name, obj)

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> None:
        if name == "give":
            give(request, voucher=obj.pk, **values)
        elif name == "change_balance":
            change_balance(request, obj, **values)
        elif name == "extend":
            do(request, "voucher.update", obj, values=values)
            tell(request, f"{obj} has a new end.")
        else:
            super().run_command(request, name, obj, values)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Voucher]:
        project = visit(request).project
        if project is None:
            return Voucher.objects.none()
        rows = Voucher.objects.alive_in(project).select_related(*self.related)
        return rows.annotate(state=voucher_state(visit(request).now))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find codes by their start, which the index of keys does fast."""
        return queryset.filter(starts_with(project_of(request), search_term)), False

    @display(description="Status", label=COLOURS)
    def state(self, offer: Any) -> Any:
        return offer.state, state_in_words(offer)

    @admin.display(description="Uses")
    def uses(self, voucher: Voucher) -> str:
        used, most = voucher.redeemed_quantity, voucher.redemption_quantity
        return f"{used:,}" if most is None else f"{used:,} of {most:,}"

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        used, most = obj.redeemed_quantity, obj.redemption_quantity
        figures = [
            self.status(obj),
            Figure(
                "Redemptions",
                self.uses(obj),
                "No limit" if most is None else f"{most - used:,} left",
                link=list_address("redemptions_redemption", voucher__id__exact=obj.pk),
                share=None if most is None else share_of(used, most),
            ),
            Figure("Given out", f"{obj.publications_count:,}", "times published"),
        ]
        if obj.type != VoucherType.DISCOUNT_VOUCHER:
            figures.insert(1, _balance(obj))
        if obj.campaign is None:
            return figures
        link = list_address("campaigns_campaign", q=obj.campaign_id)
        return [*figures, Figure("Campaign", obj.campaign.name, link=link)]

    def own_values(self, values: dict[str, Any]) -> dict[str, Any]:
        sent: dict[str, Any] = {}
        if "additional_info" in values:
            sent["additional_info"] = values["additional_info"] or None
        if "discount" in values:
            sent["discount"] = values["discount"]
        if values.get("code"):
            sent["code"] = values["code"]
        if values.get("quantity"):
            sent["redemption"] = {"quantity": values["quantity"]}
        return sent


def _balance(card: Voucher) -> Figure:
    """Return what is left of all that a card ever got; its ledger tells the rest."""
    got = card.credited_amount
    return Figure(
        "Balance",
        balance_in_words(card),
        f"of {amount_in_words(card, got)} in all",
        link=list_address("redemptions_ledgerentry", voucher__id__exact=card.pk),
        share=share_of(got - card.balance, got) if got else None,
    )

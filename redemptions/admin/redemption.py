"""The log of redemptions and rollbacks: found, explained, exported, rolled back."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.timezone import localtime
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, tell
from promo.admin.filters import DayFilter
from promo.admin.forms import CommandForm
from promo.admin.keyset import LongList
from promo.admin.presentation import money, pairs
from promo.admin.visit import project_of, visit
from promo.call_log.links import calls_about_link
from promo.ids import parse_or_none
from redemptions.admin.channels import names_of_channels
from redemptions.admin.order_returns import (
    RedemptionReturnForm,
    return_action,
    take_units_back,
)
from redemptions.admin.redemption_export import export
from redemptions.admin.redemption_filters import (
    COLOURS,
    OutcomeFilter,
    ReasonFilter,
    outcome_of,
)
from redemptions.admin.redemption_page import page_of, why_refused
from redemptions.models import Redemption
from redemptions.models.redemption import Kind, Result, Status
from redemptions.services.redemption_search import about
from redemptions.services.returns import is_returnable
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest


class RollBackForm(CommandForm):
    reason = forms.CharField(
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Kept with the rollback, for whoever asks later.",
    )


@admin.register(Redemption)
class RedemptionAdmin(LongList, ProjectModelAdmin):
    resource = "redemptions"
    empty_note = (
        "Each use of an offer, and each refusal with its reason, is listed here. The "
        "shop's checkout redeems, and so can you by hand."
    )
    begin = ("Redeem a code", "redeem-by-hand", "redemptions.redeem")
    related = ("voucher", "promotion_tier", "campaign", "customer", "order", "project")
    list_display = [
        "created_at",
        "outcome",
        "what",
        "campaign",
        "customer",
        "order",
        "discount",
        "why",
    ]
    list_filter = [
        OutcomeFilter,
        ReasonFilter,
        ("campaign", AutocompleteSelectFilter),
        ("voucher", AutocompleteSelectFilter),
        ("promotion_tier", AutocompleteSelectFilter),
        ("customer", AutocompleteSelectFilter),
        ("created_at", DayFilter),
    ]
    list_filter_submit = True
    is_exported = True
    search_fields = ["voucher_code"]
    search_help_text = "Code, order, customer or id"
    ordering = ["-created_at", "-id"]
    list_before_template = "admin/redemption_list.html"
    change_form_outer_before_template = "admin/redemption_head.html"
    change_form_outer_after_template = "admin/redemption_detail.html"
    readonly_fields = [
        "shown",
        "created_at",
        "outcome",
        "what",
        "campaign",
        "customer",
        "order",
        "discount",
        "why",
        "tracking_id",
        "channel",
        "metadata_shown",
        "calls",
    ]
    fields = [
        ("created_at", "outcome"),
        ("what", "campaign"),
        ("customer", "order"),
        ("discount", "why"),
        ("channel", "calls"),
        "shown",
        ("tracking_id", "metadata_shown"),
    ]
    actions_detail = ["return_units", "roll_back"]

    return_units = return_action(RedemptionReturnForm)

    roll_back = command(
        "roll_back",
        label="Roll back",
        question=(
            "The uses are given back and the discount is taken off the order. "
            "A redemption of several codes is rolled back as a whole."
        ),
        permission="roll_back",
        icon="undo",
        form_class=RollBackForm,
        variant=ActionVariant.DANGER,
    )

    # What the person may do

    def has_roll_back_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return visit(request).may("redemptions.rollback")

    def has_return_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return visit(request).may("redemptions.rollback")

    def is_offered(self, name: str, obj: Redemption) -> bool:
        stands = obj.object == Kind.REDEMPTION and obj.status == Status.SUCCEEDED
        if name == "return_units":
            return stands and obj.order is not None and is_returnable(obj.order)
        return stands and obj.parent_id is None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        own = path("export/", view, name="redemptions_redemption_export")
        return [own, *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Return what the list shows under its filters, all pages of it."""
        seen = visit(request)
        if not (self.has_view_permission(request) and seen.may("exports.create")):
            raise PermissionDenied
        shown = self.get_changelist_instance(request)
        day = localtime(seen.now).date()
        return export(project_of(request), shown.queryset, f"redemptions-{day}")

    # What is shown

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(about(project_of(request), term)), False

    @display(description="Result", ordering="status", label=COLOURS)
    def outcome(self, row: Redemption) -> str:
        return outcome_of(row)

    @display(description="Code or tier")
    def what(self, row: Redemption) -> str:
        if row.voucher_code:
            return row.voucher_code
        if row.promotion_tier:
            return str(row.promotion_tier)
        return "Several" if row.related_object_type == "redemption" else "-"

    @display(description="Discount", ordering="applied_amount")
    def discount(self, row: Redemption) -> str:
        if row.result == Result.FAILURE:
            return "-"
        given = money(row.applied_amount, row.project.currency)
        if not row.returned_amount:
            return given
        back = money(row.returned_amount, row.project.currency)
        return f"{given}, {back} of it returned"

    @display(description="Reason")
    def why(self, row: Redemption) -> str:
        refused = row.result == Result.FAILURE
        return why_refused(row) if refused else row.reason or "-"

    @display(description="Id")
    def shown(self, row: Redemption) -> str:
        return row.shown_id

    @display(description="Channel")
    def channel(self, row: Redemption) -> str:
        names = names_of_channels(row.project, [row.channel_id])
        known = names.get(row.channel_id, row.channel_id)
        by_hand = parse_or_none("user_", row.channel_id) is not None
        kind = "Dashboard" if by_hand else row.channel_type
        return " ".join(part for part in (kind, known) if part)

    @display(description="Calls that name it")
    def calls(self, row: Redemption) -> str:
        return calls_about_link(row.shown_id, row.created_at)

    @display(description="Metadata")
    def metadata_shown(self, row: Redemption) -> str:
        return pairs(row.metadata) or "-"

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **named: Any
    ) -> HttpResponseBase:
        context |= page_of(request, named["obj"])
        return super().render_change_form(request, context, *args, **named)

    # What is written

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> str:
        if name == "return_units":
            if obj.order is None:
                msg = "Not a redemption of an order"
                raise Http404(msg)
            take_units_back(request, obj.order, values)
            return self.change_address(obj)
        done = roll_back_redemption(
            project=project_of(request),
            reference=obj.shown_id,
            request=RollbackRequest(reason=values["reason"]),
            stacked=True,
            now=visit(request).now,
        )
        back = -sum(row.applied_amount for row in done.rows)
        tell(request, f"Rolled back: {money(back, obj.project.currency)} taken back.")
        return self.change_address(obj)

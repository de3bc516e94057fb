"""Promotion tiers: discounts without a code, in the order in which they are tried."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RelatedDropdownFilter
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.admin.offer import OfferAdmin, OfferForm
from campaigns.admin.state import StateFilter
from campaigns.admin.switches import SWITCHES
from campaigns.models import Campaign, CampaignType, PromotionTier
from campaigns.services import promotion_tier as service
from campaigns.services.states import tier_state
from promo.admin.commands import command
from promo.admin.presentation import money
from promo.admin.summary import Figure, list_address
from promo.admin.visit import project_of, visit


class TierForm(OfferForm):
    at_adding = ("campaign",)
    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(), widget=UnfoldAdminSelect2Widget
    )
    name = forms.CharField(max_length=255, widget=UnfoldAdminTextInputWidget)
    banner = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="What the shop shows to customers.",
    )
    hierarchy = forms.IntegerField(
        label="Place",
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1}),
        help_text="The lower, the earlier it is tried; empty for the last place.",
    )

    class Meta:
        model = PromotionTier
        fields = ("category", "metadata")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if "campaign" in self.fields:
            promotions = project_of(self.request).campaigns.alive()
            self.fields["campaign"].queryset = promotions.filter(  # type: ignore[attr-defined]  # a model choice
                campaign_type=CampaignType.PROMOTION
            )
        for name in ("name", "banner", "hierarchy"):
            if self.instance.created_at:
                self.initial[name] = getattr(self.instance, name)


@admin.register(PromotionTier)
class PromotionTierAdmin(OfferAdmin):
    resource = "promotions"
    empty_note = (
        "A promotion tier is an offer without a code: it applies to every cart "
        "that meets its rules."
    )
    operations = replace(service.OPERATIONS, create=service.create_tier)
    form = TierForm
    related = ("campaign", "category", "project")
    list_display = [
        "name",
        "state",
        "offer",
        "campaign",
        "hierarchy",
        "period",
        "redeemed",
        "given",
    ]
    list_filter = [
        StateFilter,
        ("campaign", AutocompleteSelectFilter),
        ("category", RelatedDropdownFilter),
    ]
    list_filter_submit = True
    search_fields = [
        "name__icontains",
        "banner__icontains",
        "campaign__name__icontains",
    ]
    search_help_text = "Name, banner, campaign or id"
    ordering = ["campaign__name", "hierarchy", "id"]
    readonly_fields = [
        "id",
        "campaign",
        "offer",
        "period",
        "weekdays_shown",
        "hours_shown",
        "rule_shown",
        "metadata_shown",
        "created_at",
        "updated_at",
    ]
    at_adding = ("campaign", "name", "banner", "hierarchy")
    own_fields = ("campaign", "name", "banner", "hierarchy")
    actions = SWITCHES
    actions_detail = ["try_it", "enable", "disable"]

    enable = command(
        "enable",
        label="Enable",
        question="Customers get this discount again, within its dates.",
        permission="manage",
        icon="play_circle",
    )
    disable = command(
        "disable",
        label="Disable",
        question="Nobody gets this discount until it is enabled again.",
        permission="manage",
        icon="pause_circle",
        variant=ActionVariant.DANGER,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromotionTier]:
        rows: QuerySet[PromotionTier] = super().get_queryset(request)
        return rows.annotate(state=tier_state(visit(request).now))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = list(self.readonly_fields)
        if obj is None:
            shown.remove("campaign")
        return shown

    @admin.display(description="Redemptions", ordering="redeemed_quantity")
    def redeemed(self, tier: PromotionTier) -> str:
        return f"{tier.redeemed_quantity:,}"

    @admin.display(description="Discounts given", ordering="discounted_amount")
    def given(self, tier: PromotionTier) -> str:
        return money(tier.discounted_amount, tier.project.currency)

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        return [
            self.status(obj),
            Figure(
                "Redemptions",
                self.redeemed(obj),
                link=list_address(
                    "redemptions_redemption", promotion_tier__id__exact=obj.pk
                ),
            ),
            Figure(
                "Discounts given",
                self.given(obj),
                f"on orders of {money(obj.orders_amount, obj.project.currency)}",
            ),
        ]

    def own_values(self, values: dict[str, Any]) -> dict[str, Any]:
        names = ("campaign", "name", "banner", "hierarchy")
        sent = {name: values[name] for name in names if name in values}
        if sent.get("hierarchy") is None:
            sent.pop("hierarchy", None)
        if "discount" in values:
            sent["action"] = {"discount": values["discount"]}
        return sent

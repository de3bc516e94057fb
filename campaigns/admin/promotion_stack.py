"""Promotion stacks: tiers of one promotion that a checkout applies together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextInputWidget,
)

from campaigns.admin.guarded import category_values
from campaigns.models import (
    Campaign,
    CampaignType,
    PromotionStack,
    PromotionStackTier,
    PromotionTier,
)
from campaigns.services import promotion_stack as service
from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import ProjectDropdownFilter
from promo.admin.forms import ProjectForm
from promo.admin.visit import project_of

PLACE_OF = "place_of_"


class InOrder(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic for the checker only
    """Several choices, kept in the order in which they were made."""

    def clean(self, value: Any) -> Any:
        chosen = super().clean(value)
        places = {str(key): at for at, key in enumerate(value or ())}
        return sorted(chosen, key=lambda one: places[str(one.pk)])


class StackForm(ProjectForm):
    """Tiers are chosen at first; afterwards each has a place, or none."""

    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(), widget=UnfoldAdminSelect2Widget
    )
    name = forms.CharField(max_length=255, widget=UnfoldAdminTextInputWidget)
    tiers = InOrder(
        queryset=PromotionTier.objects.none(),
        widget=AutocompleteSelectMultiple(
            PromotionStackTier._meta.get_field("tier"), admin.site
        ),
        help_text="Tiers of the campaign; the one chosen first is applied first.",
    )

    class Meta:
        model = PromotionStack
        fields = ("category",)

    #: The tiers of the stack's campaign, set on the class made for a request.
    offered: Sequence[PromotionTier] = ()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.instance.created_at:
            self.initial["name"] = self.instance.name
            for member in self.instance.members.all():
                self.initial[PLACE_OF + member.tier_id] = member.position
            for name in ("campaign", "tiers"):
                self.fields.pop(name, None)
            return
        project = project_of(self.request)
        self.fields["tiers"].queryset = project.promotion_tiers.alive()  # type: ignore[attr-defined]  # a model choice
        self.fields["campaign"].queryset = project.campaigns.alive().filter(  # type: ignore[attr-defined]  # a model choice
            campaign_type=CampaignType.PROMOTION
        )

    def tier_ids(self) -> list[str]:
        """Return the tiers in their order: as chosen, else by the places typed."""
        if "tiers" in self.cleaned_data:
            return [tier.pk for tier in self.cleaned_data["tiers"]]
        typed = {
            tier.pk: self.cleaned_data[PLACE_OF + tier.pk] for tier in self.offered
        }
        placed = {key: place for key, place in typed.items() if place is not None}
        return sorted(placed, key=lambda key: placed[key])


def form_for(offered: Sequence[PromotionTier]) -> type[StackForm]:
    """Return the form with a place for each of the campaign's tiers."""
    places = {
        PLACE_OF + tier.pk: forms.IntegerField(
            label=tier.name,
            required=False,
            min_value=1,
            widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1}),
        )
        for tier in offered
    }
    return type("StackForm", (StackForm,), {"offered": offered, **places})


@admin.register(PromotionStack)
class PromotionStackAdmin(ProjectModelAdmin):
    resource = "promotions"
    empty_note = (
        "A stack is a set of promotion tiers that apply together, in their order."
    )
    operations = replace(service.OPERATIONS, create=service.create_stack)
    form = StackForm
    related = ("campaign", "category")
    list_display = ["name", "campaign", "size", "category", "created_at"]
    list_filter = [
        ("campaign", AutocompleteSelectFilter),
        ("category", ProjectDropdownFilter),
    ]
    list_filter_submit = True
    search_fields = ["name__icontains", "campaign__name__icontains"]
    search_help_text = "Name, campaign or id"
    ordering = ["campaign__name", "name", "id"]
    readonly_fields = ["id", "of_campaign", "order_shown", "created_at", "updated_at"]
    add_fieldsets = (
        (None, {"fields": ("campaign", "name", "category")}),
        ("What is applied together", {"fields": ("tiers",)}),
    )
    view_fieldsets = (
        (None, {"fields": ("of_campaign", "name", "category", "order_shown")}),
        ("More", {"fields": ("id", "created_at", "updated_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromotionStack]:
        rows: QuerySet[PromotionStack] = super().get_queryset(request)
        return rows.annotate(tier_count=Count("members"))

    def form_of(self, request: HttpRequest, obj: Any) -> Any:
        return form_for(offered_to(request, obj))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        if not self.has_change_permission(request):
            return self.view_fieldsets
        places = tuple(PLACE_OF + tier.pk for tier in offered_to(request, obj))
        note = "The lower the place, the earlier; a tier without one is not in it."
        return (
            (None, {"fields": ("of_campaign", "name", "category")}),
            ("In which order", {"fields": places, "description": note}),
            ("More", {"fields": ("id", "created_at", "updated_at")}),
        )

    @admin.display(description="Campaign")
    def of_campaign(self, stack: PromotionStack) -> str:
        return stack.campaign.name

    @admin.display(description="Tiers", ordering="tier_count")
    def size(self, stack: Any) -> str:
        return f"{stack.tier_count:,}"

    @admin.display(description="Tiers")
    def order_shown(self, stack: PromotionStack) -> str:
        members = stack.members.select_related("tier")
        return ", then ".join(member.tier.name for member in members)

    def service_values(
        self, request: HttpRequest, form: Any, *, change: bool
    ) -> dict[str, Any]:
        names = form.changed_data if change else form.cleaned_data
        values = {name: form.cleaned_data[name] for name in names}
        sent = {name: values[name] for name in ("campaign", "name") if name in values}
        if not change or any(name.startswith(PLACE_OF) for name in names):
            sent["tiers"] = {"ids": form.tier_ids()}
        return sent | category_values(values)


def offered_to(request: HttpRequest, stack: PromotionStack | None) -> Any:
    """Return the tiers of the stack's campaign by place, read once per request."""
    if stack is None:
        return ()
    known = getattr(request, "_offered", None)
    if known is None:
        known = list(stack.campaign.tiers.alive().order_by("hierarchy", "pk"))
        request._offered = known  # type: ignore[attr-defined]  # noqa: SLF001 - kept on the request that asked
    return known

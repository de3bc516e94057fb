"""Campaigns: found, added, changed, switched, and given more codes."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import (
    QuerySet,
)
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from campaigns.admin.campaign_form import (
    AddCodeForm,
    CampaignForm,
    GenerateForm,
    changed_campaign,
    new_campaign,
)
from campaigns.admin.campaign_uses import (
    CampaignList,
    budget_bar,
    count_uses,
    kind_and_category,
    kind_of,
    owner_and_version,
    period_column,
    used_elsewhere,
)
from campaigns.admin.comparing import compare_two
from campaigns.admin.discount import (
    CONDITIONS,
    is_editable,
    with_discount,
)
from campaigns.admin.discount import ROWS as DISCOUNT_ROWS
from campaigns.admin.giving import give, give_action, may_give
from campaigns.admin.guarded import rule_on, rules_chosen
from campaigns.admin.import_codes import import_codes_action
from campaigns.admin.offer_figures import code_figures, tier_figures
from campaigns.admin.schedule import ROWS as SCHEDULE_ROWS
from campaigns.admin.schedule import (
    has_hours,
    hours_in_words,
    period_in_words,
    weekdays_in_words,
)
from campaigns.admin.state import COLOURS, TONES, CampaignStateFilter
from campaigns.admin.switches import SWITCHES
from campaigns.admin.try_it import backtest_action, try_it_action
from campaigns.admin.worth import template_in_words
from campaigns.models import (
    Campaign,
    CampaignType,
    PoolType,
)
from campaigns.services import campaign as service
from campaigns.services.states import campaign_state
from promo.admin.approval import do
from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, tell
from promo.admin.filters import DayFilter, ProjectDropdownFilter
from promo.admin.presentation import pairs
from promo.admin.saved_views import KeepsViews
from promo.admin.summary import Figure, list_address
from promo.admin.visit import project_of, visit

_SHOWN = ("period", "weekdays_shown", "hours_shown", "rule_shown", "metadata_shown")
#: What they pay was bought or earned before: it is no cost to be tried.
_CARDS = {CampaignType.GIFT_VOUCHERS, CampaignType.LOYALTY_PROGRAM}
# ``$data`` lets a condition name a field that only the form for adding has.
_COUPONS = "$data.campaign_type != 'PROMOTION'"
_GIFTS = "$data.campaign_type == 'GIFT_VOUCHERS'"
_PROGRAM = "$data.campaign_type == 'LOYALTY_PROGRAM'"
_DISCOUNT = f"!({_GIFTS}) && !({_PROGRAM})"
_MANY = f"{_COUPONS} && (codes != 'STANDALONE' || {_PROGRAM})"


@admin.register(Campaign)
class CampaignAdmin(KeepsViews, ProjectModelAdmin):
    resource = "campaigns"
    empty_note = (
        "A campaign holds an offer and its codes: what it takes off, for whom, "
        "and until when."
    )
    begin = ("Build a campaign", "campaign-builder", "campaigns.create")
    operations = service.OPERATIONS
    asks_as = "campaign"
    form = CampaignForm
    related = ("category", "project")
    list_display = [
        "name",
        "state",
        kind_and_category,
        "offer",
        "period",
        "code_count",
        "redeemed",
        budget_bar,
        owner_and_version,
    ]
    list_filter = [
        CampaignStateFilter,
        ("campaign_type", ChoicesDropdownFilter),
        ("category", ProjectDropdownFilter),
        ("start_date", DayFilter),
        ("expiration_date", DayFilter),
    ]
    list_filter_submit = True
    search_fields = ["name__icontains", "description__icontains"]
    search_help_text = "Name, description or id"
    ordering = ["-created_at", "-id"]
    readonly_fields = ["id", kind_of, "offer", "created_at", "updated_at"]
    conditional_fields: ClassVar = {
        **{name: f"{when} && {_DISCOUNT}" for name, when in CONDITIONS.items()},
        "kind": _DISCOUNT,
        "effect": _DISCOUNT,
        "credits": _GIFTS,
        "pays": _GIFTS,
        "points": _PROGRAM,
        "codes": f"{_COUPONS} && !({_PROGRAM})",
        "vouchers_count": _MANY,
        "pattern": _MANY,
        "code": f"{_COUPONS} && codes == 'STANDALONE' && !({_PROGRAM})",
        "quantity": _COUPONS,
    }
    add_fieldsets = (
        (None, {"fields": ("name", "description", "campaign_type")}),
        (
            "What it gives",
            {
                "fields": (
                    *DISCOUNT_ROWS,
                    ("credits", "pays"),
                    "points",
                    "codes",
                    ("vouchers_count", "pattern"),
                    "code",
                    "quantity",
                )
            },
        ),
        ("When", {"fields": SCHEDULE_ROWS}),
        ("Who and what", {"fields": ("rule", "category")}),
        ("More", {"fields": ("metadata",)}),
    )
    view_fieldsets = (
        (None, {"fields": ("name", "description", kind_of, "offer")}),
        ("When", {"fields": ("period", "weekdays_shown", "hours_shown")}),
        ("Who and what", {"fields": ("rule_shown", "category")}),
        ("More", {"fields": ("metadata_shown", "id", "created_at", "updated_at")}),
    )
    actions = [*SWITCHES, compare_two]
    actions_list = ["build"]
    actions_detail = [
        "try_it",
        "give",
        "generate_codes",
        {
            "title": "More",
            "icon": "more_horiz",
            "items": ["add_code", "import_codes", "backtest", "copy", "versions"],
        },
        "enable",
        "disable",
    ]
    try_it = try_it_action()
    backtest = backtest_action()
    give = give_action("The customer gets the oldest code that nobody has.")

    generate_codes = command(
        "generate_codes",
        label="Generate codes",
        question="They are made in the background, all different.",
        permission="generate",
        icon="add_circle",
        form_class=GenerateForm,
        variant=ActionVariant.PRIMARY,
    )
    add_code = command(
        "add_code",
        label="Add one code",
        question="A code of your own choice, for this campaign.",
        permission="generate",
        icon="confirmation_number",
        form_class=AddCodeForm,
    )

    import_codes = import_codes_action()

    @action(description="Copy as a draft", permissions=["copy"], icon="content_copy")
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Go to the builder, which asks before it copies."""
        source = self.object_or_404(request, object_id)
        address = f"{reverse('campaign-builder')}?{urlencode({'copy': source.pk})}"
        return HttpResponseRedirect(address)

    @action(description="Versions", permissions=["view"], icon="history")
    def versions(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Go to how the campaign stood after each change."""
        campaign = self.object_or_404(request, object_id)
        address = reverse("campaign-versions", args=(campaign.pk,))
        return HttpResponseRedirect(address)

    @action(description="Build a campaign", permissions=["add"], icon="add_task")
    def build(self, request: HttpRequest) -> HttpResponseBase:
        return HttpResponseRedirect(reverse("campaign-builder"))

    enable = command(
        "enable",
        label="Enable",
        question="Customers can use this campaign again, within its dates.",
        permission="manage",
        icon="play_circle",
    )
    disable = command(
        "disable",
        label="Disable",
        question="Nobody can use this campaign until it is enabled again.",
        permission="manage",
        icon="pause_circle",
        variant=ActionVariant.DANGER,
    )

    # What the person may do

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "modify")

    def has_generate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return visit(request).may_ask("vouchers.create")

    def has_backtest_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return visit(request).may("orders.read")

    def has_publish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_give(request)

    def has_copy_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)

    def is_offered(self, name: str, obj: Campaign) -> bool:
        if name in {"generate_codes", "add_code", "import_codes"}:
            return obj.has_codes and obj.type != PoolType.STANDALONE
        if name == "give":
            return obj.has_codes
        if name == "backtest":
            return obj.campaign_type not in _CARDS
        return {"enable": not obj.active, "disable": obj.active}.get(name, True)

    # What is shown

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[CampaignList]:
        return CampaignList

    def get_list_display(self, request: HttpRequest) -> Any:
        dates = period_column(project_of(request).timezone)
        return [dates if one == "period" else one for one in self.list_display]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        rows: QuerySet[Campaign] = super().get_queryset(request)
        return rows.annotate(
            state=campaign_state(visit(request).now),
            used_elsewhere=used_elsewhere(),
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or not self.has_change_permission(request):
            return super().get_fieldsets(request, obj)
        discount = (obj.voucher or {}).get("discount")
        offer = DISCOUNT_ROWS if is_editable(discount) else ("offer",)
        quantity = ("quantity",) if obj.has_codes else ()
        hours = ("hours_shown",) if has_hours(obj) else ()
        return (
            (None, {"fields": ("name", "description", kind_of)}),
            ("What it gives", {"fields": (*offer, *quantity)}),
            ("When", {"fields": (*SCHEDULE_ROWS, *hours)}),
            ("Who and what", {"fields": ("rule", "category")}),
            ("More", {"fields": ("metadata", "id", "created_at", "updated_at")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.readonly_fields, *_SHOWN, *(["name"] if obj else [])]

    @display(description="Status", ordering="state", label=COLOURS)
    def state(self, campaign: Any) -> str:
        return str(campaign.state)

    @display(description="Gives")
    def offer(self, campaign: Campaign) -> str:
        if not campaign.has_codes:
            return "By its tiers"
        return template_in_words(campaign.voucher, campaign.project.currency)

    @display(description="Dates", ordering="expiration_date")
    def period(self, campaign: Campaign) -> str:
        return period_in_words(campaign.start_date, campaign.expiration_date)

    @display(description="Codes", ordering="vouchers_count")
    def code_count(self, campaign: Campaign) -> str:
        return f"{campaign.vouchers_count:,}" if campaign.has_codes else "-"

    @display(description="Redemptions")
    def redeemed(self, campaign: Any) -> str:
        return f"{campaign.redeemed_count:,}"

    @display(description="Only on")
    def weekdays_shown(self, campaign: Campaign) -> str:
        return weekdays_in_words(campaign.validity_day_of_week)

    @display(description="Hours")
    def hours_shown(self, campaign: Campaign) -> str:
        return hours_in_words(campaign)

    @display(description="Validation rule")
    def rule_shown(self, campaign: Campaign) -> str:
        rule = rule_on(campaign)
        return rule.name if rule else "None"

    @display(description="Metadata")
    def metadata_shown(self, campaign: Campaign) -> str:
        return pairs(campaign.metadata) or "-"

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        count_uses(project_of(request), [obj])
        figures = [
            Figure(
                "Status",
                obj.state,
                period_in_words(obj.start_date, obj.expiration_date),
                tone=TONES[obj.state],
            ),
            Figure(
                "Redemptions",
                f"{obj.redeemed_count:,}",
                "Rolled back ones do not count",
                link=list_address("redemptions_redemption", campaign__id__exact=obj.pk),
            ),
        ]
        own = code_figures(obj) if obj.has_codes else tier_figures(obj)
        now = visit(request).now
        more = [import_string(name)(obj, now) for name in settings.CAMPAIGN_FIGURES]
        return [*figures, *own, *chain.from_iterable(more)]

    # What is written

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        if not change:
            sent = new_campaign(form.cleaned_data)
            obj.pk = do(request, "campaign.create", values=sent).pk
        else:
            self._change(request, obj, form)
        obj.refresh_from_db()

    def _change(self, request: HttpRequest, obj: Campaign, form: Any) -> None:
        values = form.cleaned_data
        names = with_discount(form.changed_data)
        sent = changed_campaign(obj, {name: values[name] for name in names})
        rules = rules_chosen(values) if "rule" in names else None
        if sent or rules is not None:
            do(request, "campaign.update", obj, values=sent, rules=rules)

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> Any:
        if name == "generate_codes":
            pattern, count = values["pattern"], values["count"]
            sent = {"code_config": {"pattern": pattern}} if pattern else {}
            do(request, "campaign.generate_codes", obj, count=count, values=sent)
            tell(request, f"{count:,} codes are being made.")
        elif name == "add_code":
            made = do(request, "campaign.add_code", obj, code=values["code"])
            tell(request, f"{made.code} is added.")
        elif name == "give":
            give(request, campaign=obj.pk, **values)
        else:
            self.carry_out(request, name, obj)
            tell(request, f"{obj.name} is {name}d.")

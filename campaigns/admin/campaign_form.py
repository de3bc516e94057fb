"""The form of a campaign, and what the services get from it."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.admin.discount import (
    MONEY,
    DiscountFields,
    initial_of,
    is_editable,
    show_stored,
)
from campaigns.admin.guarded import (
    RuleField,
    category_values,
    rule_on,
    rules_of,
)
from campaigns.admin.schedule import ScheduleFields, schedule_values, show_schedule
from campaigns.engine.discounts import Effect
from campaigns.models import Campaign, CampaignType, PoolType
from campaigns.services.codes import most_codes
from promo.admin.commands import plain_id
from promo.admin.forms import CommandForm, MoneyField, ProjectForm
from promo.api.fields import INTEGER
from promo.money import in_major_units

Json = dict[str, Any]

_PATTERN_HELP = "Each # becomes a random character, as in SUMMER-######."
_AT_ADDING = (
    "campaign_type",
    "credits",
    "pays",
    "points",
    "codes",
    "vouchers_count",
    "pattern",
    "code",
)
#: The field that says what each card of a kind starts with.
_CARDS = {
    CampaignType.GIFT_VOUCHERS: "credits",
    CampaignType.LOYALTY_PROGRAM: "points",
}


def _patterned(**options: Any) -> forms.CharField:
    return forms.CharField(
        label="Pattern",
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "########"}),
        help_text=_PATTERN_HELP,
        **options,
    )


class CampaignForm(DiscountFields, ScheduleFields, ProjectForm):
    campaign_type = forms.ChoiceField(
        label="Kind",
        choices=[
            (CampaignType.DISCOUNT_COUPONS, "Coupons: the discount needs a code"),
            (CampaignType.GIFT_VOUCHERS, "Gift cards: each code carries credits"),
            (CampaignType.LOYALTY_PROGRAM, "Loyalty: each member's card has points"),
            (CampaignType.PROMOTION, "Promotion: the discount needs no code"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    credits = MoneyField(label="Credits on each card", required=False)
    pays = forms.ChoiceField(
        label="They pay",
        choices=[
            (Effect.APPLY_TO_ORDER.value, "The whole order"),
            (Effect.APPLY_TO_ITEMS.value, "Matching items"),
        ],
        widget=UnfoldAdminSelectWidget,
        required=False,
    )
    points = forms.IntegerField(
        label="Points on each card",
        required=False,
        min_value=0,
        max_value=INTEGER,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 0}),
        help_text="What a member starts with.",
    )
    codes = forms.ChoiceField(
        choices=[
            (PoolType.STATIC, "Many: each customer gets another code"),
            (PoolType.STANDALONE, "One: everybody uses the same code"),
        ],
        widget=UnfoldAdminSelectWidget,
        required=False,
    )
    vouchers_count = forms.IntegerField(
        label="How many codes",
        required=False,
        min_value=1,
        max_value=most_codes(),
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1}),
        help_text="Empty to make them later.",
    )
    pattern = _patterned()
    code = forms.CharField(
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "WELCOME10"}),
        help_text="Empty for a random one.",
    )
    quantity = forms.IntegerField(
        label="Uses of each code",
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1}),
        help_text="Empty for no limit.",
    )
    rule = RuleField()
    description = forms.CharField(
        required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )

    class Meta:
        model = Campaign
        fields = ("name", "category", "metadata")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["rule"].queryset = rules_of(self.request)  # type: ignore[attr-defined]  # a model choice
        if self.instance.pk and self.instance.created_at:
            self._show_stored(self.instance)
        elif not self.asks_for_discount():
            for name in ("kind", "effect"):
                self.fields[name].required = False

    def asks_for_discount(self) -> bool:
        """Whether a discount is what the campaign gives; cards carry a balance."""
        return self.data.get("campaign_type") not in _CARDS

    def _show_stored(self, campaign: Campaign) -> None:
        template = campaign.voucher or {}
        show_stored(self, template.get("discount"))
        gone = list(_AT_ADDING)
        if campaign.has_codes:
            self.initial["quantity"] = template["redemption"]["quantity"]
        else:
            gone.append("quantity")
        for name in gone:
            del self.fields[name]
        show_schedule(self, campaign)
        self.initial["rule"] = rule_on(campaign)

    def clean(self) -> Json | None:
        cleaned = super().clean() or self.cleaned_data
        worth = _CARDS.get(cleaned.get("campaign_type", ""))
        if worth and cleaned.get(worth) is None and worth not in self.errors:
            self.add_error(worth, "Say how much.")
        several = (cleaned.get("vouchers_count") or 0) > 1
        pattern = cleaned.get("pattern")
        if several and pattern and "#" not in pattern:
            self.add_error("pattern", "Several codes need a # to differ.")
        return cleaned


def new_campaign(values: Json) -> Json:
    """Return what ``create_campaign`` takes for the form's values."""
    kind = values["campaign_type"]
    rule = values["rule"]
    sent = {
        "name": values["name"],
        "description": values["description"],
        "campaign_type": kind,
        "metadata": values["metadata"] or {},
        "validation_rules": [rule.pk] if rule else [],
        **schedule_values(values),
        **category_values(values),
    }
    if kind == CampaignType.PROMOTION:
        tier = {"name": values["name"], "action": {"discount": values["discount"]}}
        return {**sent, "promotion": {"tiers": [tier]}}
    return {**sent, **_codes(values)}


def _worth(values: Json) -> Json:
    """Return what each code is worth: a discount, credits or points."""
    kind = values["campaign_type"]
    if kind == CampaignType.GIFT_VOUCHERS:
        effect = values["pays"] or Effect.APPLY_TO_ORDER
        gift = {"amount": values["credits"], "effect": effect}
        return {"type": "GIFT_VOUCHER", "gift": gift}
    if kind == CampaignType.LOYALTY_PROGRAM:
        card = {"points": values["points"]}
        return {"type": "LOYALTY_CARD", "loyalty_card": card}
    return {"type": "DISCOUNT_VOUCHER", "discount": values["discount"]}


def _codes(values: Json) -> Json:
    voucher = {**_worth(values), "redemption": {"quantity": values["quantity"]}}
    is_program = values["campaign_type"] == CampaignType.LOYALTY_PROGRAM
    if values["codes"] == PoolType.STANDALONE and not is_program:
        return {
            "type": PoolType.STANDALONE,
            "voucher": {**voucher, "code": values["code"] or None},
        }
    if values["pattern"]:
        voucher["code_config"] = {"pattern": values["pattern"]}
    return {
        "type": PoolType.STATIC,
        "voucher": voucher,
        "vouchers_count": values["vouchers_count"],
    }


def changed_campaign(campaign: Campaign, changed: Json) -> Json:
    """Return what ``update_campaign`` takes for the fields that changed."""
    sent = {**schedule_values(changed), **category_values(changed)}
    if "description" in changed:
        sent["description"] = changed["description"]
    if "quantity" in changed:
        sent["default_voucher_redemption"] = {"quantity": changed["quantity"]}
    if "discount" in changed:
        sent["voucher"] = {"discount": changed["discount"]}
    if "metadata" in changed:
        kept = changed["metadata"] or {}
        sent["metadata"] = kept
        sent["unset_metadata_fields"] = sorted(campaign.metadata.keys() - kept.keys())
    return sent


def copied(campaign: Campaign) -> Json:
    """Return what a copy starts with, as the form for adding has it.

    Dates and codes are left out: a copy has others.
    """
    template = campaign.voucher or {}
    discount = template.get("discount")
    if discount is None and not campaign.has_codes:
        tier = campaign.tiers.alive().order_by("hierarchy", "pk").first()
        discount = tier.action.get("discount") if tier else None
    shown = initial_of(discount) if discount and is_editable(discount) else {}
    for name in MONEY & shown.keys():
        shown[name] = in_major_units(shown[name])
    rule = rule_on(campaign)
    started: Json = {
        "name": f"Copy of {campaign.name}",
        "description": campaign.description,
        "campaign_type": campaign.campaign_type,
        "codes": "" if campaign.type == PoolType.AUTO_UPDATE else campaign.type,
        "pattern": (template.get("code_config") or {}).get("pattern"),
        "quantity": (template.get("redemption") or {}).get("quantity"),
        "rule": rule.pk if rule else None,
        "category": campaign.category_id,
        **shown,
        **_balance_of(template),
    }
    return {name: value for name, value in started.items() if value not in {None, ""}}


def _balance_of(template: Json) -> Json:
    """Return what the form shows of the balance that cards start with."""
    gift, card = template.get("gift"), template.get("loyalty_card")
    if gift is not None:
        return {
            "credits": in_major_units(gift["amount"]),
            "pays": gift.get("effect"),
        }
    return {} if card is None else {"points": card["points"]}


class GenerateForm(CommandForm):
    count = forms.IntegerField(
        label="How many codes",
        min_value=1,
        max_value=most_codes(),
        initial=100,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1}),
    )
    pattern = _patterned()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        campaign = Campaign.objects.filter(pk=plain_id(str(self.object_id))).first()
        config = ((campaign and campaign.voucher) or {}).get("code_config") or {}
        self.fields["pattern"].widget.attrs["placeholder"] = config.get("pattern", "")
        self.fields[
            "pattern"
        ].help_text = f"{_PATTERN_HELP} Empty for the campaign's own pattern."


class AddCodeForm(CommandForm):
    code = forms.CharField(max_length=255, widget=UnfoldAdminTextInputWidget)

"""The fields of a campaign in its builder, and the campaign and rule they mean."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from campaigns.admin.campaign_form import CampaignForm, new_campaign
from campaigns.admin.discount import KINDS as DISCOUNTS
from campaigns.engine.discount_parsing import EFFECTS
from campaigns.engine.discounts import DiscountType
from campaigns.engine.rule_tree import Leaf, Tree, both, definition_of
from campaigns.models import CampaignType, Category, PoolType
from promo.admin.forms import MoneyField
from promo.admin.visit import project_of

Json = dict[str, Any]

_INPUT = "promo-input"
GENERIC, BULK, CART = "generic", "bulk", "cart"
GIFT, LOYALTY, REFERRAL = "gift", "loyalty", "referral"
#: What can be built: its campaign type, how its codes are made, and what it is.
KINDS: Mapping[str, tuple[str, str, str, str]] = {
    GENERIC: (
        CampaignType.DISCOUNT_COUPONS,
        PoolType.STANDALONE,
        "One code for everybody",
        "A discount behind one public code, such as WELCOME10.",
    ),
    BULK: (
        CampaignType.DISCOUNT_COUPONS,
        PoolType.STATIC,
        "Many codes",
        "A discount behind codes that are all different, one for each customer.",
    ),
    CART: (
        CampaignType.PROMOTION,
        "",
        "Cart promotion",
        "A discount that applies by itself, without a code.",
    ),
    GIFT: (
        CampaignType.GIFT_VOUCHERS,
        PoolType.STATIC,
        "Gift cards",
        "Cards with credit that pays for orders until it is used up.",
    ),
    LOYALTY: (
        CampaignType.LOYALTY_PROGRAM,
        PoolType.STATIC,
        "Loyalty cards",
        "Cards with points, one for each member.",
    ),
    REFERRAL: (
        CampaignType.REFERRAL_PROGRAM,
        PoolType.STATIC,
        "Referrals",
        "Codes that customers give to friends; the discount is the friend's.",
    ),
}
#: What a kind starts with: fields by name, as typed. Codes that are all different are
#: meant for one use each, and without any nobody could use the campaign.
STARTS: Mapping[str, Mapping[str, str]] = {
    BULK: {"vouchers_count": "100", "quantity": "1"},
    GIFT: {"vouchers_count": "100"},
}
_DISCOUNTS = frozenset({GENERIC, BULK, CART, REFERRAL})
#: The rules behind the limits: field, rule.
LIMITS: tuple[tuple[str, str], ...] = (
    ("per_customer", "campaign.redemptions.customers_count"),
    ("per_day", "campaign.redemptions.count.daily"),
    ("total_uses", "campaign.redemptions.count"),
    ("budget", "campaign.orders.amount_discounted"),
)
_GIFT_BUDGET = "redemption.gift.amount"


def _count(label: str, text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1}),
        help_text=text,
    )


def _hour(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )


class BuilderForm(CampaignForm):
    """Every field of every step; ``campaign_type`` and ``codes`` follow from ``what``.

    ``rule`` is no choice here: the builder makes one.
    """

    what = forms.ChoiceField(
        choices=[(name, kind[2]) for name, kind in KINDS.items()],
        widget=UnfoldAdminSelectWidget,
    )
    per_customer = _count("Uses per customer", "Over all codes of the campaign.")
    per_day = _count("Uses per day", "Of everybody together, in the project's days.")
    total_uses = _count("Uses altogether", "The campaign stops after so many.")
    budget = MoneyField(
        label="Budget",
        required=False,
        help_text="What it may take off altogether; a use beyond it is refused.",
    )
    hours_from = _hour("Hours from")
    hours_until = _hour("Hours until")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        del self.fields["rule"]
        for name in ("start_date", "expiration_date"):
            self.fields[name].widget = forms.SplitDateTimeWidget(
                date_attrs={"type": "date", "class": _INPUT},
                time_attrs={"type": "time", "class": _INPUT},
                date_format="%Y-%m-%d",
                time_format="%H:%M",
            )
        self.fields["campaign_type"].choices = CampaignType.choices  # type: ignore[attr-defined]  # a choice field
        self.fields["kind"].widget.attrs["x-model"] = "kind"
        self.fields["effect"].help_text = "Which items match, the next step says."
        self.fields["name"].widget.attrs["placeholder"] = "Autumn sale, newsletter"
        self.fields["name"].help_text = "Seen by you and your colleagues alone."
        self.fields["category"].help_text = "Stacking rules say which go together."
        self.fields["category"].empty_label = "None"  # type: ignore[attr-defined]  # a model choice
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxSelectMultiple):
                field.widget.attrs["class"] = _INPUT
        rows = Category.objects.filter(project=project_of(self.request))
        self.fields["category"].queryset = rows.order_by("hierarchy", "name")  # type: ignore[attr-defined]  # a model choice

    def clean(self) -> Json | None:
        cleaned = super().clean() or self.cleaned_data
        hours = (cleaned.get("hours_from"), cleaned.get("hours_until"))
        if hours[1] is not None and hours[0] is None:
            self.add_error("hours_from", "Say from when.")
        if hours[0] is not None and hours[0] == hours[1]:
            self.add_error("hours_until", "This is when it begins.")
        start, end = cleaned.get("start_date"), cleaned.get("expiration_date")
        if start and end and end <= start:
            self.add_error("expiration_date", "It ends before it starts.")
        return cleaned


def bound_form(request: HttpRequest, fields: Mapping[str, list[str]]) -> BuilderForm:
    """Return the form with what a draft holds, ready to be checked as a whole."""
    data = QueryDict(mutable=True)
    for name, texts in fields.items():
        data.setlist(name, texts)
    kind = KINDS.get(data.get("what", ""))
    if kind is not None:
        data["campaign_type"], data["codes"] = kind[0], kind[1]
    if data.get("kind") not in DISCOUNTS:
        data["kind"] = DiscountType.PERCENT
    effects = EFFECTS[DiscountType(str(data["kind"]))]
    if data.get("effect") not in effects:
        data["effect"] = effects[0]
    data.setdefault("metadata", "{}")
    form_class = type("Form", (BuilderForm,), {"request": request})
    form: BuilderForm = form_class(data)
    return form


def is_discount(what: str) -> bool:
    """Say whether a kind gives a discount rather than a balance."""
    return what in _DISCOUNTS


def campaign_of(values: Json, *, active: bool = True) -> Json:
    """Return what ``create_campaign`` takes for the checked values of the form."""
    sent = new_campaign({**values, "rule": None})
    sent["active"] = active
    start, until = values.get("hours_from"), values.get("hours_until")
    if start is not None:
        days = values.get("weekdays") or list(range(7))
        entry = {
            "start_time": f"{start:%H:%M}",
            "expiration_time": f"{until:%H:%M}" if until else "",
            "days_of_week": days,
        }
        sent["validity_hours"] = {"daily": [entry]}
        sent["validity_day_of_week"] = None
    return sent


def codes_wanted(values: Json, what: str) -> int:
    """Return how many codes a campaign makes once it is published."""
    if what in {GENERIC, CART}:
        return 0
    return int(values.get("vouchers_count") or 0)


def rule_of(
    values: Json, tree: Tree, applicable_to: Json | None, message: str
) -> Json | None:
    """Return what ``create_rule`` takes: conditions and limits; None for neither."""
    definition = definition_of(both(tree, limits_of(values)))
    if not definition and not applicable_to:
        return None
    return {
        "name": f"{values['name']}: conditions"[:255],
        "rules": definition,
        "applicable_to": applicable_to,
        "error": {"message": message} if message else None,
    }


def limits_of(values: Json) -> list[Leaf]:
    """Return the rules behind the limits that are set."""
    found = []
    for field, name in LIMITS:
        value = values.get(field)
        if value is None:
            continue
        if field == "budget" and values.get("what") == GIFT:
            name = _GIFT_BUDGET  # noqa: PLW2901 - credits are no discount
        found.append(Leaf(name, None, (("$less_than_or_equal", (value,)),)))
    return found

"""A discount as a form asks for it, and as a list says it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.engine.discount_parsing import EFFECTS
from campaigns.engine.discounts import DiscountType, Effect
from campaigns.engine.numbers import LARGEST
from promo.admin.forms import MoneyField
from promo.admin.presentation import money, percent

Json = dict[str, Any]

KINDS = {
    DiscountType.PERCENT: "Percentage off",
    DiscountType.AMOUNT: "Amount off",
    DiscountType.FIXED: "Fixed price",
    DiscountType.UNIT: "Free items",
}
_EFFECTS = {
    Effect.APPLY_TO_ORDER: "The whole order",
    Effect.APPLY_TO_ITEMS: "Matching items",
    Effect.APPLY_TO_ITEMS_PROPORTIONALLY: "Matching items, split by their amounts",
    Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY: (
        "Matching items, split by their quantities"
    ),
    Effect.APPLY_TO_ITEMS_BY_QUANTITY: "Every unit of matching items",
    Effect.ADD_MISSING_ITEMS: "Free items that the cart lacks",
    Effect.ADD_NEW_ITEMS: "Free items on top of the cart",
    Effect.ADD_SAME_ITEMS: "More of what the cart holds of a collection",
    Effect.REPLACE_ITEMS: "In place of matching items",
}
_VALUES = {
    DiscountType.PERCENT: ("percent_off", "amount_limit"),
    DiscountType.AMOUNT: ("amount_off",),
    DiscountType.FIXED: ("fixed_amount",),
    DiscountType.UNIT: ("unit_off", "unit_type"),
}
MONEY = frozenset({"amount_limit", "amount_off", "fixed_amount"})
NAMES = (
    "kind",
    "percent_off",
    "amount_limit",
    "amount_off",
    "fixed_amount",
    "unit_off",
    "unit_type",
    "effect",
)
ROWS = (
    "kind",
    ("percent_off", "amount_limit"),
    "amount_off",
    "fixed_amount",
    ("unit_off", "unit_type"),
    "effect",
)

#: Which field shows for which kind, in the words of unfold's ``conditional_fields``.
CONDITIONS = {
    "percent_off": "kind == 'PERCENT'",
    "amount_limit": "kind == 'PERCENT'",
    "amount_off": "kind == 'AMOUNT'",
    "fixed_amount": "kind == 'FIXED'",
    "unit_off": "kind == 'UNIT'",
    "unit_type": "kind == 'UNIT'",
}


class DiscountFields(forms.Form):
    """The fields of a discount; ``discount`` is what they say together."""

    kind = forms.ChoiceField(
        label="Discount",
        choices=[(kind.value, label) for kind, label in KINDS.items()],
        widget=UnfoldAdminSelectWidget,
        initial=DiscountType.PERCENT.value,
    )
    percent_off = forms.DecimalField(
        label="Percent off",
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"min": 0, "max": 100}),
    )
    amount_limit = MoneyField(
        label="At most",
        required=False,
        help_text="The most that the percentage takes off; empty for no cap.",
    )
    amount_off = MoneyField(label="Amount off", required=False)
    fixed_amount = MoneyField(label="New price", required=False)
    unit_off = forms.IntegerField(
        label="Units",
        required=False,
        min_value=0,
        max_value=LARGEST,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    unit_type = forms.CharField(
        label="Product or SKU",
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Its id or source id; a collection's id for more of the same.",
    )
    effect = forms.ChoiceField(
        label="Applies to",
        choices=[(effect.value, label) for effect, label in _EFFECTS.items()],
        widget=UnfoldAdminSelectWidget,
        initial=Effect.APPLY_TO_ORDER.value,
        help_text="Which items match, the validation rule says.",
    )

    def asks_for_discount(self) -> bool:
        """Whether the form, as it was sent, is about a discount at all."""
        return True

    def clean(self) -> dict[str, Any] | None:
        """Ask for the value of the chosen kind, and put the discount together."""
        cleaned = super().clean() or self.cleaned_data
        if not self.asks_for_discount():
            return cleaned
        if "kind" not in self.fields or {"kind", "effect"} - cleaned.keys():
            return cleaned
        kind = DiscountType(cleaned["kind"])
        value, effect = _VALUES[kind][0], Effect(cleaned["effect"])
        if cleaned.get(value) is None and value not in self.errors:
            self.add_error(value, "Say how much.")
        if kind is DiscountType.UNIT and not cleaned.get("unit_type"):
            self.add_error("unit_type", "Say what is free.")
        if effect not in EFFECTS[kind]:
            self.add_error("effect", f"{KINDS[kind]} cannot be applied like this.")
        cleaned["discount"] = _discount(kind, effect, cleaned)
        return cleaned


def _discount(kind: DiscountType, effect: Effect, cleaned: Mapping[str, Any]) -> Json:
    """Return the discount as the API takes it."""
    values = {name: cleaned.get(name) for name in _VALUES[kind]}
    given = {name: value for name, value in values.items() if value is not None}
    return {"type": kind.value, "effect": effect.value, **given}


def initial_of(discount: Mapping[str, Any]) -> Json:
    """Return what the fields show for a stored discount."""
    shown: Json = {"kind": discount["type"]}
    if discount["type"] == DiscountType.UNIT:
        shown["effect"] = Effect.ADD_MISSING_ITEMS.value
    for name in NAMES[1:]:
        if discount.get(name) is not None:
            shown[name] = discount[name]
    return shown


def show_stored(form: forms.BaseForm, discount: Mapping[str, Any] | None) -> None:
    """Fill a form with a stored discount, whose kind stays; or take its fields off."""
    if is_editable(discount):
        form.initial.update(initial_of(discount or {}))
        form.fields["kind"].disabled = True
        return
    for name in NAMES:
        del form.fields[name]


def with_discount(names: Iterable[str]) -> set[str]:
    """Return the names of changed fields, with ``discount`` where one is part of it."""
    changed = set(names)
    return changed | {"discount"} if changed & set(NAMES) else changed


def is_editable(discount: Mapping[str, Any] | None) -> bool:
    """Whether the fields can say this discount; others come through the API."""
    if discount is None or discount.get("type") not in KINDS:
        return False
    written = {"type", "effect", *_VALUES[DiscountType(discount["type"])]}
    return not set(discount) - written


def in_words(discount: Mapping[str, Any] | None, currency: str) -> str:
    """Return a stored discount as a marketer says it, ``20 % off, order``."""
    if not discount:
        return "-"
    return f"{_value_in_words(discount, currency)}{_where(discount)}"


def _value_in_words(discount: Mapping[str, Any], currency: str) -> str:
    kind = discount.get("type")
    formula = any(name.endswith("_formula") for name in discount)
    if kind == DiscountType.UNIT:
        units = discount.get("units") or [discount]
        return " + ".join(f"{one.get('unit_off', '?')} free" for one in units)
    if formula:
        return "By formula"
    if kind == DiscountType.PERCENT:
        cap = discount.get("amount_limit")
        most = f", at most {money(cap, currency)}" if cap is not None else ""
        return f"{percent(discount['percent_off'])} off{most}"
    if kind == DiscountType.AMOUNT:
        return f"{money(discount['amount_off'], currency)} off"
    return f"New price {money(discount.get('fixed_amount'), currency)}"


def _where(discount: Mapping[str, Any]) -> str:
    effect = discount.get("effect") or Effect.APPLY_TO_ORDER
    if discount.get("type") == DiscountType.UNIT or effect == Effect.APPLY_TO_ORDER:
        return ""
    return " matching items"

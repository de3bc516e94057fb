"""The form of a project's stacking rules, in a marketer's words."""

from collections.abc import Sequence
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
)

from campaigns.engine.stacking_settings import (
    BOUNDS,
    CATEGORY_BOUNDS,
    CATEGORY_LIMITS,
    CATEGORY_LISTS,
    JOINT_LAST,
    TOGETHER,
)
from campaigns.models import Category, StackingRules
from promo.admin.forms import ProjectForm

LIMIT_OF = "limit_of_"


def _number(label: str, bounds: tuple[int, int], help_text: str = "") -> Any:
    least, most = bounds
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        help_text=help_text,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": least, "max": most}),
    )


def _bounded(name: str, label: str, help_text: str = "") -> Any:
    return _number(label, BOUNDS[name], help_text)


def _choice(label: str, choices: Sequence[tuple[str, str]], help_text: str = "") -> Any:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        help_text=help_text,
        widget=UnfoldAdminSelectWidget,
    )


def _categories(label: str, help_text: str = "") -> Any:
    return forms.ModelMultipleChoiceField(
        label=label,
        queryset=Category.objects.none(),
        required=False,
        help_text=help_text,
        widget=UnfoldAdminSelect2MultipleWidget,
    )


class StackingForm(ProjectForm):
    """Every setting of the rules; an empty number is the default."""

    redeemables_limit = _bounded(
        "redeemables_limit",
        "Offers that one order may name",
        "Codes and promotions that a checkout sends at once: up to 30.",
    )
    applicable_redeemables_limit = _bounded(
        "applicable_redeemables_limit",
        "Offers that may apply to one order",
        "What comes after them is left out: 5 unless you say otherwise.",
    )
    applicable_redeemables_per_category_limit = _bounded(
        "applicable_redeemables_per_category_limit",
        "Of the same category",
        "Empty: as many as may apply. Single categories are limited below.",
    )
    exclusive_categories = _categories(
        "Categories that stand alone",
        "Once an offer of these applies, ordinary ones are left out.",
    )
    joint_categories = _categories(
        "Categories that go with anything", "Their offers apply beside any other."
    )
    applicable_exclusive_redeemables_limit = _bounded(
        "applicable_exclusive_redeemables_limit",
        "How many of those that stand alone",
        "1 unless you say otherwise, at most 5.",
    )
    applicable_exclusive_redeemables_per_category_limit = _bounded(
        "applicable_exclusive_redeemables_per_category_limit",
        "Of the same category among them",
        "Empty: no limit of its own.",
    )
    redeemables_sorting_rule = _choice(
        "Which offer comes first",
        [
            ("REQUESTED_ORDER", "The one that the checkout names first"),
            ("CATEGORY_HIERARCHY", "The one whose category has the lowest place"),
        ],
    )
    grouped_redeemables_sorting_rule = _choice(
        "Offers that go with anything",
        [
            (JOINT_LAST, "come after those that stand alone"),
            (TOGETHER, "are sorted together with those that stand alone"),
        ],
    )
    redeemables_application_mode = _choice(
        "When one offer cannot be used",
        [
            ("ALL", "none is used: all or nothing"),
            ("PARTIAL", "the others are used"),
        ],
    )
    redeemables_no_effect_rule = _choice(
        "When an offer would change nothing",
        [
            ("REDEEM_ANYWAY", "it is used up all the same"),
            ("SKIP", "it is left out and stays unused"),
        ],
        "For example 10 % off an order that costs nothing any more.",
    )
    no_effect_skip_categories = _categories("Categories left out in any case")
    no_effect_redeem_anyway_categories = _categories("Categories used up in any case")
    discount_calculation_mode = _choice(
        "Percentages are taken of",
        [
            ("DISCOUNTED_AMOUNT", "what the offers before have left to pay"),
            ("INITIAL_AMOUNT", "the price before any discount"),
        ],
        "10 % and 20 % off 100.00 leave 72.00 in the first case, 70.00 in the second.",
    )
    initial_amount_mode_categories = _categories("Categories taken of the price before")
    discounted_amount_mode_categories = _categories("Categories taken of what is left")
    redeemables_products_application_mode = _choice(
        "An item that is discounted already",
        [
            ("STACK", "can be discounted again by the next offer"),
            ("ONCE", "is left alone by the next offer on items"),
        ],
    )
    redeemables_rollback_order_mode = _choice(
        "When a redemption is rolled back",
        [
            ("WITH_ORDER", "its order is cancelled, its discounts are removed"),
            ("WITHOUT_ORDER", "its order stays as it is"),
        ],
    )

    class Meta:
        model = StackingRules
        fields = ()

    #: The project's categories, set on the class made for a request.
    categories: Sequence[Category] = ()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        stored = self.instance.stacking
        rows = Category.objects.filter(project_id=self.instance.pk)
        for name in CATEGORY_LISTS:
            self.fields[name].queryset = rows  # type: ignore[attr-defined]  # a model choice
        limits = stored.pop(CATEGORY_LIMITS)
        self.initial.update(stored)
        for key, limit in limits.items():
            self.initial[LIMIT_OF + key] = limit

    def settings(self) -> dict[str, Any]:
        """Return the changed settings as the service takes them."""
        changed = {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if not name.startswith(LIMIT_OF)
        }
        for name in changed.keys() & set(CATEGORY_LISTS):
            changed[name] = [each.pk for each in changed[name]]
        if any(name.startswith(LIMIT_OF) for name in self.changed_data):
            changed[CATEGORY_LIMITS] = self._limits()
        return changed

    def _limits(self) -> dict[str, int]:
        typed = {
            one.pk: self.cleaned_data[LIMIT_OF + one.pk] for one in self.categories
        }
        return {key: limit for key, limit in typed.items() if limit is not None}


def form_for(categories: Sequence[Category]) -> type[StackingForm]:
    """Return the form with a limit of its own for each category."""
    limits = {
        LIMIT_OF + one.pk: _number(one.name, CATEGORY_BOUNDS) for one in categories
    }
    return type("StackingForm", (StackingForm,), {"categories": categories, **limits})

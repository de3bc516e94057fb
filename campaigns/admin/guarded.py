"""What every offer's form shares: its category and its validation rule."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from unfold.widgets import UnfoldAdminSelect2Widget

from campaigns.models import Campaign, PromotionTier, ValidationRule, Voucher
from campaigns.services.rule_assignments import replace_rules
from promo.admin.visit import visit


class RuleField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the checker only
    """A choice among the project's validation rules; empty for none."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Validation rule")
        options.setdefault("required", False)
        options.setdefault("empty_label", "None: everybody, every order")
        options.setdefault("widget", UnfoldAdminSelect2Widget)
        super().__init__(queryset=ValidationRule.objects.none(), **options)


def rules_of(request: Any) -> QuerySet[ValidationRule]:
    """Return the rules to choose from, by name."""
    project = visit(request).project
    if project is None:
        return ValidationRule.objects.none()
    return project.validation_rules.order_by("name", "pk")


def rule_on(guarded: Campaign | PromotionTier | Voucher) -> ValidationRule | None:
    """Return the rule that is on an object itself."""
    held = guarded.project.validation_rule_assignments.of(guarded.pk)
    assignment = held.select_related("rule").first()
    return assignment.rule if assignment else None


def put_rule(
    guarded: Campaign | PromotionTier | Voucher,
    rule: ValidationRule | None,
    *,
    request: Any,
) -> None:
    """Make ``rule`` the one on an object; None takes off what it has."""
    replace_rules(
        project=guarded.project,
        related_object=guarded,
        rule_ids=[rule.pk] if rule else [],
        now=visit(request).now,
    )


def rules_chosen(values: dict[str, Any]) -> list[str]:
    """Return the ids of the rules that a form's values put on an object."""
    return [values["rule"].pk] if values["rule"] else []


def category_values(values: dict[str, Any]) -> dict[str, Any]:
    """Return the category among a form's values, as services take it."""
    if "category" not in values:
        return {}
    category = values["category"]
    return {"category_id": category.pk if category else None}

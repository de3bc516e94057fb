"""Validation rules: plain fields for the usual ones, JSON for all others."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html_join
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from campaigns.admin.simple_rules import (
    NAMES,
    collection_entry,
    rules_from,
    rules_in_words,
    simple_values,
)
from campaigns.engine.applicability_parsing import EVERY
from campaigns.models import ProductCollection, RelatedObjectType, ValidationRule
from campaigns.services import validation_rule as service
from campaigns.services.guarded import guarded_kinds
from promo.admin.approval import do
from promo.admin.base import ProjectModelAdmin
from promo.admin.filter_form import read_values
from promo.admin.filters import DayFilter
from promo.admin.forms import MoneyField, ProjectForm
from promo.admin.presentation import json_block
from promo.admin.summary import Figure, list_address
from promo.admin.visit import project_of

Json = dict[str, Any]
SIMPLE, ADVANCED = "simple", "json"
_SHOWN_GUARDED = 50


def _number(label: str, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1}),
        **options,
    )


class RuleForm(ProjectForm):
    builder = forms.ChoiceField(
        label="Conditions",
        choices=[
            (SIMPLE, "The usual ones: all of them must hold"),
            (ADVANCED, "As JSON: any rule, any logic"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    least_amount = MoneyField(label="Order amount at least", required=False)
    most_amount = MoneyField(label="Order amount at most", required=False)
    least_items = _number("Items in the order at least")
    per_customer = _number(
        "Uses per customer at most", help_text="Needs customers with an id."
    )
    customer_key = forms.CharField(
        label="Customer's metadata",
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "level"}),
        help_text="The key that is looked at.",
    )
    customer_values = forms.CharField(
        label="Holds one of",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "gold, platinum"}),
        help_text="Separated by commas.",
    )
    collections = forms.ModelMultipleChoiceField(
        label="A product of",
        required=False,
        queryset=ProductCollection.objects.none(),
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text="At least one item of the order is in one of these collections.",
    )
    only_these = forms.BooleanField(
        label="Discount only these products",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="For discounts on matching items: the others keep their price.",
    )
    message = forms.CharField(
        label="Message",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="What the shop shows when the rule does not hold.",
    )

    class Meta:
        model = ValidationRule
        fields = ("name", "rules", "applicable_to")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        collections = project_of(self.request).product_collections.order_by("name")
        self.fields["collections"].queryset = collections  # type: ignore[attr-defined]  # a model choice
        if self.instance.created_at:
            self._show_stored(self.instance)

    def _show_stored(self, rule: ValidationRule) -> None:
        self.initial["message"] = (rule.error or {}).get("message", "")
        simple = simple_values(rule.rules)
        included = _collections_in(rule.applicable_to)
        wanted = (simple or {}).get("collections", [])
        if simple is None or (rule.applicable_to and included != wanted):
            self.initial["builder"] = ADVANCED
            return
        joined = ", ".join(simple.get("customer_values", []))
        self.initial.update(simple, customer_values=joined)
        self.initial.update(builder=SIMPLE, only_these=bool(included))

    def clean(self) -> Json | None:
        cleaned = super().clean() or self.cleaned_data
        read_values(self, "customer_key", "customer_values")
        return cleaned


def _collections_in(applicable_to: Json | None) -> list[str]:
    """Return the ids of the collections where nothing else is listed."""
    lists = applicable_to or {}
    if lists.get("excluded") or lists.get("included_all"):
        return []
    included = lists.get("included") or []
    said = [{name: v for name, v in entry.items() if v} for entry in included]
    plain = all(
        entry == {**collection_entry(str(entry.get("id"))), "effect": EVERY}
        for entry in said
    )
    return [entry["id"] for entry in said] if plain else []


@admin.register(ValidationRule)
class ValidationRuleAdmin(ProjectModelAdmin):
    resource = "validation_rules"
    empty_note = (
        "A rule says on which orders, and for whom, an offer works. One rule can "
        "be used by many offers."
    )
    operations = service.OPERATIONS
    asks_as = "rule"
    form = RuleForm
    related = ("project",)
    list_display = ["name", "asks_for", "used_by", "shown_message", "created_at"]
    list_filter = [("created_at", DayFilter)]
    list_filter_submit = True
    search_fields = ["name__icontains"]
    search_help_text = "Name or id"
    ordering = ["-created_at", "-id"]
    readonly_fields = [
        "id",
        "asks_for",
        "shown_message",
        "guards",
        "definition",
        "version",
        "created_at",
        "updated_at",
    ]
    _SIMPLE = "builder == 'simple'"
    conditional_fields: ClassVar = {
        **dict.fromkeys((*NAMES, "only_these"), _SIMPLE),
        "rules": "builder == 'json'",
        "applicable_to": "builder == 'json'",
    }
    _CONDITIONS = (
        "builder",
        ("least_amount", "most_amount"),
        ("least_items", "per_customer"),
        ("customer_key", "customer_values"),
        "collections",
        "only_these",
        "rules",
        "applicable_to",
    )
    add_fieldsets = (
        (None, {"fields": ("name", "message")}),
        ("What must hold", {"fields": _CONDITIONS}),
    )
    fieldsets = (
        *add_fieldsets,
        ("More", {"fields": ("guards", "version", "id", "created_at", "updated_at")}),
    )
    actions_list: ClassVar = ["build"]
    actions_detail: ClassVar = ["build_on"]
    view_fieldsets = (
        (None, {"fields": ("name", "shown_message", "asks_for", "definition")}),
        ("More", {"fields": ("guards", "version", "id", "created_at", "updated_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ValidationRule]:
        rows: Any = super().get_queryset(request)
        counted: QuerySet[ValidationRule] = rows.with_assignment_counts()
        return counted

    @action(description="Build a rule", permissions=["add"], icon="account_tree")
    def build(self, request: HttpRequest) -> HttpResponseBase:
        return HttpResponseRedirect(reverse("rule-builder"))

    @action(
        description="Open in the builder", permissions=["view"], icon="account_tree"
    )
    def build_on(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        rule = self.object_or_404(request, object_id)
        return HttpResponseRedirect(reverse("rule-builder", args=(quote(rule.pk),)))

    @admin.display(description="Asks for")
    def asks_for(self, rule: ValidationRule) -> str:
        return rules_in_words(rule.rules, rule.project.currency)

    @admin.display(description="Used by", ordering="assignments_count")
    def used_by(self, rule: ValidationRule) -> str:
        return f"{rule.assignments_count:,}"

    @admin.display(description="Message")
    def shown_message(self, rule: ValidationRule) -> str:
        return (rule.error or {}).get("message") or "-"

    @admin.display(description="Definition")
    def definition(self, rule: ValidationRule) -> Any:
        return json_block({"rules": rule.rules, "applicable_to": rule.applicable_to})

    @admin.display(description="Guards")
    def guards(self, rule: ValidationRule) -> Any:
        guarded = _guarded(rule)
        lines = [(list_address(model, q=pk), name) for model, pk, name in guarded]
        text = format_html_join(", ", '<a class="promo-link" href="{}">{}</a>', lines)
        return text or "Nothing yet: choose the rule on a campaign, code or tier."

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        return [
            Figure("Asks for", self.asks_for(obj)),
            Figure("Used by", self.used_by(obj), "campaigns, codes, tiers and more"),
        ]

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        changed = set(form.changed_data) if change else set(form.cleaned_data)
        sent = _service_values(form.cleaned_data, changed)
        if not change:
            obj.pk = do(request, "rule.create", values=sent).pk
        elif sent:
            do(request, "rule.update", obj, values=sent)
        obj.refresh_from_db()


def _service_values(values: Json, changed: set[str]) -> Json:
    """Return what the service takes for the fields that changed."""
    sent: Json = {}
    if "name" in changed:
        sent["name"] = values["name"]
    if "message" in changed:
        message = values["message"]
        sent["error"] = {"message": message} if message else None
    if values["builder"] == ADVANCED:
        for name in ("rules", "applicable_to"):
            if name in changed:
                sent[name] = values[name] or ({} if name == "rules" else None)
    elif changed & {*NAMES, "builder", "only_these"}:
        sent["rules"] = rules_from(values)
        only = values["collections"] if values["only_these"] else ()
        included = [collection_entry(one.pk) for one in only]
        sent["applicable_to"] = {"included": included} if included else None
    return sent


def _guarded(rule: ValidationRule) -> list[tuple[str, str, str]]:
    """Return list, id and name of what a rule is on; one query a kind."""
    held = list(rule.assignments.alive().order_by("created_at", "pk")[:_SHOWN_GUARDED])
    found: list[tuple[str, str, str]] = []
    for kind, of in guarded_kinds().items():
        ids = [one.related_object_id for one in held if one.related_object_type == kind]
        if ids and kind != RelatedObjectType.REWARD_ASSIGNMENT:
            name = "code" if kind == RelatedObjectType.VOUCHER else "name"
            rows = of.of_project(rule.project).filter(pk__in=ids)
            listed = of.model._meta.label_lower.replace(".", "_")
            named = rows.values_list("pk", name)
            found += [(listed, pk, text or pk) for pk, text in named]
    return found

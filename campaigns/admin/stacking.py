"""Stacking rules: which offers go together in one order, and in which order."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from unfold.enums import ActionVariant

from campaigns.admin.stacking_form import LIMIT_OF, form_for
from campaigns.engine.stacking_words import UNSORTED, compatibility, tell_stacking
from campaigns.models import Category, StackingRules
from campaigns.services import stacking_rules as service
from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, tell
from promo.admin.summary import Figure
from promo.admin.visit import project_of, visit
from promo.operations import Operations

_OFFERED = 50
_ROWS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    (
        "How many",
        (
            ("redeemables_limit", "applicable_redeemables_limit"),
            "applicable_redeemables_per_category_limit",
        ),
    ),
    (
        "What goes together",
        (
            "exclusive_categories",
            "joint_categories",
            (
                "applicable_exclusive_redeemables_limit",
                "applicable_exclusive_redeemables_per_category_limit",
            ),
        ),
    ),
    (
        "In which order",
        ("redeemables_sorting_rule", "grouped_redeemables_sorting_rule"),
    ),
    (
        "When one does not fit",
        (
            "redeemables_application_mode",
            "redeemables_no_effect_rule",
            "no_effect_skip_categories",
            "no_effect_redeem_anyway_categories",
        ),
    ),
    (
        "How discounts add up",
        (
            "discount_calculation_mode",
            "initial_amount_mode_categories",
            "discounted_amount_mode_categories",
            "redeemables_products_application_mode",
        ),
    ),
    ("When it is undone", ("redeemables_rollback_order_mode",)),
)


@admin.register(StackingRules)
class StackingRulesAdmin(ProjectModelAdmin):
    """The one set of rules of the chosen project."""

    resource = "stacking_rules"
    operations = Operations(
        update=service.put_stacking_rules,
        commands={"restore_defaults": service.restore_defaults},
    )
    actions_detail = ["restore_defaults"]
    change_form_outer_after_template = "admin/stacking_told.html"

    restore_defaults = command(
        "restore_defaults",
        label="Restore the defaults",
        question="Every setting below goes back to what a new project has.",
        permission="change",
        icon="restart_alt",
        variant=ActionVariant.DANGER,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[StackingRules]:
        return StackingRules.objects.filter(pk=project_of(request).pk)

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponseBase:
        """Go to the one set there is."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        return HttpResponseRedirect(self.change_address(project_of(request)))

    def is_offered(self, name: str, obj: Any) -> bool:
        return bool(obj.stacking_rules_id)

    def form_of(self, request: HttpRequest, obj: Any) -> Any:
        return form_for(categories_of(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        limits = tuple(LIMIT_OF + one.pk for one in categories_of(request))
        rows: list[tuple[str, dict[str, Any]]] = [
            (title, {"fields": fields}) for title, fields in _ROWS
        ]
        if limits:
            note = "At most so many of a category; empty for the limit above."
            rows.insert(
                1, ("Of single categories", {"fields": limits, "description": note})
            )
        return rows

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **named: Any
    ) -> HttpResponseBase:
        shown = named.get("obj")
        if shown is not None:
            context |= explained(shown, categories_of(request))
            rows = project_of(request).promotion_tiers.alive()
            tiers = rows.select_related("campaign").order_by("-created_at", "-pk")
            context |= {"tiers": tiers[:_OFFERED], "currency": shown.currency}
        return super().render_change_form(request, context, *args, **named)

    def service_values(
        self, request: HttpRequest, form: Any, *, change: bool
    ) -> dict[str, Any]:
        settings: dict[str, Any] = form.settings()
        return settings

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> None:
        service.restore_defaults(obj, now=visit(request).now)
        tell(request, "The defaults hold again.")

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        rules = obj.stacking
        names = {one.pk: one.name for one in categories_of(request)}
        alone = [names[each] for each in rules["exclusive_categories"]]
        whole = rules["redeemables_application_mode"] == "ALL"
        return [
            Figure(
                "Offers on one order",
                f"up to {rules['applicable_redeemables_limit']}",
                f"of {rules['redeemables_limit']} that a checkout may name",
            ),
            Figure(
                "When one cannot be used",
                "All or nothing" if whole else "The others apply",
            ),
            Figure("Standing alone", ", ".join(alone) or "No category"),
        ]


def explained(rules: StackingRules, categories: Sequence[Category]) -> dict[str, Any]:
    """Return what the page says of the rules: sentences, and a table of pairs.

    The table is left out where there is no category to compare.
    """
    settings, names = rules.stacking, {one.pk: one.name for one in categories}
    columns = [*names.values(), UNSORTED]
    pairs = compatibility(settings, names) if names else []
    return {
        "told": tell_stacking(settings, names),
        "columns": columns,
        "matrix": list(zip(columns, pairs, strict=False)),
    }


def categories_of(request: HttpRequest) -> Sequence[Category]:
    """Return the project's categories by place, read once per request."""
    known: Sequence[Category] | None = getattr(request, "_categories", None)
    if known is None:
        known = list(project_of(request).categories.order_by("hierarchy", "pk"))
        request._categories = known  # type: ignore[attr-defined]  # noqa: SLF001 - kept on the request that asked
    return known

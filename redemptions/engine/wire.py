"""A decision as the API writes it: entries, errors, lists, the validation answer.

Source: engine specification, "Validation", "Errors"; `rules` "Response side".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any

from campaigns.engine.discounts import Effect
from campaigns.engine.numbers import json_number
from promo.clock import isoformat
from redemptions.engine.bundles import BundleCount
from redemptions.engine.decision import (
    AppliedDiscount,
    AppliedUnit,
    Decision,
    Entry,
    Spent,
    Status,
)
from redemptions.engine.facts import CategoryFacts, Redeemable, StackingRules
from redemptions.engine.listing import wire_list
from redemptions.engine.order_rendering import order_as_json
from redemptions.engine.refusals import Refusal
from redemptions.engine.resolution import VALUE_FIELD
from redemptions.engine.stacking import category_of, group_of

Wire = dict[str, Any]

_MANAGEMENT_ONLY = frozenset(
    {
        "discount_calculation_mode",
        "initial_amount_mode_categories",
        "discounted_amount_mode_categories",
    }
)


def outcome_as_json(
    decision: Decision, *, request_id: str, expand: Collection[str] = ()
) -> Wire:
    """Return ``valid``, the entry lists, ``order`` and ``stacking_rules``.

    The caller adds the validation's id, tracking id and session. ``expand`` is the
    request's ``options.expand``.
    """

    def rendered(entries: Sequence[Entry]) -> list[Wire]:
        stacking = decision.facts.stacking
        return [
            entry_as_json(entry, stacking, request_id=request_id, expand=expand)
            for entry in entries
        ]

    shown = decision.applicable if decision.is_partial else decision.entries
    outcome: Wire = {"valid": decision.valid, "redeemables": rendered(shown)}
    if decision.inapplicable:
        outcome["inapplicable_redeemables"] = rendered(decision.inapplicable)
    if decision.skipped:
        outcome["skipped_redeemables"] = rendered(decision.skipped)
    if decision.valid:
        outcome["order"] = order_as_json(decision.order)
    outcome["stacking_rules"] = stacking_rules_as_json(decision.facts.stacking)
    return outcome


def entry_as_json(
    entry: Entry,
    stacking: StackingRules,
    *,
    request_id: str,
    expand: Collection[str] = (),
) -> Wire:
    """Return one redeemable's outcome with its status."""
    redeemable = entry.redeemable
    wire: Wire = {
        "status": entry.status.value,
        "id": redeemable.ref,
        "object": redeemable.object,
    }
    if entry.status is Status.APPLICABLE:
        if not expand or "order" in expand:
            wire["order"] = order_as_json(entry.order)
        wire["applicable_to"] = wire_list(entry.applicable_to)
        wire["inapplicable_to"] = wire_list(entry.inapplicable_to)
    wire["result"] = result_as_json(entry, request_id=request_id)
    if redeemable.found:
        wire["metadata"] = dict(redeemable.metadata)
        wire |= _expanded(redeemable, stacking, expand)
    return wire


def result_as_json(entry: Entry, *, request_id: str) -> Wire:
    """Return what the redeemable gives, or why it gives nothing."""
    result = _result(entry, request_id)
    if entry.bundle is not None:
        result["bundle"] = bundle_as_json(entry.bundle)
    return result


def _result(entry: Entry, request_id: str) -> Wire:
    if entry.skip is not None:
        return {"details": {"key": entry.skip.value, "message": entry.skip.message}}
    if entry.refusal is not None:
        refusal = entry.refusal
        return {
            "error": error_as_json(refusal, entry.redeemable, request_id=request_id),
            "details": {"key": refusal.key, "message": refusal.text},
        }
    if entry.spent is not None and entry.spent.of_points:
        return {"loyalty_card": {"points": entry.spent.amount}}
    if entry.spent is not None:
        return {"gift": gift_as_json(entry.spent)}
    if entry.discount is None:
        return {}
    return {"discount": discount_as_json(entry.discount)}


def discount_as_json(discount: AppliedDiscount) -> Wire:
    """Return the discount with the effect used and the value it came to."""
    definition = discount.definition
    wire: Wire = {"type": definition.type.value, "effect": discount.effect.value}
    if discount.value is not None:
        wire[VALUE_FIELD[definition.type]] = json_number(discount.value)
    if discount.effect is Effect.ADD_MANY_ITEMS:
        wire["units"] = [
            {"effect": unit.effect.value, "unit_off": unit.unit_off, **_unit(unit)}
            for unit in discount.units
        ]
    elif discount.units:
        wire |= _unit(discount.units[0])
    wire["is_dynamic"] = discount.is_dynamic
    for cap in ("amount_limit", "aggregated_amount_limit"):
        limit = getattr(definition, cap)
        if limit is not None:
            wire[cap] = limit
    return wire


def bundle_as_json(count: BundleCount) -> Wire:
    """Return the bundles of an order; what is missing only while none is complete."""
    wire: Wire = {
        "quantity": count.quantity,
        "limit": count.bundle.limit,
        "identified": [
            {
                "id": each.id,
                "object": each.object,
                "item_index": each.index,
                "item_quantity": each.quantity,
            }
            for each in count.identified
        ],
    }
    if count.missing:
        wire["missing"] = [
            {
                "id": each.part.target.label,
                "object": each.part.target.object or "product",
                "item_quantity": each.quantity,
            }
            for each in count.missing
        ]
    return wire


def _unit(unit: AppliedUnit) -> Wire:
    """Name what a UNIT discount gives."""
    wire: Wire = {"unit_type": unit.unit_type}
    for kind, name_field, item in (
        ("product", "name", unit.found.product),
        ("sku", "sku", unit.found.sku),
    ):
        if item is not None:
            stub = {
                "id": item.id,
                "source_id": item.source_id,
                name_field: item.name,
            }
            wire[kind] = stub
    return wire


def gift_as_json(spent: Spent) -> Wire:
    """Return the credits used and what there was to use, before they are taken."""
    return {"credits": spent.amount, "balance": spent.available}


def error_as_json(refusal: Refusal, redeemable: Redeemable, *, request_id: str) -> Wire:
    """Return the error of one refused redeemable."""
    error: Wire = {
        "code": refusal.code,
        "key": refusal.key,
        "message": refusal.message,
    }
    if refusal.details is not None:
        error["details"] = refusal.details
    error["request_id"] = request_id
    if refusal.resource_id is not None:
        error["resource_id"] = refusal.resource_id
        error["resource_type"] = refusal.resource_type
    error["redeemable_id"] = redeemable.ref
    error["redeemable_type"] = redeemable.object
    if refusal.error_message is not None:
        error["error"] = {"message": refusal.error_message}
    return error


def stacking_rules_as_json(rules: StackingRules) -> Wire:
    """Return the project's stacking rules as validations and qualifications echo them.

    Unset limits and what only the management API shows are left out.
    """
    wire: Wire = {}
    for each in fields(rules):
        value = getattr(rules, each.name)
        if value is None or each.name in _MANAGEMENT_ONLY:
            continue
        wire[each.name] = _plain(value)
    return wire


def categories_as_json(redeemable: Redeemable, stacking: StackingRules) -> list[Wire]:
    """Return the redeemable's category, saying how it stacks when that is listed."""
    category = category_of(redeemable)
    return [] if category is None else [_category(category, stacking)]


def _category(category: CategoryFacts, stacking: StackingRules) -> Wire:
    wire: Wire = {
        "id": category.id,
        "name": category.name,
        "hierarchy": category.hierarchy,
        "created_at": isoformat(category.created_at),
        "object": "category",
    }
    group = group_of(category.id, stacking)
    return wire if group is None else wire | {"stacking_rules_type": group}


def _expanded(
    redeemable: Redeemable, stacking: StackingRules, expand: Collection[str]
) -> Wire:
    wire: Wire = {}
    if "category" in expand:
        wire["categories"] = categories_as_json(redeemable, stacking)
    if "redeemable" in expand:
        if redeemable.campaign is not None:
            wire["campaign_id"] = redeemable.campaign.id
            wire["campaign_name"] = redeemable.campaign.name
        if redeemable.object == "promotion_tier":
            wire["name"] = redeemable.name
            if redeemable.banner is not None:
                wire["banner"] = redeemable.banner
    return wire


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value

"""A decision explained: a trace tree for programs, with sentences for people."""

from typing import Any

from redemptions.engine.decision import AppliedDiscount, AppliedUnit, Decision, Entry
from redemptions.engine.rule_values import as_json
from redemptions.engine.story import tell_decision


def trace_of(decision: Decision) -> dict[str, Any]:
    """Return the whole trace as a JSON tree: every check of every redeemable."""
    trace: dict[str, Any] = {
        "valid": decision.valid,
        "application_mode": decision.facts.stacking.redeemables_application_mode,
        "redeemables": [entry_as_trace(entry) for entry in decision.entries],
    }
    return {**trace, "sentences": [told.summary for told in tell_decision(trace)]}


def sentences_of(decision: Decision) -> tuple[str, ...]:
    """Return what happened in English, one sentence per redeemable."""
    return tuple(trace_of(decision)["sentences"])


def entry_as_trace(entry: Entry) -> dict[str, Any]:
    """Return one redeemable's outcome and checks, in the order they were made.

    One that applies has what it ``gives``, what it ``takes_off`` and ``leaves`` to
    pay (minor units); one that was refused its ``refusal``.
    """
    redeemable = entry.redeemable
    body: dict[str, Any] = {
        "id": redeemable.ref,
        "object": redeemable.object,
        "name": redeemable.name or redeemable.code or redeemable.ref,
        "status": entry.status.value,
        "checks": [
            {"check": step.check, "passed": step.passed, **step.facts}
            for step in entry.steps
        ],
    }
    if entry.status.value == "APPLICABLE":
        body |= _outcome(entry)
    if entry.refusal is not None:
        body["refusal"] = {
            "key": entry.refusal.key,
            "message": entry.refusal.message,
            "shop_text": entry.refusal.error_message,
        }
    return body


def _outcome(entry: Entry) -> dict[str, Any]:
    leaves = entry.order.total_amount if entry.order is not None else None
    return {
        "gives": None if entry.discount is None else _gives(entry.discount),
        "takes_off": entry.taken.amount,
        "has_effect": entry.taken.has_effect,
        "leaves": leaves,
        **_spends(entry),
    }


def _spends(entry: Entry) -> dict[str, Any]:
    spent = entry.spent
    if spent is None:
        return {}
    name = "points" if spent.of_points else "credits"
    return {"spends": {name: spent.amount, "available": spent.available}}


def _gives(discount: AppliedDiscount) -> dict[str, Any]:
    gives: dict[str, Any] = {
        "type": discount.definition.type.value,
        "effect": discount.effect.value,
        "value": as_json(discount.value),
        "is_dynamic": discount.is_dynamic,
    }
    if discount.worked:
        gives["formulas"] = [each.as_json() for each in discount.worked]
    if discount.units:
        gives["units"] = [_unit(each) for each in discount.units]
    return gives


def _unit(unit: AppliedUnit) -> dict[str, Any]:
    item = unit.found.sku or unit.found.product
    name = (item.name or item.source_id) if item is not None else None
    return {
        "quantity": unit.unit_off,
        "name": name or unit.unit_type,
        "effect": unit.effect.value,
    }

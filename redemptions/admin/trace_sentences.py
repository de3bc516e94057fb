"""The stored trace of a decision, told step by step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promo.admin.presentation import money
from redemptions.engine.refusals import Skip
from redemptions.engine.rule_sentences import condition_sentence, subject_of

_CHECKS = {
    "exists": ("It exists.", "There is no such code or tier."),
    "active": ("It is enabled.", "It, or its campaign, is disabled."),
    "validity": (
        "It is within its dates, days and hours.",
        "It is outside its dates, days or hours.",
    ),
    "quantity": ("It has uses left.", "All its uses are taken."),
    "kind": ("It can be calculated.", "This version cannot calculate it."),
    "bundle": ("The bundle is complete.", "This version cannot calculate bundles."),
}
_NO_BALANCE = {
    "invalid_gift": "The credits asked for are no amount.",
    "missing_amount": "The order has no amount that credits could pay.",
    "gift_amount_exceeded": "Its balance is too small.",
}
_STATUS = {
    "APPLICABLE": "applies",
    "INAPPLICABLE": "was refused",
    "SKIPPED": "was skipped",
}
_LEVELS = {"campaign": "the campaign's", "voucher": "the code's"}
_AMOUNTS = (".amount", "_amount", ".price", ".amount_discounted", ".aggregated_amount")


@dataclass(frozen=True, slots=True)
class Told:
    """One step as a sentence."""

    passed: bool
    text: str
    nested: bool = False


@dataclass(frozen=True, slots=True)
class ToldRedeemable:
    """One redeemable of the request and the steps of its decision."""

    name: str
    outcome: str
    steps: Sequence[Told]


def tell_trace(
    trace: Mapping[str, Any], currency: str, names: Mapping[str, str]
) -> list[ToldRedeemable]:
    """Return the redeemables of a trace: one of its own, or all of a request.

    ``names`` are what to call tiers, which the trace knows by their ids.
    """
    entries = trace.get("redeemables") or ([trace] if trace.get("checks") else [])
    return [
        ToldRedeemable(
            name=names.get(entry["id"], str(entry["id"])),
            outcome=_STATUS.get(entry["status"], entry["status"]),
            steps=list(_steps(entry, currency)),
        )
        for entry in entries
    ]


def _steps(entry: Mapping[str, Any], currency: str) -> Iterator[Told]:
    for check in entry["checks"]:
        yield from _step(check, currency)


def _step(check: Mapping[str, Any], currency: str) -> Iterator[Told]:
    name, passed = check["check"], bool(check["passed"])
    if name in _CHECKS:
        yield Told(passed, _CHECKS[name][0 if passed else 1])
    elif name in {"rules", "rules_on_result"}:
        yield from _rules(check, currency)
    elif name == "balance":
        yield from () if passed else (Told(passed, _NO_BALANCE[check["key"]]),)
    elif name == "credits":
        used = money(check["spent"], currency)
        available = money(check["available"], currency)
        yield Told(passed, f"It pays {used} of its {available}.")
    elif name == "discount":
        yield Told(passed, _discount(check, currency))
    elif name == "effect":
        yield from () if passed else (Told(passed, "It would take nothing off."),)
    elif name == "stacking":
        yield Told(passed, f"{Skip(check['key']).message}.")
    else:
        yield Told(passed, f"{str(name).replace('_', ' ').capitalize()}.")


def _rules(check: Mapping[str, Any], currency: str) -> Iterator[Told]:
    sets = check.get("rules") or ()
    if not sets:
        yield Told(bool(check["passed"]), "No validation rule is in the way.")
    for one in sets:
        whose = _LEVELS.get(one.get("level", ""), "its")
        holds = "holds" if one["passed"] else "does not hold"
        yield Told(bool(one["passed"]), f"{one['name']}, {whose} rule, {holds}.")
        for rule in one.get("rules") or ():
            yield from _conditions(rule, currency)


def _conditions(rule: Mapping[str, Any], currency: str) -> Iterator[Told]:
    conditions = rule.get("conditions") or ()
    for one in conditions:
        yield Told(bool(one["passed"]), _condition(rule, one, currency), nested=True)
    if rule.get("reason"):
        yield Told(passed=False, text=rule["reason"], nested=True)
    for nested in rule.get("rules") or ():
        yield from _conditions(nested, currency)


def _condition(
    rule: Mapping[str, Any], condition: Mapping[str, Any], currency: str
) -> str:
    """Return what a fact is and must be; amounts in the currency."""
    name = rule["name"]
    if not name.endswith(_AMOUNTS) or "actual" not in condition:
        return str(condition.get("sentence", ""))
    return condition_sentence(
        subject_of(name, rule.get("property")),
        _amount(condition["actual"], currency),
        condition["operator"],
        [_amount(value, currency) for value in condition["expected"]],
    )


def _amount(value: Any, currency: str) -> Any:
    return money(value, currency) if isinstance(value, int) else value


def _discount(check: Mapping[str, Any], currency: str) -> str:
    if not check["passed"]:
        return "The discount could not be calculated."
    parts = []
    if check.get("order_amount"):
        parts.append(f"{money(check['order_amount'], currency)} off the order")
    parts += [
        f"{money(amount, currency)} off item {int(index) + 1}"
        for index, amount in (check.get("items") or {}).items()
        if amount and str(index).isdigit()
    ]
    return f"The discount comes to {', '.join(parts) or 'nothing'}."

"""One rule at a time: its fact against its conditions, then what is nested in it.

Source: rules specification, "Grammar", "Order item rules", "Legacy product and SKU
rules".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from campaigns.engine.declared_types import RESOURCES
from campaigns.engine.operators import holds
from campaigns.engine.rules import And, Key, Logic, Rule, RuleSet
from redemptions.engine.facts import Line
from redemptions.engine.item_rules import (
    AGGREGATES,
    EXTREMES,
    LINE_FACTS,
    NEGATIVE,
    PRICED,
    QUANTIFIED,
    Scope,
    extreme,
    matches,
    names,
)
from redemptions.engine.line_metadata import product_metadata
from redemptions.engine.rule_context import (
    ConditionTrace,
    Missing,
    RuleContext,
    RuleTrace,
)
from redemptions.engine.rule_facts import (
    NO_CUSTOMER,
    fact_of,
    without_comparison,
    without_items,
)

NAMED = frozenset({"product.id", "sku.id"})
DISCOUNTABLE = frozenset(
    {
        "product.discount_applicable",
        "sku.discount_applicable",
        "product.metadata.discount_applicable",
    }
)


def traces_of(
    rules: RuleSet, context: RuleContext, scope: Scope | None = None
) -> tuple[RuleTrace, ...]:
    """Evaluate every rule that the logic reads, in key order.

    ``scope`` holds the lines that the parent rule matched, None at the top.
    """
    return tuple(_evaluated(rule, context, scope) for rule in rules.read)


def is_true(logic: Logic | None, leaves: Mapping[str, bool]) -> bool:
    """Say whether an expression holds; none always does."""
    if logic is None:
        return True
    if isinstance(logic, Key):
        return leaves[logic.key]
    outcomes = (is_true(operand, leaves) for operand in logic.operands)
    return all(outcomes) if isinstance(logic, And) else any(outcomes)


def _hold_together(rules: RuleSet, traces: Sequence[RuleTrace]) -> bool:
    return is_true(rules.logic, {trace.key: trace.passed for trace in traces})


def _evaluated(rule: Rule, context: RuleContext, scope: Scope | None) -> RuleTrace:
    missing = without_comparison(rule, context)
    if missing is not None:
        return _failed(rule, missing)
    if rule.name in _ON_ITEMS:
        missing = without_items(context)
        if missing is not None:
            return _failed(rule, missing)
        return _ON_ITEMS[rule.name](rule, context)
    outcome = _plain(rule, context, scope)
    if rule.nested is None or outcome.missing is not None:
        return outcome
    nested = traces_of(rule.nested, context, scope)
    passed = outcome.passed and _hold_together(rule.nested, nested)
    return replace(outcome, passed=passed, nested=nested)


def _plain(rule: Rule, context: RuleContext, scope: Scope | None) -> RuleTrace:
    """Evaluate the rule's own conditions; without any it holds."""
    if not rule.conditions:
        return _result(rule, (), passed=True)
    if rule.name in _SPECIAL:
        return _SPECIAL[rule.name](rule, context, scope)
    if rule.name in AGGREGATES or rule.name in LINE_FACTS or rule.name in QUANTIFIED:
        missing = without_items(context)
        return _failed(rule, missing) if missing else _of_lines(rule, context, scope)
    fact = fact_of(rule, context)
    if isinstance(fact, Missing):
        return _failed(rule, fact)
    return _compared(rule, fact, context)


def _of_lines(rule: Rule, context: RuleContext, scope: Scope | None) -> RuleTrace:
    """Evaluate a rule about the lines its parent matched, else about all of them."""
    found = scope or Scope(context.lines, context.lines)
    if rule.name in AGGREGATES:
        return _compared(rule, AGGREGATES[rule.name](found.matched), context)
    if rule.name in QUANTIFIED:
        every, fact = QUANTIFIED[rule.name]
        return _quantified(rule, context.lines, fact, context, every=every)
    fact, every = LINE_FACTS[rule.name], scope is not None
    return _quantified(rule, found.asked, fact, context, every=every)


def _quantified(
    rule: Rule,
    lines: Sequence[Line],
    fact: Callable[[Line, Rule], Any],
    context: RuleContext,
    *,
    every: bool,
) -> RuleTrace:
    """Ask lines for one fact: some line, or every line, satisfies all conditions."""
    facts = tuple(fact(line, rule) for line in lines)
    passed = (all if every else any)(
        _satisfied(rule, value, context) for value in facts
    )
    conditions = [
        _condition(rule, operator, facts, passed=passed) for operator in rule.conditions
    ]
    return _result(rule, conditions, passed=passed)


def _satisfied(rule: Rule, value: Any, context: RuleContext) -> bool:
    if value is None and rule.name in PRICED:
        return False
    return all(_holds(rule, operator, value, context) for operator in rule.conditions)


def _compared(rule: Rule, fact: Any, context: RuleContext) -> RuleTrace:
    conditions = [
        _condition(rule, operator, fact, passed=_holds(rule, operator, fact, context))
        for operator in rule.conditions
    ]
    return _result(rule, conditions, passed=all(each.passed for each in conditions))


def _holds(rule: Rule, operator: str, fact: Any, context: RuleContext) -> bool:
    resource = RESOURCES.get(rule.name)
    kind = None if resource is None else context.kind(resource, rule.property)
    return holds(operator, fact, rule.conditions[operator], context.calendar, kind)


def _condition(
    rule: Rule, operator: str, actual: Any, *, passed: bool
) -> ConditionTrace:
    values = rule.conditions[operator]
    return ConditionTrace(operator, values, actual, passed)


def _result(
    rule: Rule,
    conditions: Sequence[ConditionTrace],
    *,
    passed: bool,
    nested: Sequence[RuleTrace] = (),
) -> RuleTrace:
    return RuleTrace(
        rule.key,
        rule.name,
        rule.property,
        passed=passed,
        conditions=tuple(conditions),
        nested=tuple(nested),
        error_message=rule.error_message,
    )


def _failed(rule: Rule, missing: Missing) -> RuleTrace:
    failed = _result(rule, (), passed=False)
    wanted = rule.conditions if missing.key is not None else {}
    return replace(failed, missing=missing, wanted=wanted)


def _any(rule: Rule, context: RuleContext) -> RuleTrace:
    found = tuple(line for line in context.lines if matches(rule, line, context))
    return _some_line(rule, found, context)


def _some_line(rule: Rule, found: Sequence[Line], context: RuleContext) -> RuleTrace:
    """Pass when a line found satisfies the whole nested logic by itself."""
    line, nested = _satisfying(rule, found, context)
    conditions = _item_conditions(rule, found, context, passed=bool(found))
    return _result(rule, conditions, passed=line is not None, nested=nested)


def _satisfying(
    rule: Rule, found: Sequence[Line], context: RuleContext
) -> tuple[Line | None, tuple[RuleTrace, ...]]:
    """Return a line that the nested rules accept, and what they say of it.

    When none is accepted, what they say of the first line found, so that the trace
    shows something to change.
    """
    first: tuple[RuleTrace, ...] = ()
    for line in found:
        if rule.nested is None:
            return line, ()
        traces = traces_of(rule.nested, context, Scope(tuple(found), (line,)))
        if _hold_together(rule.nested, traces):
            return line, traces
        first = first or traces
    return None, first


def _every(rule: Rule, context: RuleContext) -> RuleTrace:
    found = tuple(line for line in context.lines if matches(rule, line, context))
    return _all_lines(rule, found, context, own=len(found) == len(context.lines))


def _extreme(rule: Rule, context: RuleContext) -> RuleTrace:
    """Every line of the extreme price must be what ``$is`` names."""
    found = extreme(rule, context)
    own = bool(found) and all(matches(rule, line, context) for line in found)
    return _all_lines(rule, found, context, own=own)


def _all_lines(
    rule: Rule, found: Sequence[Line], context: RuleContext, *, own: bool
) -> RuleTrace:
    nested: tuple[RuleTrace, ...] = ()
    passed = own
    if rule.nested is not None:
        scope = Scope(tuple(found), tuple(found))
        nested = traces_of(rule.nested, context, scope)
        passed = own and _hold_together(rule.nested, nested)
    conditions = _item_conditions(rule, found, context, passed=own)
    return _result(rule, conditions, passed=passed, nested=nested)


def _none(rule: Rule, context: RuleContext) -> RuleTrace:
    found = tuple(line for line in context.lines if matches(rule, line, context))
    return _no_line(rule, found, context)


def _no_line(rule: Rule, found: Sequence[Line], context: RuleContext) -> RuleTrace:
    """Pass when no line found satisfies the nested rules, which narrow the ban."""
    line, nested = _satisfying(rule, found, context)
    passed = line is None and not _has_refusal(nested)
    conditions = _item_conditions(rule, found, context, passed=passed)
    return _result(rule, conditions, passed=passed, nested=nested)


def _has_refusal(traces: Sequence[RuleTrace]) -> bool:
    """Say whether a nested rule could not be evaluated: then nothing is excluded."""
    return any(
        trace.missing is not None or _has_refusal(trace.nested) for trace in traces
    )


def _named(rule: Rule, context: RuleContext) -> RuleTrace:
    """``product.id``: some line is listed; under a negative operator, none is."""
    negative = [operator for operator in rule.conditions if operator in NEGATIVE]
    if not negative:
        return _any(rule, context)
    banned = [line for line in context.lines if names(rule, negative, line, context)]
    outcome = _no_line(rule, banned, context)
    wanted = {
        operator: targets
        for operator, targets in rule.conditions.items()
        if operator not in NEGATIVE
    }
    if not wanted:
        return outcome
    other = _any(replace(rule, conditions=wanted), context)
    return replace(outcome, passed=outcome.passed and other.passed)


def _by_product_metadata(rule: Rule, context: RuleContext) -> RuleTrace:
    """Some line's product has the metadata; nested rules look at all such lines."""
    path = rule.property or ""
    values = tuple(product_metadata(line, path) for line in context.lines)
    found = lines_with_metadata(rule, context)
    line, nested = _satisfying(rule, found, context)
    conditions = [
        _condition(rule, operator, values, passed=bool(found))
        for operator in rule.conditions
    ]
    return _result(rule, conditions, passed=line is not None, nested=nested)


def lines_with_metadata(rule: Rule, context: RuleContext) -> list[Line]:
    """Return the lines whose product satisfies the conditions on its metadata."""
    path = rule.property or ""
    return [
        line
        for line in context.lines
        if _satisfied(rule, product_metadata(line, path), context)
    ]


def _item_conditions(
    rule: Rule, found: Sequence[Line], context: RuleContext, *, passed: bool
) -> list[ConditionTrace]:
    """Say which lines were found, once, for all of the rule's conditions."""
    operator = next(iter(rule.conditions), "$is")
    expected = tuple(
        target for targets in rule.conditions.values() for target in targets
    )
    found_lines = tuple(line.index for line in found)
    return [
        ConditionTrace(
            operator,
            expected,
            found_lines,
            passed,
            asked=rule.conditions,
            lines=len(context.lines),
        )
    ]


def asks_for_true(rule: Rule) -> bool:
    """Say whether a flag must be set: ``$is [true]`` or ``$is_not [false]``."""
    return True in rule.conditions.get("$is", ()) or False in rule.conditions.get(
        "$is_not", ()
    )


def _holder(rule: Rule, context: RuleContext, _: Scope | None) -> RuleTrace:
    """The customer who asks is a holder of the voucher; tiers have no holder."""
    if not asks_for_true(rule) or context.redeemable.object != "voucher":
        return _result(rule, (), passed=True)
    customer, redeemable = context.facts.customer, context.redeemable
    if customer is None:
        return _failed(rule, NO_CUSTOMER)
    holder = redeemable.holder_id
    held = redeemable.held_by_referee or (holder is not None and holder == customer.id)
    conditions = [_condition(rule, op, held, passed=held) for op in rule.conditions]
    return _result(rule, conditions, passed=held)


def _match_all(rule: Rule, context: RuleContext, scope: Scope | None) -> RuleTrace:
    """The parent's metadata must be that of all lines, not only of some."""
    if not asks_for_true(rule):
        return _result(rule, (), passed=True)
    matched = scope is None or len(scope.matched) == len(context.lines)
    conditions = [
        _condition(rule, op, matched, passed=matched) for op in rule.conditions
    ]
    return _result(rule, conditions, passed=matched)


def _discountable(rule: Rule, _: RuleContext, __: Scope | None) -> RuleTrace:
    """No test: it says which items the discount may touch."""
    return _result(rule, (), passed=True)


_ON_ITEMS: Mapping[str, Callable[[Rule, RuleContext], RuleTrace]] = {
    "order.items.any": _any,
    "order.items.every": _every,
    "order.items.none": _none,
    "product.metadata": _by_product_metadata,
    **dict.fromkeys(EXTREMES, _extreme),
    **dict.fromkeys(NAMED, _named),
}

_SPECIAL: Mapping[str, Callable[[Rule, RuleContext, Scope | None], RuleTrace]] = {
    "publication.redeemable_by_linked_customer": _holder,
    "product.metadata.match_all": _match_all,
    **dict.fromkeys(DISCOUNTABLE, _discountable),
}

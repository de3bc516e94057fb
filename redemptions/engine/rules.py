"""Validation rules, evaluated: which hold, which do not, and why.

Every rule that the logic reads is evaluated and traced, also after the outcome is
clear. A rule whose facts cannot be had is false, and says so.

Source: rules specification, "Grammar", "Rule catalogue", "Failure reporting".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.engine.applicability_parsing import collections_in
from campaigns.engine.rule_catalogue import CATALOGUE, Family
from campaigns.engine.rules import And, Key, Logic, Target, key_order
from redemptions.engine.facts import AssignedRules
from redemptions.engine.rule_context import RuleContext, RuleTrace
from redemptions.engine.rule_evaluation import is_true, traces_of
from redemptions.engine.rule_reasons import reasons_of_set

FAMILIES = (Family.CUSTOMER, Family.ORDER, Family.REDEMPTION, Family.EVENT)
MESSAGES: Mapping[str, str] = {
    "customer_rules_violated": "customer does not match validation rules",
    "order_rules_violated": "order does not match validation rules",
    "redemption_rules_violated": "redemption does not match validation rules",
    "missing_customer": "Missing customer",
    "missing_order": "Missing order",
    "missing_amount": "Missing amount",
    "missing_order_items": "Missing order items",
}
DETAILS: Mapping[str, str] = {
    "missing_customer": "Customer is required to validate rules"
}
COLLECTION = "products_collection"


@dataclass(frozen=True, slots=True)
class SetOutcome:
    """One rule set as evaluated: its rules in key order, and whether it holds."""

    assigned: AssignedRules
    passed: bool
    rules: tuple[RuleTrace, ...]

    @property
    def contributing(self) -> tuple[RuleTrace, ...]:
        """The false rules that keep the set false, in the order of reporting."""
        failing = _contributing(self.assigned.rules.logic, self.leaves)
        traces = [trace for trace in self.rules if trace.key in failing]
        return tuple(sorted(traces, key=_reporting_order))

    @property
    def leaves(self) -> dict[str, bool]:
        """Which rules hold, by key."""
        return {trace.key: trace.passed for trace in self.rules}

    def as_json(self) -> dict[str, Any]:
        """Return the set and everything below it for the trace tree."""
        return {
            "rule_id": self.assigned.rule_id,
            "name": self.assigned.name,
            "level": self.assigned.level,
            "passed": self.passed,
            "logic": logic_in_words(self.assigned.rules.logic),
            "decisive": [trace.key for trace in self.contributing],
            "rules": [trace.as_json() for trace in self.rules],
        }


@dataclass(frozen=True, slots=True)
class RulesOutcome:
    """All rule sets of a redeemable; every set must hold."""

    sets: tuple[SetOutcome, ...]

    @property
    def passed(self) -> bool:
        """Whether every set holds."""
        return all(each.passed for each in self.sets)

    @property
    def failed(self) -> tuple[SetOutcome, ...]:
        """The sets that do not hold, the campaign's first."""
        return tuple(each for each in self.sets if not each.passed)

    @property
    def reported(self) -> RuleTrace | None:
        """The rule that is named for the failure, None when all is well."""
        failed = self.failed
        return failed[0].contributing[0] if failed else None

    @property
    def key(self) -> str:
        """The API's key of the failure, empty when all is well."""
        reported = self.reported
        return "" if reported is None else failure_key(reported)

    @property
    def message(self) -> str:
        """The API's message of the failure, empty when all is well."""
        return MESSAGES.get(self.key, "")

    @property
    def details(self) -> str | None:
        """The details that the key has of its own, else None."""
        return DETAILS.get(self.key)

    @property
    def error_message(self) -> str | None:
        """The marketer's text: the reported rule's, else its set's."""
        reported = self.reported
        if reported is None:
            return None
        return reported.message or self.failed[0].assigned.error_message

    @property
    def failed_rule_ids(self) -> tuple[str, ...]:
        """The ids of the sets that do not hold."""
        return tuple(each.assigned.rule_id for each in self.failed)

    def told(self) -> dict[str, Any]:
        """Return key and tree, as a step of the decision's trace has them."""
        return {"key": self.key or None, "rules": list(self.trace())}

    def trace(self) -> tuple[dict[str, Any], ...]:
        """Return the whole tree as JSON.

        ``logic`` says how a set's rules go together, ``decisive`` which of them keep
        it false.
        """
        return tuple(each.as_json() for each in self.sets)

    def sentences(self) -> tuple[str, ...]:
        """Say in English what kept the sets from holding; nothing when they hold."""
        return tuple(
            sentence for each in self.trace() for sentence in reasons_of_set(each)
        )


def evaluate(rules: Sequence[AssignedRules], context: RuleContext) -> RulesOutcome:
    """Evaluate rule sets, the campaign's before the redeemable's own.

    Rules about the result (``order.total_amount``) need ``context.after``; without
    it they are false, so leave them out of the first pass.
    """
    ordered = sorted(rules, key=lambda each: each.level != "campaign")
    return RulesOutcome(tuple(_set_outcome(each, context) for each in ordered))


def _set_outcome(assigned: AssignedRules, context: RuleContext) -> SetOutcome:
    traces = traces_of(assigned.rules, context)
    leaves = {trace.key: trace.passed for trace in traces}
    return SetOutcome(assigned, is_true(assigned.rules.logic, leaves), traces)


def _contributing(logic: Logic | None, leaves: Mapping[str, bool]) -> frozenset[str]:
    """Return the false keys below every operand that keeps the expression false."""
    if logic is None or is_true(logic, leaves):
        return frozenset()
    if isinstance(logic, Key):
        return frozenset({logic.key})
    return frozenset().union(
        *(_contributing(operand, leaves) for operand in logic.operands)
    )


def logic_in_words(logic: Logic | None) -> str:
    """Return an expression as it is written: "1 or (2 and 3)"."""
    if logic is None:
        return ""
    if isinstance(logic, Key):
        return logic.key
    word = "and" if isinstance(logic, And) else "or"
    return f" {word} ".join(
        logic_in_words(part) if isinstance(part, Key) else f"({logic_in_words(part)})"
        for part in logic.operands
    )


def _reporting_order(trace: RuleTrace) -> tuple[int, tuple[int, int, str]]:
    return FAMILIES.index(CATALOGUE[trace.name].family), key_order(trace.key)


def failure_key(trace: RuleTrace) -> str:
    """Return the API's key for a rule that failed."""
    if trace.missing is not None and trace.missing.key is not None:
        return trace.missing.key
    family = CATALOGUE[trace.name].family
    if family is Family.EVENT:
        family = Family.REDEMPTION
    return f"{family.value}_rules_violated"


def segments_of(rules: Sequence[AssignedRules]) -> frozenset[str]:
    """Return the segments that rules ask about."""
    return frozenset(
        value
        for each in rules
        for rule in each.rules.read_deeply
        if rule.name == "customer.segment"
        for values in rule.conditions.values()
        for value in values
    )


def collections_of(rules: Sequence[AssignedRules]) -> frozenset[str]:
    """Return the collections that rules, bundles and applicability lists name.

    An entry that does not say what it is may be one.
    """
    targets = {
        value
        for each in rules
        for rule in each.rules.read_deeply
        for values in rule.conditions.values()
        for value in values
        if isinstance(value, Target)
    }
    targets.update(
        part.target
        for each in rules
        if each.bundle is not None
        for part in each.bundle.parts
    )
    named = {
        target.id
        for target in targets
        if target.object in {COLLECTION, None} and target.id
    }
    return frozenset(named).union(*(collections_in(r.applicable_to) for r in rules))

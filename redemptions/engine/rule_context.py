"""What rules are evaluated on, and what the evaluation leaves behind.

Source: rules specification, "Failure reporting".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from promo.calendar_windows import Calendar
from promo.comparison import Kind
from redemptions.engine.counters import Usage
from redemptions.engine.decision import Spent
from redemptions.engine.facts import Facts, Line, Redeemable
from redemptions.engine.order import OrderState
from redemptions.engine.rule_sentences import condition_in_words
from redemptions.engine.rule_values import as_json


@dataclass(frozen=True, slots=True)
class RuleContext:
    """The facts of one redeemable at one moment of a decision.

    ``usage`` counts what stands, earlier redeemables of the request included, and
    what this redemption adds.
    ``before`` is the order as they left it, ``after`` the order that the discount
    leaves and ``spent`` what is taken of a card, None while that is not calculated.
    """

    facts: Facts
    redeemable: Redeemable
    usage: Usage
    before: OrderState
    after: OrderState | None = None
    spent: Spent | None = None

    @property
    def calendar(self) -> Calendar:
        """The moment of the decision on the project's clock."""
        return Calendar(self.facts.now, self.facts.time_zone, self.facts.week_starts_on)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that the client sent; what UNIT discounts did does not count."""
        return () if self.facts.order is None else self.facts.order.sent_lines

    def kind(self, resource: str, path: str | None) -> Kind | None:
        """Return the declared type of a metadata path, None when there is none."""
        return self.facts.schemas.get(resource, {}).get(path or "")


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that cannot be had: the API's key, and why in words.

    ``key`` is None when the failure is an ordinary violation of the rule's family.
    """

    key: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ConditionTrace:
    """One operator of a rule: what was wanted, what was found.

    Of an item rule all operators are one condition: ``asked`` has their targets,
    ``actual`` the positions of the lines found among ``lines``.
    """

    operator: str
    expected: tuple[Any, ...]
    actual: Any
    passed: bool
    asked: Mapping[str, tuple[Any, ...]] | None = None
    lines: int = 0

    def as_json(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Return the condition of ``rule`` for the trace tree."""
        body: dict[str, Any] = {
            "operator": self.operator,
            "expected": [as_json(value) for value in self.expected],
            "actual": as_json(self.actual),
            "passed": self.passed,
        }
        if self.asked is not None:
            body["targets"] = {name: as_json(each) for name, each in self.asked.items()}
            body["lines"] = self.lines
        return {**body, "sentence": condition_in_words(rule, body)}


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule as evaluated, with its conditions and nested rules.

    ``missing`` is set when its facts could not be had: then it has failed, and
    ``wanted`` are the conditions that could not be looked at.
    """

    key: str
    name: str
    path: str | None
    passed: bool
    conditions: tuple[ConditionTrace, ...] = ()
    nested: tuple["RuleTrace", ...] = ()
    missing: Missing | None = None
    error_message: str | None = None
    wanted: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the rule and everything below it for the trace tree."""
        body: dict[str, Any] = {
            "key": self.key,
            "name": self.name,
            "property": self.path,
            "passed": self.passed,
        }
        body["conditions"] = [each.as_json(body) for each in self.conditions]
        if self.nested:
            body["rules"] = [trace.as_json() for trace in self.nested]
        if self.missing is not None:
            body["reason"] = self.missing.reason
        if self.wanted:
            body["wanted"] = {name: as_json(each) for name, each in self.wanted.items()}
        return body

    @property
    def message(self) -> str | None:
        """The marketer's text for the failure: a failing nested rule's goes first."""
        failing = (trace.message for trace in self.nested if not trace.passed)
        return next((text for text in failing if text), None) or self.error_message

"""Asking validation rules about people and orders, with nothing to redeem.

Source: rules specification, "Contexts".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.services.compiled_rules import compile_rule
from customers.models import Customer
from customers.services.recipients import members_among
from promo.errors import BadRequest
from promo.ids import parse_or_none
from promo.metadata_schemas.known import known_schemas
from promo.tenancy.models import Project
from redemptions.engine.facts import AssignedRules, CustomerFacts, Facts, StackingRules
from redemptions.engine.rules import segments_of
from redemptions.engine.standing_rules import rules_hold
from redemptions.services.catalogue import known_items
from redemptions.services.order_facts import order_facts
from redemptions.services.order_lines import KnownItems, build_lines
from redemptions.services.people import stored_facts

Shown = Mapping[str, Any]
_PREFIX = "val_"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleQuestion:
    """A rule by its id, and what it is asked about.

    ``order`` is the order as events show it, ``event_metadata`` that of a custom event;
    None for none.
    """

    rule_id: str
    customer: Customer
    order: Shown | None = None
    event_metadata: Shown | None = None


def answers(
    project: Project, questions: Sequence[RuleQuestion], *, now: datetime
) -> list[bool]:
    """Say of each question whether its rule holds; one that is gone never does.

    A constant number of statements, whatever the number of questions: the rules, the
    members of the segments and what the catalogue holds that they ask about.
    """
    rules = _rules(project, {each.rule_id for each in questions})
    if not rules:
        return [False] * len(questions)
    everything = list(rules.values())
    held = members_among(
        project,
        segments_of(everything),
        {each.customer.pk for each in questions},
    )
    orders = [each.order for each in questions if each.order is not None]
    items = [item for order in orders for item in order.get("items") or ()]
    known = known_items(project, items, everything, now=now) if items else KnownItems()
    schemas = known_schemas(project).kinds

    def answer(question: RuleQuestion) -> bool:
        rule = rules.get(question.rule_id)
        if rule is None:
            return False
        try:
            order = _order(question.order, known)
        except BadRequest:
            return False
        facts = Facts(
            now=now,
            time_zone=project.zone,
            redeemables=(),
            order=order,
            customer=_customer(question.customer, held),
            stacking=StackingRules(),
            all_products_id=known.all_products_id,
            week_starts_on=project.week_starts_on,
            schemas=schemas,
            event_metadata=question.event_metadata,
        )
        return rules_hold(rule.rules, facts)

    return [answer(each) for each in questions]


def known_rules(project: Project, named: Collection[str]) -> set[str]:
    """Return which of the rules ``named`` by id the project has."""
    ids = [text for text in named if parse_or_none(_PREFIX, text)]
    rows = project.validation_rules.filter(pk__in=ids)
    return set(rows.values_list("pk", flat=True)) if ids else set()


def _rules(project: Project, named: Collection[str]) -> dict[str, AssignedRules]:
    ids = [text for text in named if parse_or_none(_PREFIX, text)]
    if not ids:
        return {}
    compiled = map(compile_rule, project.validation_rules.filter(pk__in=ids))
    return {
        each.rule_id: AssignedRules(
            rule_id=each.rule_id,
            name=each.name,
            level="own",
            rules=each.rules,
            applicable_to=None,
        )
        for each in compiled
    }


def _order(shown: Shown | None, known: KnownItems) -> Any:
    if shown is None:
        return None
    return order_facts(shown, None, build_lines(shown.get("items") or [], known))


def _customer(customer: Customer, held: Collection[tuple[str, str]]) -> CustomerFacts:
    segments = frozenset(seg for seg, person in held if person == customer.pk)
    return stored_facts(customer, segments)

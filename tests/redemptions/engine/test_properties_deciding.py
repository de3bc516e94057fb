"""What holds of a decision: it follows from the facts, and its trace says why."""

import json
import pickle
from dataclasses import replace
from typing import Any

from hypothesis import assume, given

from redemptions.engine.counters import counters_read, usage_of
from redemptions.engine.decide import decide
from redemptions.engine.decision import Decision, Entry, Status
from redemptions.engine.explanation import sentences_of, trace_of
from redemptions.engine.facts import CustomerFacts, Facts, StackingRules
from redemptions.engine.story import tell_decision
from redemptions.engine.wire import outcome_as_json
from tests.redemptions.engine.carts import line, order
from tests.redemptions.engine.situations import guarded, situations, thorough

Json = dict[str, Any]


def as_bytes(decision: Decision) -> bytes:
    """Everything that leaves the engine."""
    answer = outcome_as_json(decision, request_id="v-1", expand=frozenset())
    return json.dumps([answer, trace_of(decision)]).encode()


@thorough
@given(situations())
def test_the_same_facts_give_the_same_bytes(request: Facts):
    decision = decide(request)

    again = decide(pickle.loads(pickle.dumps(request)))  # noqa: S301 - an equal copy

    assert as_bytes(again) == as_bytes(decision)
    assert again.claims == decision.claims


@thorough
@given(situations())
def test_the_trace_says_what_the_engine_says(request: Facts):
    decision = decide(request)
    trace = trace_of(decision)

    assert trace["valid"] == decision.valid
    for entry, told in zip(decision.entries, trace["redeemables"], strict=True):
        failed = [check for check in told["checks"] if not check["passed"]]
        assert told["status"] == entry.status.value
        assert bool(failed) == (entry.status is not Status.APPLICABLE)
        assert failed in ([], told["checks"][-1:])
        for check in failed:
            if entry.refusal is not None and check.get("key"):
                assert check["key"] == entry.refusal.key
        for held in rule_sets(told):
            assert held["passed"] == holds(held["logic"], leaves_of(held))


@thorough
@given(situations())
def test_a_rule_holds_when_its_conditions_and_the_rules_in_it_do(request: Facts):
    for entry in trace_of(decide(request))["redeemables"]:
        for held in rule_sets(entry):
            for rule in held["rules"]:
                conditions = [each["passed"] for each in rule["conditions"]]
                nested = [each["passed"] for each in rule.get("rules", ())]
                if rule["passed"] and rule["name"] != "order.items.none":
                    assert all([*conditions, *nested])
                assert not (rule["passed"] and rule.get("reason"))


@thorough
@given(situations())
def test_every_decision_is_told_in_sentences(request: Facts):
    decision = decide(request)

    told = tell_decision(trace_of(decision))

    assert [each.summary for each in told] == list(sentences_of(decision))
    for entry, offer in zip(decision.entries, told, strict=True):
        assert offer.summary.endswith(".")
        assert offer.summary.count(". ") == 0
        if entry.status is not Status.APPLICABLE:
            assert f"{offer.outcome}: " in offer.summary
            outermost = [step for step in offer.steps if not step.depth]
            assert not outermost[-1].passed


@thorough
@given(guarded())
def test_mending_the_fact_that_the_trace_names_mends_the_rule(request: Facts):
    [entry] = decide(request).entries
    failing = failing_rule(entry)
    assume(failing is not None and failing["name"] in MENDERS)
    assert failing is not None

    mended = MENDERS[failing["name"]](request, wanted_by(failing))

    [told] = trace_of(decide(mended))["redeemables"]
    now = rule_called(told, failing["key"])
    assert now["name"] == failing["name"]
    assert now["passed"], now


def rule_sets(entry: Json) -> list[Json]:
    return [held for check in entry["checks"] for held in check.get("rules", ())]


def leaves_of(held: Json) -> dict[str, bool]:
    return {rule["key"]: rule["passed"] for rule in held["rules"]}


def holds(logic: str, leaves: dict[str, bool]) -> bool:
    """Read the logic in a second way: as a disjunction of what Python understands."""
    words = logic.replace("(", " ( ").replace(")", " ) ").split()
    known = {"and", "or", "(", ")"}
    text = " ".join(w if w in known else str(leaves[w]) for w in words)
    return not text or bool(eval(text))  # noqa: S307 - of literals that were put there


def failing_rule(entry: Entry) -> Json | None:
    """The first rule that keeps the offer from applying, None without one."""
    for step in entry.steps:
        if step.check == "rules" and not step.passed:
            held = next(each for each in step.facts["rules"] if not each["passed"])
            rules = {rule["key"]: rule for rule in held["rules"]}
            return rules[held["decisive"][0]]
    return None


def rule_called(told: Json, key: str) -> Json:
    [rule] = [
        rule
        for check in told["checks"]
        if check["check"] == "rules"
        for held in check["rules"]
        for rule in held["rules"]
        if rule["key"] == key
    ]
    return rule


def wanted_by(rule: Json) -> tuple[str, Any, str | None]:
    """The operator of a rule, its value, and the key of its metadata."""
    if rule["conditions"]:
        [condition] = rule["conditions"]
        return condition["operator"], condition["expected"][0], rule["property"]
    [(operator, [value])] = rule["wanted"].items()
    return operator, value, rule["property"]


def enough(operator: str, value: int) -> int:
    """A number that satisfies the operator."""
    step = {"$more_than": 1, "$less_than": -1}
    return int(value) + step.get(operator, 0)


def mend_amount(request: Facts, wanted: Any) -> Facts:
    operator, value, _ = wanted
    cart = replace(
        request.order or order(), amount=enough(operator, value), discount_amount=0
    )
    return replace(request, order=cart)


def mend_count(request: Facts, wanted: Any) -> Facts:
    operator, value, _ = wanted
    count = enough(operator, value)
    cart = order(*([line("tea", 100, count)] if count else [line("tea", 100, 0)]))
    return replace(request, order=cart)


def mend_customer(request: Facts, wanted: Any) -> Facts:
    operator, value, key = wanted
    customer = request.customer or CustomerFacts("cust_1", "ada")
    metadata = {key: value if operator == "$is" else "other"}
    return replace(request, customer=replace(customer, metadata=metadata))


def mend_order(request: Facts, wanted: Any) -> Facts:
    operator, value, key = wanted
    metadata = {key: value if operator == "$is" else "other"}
    cart = replace(request.order or order(), metadata=metadata)
    return replace(request, order=cart)


def mend_uses(request: Facts, wanted: Any) -> Facts:
    """Let every counter hold one less than the rule wants, for a stored customer."""
    operator, value, _ = wanted
    known = replace(request, customer=CustomerFacts("cust_1", "ada"))
    read = counters_read(known.redeemables, usage_of(known))
    return replace(known, used=dict.fromkeys(read, enough(operator, value) - 1))


MENDERS = {
    "order.amount": mend_amount,
    "order.initial_amount": mend_amount,
    "order.items.count": mend_count,
    "customer.metadata": mend_customer,
    "order.metadata": mend_order,
    "redemption.count.per_customer": mend_uses,
    "campaign.redemptions.customers_count": mend_uses,
    "campaign.redemptions.count": mend_uses,
    "redemption.count.daily": mend_uses,
}


@thorough
@given(situations())
def test_all_or_none_and_as_many_as_fit_agree_until_the_first_refusal(request: Facts):
    whole = decide(in_mode(request, "ALL"))
    partial = decide(in_mode(request, "PARTIAL"))

    refused = [each.status for each in whole.entries].count(Status.INAPPLICABLE)
    until = next(
        (
            number
            for number, each in enumerate(whole.entries, 1)
            if each.status is Status.INAPPLICABLE
        ),
        len(whole.entries),
    )
    assert refused <= 1
    assert partial.entries[:until] == whole.entries[:until]
    assert all(
        each.skip == "preceding_validation_failed" for each in whole.entries[until:]
    )
    if whole.valid:
        assert partial.valid
        assert partial.order == whole.order
        assert partial.claims == whole.claims


def in_mode(request: Facts, mode: str) -> Facts:
    rules: StackingRules = replace(request.stacking, redeemables_application_mode=mode)
    return replace(request, stacking=rules)


@thorough
@given(situations(redeemables_application_mode="PARTIAL"), situations())
def test_an_offer_that_cannot_apply_changes_no_other(request: Facts, other: Facts):
    """Of no category, that is: an exclusive one asks for another order of them all."""
    without = decide(request)
    useless = replace(
        other.redeemables[0],
        ref="OFF",
        id="v_OFF",
        code="OFF",
        active=False,
        category=None,
    )
    place = len(request.redeemables) // 2
    offers = request.redeemables
    among = (*offers[:place], useless, *offers[place:])

    decision = decide(replace(request, redeemables=among))

    others = [each for each in decision.entries if each.redeemable != useless]
    assert others == list(without.entries)
    assert decision.order == without.order
    assert decision.claims == without.claims

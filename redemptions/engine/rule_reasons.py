"""Which sentences say why a rule set does not hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from redemptions.engine.rule_sentences import (
    PLAIN,
    Voice,
    condition_in_words,
    reason_in_words,
)

Json = Mapping[str, Any]


def reasons_of_set(held: Json, voice: Voice = PLAIN) -> Iterator[str]:
    """Say what keeps a set, as the trace has it, from holding.

    Nothing is said of a set that holds, nor of rules that do not matter.
    """
    rules = {rule["key"]: rule for rule in held["rules"]}
    for key in held["decisive"]:
        yield from _reasons_of_rule(rules[key], voice)


def _reasons_of_rule(rule: Json, voice: Voice) -> Iterator[str]:
    """Say what fails: the facts, the conditions, else what is nested.

    What is forbidden fails by being there: then its conditions and nested rules
    hold, and all of them are the reason.
    """
    if rule.get("reason"):
        yield reason_in_words(rule, voice)
        return
    nested = list(rule.get("rules", ()))
    said = [one for one in rule["conditions"] if not one["passed"]]
    inner = [one for one in nested if not one["passed"]]
    if not inner:
        said, inner = said or rule["conditions"], nested if _forbids(rule) else []
    yield from (condition_in_words(rule, one, voice) for one in said)
    for one in inner:
        yield from _reasons_of_rule(one, voice)


def _forbids(rule: Json) -> bool:
    return bool(rule["name"] == "order.items.none")

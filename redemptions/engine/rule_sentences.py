"""Rules in plain English: "order amount was 49.99, needs at least 50.00".

A sentence is made from the trace of a rule, so that a stored decision can be told
again, with names for ids and amounts in their currency.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from promo.money import in_major_units
from redemptions.engine.rule_subjects import (
    EVERY_ONE,
    ITEM_DEMANDS,
    MONEY,
    PLACES,
    Subject,
    subject_of,
)

WEEKDAYS = (
    *("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
)
Json = Mapping[str, Any]

#: What each operator asks of a fact, in the order in which they are offered.
DEMANDS: Mapping[str, str] = {
    "$is": "needs {one}",
    "$is_not": "must not be {one}",
    "$in": "needs {any}",
    "$not_in": "must not be {any}",
    "$more_than": "needs more than {one}",
    "$more_than_or_equal": "needs at least {one}",
    "$less_than": "must be less than {one}",
    "$less_than_or_equal": "may be at most {one}",
    "$starts_with": "needs to start with {any}",
    "$ends_with": "needs to end with {any}",
    "$contains": "needs to contain {any}",
    "$after": "needs to be after {one}",
    "$before": "needs to be before {one}",
    "$more_than_ago": "needs to be more than {one} days ago",
    "$less_than_ago": "needs to be less than {one} days ago",
    "$is_days_ago": "needs to be {one} days ago",
    "$more_than_future": "needs to be more than {one} days ahead",
    "$less_than_future": "needs to be less than {one} days ahead",
    "$is_days_in_future": "needs to be {one} days ahead",
    "$timeframe": "needs to lie in the window {any}",
    "$timeframe_absolute": "needs to lie in the period {any}",
    "$timeframe_daily_hours": "needs to lie in the hours {any}",
    "$dow": "needs to fall on {any}",
    "$count": "needs {one} values",
    "$count_more": "needs more than {one} values",
    "$count_less": "needs fewer than {one} values",
    "$not_differ": "needs exactly {all}",
    "$not_intersect": "must hold none of {all}",
}
_TARGETS: Mapping[str, str] = {
    "$is": "{any}",
    "$in": "{any}",
    "$is_not": "not {any}",
    "$not_in": "not {any}",
    "$from": "{any}",
}
_FLAGS: Mapping[str, tuple[str, str]] = {
    "publication.redeemable_by_linked_customer": (
        "the code is this customer's own",
        "the code was not given to this customer, only its holder may use it",
    ),
    "product.metadata.match_all": (
        "all items match",
        "not all items match, all of them must",
    ),
}


def _plain_money(amount: int) -> str:
    return f"{in_major_units(amount)}"


@dataclass(frozen=True, slots=True)
class Voice:
    """How to say amounts (minor units), ids and order lines (by their index)."""

    money: Callable[[int], str] = _plain_money
    names: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[int, str] = field(default_factory=dict)

    def name(self, value: Any) -> Any:
        """Return what an id is called; everything else as it is."""
        return self.names.get(value, value) if isinstance(value, str) else value


PLAIN = Voice()


def condition_in_words(rule: Json, condition: Json, voice: Voice = PLAIN) -> str:
    """Say what one condition of a rule found and what it asks for.

    ``rule`` and ``condition`` are as the trace has them.
    """
    name = rule["name"]
    if name in _FLAGS:
        return _FLAGS[name][0 if condition["passed"] else 1]
    if "targets" in condition:
        return _items_in_words(name, condition, voice)
    subject = subject_of(name, rule.get("property"))
    found = _found(subject, shown_value(name, condition["actual"], voice))
    wanted = [shown_value(name, value, voice) for value in condition["expected"]]
    many = isinstance(condition["actual"], list) and len(condition["actual"]) > 1
    quantifier = EVERY_ONE.get(name, "") if many else ""
    return f"{found}, {quantifier}{demand(condition['operator'], wanted)}"


def reason_in_words(rule: Json, voice: Voice = PLAIN) -> str:
    """Say why a rule of the trace could not be looked at, and what it asks for."""
    name, reason = rule["name"], str(rule["reason"])
    wanted = rule.get("wanted")
    if not wanted or name in _FLAGS:
        return reason
    if any(isinstance(value, dict) for each in wanted.values() for value in each):
        return f"{items_wanted(name, wanted, voice)}, but {_lower(reason)}"
    subject = subject_of(name, rule.get("property"))
    demands = [
        demand(operator, [shown_value(name, value, voice) for value in values])
        for operator, values in wanted.items()
    ]
    return f"{subject.text} {joined(demands, 'and')}, but {_lower(reason)}"


def demand(operator: str, values: Sequence[Any]) -> str:
    """Say what an operator asks for."""
    shown = _weekday if operator == "$dow" else in_words
    texts = [shown(value) for value in values]
    return DEMANDS[operator].format(
        one=texts[0] if texts else "", any=joined(texts, "or"), all=joined(texts, "and")
    )


def in_words(value: Any) -> str:
    """Return a value of the trace as a sentence shows it."""
    if value is None or value == []:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return joined([in_words(member) for member in value], "and")
    return str(value)


def joined(texts: Sequence[str], word: str) -> str:
    """Return texts as one: "a, b and c"."""
    if len(texts) <= 1:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def shown_value(name: str, value: Any, voice: Voice) -> Any:
    """Return amounts in major units and ids by their names."""
    if isinstance(value, list):
        return [shown_value(name, member, voice) for member in value]
    if name in MONEY and isinstance(value, int):
        return voice.money(value)
    return voice.name(value)


def _found(subject: Subject, actual: Any) -> str:
    if actual is None or actual == []:
        return subject.nothing or f"{subject.text} is not set"
    plural = isinstance(actual, list) and len(actual) > 1
    verb = "were" if plural and subject.verb == "was" else subject.verb
    return f"{subject.text} {verb} {in_words(actual)}{subject.rest}"


def _items_in_words(name: str, condition: Json, voice: Voice) -> str:
    """Say which lines a rule found, and what it asks of the lines."""
    found, count = condition["actual"], condition["lines"]
    wanted = _targets(condition["targets"], voice)
    which = _which(found, count, voice)
    verb = "are" if len(found) > 1 else "is"
    if name in PLACES:
        return f"{PLACES[name]} {verb} {which}, needs to be {wanted or 'there'}"
    asked = ITEM_DEMANDS.get(name, "at least one must be")
    return f"{which} {verb} {wanted or 'there'}, {asked}"


def items_wanted(name: str, targets: Json, voice: Voice) -> str:
    """Say what an item rule asks of the lines, by operator."""
    place = PLACES.get(name)
    if place is not None:
        return f"{place} needs to be {_targets(targets, voice)}"
    asked = ITEM_DEMANDS.get(name, "at least one must be")
    return f"of the items {asked} {_targets(targets, voice)}"


def _targets(targets: Json, voice: Voice) -> str:
    return " and ".join(
        _TARGETS[operator].format(
            any=joined([target_in_words(each, voice, "in ") for each in wanted], "or")
        )
        for operator, wanted in targets.items()
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def target_in_words(target: Json, voice: Voice, preposition: str = "") -> str:
    """Say what a rule names: a product or SKU, or anything of a collection."""
    label = target["id"] or target["source_id"] or ""
    name = str(voice.name(label))
    is_collection = target["object"] == "products_collection"
    return f"{preposition}the collection {name}" if is_collection else name


def _which(found: Sequence[int], count: int, voice: Voice) -> str:
    if not found:
        return f"none of the {count} items"
    if all(index in voice.lines for index in found):
        return joined([voice.lines[index] for index in found], "and")
    numbers = joined([str(index + 1) for index in found], "and")
    return f"item{'s' if len(found) > 1 else ''} {numbers} of {count}"


def _weekday(value: Any) -> str:
    """Return a weekday's name; what the rule parser admits is 0 to 6."""
    return WEEKDAYS[int(value)]

"""Conditions in plain English: "order.amount is 4999, must be at least 5000"."""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.engine.rules import Rule
from redemptions.engine.rule_values import as_json

WEEKDAYS = (
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
)

_DEMANDS: Mapping[str, str] = {
    "$is": "must be {one}",
    "$is_not": "must not be {one}",
    "$in": "must be one of {any}",
    "$not_in": "must be none of {any}",
    "$more_than": "must be more than {one}",
    "$more_than_or_equal": "must be at least {one}",
    "$less_than": "must be less than {one}",
    "$less_than_or_equal": "must be at most {one}",
    "$starts_with": "must start with {any}",
    "$ends_with": "must end with {any}",
    "$contains": "must contain {any}",
    "$after": "must be after {one}",
    "$before": "must be before {one}",
    "$more_than_ago": "must be more than {one} days ago",
    "$less_than_ago": "must be less than {one} days ago",
    "$is_days_ago": "must be {one} days ago",
    "$more_than_future": "must be more than {one} days ahead",
    "$less_than_future": "must be less than {one} days ahead",
    "$is_days_in_future": "must be {one} days ahead",
    "$timeframe": "must lie in the window {any}",
    "$timeframe_absolute": "must lie in the period {any}",
    "$timeframe_daily_hours": "must lie in the hours {any}",
    "$dow": "must fall on {any}",
    "$count": "must hold {one} values",
    "$count_more": "must hold more than {one} values",
    "$count_less": "must hold fewer than {one} values",
    "$not_differ": "must hold exactly {all}",
    "$not_intersect": "must hold none of {any}",
}

_ITEM_DEMANDS: Mapping[str, str] = {
    "$is": "{any}",
    "$in": "{any}",
    "$is_not": "not {any}",
    "$not_in": "not {any}",
    "$from": "in {any}",
}


_ITEM_QUANTITIES: Mapping[str, str] = {
    "order.items.every": "every one must",
    "order.items.none": "none may",
    "order.items.cheapest": "each must",
    "order.items.most_expensive": "each must",
}


def condition_sentence(
    subject: str, actual: Any, operator: str, values: Sequence[Any]
) -> str:
    """Say what a fact is and what it must be."""
    return f"{subject} is {in_words(actual)}, {demand(operator, values)}"


def demand(operator: str, values: Sequence[Any]) -> str:
    """Say what an operator asks for."""
    shown = _weekday if operator == "$dow" else in_words
    texts = [shown(value) for value in values]
    return _DEMANDS[operator].format(
        one=texts[0] if texts else "",
        any=_joined(texts, "or"),
        all=_joined(texts, "and"),
    )


def items_sentence(rule: Rule, found: Sequence[int], lines: int) -> str:
    """Say which lines an item rule found, and what it asks of the lines."""
    wanted = [
        _ITEM_DEMANDS[operator].format(
            any=_joined([target.label for target in targets], "or")
        )
        for operator, targets in rule.conditions.items()
    ]
    looked_for = " and ".join(wanted) or "any item"
    positions = _joined([str(index) for index in found], "and")
    which = f"items {positions}" if found else "no items"
    asked = _ITEM_QUANTITIES.get(rule.name, "at least one must")
    return f"{rule.name} found {which} of {lines}, {asked} be {looked_for}"


def subject_of(name: str, path: str | None) -> str:
    """Return what a rule is about: its name, and its metadata key."""
    return name if path is None else f"{name} {path}"


def in_words(value: Any) -> str:
    """Return a value as a sentence shows it."""
    shown = as_json(value)
    if shown is None or shown == []:
        return "missing"
    if isinstance(shown, bool):
        return "true" if shown else "false"
    if isinstance(shown, list):
        return _joined([in_words(member) for member in shown], "and")
    return str(shown)


def _weekday(value: Any) -> str:
    """Return a weekday's name; what the rule parser admits is 0 to 6."""
    return WEEKDAYS[int(value)]


def _joined(texts: Sequence[str], word: str) -> str:
    if len(texts) <= 1:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"

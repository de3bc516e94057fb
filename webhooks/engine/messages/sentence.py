"""A whole distribution as one sentence that a marketer reads back.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from webhooks.engine.messages.occasions import BY_HAND, happens

Json = Mapping[str, Any]
_NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight"),
    *("nine", "ten", "eleven", "twelve"),
)
_VERBS = {"EMAIL": "e-mail", "SMS": "text"}
_GONE = "something that is gone"


def sentence(parts: Json, names: Mapping[str, str]) -> str:
    """Return what a distribution does.

    ``parts`` are its parts by name, as they are kept; ``names`` are those of the
    segments, campaigns, rules and so on that it names, by id.
    """
    said = f"{_when(parts, names)}, {_does(parts, names)}{_if(parts, names)}"
    bounds = _bounds(parts.get("limits") or {})
    called_off = _called_off(parts.get("cancel_if") or {}, names)
    most = f", {bounds}" if bounds else ""
    return f"{said[:1].upper()}{said[1:]}{most}.{called_off}"


def trigger_words(parts: Json, names: Mapping[str, str]) -> str:
    """Return what starts it, and how long it then waits."""
    said = _when(parts, names)
    return said[:1].upper() + said[1:]


def _when(parts: Json, names: Mapping[str, str]) -> str:
    trigger, delay = parts.get("trigger") or {}, parts.get("delay") or {}
    if parts.get("kind") == BY_HAND:
        clause, at_once = "it starts", "as soon as it starts"
    else:
        clause = _clause(trigger, names)
        at_once = f"as soon as {clause}"
        if trigger.get("include_existing"):
            clause += " or is in it already"
            at_once += " or is in it already"
    kind = delay.get("type", "NONE")
    if kind == "NONE":
        return at_once
    clock = f" at {delay['time']}" if kind == "AT_LOCAL_TIME" else ""
    if delay.get("from") == "METADATA_DATE":
        date = f"the date in {delay.get('property', '')}"
        return f"{_span(delay, date, 'on')}{clock}, once {clause}"
    if not delay.get("value"):
        return (
            f"the next time it is {delay['time']} after {clause}" if clock else at_once
        )
    return f"{_span(delay, clause, 'as soon as')}{clock}"


def _span(delay: Json, start: str, at_once: str) -> str:
    value = int(delay.get("value") or 0)
    if not value:
        return f"{at_once} {start}"
    unit = str(delay.get("unit", "DAY")).lower()
    side = "after" if value > 0 else "before"
    return f"{_count(abs(value))} {unit}{'' if abs(value) == 1 else 's'} {side} {start}"


def _clause(trigger: Json, names: Mapping[str, str]) -> str:
    event = str(trigger.get("type", ""))
    said = happens(event)
    if "segment_id" in trigger:
        return said.replace("a segment", _named(trigger["segment_id"], names))
    if "event" in trigger:
        return f"the event {_quoted(trigger['event'])} arrives"
    if "loyalty_tier_id" in trigger:
        said += f" ({_named(trigger['loyalty_tier_id'], names)})"
    if "campaign_id" in trigger:
        said += f" of {_named(trigger['campaign_id'], names)}"
    if "validation_rule_id" in trigger:
        said += f" that meets {_named(trigger['validation_rule_id'], names)}"
    return said


def _does(parts: Json, names: Mapping[str, str]) -> str:
    """Return what is done: to whom, by what, with what."""
    channels = parts.get("channels") or []
    verbs = [_VERBS[each["type"]] for each in channels if each["type"] in _VERBS]
    hosts = [_host(each) for each in channels if each["type"] == "WEBHOOK"]
    whom, what = _whom(parts, names), _what(parts.get("action") or {}, names)
    told = f"tell {_listed(hosts)}" if hosts else ""
    if verbs:
        said = f"{_listed(verbs)} {whom}{f' {what}' if what else ''}"
        return f"{said} and {told}" if told else said
    if not told:
        return f"give {whom} {what or 'a message'}"
    return f"give {whom} {what} and {told}" if what else f"{told} about {whom}"


def _whom(parts: Json, names: Mapping[str, str]) -> str:
    audience = parts.get("audience") or {}
    if "segment_id" in audience:
        return f"everybody in {_named(audience['segment_id'], names)}"
    if "customer_id" in audience:
        return names.get(audience["customer_id"], _GONE)
    return "the customer"


def _what(action: Json, names: Mapping[str, str]) -> str:
    if "campaign_id" in action:
        return f"a code from {_named(action['campaign_id'], names)}"
    if "promotion_tier_id" in action:
        return f"the promotion {_named(action['promotion_tier_id'], names)}"
    return ""


def _if(parts: Json, names: Mapping[str, str]) -> str:
    conditions = parts.get("conditions") or {}
    asked = []
    if "segment_id" in conditions:
        asked.append(f"they are in {_named(conditions['segment_id'], names)}")
    if "validation_rule_id" in conditions:
        asked.append(f"{_named(conditions['validation_rule_id'], names)} holds")
    return f", if {_listed(asked)}" if asked else ""


def _bounds(limits: Json) -> str:
    said = []
    if limits.get("max_per_customer"):
        said.append(f"{_times(limits['max_per_customer'])} per customer")
    if limits.get("max_total"):
        said.append(f"{limits['max_total']:,} in all")
    if limits.get("per_day"):
        said.append(f"{limits['per_day']:,} a day")
    return f"at most {_listed(said)}" if said else ""


def _called_off(cancel: Json, names: Mapping[str, str]) -> str:
    said = []
    if "left_segment_id" in cancel:
        said.append(
            f"the customer is not in {_named(cancel['left_segment_id'], names)}"
        )
    if "entered_segment_id" in cancel:
        said.append(f"the customer is in {_named(cancel['entered_segment_id'], names)}")
    if "event" in cancel:
        said.append(f"the event {_quoted(cancel['event'])} arrives meanwhile")
    elif "happens" in cancel:
        said.append(f"{happens(cancel['happens'])} meanwhile")
    return f" It is called off if {_listed(said, 'or')}." if said else ""


def _host(channel: Json) -> str:
    url = str((channel.get("content") or {}).get("target_url") or "")
    return urlsplit(url).hostname or "your system"


def _times(count: int) -> str:
    if count == 1:
        return "once"
    return f"{_count(count)} times"


def _count(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def _named(reference: Any, names: Mapping[str, str]) -> str:
    name = names.get(str(reference))
    return _quoted(name) if name else _GONE


def _quoted(name: Any) -> str:
    return f"'{name}'"


def _listed(said: Sequence[str], last: str = "and") -> str:
    *most, end = said
    return f"{', '.join(most)} {last} {end}" if most else end

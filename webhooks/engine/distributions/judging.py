"""Whether a message goes out when its moment has come, and why not.

Everything is asked anew at that moment: what was true when the event happened may not
be any more. What calls a message off comes first, then what keeps it back.

Source: campaigns specification, "Distributions"; data specification, "Consents".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from webhooks.engine.distributions.reading import Json
from webhooks.engine.distributions.triggers import CUSTOM_EVENT


class Course(Enum):
    """What becomes of a message."""

    SEND = "SEND"
    SKIP = "SKIPPED"
    CANCEL = "CANCELED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a message; ``reason`` is a key, empty where it is sent."""

    course: Course
    reason: str = ""


SEND = Verdict(Course.SEND)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a customer said of a consent of one category."""

    consent_id: str
    category: str
    is_given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known of a customer when a message to them is due.

    ``segments`` are those, of the ones that distributions ask about, that hold the
    customer; ``since`` what has been told of the customer after the event, as its type
    and, of custom events, the name. ``own_rule`` is the rule that was put on the
    distribution, empty for none. ``rules_hold`` says of rules by id.
    """

    is_there: bool
    segments: Collection[str] = frozenset()
    since: Collection[tuple[str, str]] = frozenset()
    own_rule: str = ""
    rules_hold: Mapping[str, bool] = field(default_factory=dict)
    choices: Collection[Choice] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One channel to a customer: the address, and what would let them say no.

    ``consent_id`` is a consent that has to be given; without one, any of the category
    ``consent`` that was refused keeps the message back.
    """

    address: str
    missing: str
    consent: str = ""
    consent_id: str = ""


def judge_occasion(
    trigger: Json, conditions: Json, cancel_if: Json, found: Situation
) -> Verdict:
    """Say whether a customer gets anything for an event, whatever the channel."""
    if not found.is_there:
        return Verdict(Course.SKIP, "customer_gone")
    called_off = _called_off(cancel_if, found)
    if called_off:
        return Verdict(Course.CANCEL, called_off)
    wanted = conditions.get("segment_id")
    if wanted is not None and wanted not in found.segments:
        return Verdict(Course.SKIP, "not_in_segment")
    rules = [part.get("validation_rule_id") for part in (trigger, conditions)]
    rules.append(found.own_rule)
    if not all(found.rules_hold.get(rule, False) for rule in rules if rule):
        return Verdict(Course.SKIP, "rule_not_met")
    return SEND


def judge_way(way: Way, found: Situation) -> Verdict:
    """Say whether one channel may be used."""
    if not _is_agreed(way, found.choices):
        return Verdict(Course.SKIP, "consent_withdrawn")
    if not way.address:
        return Verdict(Course.SKIP, way.missing)
    return SEND


def _called_off(cancel_if: Json, found: Situation) -> str:
    left, entered = (
        cancel_if.get(name) for name in ("left_segment_id", "entered_segment_id")
    )
    if left is not None and left not in found.segments:
        return "left_segment"
    if entered is not None and entered in found.segments:
        return "entered_segment"
    happens = cancel_if.get("happens")
    if happens is not None and _happened(happens, cancel_if.get("event"), found.since):
        return "happened_meanwhile"
    return ""


def _happened(kind: Any, name: Any, since: Collection[tuple[str, str]]) -> bool:
    if kind == CUSTOM_EVENT and name is not None:
        return (kind, name) in since
    return any(told == kind for told, _ in since)


def _is_agreed(way: Way, choices: Collection[Choice]) -> bool:
    if way.consent_id:
        return any(
            each.consent_id == way.consent_id and each.is_given for each in choices
        )
    return all(each.is_given for each in choices if each.category == way.consent)

"""What a distribution says, read and checked as a whole.

Every part is JSON; what comes out of here is in the form in which it is kept, and only
that is ever acted on. What the parts name (segments, campaigns, rules) is looked up by
who stores them.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from webhooks.engine.distributions.reading import (
    Json,
    a_choice,
    a_text,
    a_whole_number,
    an_object,
    given,
    only,
    refuse,
)
from webhooks.engine.distributions.timing import parse_delay
from webhooks.engine.distributions.triggers import (
    CUSTOM_EVENT,
    FOR_ALL_ACTIONS,
    MANUAL_START,
    parse_existing,
    parse_trigger,
)

MANUAL, AUTOMATIC = "MANUAL", "AUTOMATIC"
NOTIFY_PROMOTION, PUBLISH_CODES = "NOTIFY_PROMOTION", "PUBLISH_CODES"
MESSAGE = "MESSAGE"
#: What each action names.
ACTIONS: Mapping[str, str | None] = {
    NOTIFY_PROMOTION: "promotion_tier_id",
    PUBLISH_CODES: "campaign_id",
    MESSAGE: None,
}
#: Action -> the keys of what it tells besides the event.
OFFERED: Mapping[str, tuple[str, ...]] = {
    NOTIFY_PROMOTION: ("campaign", "promotion_tier"),
    PUBLISH_CODES: ("campaign", "voucher", "publication"),
    MESSAGE: (),
}
LIMITS = ("max_total", "max_per_customer", "per_day")
_AUDIENCES = ("customer_id", "segment_id")
_CONDITIONS = ("segment_id", "validation_rule_id")
_CANCELS = ("left_segment_id", "entered_segment_id", "happens", "event")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """The parts of a distribution, each as it is kept."""

    kind: str
    trigger: Json = field(default_factory=dict)
    audience: Json = field(default_factory=dict)
    conditions: Json = field(default_factory=dict)
    action: Json = field(default_factory=dict)
    delay: Json = field(default_factory=dict)
    cancel_if: Json = field(default_factory=dict)
    limits: Json = field(default_factory=dict)

    @property
    def trigger_type(self) -> str:
        """The event that it waits for."""
        return MANUAL_START if self.kind == MANUAL else str(self.trigger["type"])


def parse_definition(
    kind: str, parts: Json, *, event_types: Collection[str]
) -> Definition:
    """Return what ``parts`` say, checked as a whole; channels are read elsewhere.

    ``event_types`` are the events that somebody tells distributions of.

    Raises:
        InvalidPayload: naming the first part that does not fit, by its path.
    """
    named = {
        name: an_object(parts.get(name), f".{name}")
        for name in ("trigger", "audience", "conditions", "action")
    }
    trigger: dict[str, Any] = {}
    if kind == MANUAL:
        if named["trigger"]:
            raise refuse(".trigger", "is for automatic distributions only")
    else:
        rest, existing = parse_existing(named["trigger"])
        trigger = parse_trigger(rest, event_types)
        trigger |= {"include_existing": True} if existing else {}
    return Definition(
        kind=kind,
        trigger=trigger,
        audience=_audience(kind, named["audience"]),
        conditions=_conditions(named["conditions"]),
        action=_action(kind, trigger, named["action"]),
        delay=parse_delay(an_object(parts.get("delay"), ".delay")),
        cancel_if=_cancel_if(
            an_object(parts.get("cancel_if"), ".cancel_if"), event_types
        ),
        limits=_limits(an_object(parts.get("limits"), ".limits")),
    )


def _audience(kind: str, sent: Json) -> dict[str, str]:
    if kind == AUTOMATIC:
        if sent:
            raise refuse(".audience", "is for manual distributions only")
        return {}
    only(sent, _AUDIENCES, ".audience")
    kept = given(sent, _AUDIENCES, ".audience")
    if len(kept) != 1:
        raise refuse(".audience", "must name either a customer_id or a segment_id")
    return kept


def _conditions(sent: Json) -> dict[str, str]:
    only(sent, _CONDITIONS, ".conditions")
    return given(sent, _CONDITIONS, ".conditions")


def _action(kind: str, trigger: Json, sent: Json) -> dict[str, str]:
    of = a_choice(sent.get("type"), ".action.type", tuple(ACTIONS))
    if kind == MANUAL and of == MESSAGE:
        problem = "must be NOTIFY_PROMOTION or PUBLISH_CODES in a manual distribution"
        raise refuse(".action.type", problem)
    if kind == AUTOMATIC and of != MESSAGE and trigger["type"] not in FOR_ALL_ACTIONS:
        raise refuse(".action.type", f"must be MESSAGE for {trigger['type']}")
    name = ACTIONS[of]
    only(sent, {"type", *([name] if name else [])}, ".action")
    if name is None:
        return {"type": of}
    return {"type": of, name: a_text(sent.get(name), f".action.{name}")}


def _cancel_if(sent: Json, event_types: Collection[str]) -> dict[str, str]:
    only(sent, _CANCELS, ".cancel_if")
    kept = given(sent, _CANCELS, ".cancel_if")
    if "happens" in kept:
        known = sorted(set(event_types) - {MANUAL_START})
        a_choice(kept["happens"], ".cancel_if.happens", known)
    if "event" in kept and kept.get("happens") != CUSTOM_EVENT:
        raise refuse(".cancel_if.event", f"goes with happens {CUSTOM_EVENT} only")
    return kept


def _limits(sent: Json) -> dict[str, int]:
    only(sent, LIMITS, ".limits")
    return {
        name: a_whole_number(sent[name], f".limits.{name}", least=1)
        for name in LIMITS
        if sent.get(name) is not None
    }

"""The parts of a distribution as fields of a form, and the fields as parts."""

from collections.abc import Mapping
from typing import Any

from webhooks.admin.distribution_fields import (
    NOTHING_SAID,
    Json,
    filled,
    without_blanks,
)
from webhooks.engine.distributions.definition import (
    AUTOMATIC,
    MANUAL,
    NOTIFY_PROMOTION,
    PUBLISH_CODES,
)
from webhooks.engine.distributions.triggers import CUSTOM_EVENT, ENTERED, SEGMENTS
from webhooks.models import Distribution

#: Path of a refusal -> field that it stands beside; the first that fits.
PLACES = (
    (".trigger.segment_id", "trigger_segment"),
    (".trigger.include_existing", "include_existing"),
    (".trigger.event", "custom_event"),
    (".trigger.campaign_id", "trigger_campaign"),
    (".trigger", "occasion"),
    (".audience", "audience"),
    (".conditions.segment_id", "condition_segment"),
    (".conditions", "rule"),
    (".action.campaign_id", "campaign"),
    (".action.promotion_tier_id", "tier"),
    (".action", "action"),
    (".delay.value", "delay_value"),
    (".delay.unit", "delay_unit"),
    (".delay.property", "delay_property"),
    (".delay.time", "delay_time"),
    (".delay", "delay"),
    (".cancel_if", "cancel_happens"),
    (".limits.max_total", "max_total"),
    (".limits.max_per_customer", "max_per_customer"),
    (".limits.per_day", "per_day"),
    (".name", "name"),
    (".kind", "occasion"),
)
#: The same inside the content of a channel.
CONTENT_PLACES = {
    "EMAIL": (("", "email"),),
    "SMS": (("", "sms"),),
    "WEBHOOK": (
        (".target_url", "target_url"),
        (".headers", "headers"),
        (".type", "event_name"),
        (".raw", "raw"),
        ("", "payload"),
    ),
}


def parts_of(values: Mapping[str, Any], stored: Distribution | None = None) -> Json:
    """Return what the services get for the fields of the form.

    What the form does not ask for stays as it is ``stored``.
    """
    by_hand = values["occasion"] == MANUAL
    return {
        "name": values["name"],
        "kind": MANUAL if by_hand else AUTOMATIC,
        "trigger": {} if by_hand else _trigger(values, stored),
        "audience": _audience(values) if by_hand else {},
        "conditions": filled(
            {
                "segment_id": values["condition_segment"],
                "validation_rule_id": values["rule"],
            }
        ),
        "action": _action(values),
        "channels": _channels(values),
        "delay": _delay(values),
        "cancel_if": _cancel(values),
        "limits": filled({name: values[name] for name in _LIMITS}),
    }


#: Settings of a trigger that the form leaves as they are.
_UNASKED = ("validation_rule_id", "loyalty_tier_id")
_LIMITS = ("max_per_customer", "max_total", "per_day")


def _trigger(values: Mapping[str, Any], stored: Distribution | None) -> Json:
    event = values["occasion"]
    kept = stored.trigger if stored and stored.trigger.get("type") == event else {}
    unasked = {
        name: kept.get(name) for name in ("validation_rule_id", "loyalty_tier_id")
    }
    asked: Json = {}
    if event in SEGMENTS:
        asked["segment_id"] = values["trigger_segment"]
        asked["include_existing"] = (values["include_existing"] or None) and (
            event == ENTERED or None
        )
    elif event == CUSTOM_EVENT:
        asked["event"] = values["custom_event"]
    elif not event.startswith("customer.order."):
        asked["campaign_id"] = values["trigger_campaign"]
    return {"type": event, **filled(unasked), **filled(asked)}


def _audience(values: Mapping[str, Any]) -> Json:
    if values["audience"] == "customer":
        return filled({"customer_id": values["audience_customer"]})
    return filled({"segment_id": values["audience_segment"]})


def _action(values: Mapping[str, Any]) -> Json:
    kind = values["action"]
    if kind == PUBLISH_CODES:
        return filled({"type": kind, "campaign_id": values["campaign"]})
    if kind == NOTIFY_PROMOTION:
        return filled({"type": kind, "promotion_tier_id": values["tier"]})
    return {"type": kind}


def _channels(values: Mapping[str, Any]) -> list[Json]:
    channels: list[Json] = []
    for kind, name in (("EMAIL", "email"), ("SMS", "sms")):
        if values[f"by_{name}"]:
            content = without_blanks(values[name])
            agreed = {"consent_id": values[f"{name}_consent"]}
            channels.append({"type": kind, "content": content, **filled(agreed)})
    if values["by_webhook"]:
        content = {
            "target_url": values["target_url"],
            "headers": values["headers"],
            "type": values["event_name"],
            "payload": values["payload"],
            "raw": values["raw"],
        }
        channels.append({"type": "WEBHOOK", "content": content})
    return channels


def _delay(values: Mapping[str, Any]) -> Json:
    kind = values["delay"]
    if kind == "NONE":
        return {}
    since_date = values["delay_from"] == "METADATA_DATE"
    said = {
        "type": kind,
        "value": values["delay_value"],
        "unit": values["delay_unit"],
        "from": values["delay_from"],
        "property": values["delay_property"] if since_date else None,
        "time": values["delay_time"] if kind == "AT_LOCAL_TIME" else None,
    }
    return filled(said)


def _cancel(values: Mapping[str, Any]) -> Json:
    happens = values["cancel_happens"]
    return filled(
        {
            "left_segment_id": values["cancel_left"],
            "entered_segment_id": values["cancel_entered"],
            "happens": happens,
            "event": values["cancel_event"] if happens == CUSTOM_EVENT else None,
        }
    )


def initial_of(stored: Distribution) -> Json:
    """Return what the form shows of a stored distribution."""
    channels = {each["type"]: each for each in stored.channels}
    hook = channels.get("WEBHOOK", {}).get("content", {})
    headers = hook.get("headers") or {}
    return {
        "occasion": MANUAL if stored.kind == MANUAL else stored.trigger.get("type"),
        "trigger_segment": stored.trigger.get("segment_id"),
        "include_existing": stored.trigger.get("include_existing"),
        "custom_event": stored.trigger.get("event"),
        "trigger_campaign": stored.trigger.get("campaign_id"),
        "audience": "customer" if "customer_id" in stored.audience else "segment",
        "audience_segment": stored.audience.get("segment_id"),
        "audience_customer": stored.audience.get("customer_id"),
        "condition_segment": stored.conditions.get("segment_id"),
        "rule": stored.conditions.get("validation_rule_id"),
        "action": stored.action["type"],
        "campaign": stored.action.get("campaign_id"),
        "tier": stored.action.get("promotion_tier_id"),
        "by_email": "EMAIL" in channels,
        "email": channels.get("EMAIL", {}).get("content") or NOTHING_SAID,
        "email_consent": channels.get("EMAIL", {}).get("consent_id"),
        "by_sms": "SMS" in channels,
        "sms": channels.get("SMS", {}).get("content") or NOTHING_SAID,
        "sms_consent": channels.get("SMS", {}).get("consent_id"),
        "by_webhook": "WEBHOOK" in channels,
        "target_url": hook.get("target_url"),
        "headers": "\n".join(f"{name}: {value}" for name, value in headers.items()),
        "event_name": hook.get("type"),
        "payload": hook.get("payload"),
        "raw": hook.get("raw"),
        **_initial_delay(stored.delay),
        "cancel_left": stored.cancel_if.get("left_segment_id"),
        "cancel_entered": stored.cancel_if.get("entered_segment_id"),
        "cancel_happens": stored.cancel_if.get("happens"),
        "cancel_event": stored.cancel_if.get("event"),
        **{name: stored.limits.get(name) for name in _LIMITS},
    }


def _initial_delay(delay: Mapping[str, Any]) -> Json:
    return {
        "delay": delay.get("type") or "NONE",
        "delay_value": delay.get("value"),
        "delay_unit": delay.get("unit") or "DAY",
        "delay_from": delay.get("from") or "EVENT",
        "delay_property": delay.get("property"),
        "delay_time": delay.get("time"),
    }

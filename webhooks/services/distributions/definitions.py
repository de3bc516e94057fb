"""Reading what a marketer designed, and whether everything that it names is there.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from campaigns.services.offers_told import campaigns_told, gives_codes, tiers_told
from customers.services.recipients import known_consents, people_by_id
from customers.services.segment_use import hold_segment
from promo.errors import ResourceNotFound
from promo.outbox.catalogue import event_types, heard_by
from promo.outbox.declaring import Audience
from promo.tenancy.models import Project
from redemptions.services.rule_questions import known_rules
from webhooks.channels import ContentRefused, channel_kinds, channel_of
from webhooks.channels.wording import PROJECT
from webhooks.engine.distributions.definition import (
    NOTIFY_PROMOTION,
    OFFERED,
    PUBLISH_CODES,
    Definition,
    parse_definition,
)
from webhooks.engine.distributions.reading import (
    a_choice,
    a_text,
    an_object,
    only,
    refuse,
)

Json = Mapping[str, Any]
PARTS = (
    *("trigger", "audience", "conditions", "action"),
    *("delay", "cancel_if", "limits"),
)
_SEGMENTS = (
    ("trigger", "segment_id"),
    ("audience", "segment_id"),
    ("conditions", "segment_id"),
    ("cancel_if", "left_segment_id"),
    ("cancel_if", "entered_segment_id"),
)


def told_events() -> tuple[str, ...]:
    """Return the events that distributions may wait for: those that somebody tells."""
    types = event_types()
    return tuple(
        name for name in heard_by(Audience.DISTRIBUTION) if not types[name].planned
    )


def read_definition(project: Project, kind: str, parts: Json) -> Definition:
    """Return what ``parts`` say, all of which is there.

    In a transaction: the segments are held until its end.

    Raises:
        InvalidPayload: a part that does not fit, by its path.
        ResourceNotFound: it names something that the project does not have.
    """
    read = parse_definition(kind, parts, event_types=told_events())
    for segment_id in segments_named(read):
        hold_segment(project, segment_id)
    person = read.audience.get("customer_id")
    if person is not None and person not in people_by_id(project, [person]):
        raise ResourceNotFound("customer", person)
    rules = _rules_named(read)
    known = known_rules(project, rules)
    for rule in rules:
        if rule not in known:
            raise ResourceNotFound("validation_rules", rule)
    _check_offer(project, read)
    return read


def segments_named(read: Definition) -> list[str]:
    """Return the segments that a definition names, in the order of their ids."""
    named = (getattr(read, part).get(name) for part, name in _SEGMENTS)
    return sorted({text for text in named if text is not None})


def told_by(read: Definition) -> frozenset[str]:
    """Return the first keys that placeholders of a distribution have values for.

    They are those of the event that it waits for and of what it offers, the customer,
    and how the project counts.
    """
    told = {key.name for key in event_types()[read.trigger_type].data}
    return frozenset({*told, *OFFERED[read.action["type"]], "customer", PROJECT})


def read_channels(
    project: Project, sent: Any, read: Definition
) -> list[dict[str, Any]]:
    """Return channels of what ``read`` says, in the form in which they are kept.

    Raises:
        InvalidPayload: none at all, one twice, or one whose content cannot be sent or
            has placeholders for what it is never told.
        ResourceNotFound: one names a consent that the project does not have.
    """
    if not isinstance(sent, Sequence) or isinstance(sent, str):
        raise refuse(".channels", "must be array")
    if not sent:
        raise refuse(".channels", "must NOT have fewer than 1 items")
    known = told_by(read)
    kept = [
        _channel(each, f".channels[{place}]", known) for place, each in enumerate(sent)
    ]
    kinds = [each["type"] for each in kept]
    for place, kind in enumerate(kinds):
        if kind in kinds[:place]:
            raise refuse(f".channels[{place}].type", f"must NOT be {kind} twice")
    consents = [each["consent_id"] for each in kept if "consent_id" in each]
    held = known_consents(project, consents)
    for consent in consents:
        if consent not in held:
            raise ResourceNotFound("consent", consent)
    return kept


def _channel(sent: Any, path: str, known: Collection[str]) -> dict[str, Any]:
    each = an_object(sent, path)
    only(each, {"type", "content", "consent_id"}, path)
    kind = a_choice(each.get("type"), f"{path}.type", channel_kinds())
    content = an_object(each.get("content"), f"{path}.content")
    try:
        kept: dict[str, Any] = {
            "type": kind,
            "content": channel_of(kind).check(content, known),
        }
    except ContentRefused as refused:
        raise refuse(f"{path}.content{refused.path}", refused.problem) from refused
    if each.get("consent_id") is not None:
        kept["consent_id"] = a_text(each["consent_id"], f"{path}.consent_id")
    return kept


def _rules_named(read: Definition) -> list[str]:
    named = (read.trigger, read.conditions)
    found = (part.get("validation_rule_id") for part in named)
    return [text for text in found if text is not None]


def _check_offer(project: Project, read: Definition) -> None:
    kind = read.action["type"]
    if kind == PUBLISH_CODES:
        campaign = read.action["campaign_id"]
        gives = gives_codes(project, campaign)
        if gives is None:
            raise ResourceNotFound("campaign", campaign)
        if not gives:
            problem = "must be a campaign that has codes"
            raise refuse(".action.campaign_id", problem)
    if kind == NOTIFY_PROMOTION:
        tier = read.action["promotion_tier_id"]
        if tier not in tiers_told(project, [tier]):
            raise ResourceNotFound("promotion_tier", tier)
    about = read.trigger.get("campaign_id")
    if about is not None and about not in campaigns_told(project, [about]):
        raise ResourceNotFound("campaign", about)

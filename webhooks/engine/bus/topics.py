"""The topics of the event bus, and what stands in for an event's parts.

Source: integrations specification, "Producing" and "Subscribing".
"""

import re
from functools import cache

#: What events may be grouped by, one topic each.
AGGREGATES = (
    "customer",
    "voucher",
    "campaign",
    "redemption",
    "publication",
    "order",
    "loyalty",
    "segment",
)
#: What others may tell, one topic each.
INGEST_KINDS = ("customers", "orders", "products", "events")
DEAD = ".dlq"
VERSION = "v1"

_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")
# The first that fits counts.
_STARTS = (
    ("customer.segment.", "segment"),
    ("segment.", "segment"),
    ("customer.order.", "order"),
    ("order.", "order"),
    ("customer.rewarded", "loyalty"),
    ("customer.reward_redemptions.", "loyalty"),
    ("customer.loyalty.", "loyalty"),
    ("customer.voucher.loyalty_card.", "loyalty"),
    ("voucher.loyalty_card.", "loyalty"),
    ("campaign.loyalty_tier.", "loyalty"),
    ("campaign.earning_rule.", "loyalty"),
    ("campaign.reward.", "loyalty"),
    ("customer.publication.", "publication"),
    ("publication.", "publication"),
    ("voucher.published", "publication"),
    ("customer.redemption.", "redemption"),
    ("redemption.", "redemption"),
    ("customer.voucher.", "voucher"),
    ("voucher.", "voucher"),
    ("customer.", "customer"),
)


@cache
def aggregate_of(event_type: str) -> str:
    """Return which of ``AGGREGATES`` a type of event belongs to."""
    for start, aggregate in _STARTS:
        if event_type.startswith(start):
            return aggregate
    return "campaign"


def event_topic(template: str, *, project_id: str, event_type: str) -> str:
    """Return the topic of an event.

    ``template`` may say ``{project}`` and ``{aggregate}``.
    """
    return template.replace("{project}", project_id).replace(
        "{aggregate}", aggregate_of(event_type)
    )


def ingest_topic(template: str, *, project_id: str, kind: str) -> str:
    """Return the topic that one of ``INGEST_KINDS`` is told in.

    ``template`` says ``{kind}`` and may say ``{project}``.
    """
    return template.replace("{project}", project_id).replace("{kind}", kind)


def dead_letters_of(topic: str) -> str:
    """Return where records of ``topic`` go that cannot be taken."""
    return topic + DEAD


def is_topic(name: str) -> bool:
    """Say whether Kafka takes ``name`` for a topic."""
    return _NAME.fullmatch(name) is not None and name not in {".", ".."}


def type_name(prefix: str, event_type: str) -> str:
    """Return an event's type as the bus calls it, in reverse-domain form."""
    return f"{prefix}.{event_type}.{VERSION}"

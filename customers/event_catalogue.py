"""The events of customers and segments, and what they carry.

Source: platform specification, "Project events", "Distribution events".
"""

from collections.abc import Iterable, Iterator

from promo.outbox.declaring import Audience, EventType, declare
from promo.outbox.shapes import (
    FREE,
    FREE_OR_NULL,
    MOMENT,
    MOMENT_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    record,
    thing,
)

ACTIVITY, DISTRIBUTION = Audience.ACTIVITY, Audience.DISTRIBUTION
NOBODY, PROJECT = Audience.NOBODY, Audience.PROJECT

_TOOLS = (
    *("activecampaign", "braze", "mailchimp"),
    *("intercom", "shopify", "klaviyo", "batch"),
)

SHAPES = {
    "customer": thing(
        "customer",
        source_id=TEXT_OR_NULL,
        name=TEXT_OR_NULL,
        email=TEXT_OR_NULL,
        phone=TEXT_OR_NULL,
        description=TEXT_OR_NULL,
        birthday=TEXT_OR_NULL,
        birthdate=TEXT_OR_NULL,
        address=FREE_OR_NULL,
        summary=FREE,
        loyalty=FREE,
        referrals=FREE,
        metadata=FREE,
        system_metadata=FREE,
        created_at=MOMENT,
        updated_at=MOMENT_OR_NULL,
    ),
    "unconfirmed_customer": record("id", id=TEXT),
    "segment": thing(
        "segment",
        name=TEXT,
        type=TEXT,
        filter=FREE_OR_NULL,
        created_at=MOMENT,
        updated_at=MOMENT_OR_NULL,
    ),
    "message": record(channel=TEXT, recipient=TEXT),
}


def _messaging(tools: Iterable[str], planned: str = "") -> Iterator[EventType]:
    """Yield what is told of messages to customers that go through ``tools``.

    The first attempt of a message has it sent or failed; one that failed has recovered
    once it went out after all.
    """
    for tool in tools:
        yield from declare(
            *(f"customer.{tool}.{end}" for end in ("sent", "recovered", "failed")),
            data="customer message?",
            to=ACTIVITY,
            planned=planned,
        )


EVENTS = (
    *declare("customer.created", data="customer", to=PROJECT | ACTIVITY),
    *declare("customer.updated", data="customer", to=PROJECT | ACTIVITY),
    *declare("customer.deleted", data="customer", to=PROJECT | ACTIVITY),
    *declare(
        "customer.confirmed",
        data="customer unconfirmed_customer",
        to=PROJECT | ACTIVITY,
    ),
    *declare(
        "customer.segment.entered",
        "customer.segment.left",
        data="customer segment",
        to=DISTRIBUTION | ACTIVITY,
    ),
    *_messaging(("email", "sms")),
    *_messaging(_TOOLS, planned="Promo sends nothing through this tool."),
    *declare(
        "segment.created",
        "segment.updated",
        "segment.filters_updated",
        "segment.activated",
        "segment.deleted",
        data="segment",
        to=NOBODY,
    ),
    *declare("customer.figures.outdated", data="", to=NOBODY),
)

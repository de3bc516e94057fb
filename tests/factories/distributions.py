"""Distributions, what makes them send, and a channel that writes postcards."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.test import override_settings

from customers.models import Customer, Segment
from customers.services.rendering import full_customer, simple_customer, simple_segment
from promo.ids import new_id
from promo.outbox.events import Event, emit
from promo.outbox.models import DomainEvent
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from tests.factories.customers import CustomerFactory, EventSchemaFactory
from tests.factories.tenancy import NOW
from webhooks.channels import (
    Channel,
    ContentRefused,
    Message,
    Outcome,
    Recipient,
    Result,
    channel_of,
)
from webhooks.models import Distribution, DistributionMessage
from webhooks.services.distributions.lifecycle import activate, create_distribution
from webhooks.services.distributions.sending import send_due

HOOK = {"type": "WEBHOOK", "content": {"target_url": "https://shop.example/hook"}}
POSTCARD = {"type": "POSTCARD", "content": {"text": "Hello"}}
PAID = {"type": "customer.order.paid"}


class Postcards(Channel):
    """Writes to customers by name, and keeps what was written.

    ``outcomes`` are what comes of the next messages, SENT once there are none left.
    """

    kind = "POSTCARD"
    consent = "POST"
    missing_address = "no_name"
    written: ClassVar[list[Message]] = []
    outcomes: ClassVar[list[Outcome]] = []

    def check(
        self, content: Mapping[str, Any], known: Collection[str] = ()
    ) -> dict[str, Any]:
        if not content.get("text"):
            raise ContentRefused(".text", "must be string")
        return {"text": content["text"]}

    def address_of(self, customer: Recipient, content: Mapping[str, Any]) -> str:
        return customer.name

    def render(
        self, content: Mapping[str, Any], context: Mapping[str, Any], language: str
    ) -> Message:
        code = (context.get("voucher") or {}).get("code", "")
        return Message(text=f"{content['text']} {code}".strip(), language=language)

    def send(self, messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
        self.written.extend(messages)
        sent = Outcome(Result.SENT)
        return [self.outcomes.pop(0) if self.outcomes else sent for _ in messages]


@contextmanager
def postcards() -> Iterator[type[Postcards]]:
    """Let distributions write postcards too."""
    Postcards.written.clear()
    Postcards.outcomes.clear()
    channel_of.cache_clear()
    path = f"{Postcards.__module__}.{Postcards.__name__}"
    kinds = {**settings.DISTRIBUTION_CHANNELS, "POSTCARD": path}
    with override_settings(DISTRIBUTION_CHANNELS=kinds):
        yield Postcards
    channel_of.cache_clear()


def draft(project: Project, **parts: Any) -> Distribution:
    """Return a draft that posts to a shop whenever an order is paid."""
    parts = {"name": "Thank you", "kind": "AUTOMATIC", **parts}
    if parts["kind"] == "AUTOMATIC":
        parts.setdefault("trigger", PAID)
    parts.setdefault("action", {"type": "MESSAGE"})
    parts.setdefault("channels", [HOOK])
    return create_distribution(project=project, now=NOW, **parts)


def running(project: Project, **parts: Any) -> Distribution:
    """Return such a distribution, activated."""
    return activate(draft(project, **parts), now=NOW)


def owed(
    distribution: Distribution, customer: Customer, **values: Any
) -> DistributionMessage:
    """Return a stored message to a customer, of an event that nobody kept."""
    pk = new_id("dmsg_")
    return DistributionMessage.objects.create(
        **{
            "pk": pk,
            "leader_id": pk,
            "project": distribution.project,
            "distribution": distribution,
            "event_id": new_id("ev_"),
            "event_type": distribution.trigger_type,
            "event_created_at": NOW,
            "customer_id": customer.pk,
            "channel": distribution.channels[0]["type"],
            "due_at": NOW,
            "created_at": NOW,
            **values,
        }
    )


def ada(project: Project, **values: Any) -> Customer:
    values = {"name": "Ada", "email": "ada@example.com", **values}
    return CustomerFactory.create(project=project, **values)


def tell(project: Project, *events: Event, now: datetime = NOW) -> list[str]:
    """Record events and hand them out; return their ids."""
    before = set(DomainEvent.objects.values_list("pk", flat=True))
    emit(project, events, now=now)
    fresh = DomainEvent.objects.exclude(pk__in=before).order_by("pk")
    told = list(fresh.values_list("pk", flat=True))
    relay(now)
    return told


def relay(now: datetime = NOW) -> None:
    while publish_batch(now=now):
        pass


def order_event(
    customer: Customer, what: str = "paid", order_id: str = "ord_1", **order: Any
) -> Event:
    """Return what is told of an order of a customer."""
    shown = {"id": order_id, "object": "order", "items": [], "metadata": {}, **order}
    return Event(
        type=f"customer.order.{what}",
        entity_id=order_id,
        customer_id=customer.pk,
        payload={"customer": simple_customer(customer), "order": shown},
    )


def segment_event(customer: Customer, segment: Segment, what: str = "entered") -> Event:
    return Event(
        type=f"customer.segment.{what}",
        entity_id=segment.pk,
        customer_id=customer.pk,
        payload={
            "customer": full_customer(customer),
            "segment": simple_segment(segment.pk, segment.name),
        },
    )


def custom_event(customer: Customer, name: str, **metadata: Any) -> Event:
    schema = EventSchemaFactory.create(project=customer.project, name=name)
    return Event(
        type="customer.custom_event",
        entity_id="evt_1",
        customer_id=customer.pk,
        payload={
            "event": {
                "id": "evt_1",
                "object": "event",
                "type": name,
                "metadata": metadata,
            },
            "event_schema": {"id": schema.pk, "name": name},
            "customer": simple_customer(customer),
        },
    )


def send(now: datetime = NOW) -> int:
    """Deal with what is due at a moment; return how many messages that were."""
    return send_due(clock=lambda: now, at_most=timedelta(minutes=1))


def states(distribution: Distribution) -> list[tuple[str, str, str]]:
    """Return channel, state and reason of each message, in the order they were made."""
    rows = DistributionMessage.objects.filter(distribution=distribution)
    found = rows.order_by("pk").values_list("channel", "state", "reason")
    return list(found)

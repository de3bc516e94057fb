"""What a distribution would send a customer now; nothing is written or given.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from customers.services.named import named_customers
from customers.services.rendering import full_customer, simple_segment
from customers.services.segment_use import name_of
from promo.errors import ResourceNotFound
from promo.ids import new_id
from promo.outbox.models import DomainEvent
from webhooks.channels import channel_of
from webhooks.engine.distributions.judging import SEND
from webhooks.engine.distributions.timing import Due, due_at
from webhooks.models import Distribution
from webhooks.services.distributions.composing import (
    context_of,
    data_of,
    sample_offer,
)
from webhooks.services.distributions.making import messages_of
from webhooks.services.distributions.sending import verdicts_on
from webhooks.services.distributions.situations import (
    Occasion,
    recipient_of,
    situations_of,
)
from webhooks.wire.distribution import simple_distribution


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as it would be: ``reason`` is why it would not go out, if so.

    ``to`` is where it would go, ``message`` what it would say.
    """

    channel: str
    to: str
    reason: str
    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a customer would get, and when; ``due_at`` is None where never.

    ``event_id`` is the event that it was tried with, None where the customer has none
    of that kind yet and only the customer is known.
    """

    customer_id: str
    event_id: str | None
    due_at: datetime | None
    messages: list[Shown]


def preview(distribution: Distribution, reference: str, *, now: datetime) -> Preview:
    """Return what ``distribution`` would send a customer, by the latest fitting event.

    ``reference`` is an id or a source id. Where a code would be given, a made-up one
    stands for it.

    Raises:
        ResourceNotFound: the project has no such customer.
    """
    project = distribution.project
    person = next(iter(named_customers(project, [reference])), None)
    if person is None:
        raise ResourceNotFound("customer", reference)
    stored = _latest(distribution, person)
    event = stored or _made_up(distribution, person, now)
    at_once = messages_of(
        distribution, event, customer_id=person.pk, due=Due(now), now=now
    )
    occasion = Occasion(distribution, at_once, event, person)
    found = situations_of(project, [occasion], now=now)[occasion.leader_id]
    due = due_at(distribution.delay, told_at=now, data=event.data, zone=project.zone)
    verdicts = verdicts_on(occasion, found)
    recipient = recipient_of(person)
    offer = sample_offer(project, distribution)
    data = data_of(event.type, event.data, recipient, offer)
    context = context_of(project, data)
    messages = []
    for row, designed in zip(occasion.messages, distribution.channels, strict=True):
        channel, content = channel_of(row.channel), designed["content"]
        verdict = verdicts[row.pk]
        made = channel.render(content, context, recipient.language)
        messages.append(
            Shown(
                row.channel,
                channel.address_of(recipient, content),
                "" if verdict == SEND else verdict.reason,
                made.as_kept(),
            )
        )
    event_id = None if stored is None else stored.pk
    return Preview(person.pk, event_id, due.at, messages)


def _latest(distribution: Distribution, person: Any) -> DomainEvent | None:
    """Return the latest event of the kind that the customer has."""
    rows = DomainEvent.objects.filter(
        project=distribution.project,
        customer_id=person.pk,
        type=distribution.trigger_type,
    )
    return rows.order_by("-id").first()


def _made_up(distribution: Distribution, person: Any, now: datetime) -> DomainEvent:
    """Return an event of the kind that tells of the customer, and nothing else."""
    data: dict[str, Any] = {"customer": full_customer(person)}
    segment_id = distribution.trigger.get("segment_id")
    if segment_id is not None:
        name = name_of(distribution.project, segment_id)
        data["segment"] = simple_segment(segment_id, name)
    if not distribution.trigger:
        data["distribution"] = simple_distribution(distribution)
    return DomainEvent(
        pk=new_id("ev_"),
        project_id=distribution.project_id,
        type=distribution.trigger_type,
        customer_id=person.pk,
        payload=data,
        created_at=now,
    )

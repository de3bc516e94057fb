"""Webhooks, and what happens for them to be told of."""

from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from promo.ids import show
from promo.outbox.events import Event, emit
from promo.outbox.models import DomainEvent
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW
from webhooks.models import Webhook
from webhooks.services.webhook import create_webhook


def webhook(project: Project, target_url: str, *events: str, **values: Any) -> Webhook:
    """Return a webhook that hears ``events``, else all of them."""
    values.setdefault("all_events", not events)
    return create_webhook(
        project=project, now=NOW, target_url=target_url, events=events, **values
    )


def id_of(name: str) -> str:
    """Return the id of the customer called so."""
    return show("cust_", uuid5(NAMESPACE_DNS, name))


def customer_created(project: Project, *names: str) -> list[str]:
    """Tell of so many new customers and relay it; return the ids of the events."""
    before = set(DomainEvent.objects.values_list("pk", flat=True))
    events = [
        Event(
            type="customer.created",
            entity_id=id_of(name),
            customer_id=id_of(name),
            payload={"customer": {"id": id_of(name), "object": "customer"}},
        )
        for name in names
    ]
    emit(project, events, now=NOW)
    while publish_batch(now=NOW):
        pass
    rows = DomainEvent.objects.exclude(pk__in=before).order_by("pk")
    return list(rows.values_list("pk", flat=True))

"""The event behind an address that a record carries."""

import pytest

from promo.outbox.events import Event, emit
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW
from tests.factories.webhooks import customer_created, id_of
from tests.fixtures.api import server_client

pytestmark = pytest.mark.django_db


def test_an_event_is_answered_with_its_data(project: Project) -> None:
    [event_id] = customer_created(project, "ada")

    answer = server_client(project).get(f"/v1/domain-events/{event_id}")

    assert answer.status_code == 200
    assert answer.json() == {
        "id": event_id,
        "type": "customer.created",
        "project_id": project.pk,
        "entity_id": id_of("ada"),
        "created_at": "2026-03-10T12:00:00.000Z",
        "data": {"customer": {"id": id_of("ada"), "object": "customer"}},
        "object": "event",
    }


def test_what_the_bus_does_not_tell_is_not_answered(project: Project) -> None:
    emit(project, [Event(type="customer.figures.outdated")], now=NOW)
    hidden = DomainEvent.objects.get(type="customer.figures.outdated")

    answer = server_client(project).get(f"/v1/domain-events/{hidden.pk}")

    assert answer.status_code == 404
    assert answer.json()["resource_type"] == "event"

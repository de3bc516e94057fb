"""Events as PostgreSQL writes them for the bus: the same as everybody else is told."""

import json
from datetime import timedelta
from typing import Any

import pytest

from promo.ids import parse
from promo.outbox.models import LIFTED, DomainEvent
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW, ProjectFactory
from webhooks.services.bus.told_events import told_events
from webhooks.wire.envelope import data_of

pytestmark = pytest.mark.django_db
ORDER = {"id": "ord_1", "amount": 1050}


def stored(project: Project, kind: str, payload: dict[str, Any]) -> DomainEvent:
    return DomainEvent.objects.create(
        project=project, type=kind, payload=payload, created_at=NOW, entity_id="x_1"
    )


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (
            "customer.created",
            {"customer": {"name": 'Zoë "Z" \\ 東京 \U0001f375', "n": 1.5}},
        ),
        ("customer.created", {}),
        ("redemption.succeeded", {"redemption": {"id": "r_1"}, "order": None}),
        (
            "redemption.succeeded",
            {
                "redemption": {
                    "id": "r_1",
                    "order": ORDER,
                    "customer": {"id": "cust_1"},
                },
                LIFTED: {"redemption": ["order", "customer"]},
            },
        ),
        (
            "redemption.succeeded",
            {
                "redemption": {"id": "r_1", "order": ORDER},
                "order": {"id": "ord_2"},
                LIFTED: {"redemption": ["order"]},
            },
        ),
        (
            "redemption.succeeded",
            {"redemption": {"id": "r_1"}, LIFTED: {"redemption": []}},
        ),
    ],
)
def test_the_bus_is_told_what_everybody_is_told(
    kind: str, payload: dict[str, Any]
) -> None:
    event = stored(ProjectFactory.create(), kind, payload)
    event.refresh_from_db()
    key = parse("ev_", event.pk)

    found = told_events([key], NOW, NOW)[key]

    assert json.loads(found.data) == data_of(event)
    assert (found.id, found.type, found.entity_id) == (event.pk, kind, "x_1")
    assert (found.project_id, found.created_at) == (event.project_id, NOW)


def test_one_statement_reads_however_many(django_assert_num_queries: Any) -> None:
    project = ProjectFactory.create()
    keys = [parse("ev_", stored(project, "customer.created", {}).pk) for _ in range(9)]

    with django_assert_num_queries(1):
        found = told_events(keys, NOW, NOW)

    assert set(found) == set(keys)


def test_what_is_not_asked_for_or_not_kept_is_not_found() -> None:
    event = stored(ProjectFactory.create(), "customer.created", {})
    key, later = parse("ev_", event.pk), NOW + timedelta(seconds=1)

    assert told_events([], NOW, NOW) == {}
    assert told_events([key], later, later) == {}

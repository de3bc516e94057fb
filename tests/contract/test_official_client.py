"""The official client for Python sets up webhooks and event schemas, and tracks events.

It checks what is answered against models of its own, and raises where they differ.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import voucherify
from voucherify import models

from customers.models import CustomEvent, CustomEventSchema
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.fixtures.api import ApiClient
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db(transaction=True)

TARGET = "https://shop.example/hooks"
EVENTS = ["voucher.gift.balance_aded", "customer.created", "redemption.succeeded"]
PLAN = {"plan": {"type": "string", "optional": False}}


@pytest.fixture
def project(live_server: Any, project: Project) -> Project:
    """A project that is served over TCP."""
    return project


def client_of(live_server: Any, caller: ApiClient) -> voucherify.ApiClient:
    """Return the official client with the key of a caller."""
    return voucherify.ApiClient(
        voucherify.Configuration(host=live_server.url, api_key=caller.headers)
    )


@pytest.fixture
def manager(
    live_server: Any, management: ApiClient
) -> Iterator[voucherify.ManagementApi]:
    """The official client of an automation."""
    client = client_of(live_server, management)
    yield voucherify.ManagementApi(client)
    client.rest_client.pool_manager.clear()


@pytest.fixture
def events(live_server: Any, api: ApiClient) -> Iterator[voucherify.EventsApi]:
    """The official client of a back end."""
    client = client_of(live_server, api)
    yield voucherify.EventsApi(client)
    client.rest_client.pool_manager.clear()


@pytest.fixture
def page(live_server: Any, browser: ApiClient) -> Iterator[voucherify.ClientSideApi]:
    """The official client of a web page."""
    client = client_of(live_server, browser)
    yield voucherify.ClientSideApi(client)
    client.rest_client.pool_manager.clear()


def webhook_input(**fields: Any) -> models.ManagementProjectsWebhooksCreateRequestBody:
    return models.ManagementProjectsWebhooksCreateRequestBody(**fields)


def test_a_webhook_is_set_up_changed_and_taken_down(
    manager: voucherify.ManagementApi, project: Project
) -> None:
    made = manager.create_webhook(
        project.pk, webhook_input(target_url=TARGET, events=EVENTS)
    )
    read = manager.get_webhook(project.pk, made.id)
    listed = manager.list_webhooks(project.pk)
    changed = manager.update_webhook(
        project.pk,
        made.id,
        models.ManagementProjectsWebhooksUpdateRequestBody(
            events=["campaign.vouchers.aded"], active=False
        ),
    )

    assert (made.target_url, made.events, made.active) == (TARGET, EVENTS, True)
    assert read.to_dict() == made.to_dict() == listed.data[0].to_dict()
    assert (listed.data_ref, listed.total) == ("data", 1)
    assert (changed.events, changed.active) == (["campaign.vouchers.aded"], False)
    stored = Webhook.objects.get()
    assert (stored.pk, stored.events, stored.active) == (
        made.id,
        ["campaign.vouchers.aded"],
        False,
    )
    assert manager.delete_webhook(project.pk, made.id) is None
    assert not Webhook.objects.exists()


def test_every_event_that_the_client_knows_may_be_asked_for(
    manager: voucherify.ManagementApi, project: Project
) -> None:
    known = [name for name in names_of_the_client() if name]

    made = manager.create_webhook(
        project.pk, webhook_input(target_url=TARGET, events=known)
    )

    assert made.events == known
    assert len(known) == 60


def names_of_the_client() -> list[str]:
    """Return the names that the client takes, as it says when it meets another."""
    with pytest.raises(ValueError, match="must be one of") as refused:
        webhook_input(events=["no.event"])
    named = str(refused.value).partition("one of (")[2].partition(")")[0]
    return [name.strip("' ") for name in named.split(",")]


def test_a_webhook_that_leads_inside_is_refused(
    manager: voucherify.ManagementApi, project: Project
) -> None:
    body = webhook_input(target_url="http://169.254.169.254/", events=EVENTS)

    with pytest.raises(voucherify.exceptions.BadRequestException) as refused:
        manager.create_webhook(project.pk, body)

    assert "Property .target_url must not lead to 169.254.169.254" in refused.value.body
    assert not Webhook.objects.exists()


def test_an_event_schema_is_defined_changed_and_deleted(
    manager: voucherify.ManagementApi, project: Project
) -> None:
    made = manager.create_custom_event_schema(
        project.pk,
        models.ManagementProjectsCustomEventSchemasCreateRequestBody.from_dict(
            {"name": "signed.up", "schema": {"properties": PLAN}}
        ),
    )
    read = manager.get_custom_event_schema(project.pk, made.id)
    listed = manager.list_custom_event_schemas(project.pk)
    changed = manager.update_custom_event_schema(
        project.pk,
        made.id,
        models.ManagementProjectsCustomEventSchemasUpdateRequestBody.from_dict(
            {"schema": {"properties": {"size": {"type": "number"}}}}
        ),
    )

    assert (made.name, made.var_schema.properties) == ("signed.up", PLAN)
    assert read.to_dict() == made.to_dict() == listed.data[0].to_dict()
    assert (listed.data_ref, listed.total) == ("data", 1)
    assert changed.var_schema.properties == {
        **PLAN,
        "size": {"type": "number", "optional": True},
    }
    assert manager.delete_custom_event_schema(project.pk, made.id) is None
    assert not CustomEventSchema.objects.exists()


def defined(manager: voucherify.ManagementApi, project: Project) -> None:
    manager.create_custom_event_schema(
        project.pk,
        models.ManagementProjectsCustomEventSchemasCreateRequestBody.from_dict(
            {"name": "signed.up", "schema": {"properties": PLAN}}
        ),
    )


def test_an_event_is_tracked_by_a_back_end(
    manager: voucherify.ManagementApi, events: voucherify.EventsApi, project: Project
) -> None:
    defined(manager, project)

    tracked = events.track_custom_event(
        models.EventsCreateRequestBody.from_dict(
            {
                "event": "signed.up",
                "customer": {"source_id": "ada"},
                "metadata": {"plan": "pro"},
            }
        )
    )

    stored = CustomEvent.objects.get(project=project)
    assert (tracked.object, tracked.type) == ("event", "signed.up")
    assert tracked.customer.id == stored.customer_id
    assert tracked.customer.source_id == "ada"
    assert tracked.metadata == {"plan": "pro"}
    told = DomainEvent.objects.filter(type="customer.custom_event")
    assert told.get().customer_id == stored.customer_id


def test_an_event_that_breaks_its_schema_is_refused(
    manager: voucherify.ManagementApi, events: voucherify.EventsApi, project: Project
) -> None:
    defined(manager, project)

    with pytest.raises(voucherify.exceptions.BadRequestException):
        events.track_custom_event(
            models.EventsCreateRequestBody.from_dict(
                {"event": "signed.up", "customer": {"source_id": "ada"}}
            )
        )

    assert not CustomEvent.objects.exists()
    assert not project.customers.exists()


def test_an_event_is_tracked_by_a_web_page(
    manager: voucherify.ManagementApi, page: voucherify.ClientSideApi, project: Project
) -> None:
    defined(manager, project)

    tracked = page.track_custom_event_client_side(
        "https://shop.example.com",
        models.ClientEventsCreateRequestBody.from_dict(
            {
                "event": "signed.up",
                "customer": {"source_id": "bob"},
                "metadata": {"plan": "free"},
            }
        ),
    )

    assert (tracked.type, tracked.customer.source_id) == ("signed.up", "bob")
    assert CustomEvent.objects.get().customer_id == tracked.customer.id

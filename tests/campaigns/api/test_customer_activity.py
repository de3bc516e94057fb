"""The activity feed of a customer: what it tells, and how it is narrowed."""

from datetime import timedelta
from typing import Any

import pytest

from customers.models import Customer
from promo.outbox.catalogue import heard_by
from promo.outbox.declaring import Audience
from promo.outbox.events import Event, emit
from promo.tenancy.models import Project
from tests.factories.campaigns import CampaignFactory, GiftCampaignFactory
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient, server_client

pytestmark = [pytest.mark.django_db, pytest.mark.made_up_events]
TYPES = heard_by(Audience.ACTIVITY)
PATH = "/v1/customers/ada/activity"
OLD = "/v1/customers/ada/activities"


@pytest.fixture
def ada(project: Project) -> Customer:
    """Somebody of whom things are told."""
    made: Customer = CustomerFactory(project=project, source_id="ada")
    return made


def tell(ada: Customer, *kinds: str, at: int = 0, **fields: Any) -> None:
    events = [Event(type=kind, customer_id=ada.pk, **fields) for kind in kinds]
    emit(ada.project, events, now=NOW + timedelta(days=at))


def types(api: ApiClient, query: dict[str, str], path: str = PATH) -> list[str]:
    answer = api.get(path, query)
    assert answer.status_code == 200, answer.content
    return [each["type"] for each in answer.json()["data"]]


def test_every_documented_type_is_told_and_asked_for(
    api: ApiClient, ada: Customer
) -> None:
    tell(ada, *TYPES)

    first = api.get(PATH, {"limit": "100"}).json()
    one = types(api, {"type": "customer.voucher.loyalty_card.points_activated"})

    assert [each["type"] for each in first["data"]] == list(reversed(TYPES))
    assert len(TYPES) == 74
    assert one == ["customer.voucher.loyalty_card.points_activated"]


def test_what_clients_do_not_know_is_not_told(api: ApiClient, ada: Customer) -> None:
    tell(ada, "customer.created", "customer.order.returned", "voucher.updated")

    assert types(api, {}) == ["customer.created"]
    assert api.get(OLD).json()["total"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "customer.order.returned"),
        ("category", "CAUSE"),
        ("campaign_type", "COUPONS"),
    ],
)
def test_an_unknown_choice_is_refused(
    api: ApiClient, ada: Customer, name: str, value: str
) -> None:
    answer = api.get(PATH, {name: value})

    assert answer.status_code == 400
    assert answer.json()["key"] == "invalid_query_params"
    assert answer.json()["details"].startswith(
        f"Property .{name} must be equal to one of the allowed values [ "
    )


def test_the_feed_is_narrowed_by_what_events_are_about(
    api: ApiClient, ada: Customer
) -> None:
    coupons = CampaignFactory(project=api.project)
    gifts = GiftCampaignFactory(project=api.project)
    tell(ada, "customer.created")
    tell(ada, "customer.publication.succeeded", at=1, campaign_id=coupons.pk)
    tell(ada, "customer.voucher.deleted", at=2, campaign_id=gifts.pk, category="EFFECT")
    dates = {
        "start_date": (NOW + timedelta(days=1)).isoformat(),
        "end_date": (NOW + timedelta(days=2)).isoformat(),
    }

    assert types(api, {"campaign_id": gifts.pk}) == ["customer.voucher.deleted"]
    assert types(api, {"campaign_type": "DISCOUNT_COUPONS"}) == [
        "customer.publication.succeeded"
    ]
    assert types(api, {"category": "EFFECT"}) == ["customer.voucher.deleted"]
    assert types(api, dates) == ["customer.publication.succeeded"]
    assert types(api, {"order": "created_at", "limit": "1"}) == ["customer.created"]


def test_another_projects_campaign_types_do_not_count(
    api: ApiClient, ada: Customer, other_project: Project
) -> None:
    theirs = GiftCampaignFactory(project=other_project)
    tell(ada, "customer.created", campaign_id=theirs.pk)

    assert types(api, {"campaign_type": "GIFT_VOUCHERS"}) == []


def test_the_old_feed_goes_by_page_date_and_event(
    api: ApiClient, ada: Customer
) -> None:
    for at, kind in enumerate(("created", "updated", "referred", "rewarded")):
        tell(ada, f"customer.{kind}", at=at)

    first = api.get(OLD, {"limit": "2"}).json()
    paged = types(api, {"limit": "2", "page": "2"}, OLD)
    cursor = {"starting_after_id": first["data"][-1]["id"]}
    dated = {"starting_after": first["data"][-1]["created_at"]}

    assert first["total"] == 4
    assert "has_more" not in first
    assert [each["type"] for each in first["data"]] == [
        "customer.rewarded",
        "customer.referred",
    ]
    assert paged == ["customer.updated", "customer.created"]
    assert types(api, cursor, OLD) == paged
    assert types(api, dated, OLD) == paged


def test_the_old_feed_is_narrowed_by_product_and_ordered_by_type(
    api: ApiClient, ada: Customer
) -> None:
    tell(ada, "customer.order.paid", payload={"order": {"items": [{"id": "prod_1"}]}})
    tell(ada, "customer.created")

    assert types(api, {"product_id": "prod_1"}, OLD) == ["customer.order.paid"]
    assert types(api, {"order": "type"}, OLD) == [
        "customer.created",
        "customer.order.paid",
    ]


def test_an_entry_says_who_caused_it(api: ApiClient) -> None:
    api.post("/v1/customers", {"source_id": "ada"})

    [entry] = api.get(PATH).json()["data"]

    source = entry["data"]["event_source"]
    assert entry["id"].startswith("evcus_")
    assert entry["group_id"].startswith("v-")
    assert entry["data"]["customer"]["source_id"] == "ada"
    assert source["channel"] == "API"
    assert set(source["api_key"]) == {"name", "app_id"}
    assert source["api_key"]["app_id"] == api.headers["X-App-Id"]


@pytest.mark.parametrize("path", [PATH, OLD])
def test_a_deleted_customers_feed_is_gone(
    api: ApiClient, ada: Customer, path: str
) -> None:
    api.delete("/v1/customers/ada")

    answer = api.get(path)

    assert answer.status_code == 404
    assert answer.json()["resource_type"] == "customer"


def test_the_feed_needs_permission(project: Project, ada: Customer) -> None:
    assert server_client(project, role="VIEWER").get(PATH).status_code == 200
    assert server_client(project, role="MERCHANT").get(PATH).status_code == 200

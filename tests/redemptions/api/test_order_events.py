"""What a customer's activity tells of orders: whose, through whom, by what."""

import pytest

from promo.outbox.models import DomainEvent
from tests.redemptions.api.test_redeeming import ask, coupon

pytestmark = pytest.mark.django_db
ADA = {"source_id": "ada", "name": "Ada", "email": "ada@example.com"}


def told(what):
    return DomainEvent.objects.get(type=f"customer.order.{what}").data


def simple(api, source_id):
    whole = api.get(f"/v1/customers/{source_id}").json()
    names = ("id", "name", "email", "source_id", "metadata", "object")
    return {name: whole[name] for name in names}


def test_an_order_is_told_with_its_customer_and_who_referred_them(api):
    order = {
        "source_id": "o-1",
        "amount": 100,
        "customer": ADA,
        "referrer": {"source_id": "bob", "name": "Bob"},
    }

    made = api.post("/v1/orders", order).json()
    api.put("/v1/orders/o-1", {"status": "PAID"})

    created, paid = told("created"), told("paid")
    assert created.keys() == paid.keys()
    assert created.keys() == {"customer", "referrer", "order", "redemption"}
    assert created["customer"] == paid["customer"] == simple(api, "ada")
    assert created["referrer"] == paid["referrer"] == simple(api, "bob")
    assert (created["order"]["id"], created["redemption"]) == (made["id"], None)
    assert (created["order"]["status"], paid["order"]["status"]) == ("CREATED", "PAID")


def test_an_order_that_was_redeemed_names_the_redemption(api, project):
    voucher = coupon(project)
    body = ask("SAVE20", order={"source_id": "o-1", "amount": 100}, customer=ADA)

    [made] = api.post("/v1/redemptions", body).json()["redemptions"]
    api.post(f"/v1/redemptions/{made['id']}/rollback")

    paid, canceled = told("paid"), told("canceled")
    assert paid["referrer"] is None
    assert paid["redemption"] == {
        "id": made["id"],
        "object": "redemption",
        "created_at": made["date"],
        "customer_id": made["customer_id"],
        "tracking_id": made["tracking_id"],
        "metadata": made["metadata"],
        "channel_id": made["channel"]["channel_id"],
        "channel_type": "API",
        "result": "SUCCESS",
        "status": "SUCCEEDED",
        "related_object_type": "voucher",
        "related_object_id": voucher.pk,
    }
    assert canceled["redemption"]["id"] == made["id"]
    assert canceled["customer"] == paid["customer"] == simple(api, "ada")


def test_orders_of_nobody_are_told_to_nobody(api):
    api.post("/v1/orders", {"source_id": "o-1", "amount": 100})

    assert not DomainEvent.objects.filter(type__startswith="customer.order").exists()

"""What goes with a customer who is deleted: orders and codes held."""

from typing import Any

import pytest

from campaigns.models import Holder, Voucher
from customers.models import Customer
from redemptions.models import Order
from tests.factories.campaigns import VoucherFactory
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db
ADA = {"source_id": "ada"}


@pytest.fixture
def order(api: ApiClient) -> str:
    """The id of an order of a customer who is deleted by then."""
    VoucherFactory(project=api.project, code="SAVE")
    body = {"voucher": "SAVE", "customer": ADA}
    api.post("/v1/publications", body)
    redeemed = api.post("/v1/redemptions", redeeming()).json()
    api.delete("/v1/customers/ada")
    shown: str = redeemed["order"]["id"]
    return shown


def redeeming() -> dict[str, Any]:
    return {
        "redeemables": [{"object": "voucher", "id": "SAVE"}],
        "customer": ADA,
        "order": {"source_id": "o-1", "amount": 500},
    }


def test_the_order_is_hidden(api: ApiClient, order: str) -> None:
    listed = api.get("/v1/orders").json()

    assert listed["orders"] == []
    for answer in (
        api.get(f"/v1/orders/{order}"),
        api.get("/v1/orders/o-1"),
        api.put(f"/v1/orders/{order}", {"status": "CANCELED"}),
        api.post("/v1/orders", {"id": order}),
        api.post("/v1/validations", redeeming() | {"order": {"id": order}}),
        api.get(f"/v1/orders/{order}/returns"),
        api.post(
            f"/v1/orders/{order}/returns", {"items": [{"index": 0, "quantity": 1}]}
        ),
    ):
        assert answer.status_code == 404
        assert answer.json()["resource_type"] == "order"
    kept = Order.objects.get()
    assert (kept.pk, kept.status) == (order, "PAID")


def test_the_orders_source_id_is_free(api: ApiClient, order: str) -> None:
    made = api.post("/v1/orders", {"source_id": "o-1", "amount": 700}).json()

    assert made["id"] != order
    assert [each["id"] for each in api.get("/v1/orders").json()["orders"]] == [
        made["id"]
    ]


def test_what_was_redeemed_can_still_be_rolled_back(api: ApiClient, order: str) -> None:
    redemption = api.get("/v1/redemptions").json()["redemptions"][0]["id"]

    answer = api.post(f"/v1/redemptions/{redemption}/rollback")

    assert answer.status_code == 200
    assert Voucher.objects.get().redeemed_quantity == 0


def test_codes_stay_without_a_holder(api: ApiClient, order: str) -> None:
    shown = api.get("/v1/vouchers/SAVE").json()

    assert shown["holder_id"] is None
    assert shown["publish"]["count"] == 1
    assert Holder.objects.count() == 0
    assert Customer.objects.get().deleted_at is not None


def test_a_code_of_somebody_gone_can_be_given_again(api: ApiClient, order: str) -> None:
    body = {"voucher": "SAVE", "customer": {"source_id": "bob"}}

    given = api.post("/v1/publications", body)

    bob = Customer.objects.get(source_id="bob")
    assert given.status_code == 200
    assert Holder.objects.get().customer_id == bob.pk
    assert api.get("/v1/customers/bob/redeemables").json()["total"] == 1

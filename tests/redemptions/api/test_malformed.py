"""Requests that cannot be: named by their path, and without effect."""

import pytest

from customers.models import Customer
from redemptions.models import Order, Redemption
from tests.factories.campaigns import VoucherFactory
from tests.redemptions.api.test_redeeming import ask

pytestmark = pytest.mark.django_db

LINE = {"source_id": "mug", "related_object": "product", "quantity": 1, "price": 100}


@pytest.mark.spec("engine 12.1 `invalid_order`, `invalid_customer`")
@pytest.mark.parametrize("path", ["validations", "redemptions"])
@pytest.mark.parametrize(
    ("sent", "details"),
    [
        ({"order": 5}, "Property .order must be object"),
        ({"order": {"amount": -1}}, "Property .order.amount must be >= 0"),
        ({"order": {"amount": 1.5}}, "Property .order.amount must be integer"),
        ({"customer": 5}, "Property .customer must be object"),
        (
            {"customer": {"source_id": "ada", "name": 5}},
            "Property .customer.name must be string",
        ),
        (
            {"order": {"items": [{**LINE, "product": 5}]}},
            "Property .order.items[0].product must be object",
        ),
        (
            {"order": {"items": [LINE, {**LINE, "sku": {"price": "x"}}]}},
            "Property .order.items[1].sku.price must be integer",
        ),
        (
            {"order": {"items": [{**LINE, "amount": -5}]}},
            "Property .order.items[0].amount must be >= 0",
        ),
    ],
)
def test_what_is_malformed_is_named_by_its_path(api, project, path, sent, details):
    voucher = VoucherFactory(project=project, code="SAVE")

    refused = api.post(f"/v1/{path}", ask("SAVE") | sent)

    body = refused.json()
    assert (refused.status_code, body["key"]) == (400, "invalid_payload")
    assert body["details"] == details
    voucher.refresh_from_db()
    assert voucher.redeemed_quantity == 0
    assert not Redemption.objects.exists()
    assert not Order.objects.exists()
    assert not Customer.objects.exists()

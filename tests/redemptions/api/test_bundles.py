"""Bundles over HTTP: complete, incomplete, and what a product page learns of them."""

import pytest

from redemptions.models import Order
from tests.factories.campaigns import VoucherFactory
from tests.factories.catalogue import ProductFactory, listing
from tests.factories.rules import AssignmentFactory
from tests.redemptions.api.test_redeeming import ask

pytestmark = pytest.mark.django_db


def part(thing, units):
    counted = {
        "name": "order.items.aggregated_quantity",
        "conditions": {"$is": [units]},
    }
    return {
        "name": "order.items.any",
        "conditions": {"$is": [thing]},
        "rules": {"1": counted, "logic": "1"},
    }


@pytest.fixture
def shop(api, project):
    """Two teas and any two mugs of a collection: 7.00 off, up to three times."""
    tea = ProductFactory(project=project, source_id="tea", price=600)
    mug = ProductFactory(project=project, source_id="mug", price=900)
    mugs = listing(mug)
    rule = api.post(
        "/v1/validation-rules",
        {
            "name": "Set",
            "rules": {},
            "bundle_rules": {
                "1": part({"object": "product", "id": tea.pk}, 2),
                "2": part({"object": "products_collection", "id": mugs.pk}, 2),
                "limit": 3,
            },
        },
    )
    assert rule.status_code == 200, rule.json()
    voucher = VoucherFactory(
        project=project,
        code="SET",
        discount={"type": "AMOUNT", "amount_off": 700, "effect": "APPLY_TO_ORDER"},
    )
    AssignmentFactory(
        project=project,
        rule_id=rule.json()["id"],
        rule=None,
        related_object_id=voucher.pk,
        related_object_type="voucher",
    )
    return {"tea": tea, "mug": mug, "mugs": mugs, "voucher": voucher}


def cart(teas, mugs):
    return {
        "items": [
            {"source_id": "tea", "quantity": teas},
            {"source_id": "mug", "quantity": mugs},
        ]
    }


def test_every_complete_bundle_counts(api, shop):
    answer = api.post("/v1/validations", ask("SET", order=cart(5, 4))).json()

    [entry] = answer["redeemables"]
    assert entry["result"]["discount"]["amount_off"] == 1400
    assert entry["result"]["bundle"] == {
        "quantity": 2,
        "limit": 3,
        "identified": [
            {
                "id": shop["tea"].pk,
                "object": "product",
                "item_index": 0,
                "item_quantity": 4,
            },
            {
                "id": shop["mug"].pk,
                "object": "product",
                "item_index": 1,
                "item_quantity": 4,
            },
        ],
    }
    assert answer["order"]["total_amount"] == 6600 - 1400


def test_an_incomplete_bundle_is_refused_and_nothing_moves(api, shop):
    validation = api.post("/v1/validations", ask("SET", order=cart(5, 1))).json()
    redemption = api.post("/v1/redemptions", ask("SET", order=cart(5, 1)))

    result = validation["redeemables"][0]["result"]
    shop["voucher"].refresh_from_db()
    assert result["error"]["key"] == "order_rules_violated"
    assert result["bundle"]["quantity"] == 0
    assert result["bundle"]["missing"] == [
        {"id": shop["mugs"].pk, "object": "products_collection", "item_quantity": 1}
    ]
    assert redemption.status_code == 400
    assert redemption.json()["key"] == "order_rules_violated"
    assert shop["voucher"].redeemed_quantity == 0
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("scenario", "found"),
    [("ALL", []), ("PRODUCTS", ["SET"]), ("AUDIENCE_ONLY", ["SET"])],
)
def test_a_product_page_learns_what_is_missing(api, shop, scenario, found):
    body = {"scenario": scenario, "order": cart(1, 1)}

    page = api.post("/v1/qualifications", body).json()["redeemables"]["data"]

    assert [each["id"] for each in page] == found
    assert [each["result"]["bundle"]["quantity"] for each in page] == [0] * len(found)

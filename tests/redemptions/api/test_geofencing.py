"""Places at the checkout: customers by the fence of a segment, items by a collection's.

What the request says of a place counts before what is stored.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from tests.factories.catalogue import CollectionFactory, ProductFactory, SkuFactory
from tests.factories.customers import CustomerFactory, LocationFactory, SegmentFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.redemptions.api.test_redeeming import ask, coupon
from tests.redemptions.api.test_rules import ruled
from tests.redemptions.api.test_segments import IN, OUT, asks, validate

pytestmark = pytest.mark.django_db

WARSAW, CRACOW = "geo:52.2297,21.0122", "50.0647, 19.9450"
ITEMS = {"type": "PERCENT", "percent_off": 20, "effect": "APPLY_TO_ITEMS"}


def fence(*locations, operator="$in_location"):
    ids = [one.pk for one in locations]
    return {"junction": "and", "metadata.place": {"conditions": {operator: ids}}}


def at(place):
    return {"metadata": {"place": place}}


@pytest.mark.spec("rules 10.3 Geofencing of customers")
def test_a_customer_is_where_the_request_says_else_where_the_profile_says(api, project):
    location = LocationFactory.create(project=project)
    segment = SegmentFactory.create(project=project, filter=fence(location))
    ruled(project, asks("$is", segment))
    CustomerFactory.create(project=project, source_id="ada", metadata={"place": WARSAW})

    assert validate(api, source_id="ada") == IN
    assert validate(api, source_id="ada", **at(CRACOW)) == OUT
    assert validate(api, source_id="new", **at(WARSAW)) == IN
    assert validate(api, source_id="new", **at(CRACOW)) == OUT
    assert validate(api, source_id="new") == OUT
    assert Customer.objects.get().metadata == {"place": WARSAW}


def test_without_a_place_nobody_is_outside_a_fence_but_also_in_no_segment(api, project):
    location = LocationFactory.create(project=project)
    outside = fence(location, operator="$not_in_location")
    segment = SegmentFactory.create(project=project, filter=outside)
    _, rule = ruled(project, asks("$is", segment))

    assert validate(api, source_id="new") == OUT
    assert validate(api, source_id="new", **at(CRACOW)) == IN

    rule.rules, rule.version = asks("$is_not", segment), rule.version + 1
    rule.save()
    assert validate(api, source_id="new") == IN
    assert validate(api, source_id="new", **at(CRACOW)) == OUT


def test_a_redemption_outside_the_fence_is_refused_and_uses_nothing(api, project):
    location = LocationFactory.create(project=project)
    segment = SegmentFactory.create(project=project, filter=fence(location))
    voucher, _ = ruled(project, asks("$is", segment))

    def redeem(place):
        who = {"source_id": "ada", **at(place)}
        body = ask("SAVE20", order={"amount": 5000}, customer=who)
        return api.post("/v1/redemptions", body)

    refused = redeem(CRACOW)
    voucher.refresh_from_db()
    assert refused.json()["key"] == "customer_rules_violated"
    assert voucher.redeemed_quantity == 0

    assert redeem(WARSAW).status_code == 200
    voucher.refresh_from_db()
    assert voucher.redeemed_quantity == 1


def fenced_items(project, body):
    """Let 20 % off apply to the items of a collection alone."""
    collection = CollectionFactory.create(project=project, filter=body)
    voucher = coupon(project, discount=ITEMS, redemption_quantity=None)
    entry = {"object": "products_collection", "id": collection.pk}
    rule = ValidationRuleFactory.create(
        project=project, applicable_to={"included": [entry]}
    )
    AssignmentFactory.create(
        project=project,
        rule=rule,
        related_object_id=voucher.campaign_id,
        related_object_type="campaign",
    )
    return collection


def discounted(api, *items):
    """Return which of the items, each at 10.00, got something off."""
    lines = [{"quantity": 1, "price": 1000, **item} for item in items]
    shown = api.post("/v1/validations", ask("SAVE20", order={"items": lines})).json()
    if not shown["valid"]:
        return [False for _ in items]
    found = shown["redeemables"][0]["order"]["items"]
    return [line.get("applied_discount_amount", 0) == 200 for line in found]


@pytest.mark.spec("rules 10.3 Geofencing of items")
@pytest.mark.parametrize(
    ("line_sku_product", "is_in"),
    [
        ((None, None, WARSAW), True),
        ((None, None, CRACOW), False),
        ((None, None, None), False),
        ((None, WARSAW, CRACOW), True),
        ((None, CRACOW, WARSAW), False),
        ((None, WARSAW, None), True),
        ((WARSAW, CRACOW, CRACOW), True),
        ((CRACOW, WARSAW, WARSAW), False),
        ((WARSAW, None, None), True),
    ],
)
def test_an_item_is_where_its_line_says_else_its_sku_else_its_product(
    api, project, line_sku_product, is_in
):
    line, sku, product = (
        {} if place is None else {"place": place} for place in line_sku_product
    )
    fenced_items(project, fence(LocationFactory.create(project=project)))
    tea = ProductFactory.create(project=project, metadata=product)
    green = SkuFactory.create(product=tea, metadata=sku)

    item = {"sku_id": green.pk, "product_id": tea.pk, "metadata": line}

    assert discounted(api, item) == [is_in]


def test_places_that_are_sent_with_items_count_before_those_of_the_catalogue(
    api, project
):
    fenced_items(project, fence(LocationFactory.create(project=project)))
    tea = ProductFactory.create(project=project, metadata={"place": CRACOW})
    mug = ProductFactory.create(project=project, metadata={"place": WARSAW})
    green = SkuFactory.create(product=tea)

    assert discounted(
        api,
        {"product_id": tea.pk, "product": at(WARSAW)},
        {"product_id": mug.pk, "product": at(CRACOW)},
        {"sku_id": green.pk, "sku": at(WARSAW)},
        {"sku_id": green.pk},
        {"source_id": "new", "product": {"name": "New", **at(WARSAW)}},
    ) == [True, False, True, False, True]


def test_an_item_without_a_place_is_in_no_collection_with_a_fence(api, project):
    location = LocationFactory.create(project=project)
    fenced_items(project, fence(location, operator="$not_in_location"))
    tea = ProductFactory.create(project=project)

    here, there = at(WARSAW), at(CRACOW)
    lines = [{"product_id": tea.pk, **place} for place in ({}, here, there)]

    assert discounted(api, *lines) == [False, False, True]


def test_what_a_line_says_counts_for_places_alone(api, project):
    red = {"junction": "and", "metadata.colour": {"conditions": {"$is": ["red"]}}}
    fenced_items(project, red)
    tea = ProductFactory.create(project=project)

    said = {"product_id": tea.pk, "metadata": {"colour": "red"}}

    assert discounted(api, said) == [False]


@pytest.mark.parametrize("path", ["validations", "qualifications", "redemptions"])
def test_fences_cost_one_statement_each_for_customers_and_for_items(api, project, path):
    locations = LocationFactory.create_batch(10, project=project)
    tea = ProductFactory.create(project=project, metadata={"place": WARSAW})
    open_to_all = {
        "junction": "and",
        "metadata.place": {"conditions": {"$has_value": []}},
    }
    segment = SegmentFactory.create(project=project, filter=open_to_all)
    collection = fenced_items(project, open_to_all)
    voucher = project.vouchers.get()
    voucher.holder = CustomerFactory.create(project=project, source_id="ada")
    voucher.save()
    rule = ValidationRuleFactory.create(project=project, rules=asks("$is", segment))
    AssignmentFactory.create(
        project=project,
        rule=rule,
        related_object_id=voucher.pk,
        related_object_type="voucher",
    )
    body = ask(
        "SAVE20",
        customer={"source_id": "ada", **at(WARSAW)},
        order={"items": [{"product_id": tea.pk, "quantity": 1, "price": 1000}] * 3},
    )
    if path == "qualifications":
        del body["redeemables"]

    def costs():
        for _ in range(2):
            with CaptureQueriesContext(connection) as statements:
                answer = api.post(f"/v1/{path}", body)
            assert answer.status_code == 200, answer.content
        return len(statements)

    without = costs()
    for fenced in (segment, collection):
        fenced.filter = fence(*locations)
        fenced.save()

    assert costs() == without + 2

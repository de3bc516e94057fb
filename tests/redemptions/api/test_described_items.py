"""Lines that say ``override`` write the catalogue, when an order is kept."""

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Product, Sku
from promo.outbox.models import DomainEvent
from redemptions.models import Redemption
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import browser_client, server_client
from tests.redemptions.api.test_redeeming import ask, coupon

pytestmark = pytest.mark.django_db

TEA = {"source_id": "tea", "name": "Tea", "price": 1200, "metadata": {"kind": "green"}}
BIG = {"source_id": "tea-big", "sku": "Big tea", "price": 2000, "metadata": {"g": 500}}


def described(product=None, sku=None, **line):
    inline = {"product": product, "sku": sku}
    named = {name: {**one, "override": True} for name, one in inline.items() if one}
    return {"quantity": 1, **line, **named}


def body(*items, **rest):
    return ask("SAVE20", order={"source_id": "o-1", "items": list(items)}, **rest)


def shelf():
    """Everything in the catalogue: products, then SKUs with their product."""
    products = Product.objects.order_by("source_id")
    skus = Sku.objects.order_by("source_id")
    return (
        list(products.values_list("source_id", "name", "price", "metadata")),
        list(skus.values_list("product__source_id", "source_id", "sku", "price")),
    )


def told():
    rows = DomainEvent.objects.filter(type__regex="^(product|sku)")
    return sorted(rows.values_list("type", flat=True))


@pytest.mark.spec("engine 9.2 products")
@pytest.mark.spec("engine 1.3 override")
@pytest.mark.parametrize("path", ["/v1/redemptions", "/v1/orders"])
def test_keeping_an_order_stores_what_its_lines_describe(api, project, path):
    coupon(project)
    sent = body(described(TEA), described({"source_id": "mug", "name": "Mug"}, BIG))

    answer = api.post(path, sent if path == "/v1/redemptions" else sent["order"])

    assert answer.status_code == 200, answer.json()
    assert shelf() == (
        [("mug", "Mug", None, {}), ("tea", "Tea", 1200, {"kind": "green"})],
        [("mug", "tea-big", "Big tea", 2000)],
    )
    assert told() == ["product.created", "product.created", "sku.created"]
    shown = answer.json()
    first, second = shown.get("order", shown)["items"]
    assert first["product"]["id"] == Product.objects.get(source_id="tea").pk
    assert second["sku"]["id"] == Sku.objects.get().pk


@pytest.mark.spec("engine 9.2 products")
@pytest.mark.parametrize("path", ["/v1/redemptions", "/v1/orders"])
def test_what_is_known_gets_the_name_price_and_metadata_sent(api, project, path):
    coupon(project)
    tea = ProductFactory(
        project=project, source_id="tea", name="Old", price=1, metadata={"old": True}
    )
    SkuFactory(product=tea, source_id="tea-big", sku="Old", price=1)
    line = described(TEA, {"source_id": "tea-big", "price": 2000})
    sent = body(line)

    api.post(path, sent if path == "/v1/redemptions" else sent["order"])

    assert shelf() == (
        [("tea", "Tea", 1200, {"kind": "green"})],
        [("tea", "tea-big", "Old", 2000)],
    )
    assert told() == ["product.updated", "sku.updated"]


def test_changing_an_order_stores_what_its_lines_describe(api):
    order = api.post("/v1/orders", {"source_id": "o-1"}).json()

    api.put(f"/v1/orders/{order['id']}", {"items": [described(TEA)]})

    assert shelf()[0] == [("tea", "Tea", 1200, {"kind": "green"})]


@pytest.mark.spec("engine 9.2 products")
@pytest.mark.parametrize("override", [False, None, "true", 1])
def test_without_override_the_catalogue_stays_as_it_is(api, project, override):
    coupon(project)
    ProductFactory(project=project, source_id="tea", name="Old", price=1)
    line = {"product": {**TEA, "override": override}, "quantity": 1}
    other = {"product": {**TEA, "source_id": "mug"}, "quantity": 1}

    answer = api.post("/v1/redemptions", body(line, other)).json()

    assert answer["order"]["amount"] == 2400
    assert shelf() == ([("tea", "Old", 1, {})], [])
    assert told() == []


@pytest.mark.parametrize("path", ["/v1/validations", "/v1/qualifications"])
def test_asking_stores_nothing(api, project, path):
    coupon(project)

    answer = api.post(path, body(described(TEA, BIG)))

    assert answer.status_code == 200
    assert shelf() == ([], [])


def test_a_refused_redemption_stores_nothing(api, project):
    coupon(project, redeemed_quantity=1)
    ProductFactory(project=project, source_id="tea", name="Old", price=1)

    answer = api.post("/v1/redemptions", body(described(TEA, BIG)))

    assert answer.json()["key"] == "quantity_exceeded"
    assert shelf() == ([("tea", "Old", 1, {})], [])
    assert told() == []


def test_browsers_do_not_change_the_catalogue(project):
    coupon(project)
    project.client_redeem_enabled = True
    project.save()

    answer = browser_client(project).post(
        "/client/v1/redemptions", body(described(TEA, BIG))
    )

    assert answer.status_code == 200, answer.json()
    assert Redemption.objects.get().result == "SUCCESS"
    assert shelf() == ([], [])


@pytest.mark.parametrize(
    "line",
    [
        described({"name": "Nameless"}),
        described({**TEA, "source_id": "gone"}),
        described(None, BIG),
        described({"id": "prod_" + "f" * 32, "name": "Unknown"}),
    ],
)
def test_what_cannot_be_placed_is_passed_over(api, project, line):
    coupon(project)
    ProductFactory(project=project, source_id="gone", name="", deleted_at=NOW)

    answer = api.post("/v1/redemptions", body(line))

    assert answer.status_code == 200, answer.json()
    assert shelf() == ([("gone", "", None, {})], [])


def test_another_projects_product_is_left_alone(api, project, other_project):
    coupon(project)
    theirs = ProductFactory(project=other_project, source_id="tea", name="Theirs")

    api.post("/v1/redemptions", body(described(TEA)))

    theirs.refresh_from_db()
    assert theirs.name == "Theirs"
    assert project.products.get().name == "Tea"


def test_the_last_line_about_a_thing_counts(api, project):
    ProductFactory(project=project, source_id="mug", name="Old")
    lines = [
        described({"source_id": source_id, **sent})
        for source_id in ("tea", "mug")
        for sent in ({"name": "One", "price": 5}, {"name": "Two"})
    ]

    api.post("/v1/orders", {"items": lines})

    assert shelf()[0] == [("mug", "Two", 5, {}), ("tea", "Two", 5, {})]
    assert told() == ["product.created", "product.updated"]


def test_a_line_names_what_it_describes_by_its_own_id_too(api, project):
    tea = ProductFactory(project=project, source_id="tea", name="Old")
    by_id = described({"name": "By id"}, product_id=tea.pk)
    by_source_id = described({"name": "New"}, source_id="mug", related_object="product")
    of_sku = described(None, {"sku": "Small"}, source_id="small", product_id=tea.pk)

    api.post("/v1/orders", {"items": [by_id, by_source_id, of_sku]})

    assert [row[:2] for row in shelf()[0]] == [("mug", "New"), ("tea", "By id")]
    assert shelf()[1] == [("tea", "small", "Small", None)]


def test_ten_described_lines_cost_as_much_as_one(api, project):
    ProductFactory(project=project, source_id="old")

    def cost(count):
        lines = [
            described({"source_id": f"p{count}-{n}"}, {"source_id": f"s{count}-{n}"})
            for n in range(count)
        ]
        known = described({"source_id": "old", "name": f"Name {count}"})
        with CaptureQueriesContext(connection) as captured:
            api.post("/v1/orders", {"items": [known, *lines]})
        return len(captured)

    cost(2)

    assert cost(1) == cost(10)


def test_what_is_stored_as_described_already_is_not_held(api):
    order = {"items": [described(TEA, BIG)]}
    api.post("/v1/orders", order)

    with CaptureQueriesContext(connection) as captured:
        api.post("/v1/orders", order)

    touched = [each["sql"] for each in captured if "FOR NO KEY" in each["sql"]]
    assert touched == []
    assert told() == ["product.created", "sku.created"]


@pytest.mark.django_db(transaction=True)
def test_one_new_product_in_eight_orders_at_once_is_created_once(project):
    api = server_client(project)
    start, answers = threading.Barrier(8), []
    lines = [described(TEA, BIG), described({"source_id": "mug", "name": "Mug"})]

    def run(number):
        start.wait()
        try:
            items = lines if number % 2 else lines[::-1]
            answers.append(api.post("/v1/orders", {"items": items}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 8
    assert [row[0] for row in shelf()[0]] == ["mug", "tea"]
    assert [row[1] for row in shelf()[1]] == ["tea-big"]
    assert told() == ["product.created", "product.created", "sku.created"]

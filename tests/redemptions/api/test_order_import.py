"""Orders that were made elsewhere, taken in as an array."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer, SegmentMember
from promo.clock import utc_now
from promo.jobs.models import AsyncAction, UploadPart
from promo.outbox.models import DomainEvent
from promo.outbox.relay import publish_batch
from redemptions.models import Order
from redemptions.services import order_import
from tests.contract.test_isolation import rows_of
from tests.factories.campaigns import VoucherFactory
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.customers import CustomerFactory, SegmentFactory
from tests.factories.metadata import define
from tests.factories.tenancy import NOW
from tests.fixtures.api import server_client
from tests.fixtures.rows import run

pytestmark = pytest.mark.django_db
IMPORT = "/v1/orders/import"
ADA = {"source_id": "ada", "name": "Ada", "birthdate": "1815-12-10"}
SPENT = {
    "junction": "and",
    "summary.orders.total_amount": {"conditions": {"$more_than": [1_000]}},
}


def take(api: Any, *orders: dict[str, Any]) -> AsyncAction:
    """Import orders; return the action at its end."""
    return run(api.post(IMPORT, list(orders)))


def failed(action: AsyncAction) -> list[tuple[str, str]]:
    return [(one["source_id"], one["reason"]) for one in action.result["failed"]]


def things_of(project: Any) -> dict[str, Any]:
    """Return what a project has, without keys, actions and what was told."""
    rows = rows_of(project)
    return {
        name: rows[name]
        for name in rows
        if name not in {"ApiKey", "AsyncAction", "Change", "DomainEvent"}
    }


def test_an_import_keeps_orders_with_customers_and_products(api, project):
    mug = ProductFactory(project=project, source_id="mug", name="Mug", price=700)

    answer = api.post(
        IMPORT,
        [
            {
                "source_id": "o-1",
                "status": "PAID",
                "created_at": "2001-02-03T04:05:06Z",
                "customer": ADA,
                "referrer": {"source_id": "eve"},
                "metadata": {"made": "2001-02-03"},
                "items": [
                    {"source_id": "mug", "quantity": "2"},
                    {
                        "source_id": "tea",
                        "related_object": "product",
                        "quantity": 1,
                        "product": {"name": "Tea", "price": 500, "override": True},
                    },
                ],
            },
            {"amount": 900.0},
        ],
    )
    started = utc_now()
    action = run(answer)

    assert answer.status_code == 200
    assert answer.json() == {"async_action_id": action.pk}
    assert (action.type, action.status) == ("ORDERS.IMPORT", "DONE")
    assert action.result == {
        "message": "2 order(s) imported successfully, 0 failed.",
        "failed": [],
        "done_count": 2,
        "failed_count": 0,
    }
    first, second = Order.objects.order_by("amount").reverse()
    ada, eve = project.customers.order_by("source_id")
    tea = project.products.get(source_id="tea")
    assert (first.source_id, first.status, first.amount) == ("o-1", "PAID", 1_900)
    assert (first.customer_id, first.referrer_id) == (ada.pk, eve.pk)
    assert first.metadata == {"made": "2001-02-03"}
    # Orders count as made when they are taken.
    assert first.created_at >= started
    assert first.updated_at is None
    assert [line["product"]["id"] for line in first.items] == [mug.pk, tea.pk]
    assert all(line["id"].startswith("ordli_") for line in first.items)
    assert (second.source_id, second.status, second.amount) == (None, "CREATED", 900)
    assert (ada.name, ada.birthdate) == ("Ada", date(1815, 12, 10))
    assert (tea.name, tea.price) == ("Tea", 500)
    assert not UploadPart.objects.exists()
    shown = api.get(f"/v1/orders/{first.pk}").json()
    assert (shown["total_amount"], shown["customer_id"]) == (1_900, ada.pk)


def test_nobody_is_told_of_an_import(api, project):
    take(
        api,
        {
            "source_id": "o-1",
            "status": "PAID",
            "customer": ADA,
            "items": [
                {"product": {"source_id": "tea", "name": "Tea", "override": True}},
                {
                    "product": {"source_id": "tea"},
                    "sku": {"source_id": "big", "sku": "Big", "override": True},
                },
            ],
        },
    )

    assert project.skus.get().product == project.products.get(source_id="tea")
    assert not DomainEvent.objects.exists()


def test_customers_are_summed_up_and_enter_segments(api, project):
    rich = SegmentFactory(
        project=project,
        type="auto-update",
        filter=SPENT,
        completed_at=NOW,
    )
    known = CustomerFactory(project=project, source_id="ada")

    take(
        api,
        {"source_id": "o-1", "status": "PAID", "amount": 800, "customer": ADA},
        {"source_id": "o-2", "status": "FULFILLED", "amount": 700, "customer": ADA},
        {"source_id": "o-3", "amount": 5_000, "customer": {"source_id": "bob"}},
    )

    known.refresh_from_db()
    assert known.summary["orders"]["total_amount"] == 1_500
    assert known.summary["orders"]["total_count"] == 2
    assert SegmentMember.objects.get().customer_id == known.pk
    assert SegmentMember.objects.get().segment_id == rich.pk
    told = DomainEvent.objects.values_list("type", "customer_id")
    assert list(told) == [("customer.segment.entered", known.pk)]
    # What hangs on it hears of it; nothing changes any more.
    before = things_of(project)
    publish_batch(now=utc_now())
    assert things_of(project) == before


def test_known_orders_take_what_is_sent(api, project):
    kept = api.post(
        "/v1/orders",
        {
            "source_id": "o-1",
            "customer": ADA,
            "items": [{"source_id": "tea", "quantity": 1, "price": 100}],
            "metadata": {"a": 1},
        },
    ).json()
    before = Order.objects.get()

    action = take(
        api,
        {"source_id": "o-1", "status": "PAID", "metadata": {"b": 2}},
        {"id": kept["id"], "items": [{"source_id": "mug", "price": 250}]},
        {"source_id": "o-2", "amount": 1},
        {"source_id": "o-2", "amount": 2, "status": "CANCELED"},
    )

    assert action.result["done_count"] == 4
    first = Order.objects.get(source_id="o-1")
    assert first.pk == before.pk
    assert (first.status, first.amount) == ("PAID", 250)
    assert first.metadata == {"a": 1, "b": 2}
    assert [line["source_id"] for line in first.items] == ["mug"]
    assert first.created_at == before.created_at
    assert first.updated_at is not None
    assert first.customer_id == before.customer_id
    second = Order.objects.get(source_id="o-2")
    assert (second.amount, second.status) == (2, "CANCELED")


def test_an_order_that_changes_hands_counts_for_both(api, project):
    sent = {"source_id": "o-1", "status": "PAID", "amount": 900}
    take(api, {**sent, "customer": ADA})

    take(api, {"source_id": "o-1", "customer": {"source_id": "eve"}})

    spent = {
        one.source_id: one.summary["orders"]["total_amount"]
        for one in project.customers.all()
    }
    assert spent == {"ada": 0, "eve": 900}


def test_prices_are_those_that_the_orders_before_have_described(api, project):
    ProductFactory(project=project, source_id="tea", price=100)
    described = {"source_id": "tea", "price": 300, "override": True}

    take(
        api,
        {"source_id": "o-1", "items": [{"source_id": "tea"}]},
        {"source_id": "o-2", "items": [{"product": described}]},
        {"source_id": "o-3", "items": [{"source_id": "tea", "quantity": 2}]},
        {"source_id": "o-4", "items": [{"product": {**described, "price": 400}}]},
    )

    orders = Order.objects.order_by("source_id").values_list("amount", flat=True)
    assert list(orders) == [100, 300, 600, 400]
    assert project.products.get().price == 400


def test_orders_that_cannot_be_taken_change_nothing(api, project, other_project):
    define(project, "order", made={"type": "date"})
    define(project, "order_item", size={"type": "number", "optional": False})
    define(project, "product", weight={"type": "number"})
    define(project, "customer", vip={"type": "boolean"})
    voucher = VoucherFactory(project=project)
    line = {"source_id": "tea", "price": 100, "metadata": {"size": 1}}
    redeemed = api.post(
        "/v1/redemptions",
        {
            "redeemables": [{"object": "voucher", "id": voucher.code}],
            "order": {"source_id": "redeemed", "items": [line]},
            "customer": ADA,
        },
    ).json()
    theirs = CustomerFactory(project=other_project)
    theirs_order = server_client(other_project).post("/v1/orders", {"amount": 1}).json()
    publish_batch(now=utc_now())
    before = things_of(project)
    new = {"source_id": "new-customer", "metadata": {"fresh": 1}}
    described = {"source_id": "new-product", "override": True}

    action = take(
        api,
        {"source_id": "a", "customer": {"id": theirs.pk}},
        {"id": theirs_order["id"], "amount": 2, "customer": new},
        {"source_id": "b", "metadata": {"made": "never"}, "customer": new},
        {"source_id": "c", "items": [{"source_id": "tea"}], "customer": new},
        {
            "source_id": "d",
            "customer": new,
            "items": [{"product": {**described, "metadata": {"weight": "much"}}}],
        },
        {
            "source_id": "e",
            "amount": 100,
            "discount_amount": 200,
            "customer": new,
            "items": [{"product": described, "metadata": {"size": 1}}],
        },
        {
            "source_id": "f",
            "customer": {"source_id": "first"},
            "referrer": {"source_id": "second", "metadata": {"vip": "very"}},
        },
        {"source_id": "redeemed", "customer": new},
    )

    undefined = "(actual value is 'undefined')"
    details = "Property .order.discount_amount must not exceed the order's amount"
    assert failed(action) == [
        ("a", f"Cannot find customer with id {theirs.pk}"),
        (theirs_order["id"], f"Cannot find order with id {theirs_order['id']}"),
        ("b", "made: must be an ISO-8601 date (actual value is 'never')"),
        ("c", f"size: must be a number, property is required {undefined}"),
        ("d", "weight: must be a number (actual value is 'much')"),
        ("e", details),
        ("f", "vip: must be a boolean (actual value is 'very')"),
        ("redeemed", "The customer of an order with redemptions cannot be changed"),
    ]
    assert action.result["message"] == "0 order(s) imported successfully, 8 failed."
    assert set(action.result["failed"][0]) == {"source_id", "reason"}
    shown = api.get(f"/v1/async-actions/{action.pk}").json()
    assert (shown["status"], shown["operation_status"]) == ("DONE", "FAILED")
    assert things_of(project) == before
    assert redeemed["order"]["amount"] == 100


def test_some_orders_fail_and_keep_no_other_out(api, project):
    action = take(
        api,
        {"source_id": "good", "amount": 100, "customer": ADA},
        {"source_id": "bad", "customer": {"id": "cust_nobody"}},
    )

    assert action.result == {
        "message": "1 order(s) imported successfully, 1 failed.",
        "failed": [
            {"source_id": "bad", "reason": "Cannot find customer with id cust_nobody"}
        ],
        "done_count": 1,
        "failed_count": 1,
    }
    assert Order.objects.get().source_id == "good"


def test_source_ids_of_the_bin_are_passed_over(api, project):
    shirt = ProductFactory(project=project, source_id="shirt")
    ProductFactory(project=project, source_id="gone", deleted_at=NOW)
    SkuFactory(product=shirt, source_id="gone-too", deleted_at=NOW)

    action = take(
        api,
        {
            "source_id": "o-1",
            "items": [
                {"product": {"source_id": "gone", "price": 100, "override": True}},
                {
                    "product": {"source_id": "shirt"},
                    "sku": {"source_id": "gone-too", "price": 50, "override": True},
                },
            ],
        },
    )

    assert action.result["done_count"] == 1
    assert Order.objects.get().amount == 150
    assert project.products.alive().get() == shirt
    assert not project.skus.alive().exists()


def test_customers_without_a_name_of_their_own_are_nobody(api, project):
    take(api, {"source_id": "o-1", "customer": {"email": "a@example.com"}})

    assert Order.objects.get().customer_id is None
    assert not project.customers.exists()


def test_an_import_works_in_steps(api, project, monkeypatch):
    monkeypatch.setattr(order_import.OrdersImport, "batch", 2)
    orders = [{"source_id": f"o-{n}", "customer": ADA, "amount": n} for n in range(5)]

    action = take(api, *orders)

    assert action.result["done_count"] == 5
    assert sorted(Order.objects.values_list("amount", flat=True)) == [0, 1, 2, 3, 4]
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("body", [None, []])
def test_an_import_of_nothing_is_done(api, body):
    answer = api.post(IMPORT, body)

    assert answer.status_code == 200
    assert run(answer).result == {
        "message": "0 order(s) imported successfully, 0 failed.",
        "failed": [],
        "done_count": 0,
        "failed_count": 0,
    }


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({"source_id": "a"}, "Payload must be array"),
        ([1], "Property [0] must be object"),
        ([{"status": "LOST"}], "Property [0].status must be equal to one of the"),
        ([{"items": [{"quantity": 0}]}], "Property [0].items[0].quantity cannot be"),
        ([{"customer": {"birthdate": "x"}}], "Property [0].customer.birthdate cannot"),
        ([{}] * 2_001, "Payload must NOT have more than 2000 items"),
        ([{"items": [{}] * 501}], "Property [0].items must NOT have more than 500"),
    ],
)
def test_an_import_of_another_shape_is_refused(api, project, body, details):
    answer = api.post(IMPORT, body)

    assert answer.status_code == 400
    assert answer.json()["key"] == "invalid_payload"
    assert answer.json()["details"].startswith(details)
    assert not project.async_actions.exists()


def test_an_import_is_no_larger_than_ten_megabytes(api, project, settings):
    settings.MAX_BODY_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 50_000_000
    body = b'[{"source_id": "a"}' + b" " * 10_485_760 + b"]"

    answer = api.post(IMPORT, body)

    assert answer.status_code == 400
    assert answer.json()["key"] == "invalid_payload"
    assert answer.json()["details"] == "Payload must NOT have more than 10485760 bytes"
    assert not project.async_actions.exists()


def test_who_may_only_read_imports_nothing(project):
    answer = server_client(project, role="VIEWER").post(IMPORT, [{"amount": 1}])

    assert answer.status_code == 403
    assert not project.async_actions.exists()


def test_the_same_import_of_another_project_is_another_one(api, other_api):
    sent = {
        "source_id": "o-1",
        "amount": 100,
        "customer": ADA,
        "items": [{"product": {"source_id": "tea", "price": 1, "override": True}}],
    }
    take(api, sent)
    mine = things_of(api.project)

    take(other_api, {**sent, "status": "PAID"})

    assert things_of(api.project) == mine
    assert Order.objects.count() == 2
    assert Customer.objects.filter(source_id="ada").count() == 2


def orders(start: int, end: int, amount: int) -> list[dict[str, Any]]:
    def described(source_id: str, **values: Any) -> dict[str, Any]:
        return {"source_id": source_id, "price": amount, "override": True, **values}

    return [
        {
            "source_id": f"o-{n}",
            "status": "PAID",
            "customer": {"source_id": f"c-{n}", "name": str(amount)},
            "referrer": {"source_id": f"r-{n}"},
            "items": [
                {"product": described(f"p-{n}"), "sku": described(f"s-{n}", sku="S")},
                {"source_id": "known", "quantity": 2},
            ],
        }
        for n in range(start, end)
    ]


def test_statements_do_not_grow_with_orders(api, project):
    ProductFactory(project=project, source_id="known", price=5)
    SegmentFactory(project=project, type="auto-update", filter=SPENT, completed_at=NOW)

    def statements(start: int, middle: int, end: int) -> int:
        """Take known and new orders at once."""
        take(api, *orders(start, middle, 2_000))
        answer = api.post(IMPORT, orders(start, end, 3_000))
        with CaptureQueriesContext(connection) as asked:
            action = run(answer)
        assert action.result["done_count"] == end - start
        return len(asked)

    assert statements(0, 1, 2) == statements(1_000, 1_100, 1_200)

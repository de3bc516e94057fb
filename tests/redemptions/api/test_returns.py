"""Returns over HTTP: what is answered, refused and shown of them."""

from typing import Any

import pytest

from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from redemptions.models import Order, OrderReturn
from redemptions.services.order import create_order
from redemptions.services.returns import return_items
from redemptions.services.sold_lines import AskedLine
from tests.contract.resource import ResourceContract
from tests.factories.campaigns import GiftCardFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient, browser_client, server_client
from tests.redemptions.api.test_redeeming import ask, coupon

pytestmark = pytest.mark.django_db

PATH = "/v1/orders/o-1/returns"


def bought(project: Project, quantity: int = 1_000) -> None:
    """Let the project have one paid order, once."""
    if not project.orders.filter(source_id="o-1").exists():
        items = [{"source_id": "tea", "quantity": quantity, "price": 100}]
        sent = {"source_id": "o-1", "items": items, "status": "PAID"}
        create_order(project=project, now=NOW, **sent)


class TestReturns(ResourceContract):
    path, resource_type, object_name = PATH, "order_return", "order_return"
    id_prefix, list_key = "ret_", "order_returns"
    verbs = frozenset({"create"})
    valid_body = {"items": [{"index": 0, "quantity": 1}]}
    required = ("items",)
    wrong = (
        ({"items": []}, "Property .items must NOT have fewer than 1 items"),
        (
            {"items": [{}]},
            "Property .items[0] should have required property 'quantity'",
        ),
        (
            {"items": [{"index": 0, "quantity": 0}]},
            "Property .items[0].quantity cannot be lower than 1",
        ),
        (
            {"items": [{"index": -1, "quantity": 1}]},
            "Property .items[0].index must be >= 0",
        ),
        ({"reason": 5}, "Property .reason must be string"),
        ({"metadata": []}, "Property .metadata must be object"),
        (
            {"source_id": ""},
            "Property .source_id must NOT have fewer than 1 characters",
        ),
    )

    @pytest.fixture(autouse=True)
    def _bought(self, project: Project) -> None:
        bought(project)

    def make(self, project: Project, count: int) -> list[Any]:
        bought(project)
        line = AskedLine(index=0, quantity=2)
        return [
            return_items(project=project, order="o-1", lines=[line], now=NOW)
            for _ in range(count)
        ]

    def test_the_openapi_document_lists_it(self, api: ApiClient) -> None:
        schema = api.get("/api/schema?format=json").json()

        assert set(schema["paths"]["/v1/orders/{order}/returns"]) == {"get", "post"}


CART = [
    {"source_id": "tea", "quantity": 3, "price": 1000},
    {"source_id": "cup", "quantity": 1, "price": 2000},
]


@pytest.fixture
def order(api: ApiClient) -> dict[str, Any]:
    """An order of tea and a cup, 20 per cent off it, 10.00 paid with a gift card."""
    coupon(api.project)
    GiftCardFactory(project=api.project, code="CARD")
    gift = {"object": "voucher", "id": "CARD", "gift": {"credits": 1000}}
    body = ask("SAVE20", order={"source_id": "o-1", "items": CART})
    body["customer"] = {"source_id": "ada"}
    body["redeemables"].append(gift)
    answer = api.post("/v1/redemptions", body)
    assert answer.status_code == 200, answer.json()
    shown: dict[str, Any] = answer.json()
    return shown


def test_a_return_says_what_is_paid_back_and_where_it_went(
    api: ApiClient, order: dict[str, Any]
) -> None:
    coupon_id, card_id = (one["id"] for one in order["redemptions"])
    tea = order["order"]["items"][0]["id"]

    response = api.post(
        PATH,
        {
            "items": [{"source_id": "tea", "quantity": 1}],
            "reason": "broken",
            "metadata": {"till": 7},
            "source_id": "rma-1",
        },
    )

    made = OrderReturn.objects.get()
    assert response.status_code == 200, response.json()
    assert response.json() == {
        "id": made.pk,
        "order_id": order["order"]["id"],
        "source_id": "rma-1",
        "reason": "broken",
        "metadata": {"till": 7},
        "amount": 1000,
        "discount_amount": 400,
        "refund_amount": 600,
        "items": [
            {
                "id": tea,
                "index": 0,
                "quantity": 1,
                "amount": 1000,
                "discount_amount": 400,
                "refund_amount": 600,
                "discounts": [
                    {"redemption_id": coupon_id, "amount": 200},
                    {"redemption_id": card_id, "amount": 200},
                ],
                "object": "order_return_item",
            }
        ],
        "redemptions": [
            {"id": coupon_id, "discount_amount": 200},
            {"id": card_id, "discount_amount": 200, "gift": {"amount": 200}},
        ],
        "created_at": response.json()["created_at"],
        "object": "order_return",
    }
    assert api.get(f"{PATH}/{made.pk}").json() == response.json()
    told = DomainEvent.objects.get(type="order.returned").data
    assert told["order_return"] == response.json()
    assert told["order"]["id"] == order["order"]["id"]


def test_the_last_unit_names_the_rollbacks(
    api: ApiClient, order: dict[str, Any]
) -> None:
    api.post(PATH, {"items": [{"index": 0, "quantity": 2}]})

    items = [{"index": 0, "quantity": 1}, {"source_id": "cup", "quantity": 1}]
    shown = api.post(PATH, {"items": items}).json()

    assert [one["discount_amount"] for one in shown["redemptions"]] == [600, 600]
    for one in shown["redemptions"]:
        rollback = api.get(f"/v1/redemptions/{one['rollback_id']}").json()
        assert rollback["redemption"] == one["id"]
    assert shown["redemptions"][1]["gift"] == {"amount": 600}
    assert shown["refund_amount"] == 1800
    assert api.get("/v1/orders/o-1").json()["status"] == "CANCELED"
    assert api.get("/v1/vouchers/CARD").json()["gift"]["balance"] == 5000


def test_sending_it_again_answers_the_same_return(
    api: ApiClient, order: dict[str, Any]
) -> None:
    body = {"items": [{"index": 0, "quantity": 3}], "source_id": "rma-1"}
    first = api.post(PATH, body)

    again = api.post(PATH, body)
    other = api.post(PATH, {**body, "items": [{"index": 1, "quantity": 1}]})

    assert (again.status_code, again.json()) == (200, first.json())
    assert (other.status_code, other.json()["key"]) == (409, "duplicate_found")
    assert OrderReturn.objects.count() == 1


def test_more_than_is_left_names_the_place_in_the_request(
    api: ApiClient, order: dict[str, Any]
) -> None:
    items = [{"index": 1, "quantity": 1}, {"index": 0, "quantity": 4}]

    response = api.post(PATH, {"items": items})

    assert response.status_code == 400
    assert response.json()["key"] == "return_quantity_exceeded"
    assert response.json()["details"] == (
        "Property .items[1].quantity must be <= 3, which is left of the line"
    )
    assert not OrderReturn.objects.exists()


def test_returns_need_the_permission_to_roll_back_and_no_browser_has_it(
    api: ApiClient, order: dict[str, Any]
) -> None:
    body = {"items": [{"index": 0, "quantity": 1}]}
    reader = server_client(api.project, role="VIEWER")

    assert reader.post(PATH, body).status_code == 403
    assert reader.get(PATH).status_code == 200
    assert browser_client(api.project).post(PATH, body).status_code == 401
    assert not OrderReturn.objects.exists()
    assert Order.objects.get().returned_amount is None


def test_an_unknown_order_has_no_returns(api: ApiClient) -> None:
    path = "/v1/orders/nobody/returns"

    asked = [api.get(path), api.post(path, {}), api.get(f"{path}/ret_1")]

    assert [one.status_code for one in asked] == [404, 404, 404]
    assert {one.json()["resource_type"] for one in asked} == {"order"}

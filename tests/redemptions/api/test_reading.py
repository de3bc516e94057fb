"""Reading redemptions and orders."""

import itertools

import pytest

from redemptions.models import Order
from tests.contract.resource import ResourceContract
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW
from tests.redemptions.api.test_redeeming import ask, coupon

pytestmark = pytest.mark.django_db
_NUMBERS = itertools.count()


def _redeem(api, code, **rest):
    return api.post("/v1/redemptions", ask(code, order={"amount": 100}, **rest)).json()


def test_the_list_holds_successes_failures_and_rollbacks_newest_first(api, project):
    coupon(project)
    [first] = _redeem(api, "SAVE20")["redemptions"]
    refused = _redeem(api, "SAVE20")
    undone = api.post(f"/v1/redemptions/{first['id']}/rollback").json()

    listed = api.get("/v1/redemptions").json()
    failed = api.get("/v1/redemptions?result=FAILURE").json()

    shown = [row["id"] for row in listed["redemptions"]]
    assert shown == [undone["id"], refused["resource_id"], first["id"]]
    assert listed["total"] == 3
    [failure] = failed["redemptions"]
    assert failure["failure_code"] == "quantity_exceeded"
    assert failure["failure_message"] == "quantity exceeded"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("campaign=Spring", 1),
        ("campaign=Autumn", 0),
        ("customer=ada", 1),
        ("customer=eve", 0),
        ("filters[voucher_code][conditions][$is]=SAVE20", 1),
        ("filters[failure_code][conditions][$has_value]=true", 1),
        ("customer=cust_1", 0),
    ],
)
def test_the_list_can_be_narrowed(api, project, query, count):
    voucher = coupon(project)
    voucher.campaign.name = "Spring"
    voucher.campaign.save()
    _redeem(api, "SAVE20", customer={"source_id": "ada"})

    listed = api.get(f"/v1/redemptions?{query}")

    assert listed.status_code == 200
    assert len(listed.json()["redemptions"]) == count


def test_one_redemption_shows_its_family_and_its_orders_redemptions(api, project):
    coupon(project)
    [first] = _redeem(api, "SAVE20")["redemptions"]

    shown = api.get(f"/v1/redemptions/{first['id']}").json()

    assert list(shown["order"]["redemptions"]) == [first["id"]]
    assert shown["related_redemptions"]["redemptions"] == [
        {"id": first["id"], "date": first["date"]}
    ]


def test_another_projects_redemption_is_not_there(api, other_api, project):
    coupon(project)
    [first] = _redeem(api, "SAVE20")["redemptions"]

    response = other_api.get(f"/v1/redemptions/{first['id']}")

    assert response.status_code == 404
    assert response.json()["resource_type"] == "redemption"


def test_a_vouchers_redemptions_have_their_own_envelope(api, project):
    coupon(project)
    coupon(project, "OTHER")
    [first] = _redeem(api, "SAVE20")["redemptions"]
    _redeem(api, "OTHER")

    shown = api.get("/v1/vouchers/SAVE20/redemption").json()

    assert (shown["quantity"], shown["redeemed_quantity"], shown["total"]) == (1, 1, 1)
    assert shown["data_ref"] == "redemption_entries"
    assert [row["id"] for row in shown["redemption_entries"]] == [first["id"]]
    assert api.get("/v1/vouchers/NOPE/redemption").status_code == 404


def test_listing_redemptions_costs_the_same_for_one_as_for_ten(
    api, project, django_assert_num_queries, django_assert_max_num_queries
):
    campaign = CampaignFactory(project=project)
    customer = CustomerFactory(project=project)
    for number in range(10):
        VoucherFactory(project=project, campaign=campaign, code=f"C{number}")
        _redeem(api, f"C{number}", customer={"source_id": customer.source_id})

    with django_assert_max_num_queries(10) as one:
        api.get("/v1/redemptions?limit=1")
    with django_assert_num_queries(len(one)):
        assert len(api.get("/v1/redemptions?limit=10").json()["redemptions"]) == 10


class TestOrders(ResourceContract):
    path, resource_type = "/v1/orders", "order"
    id_prefix, list_key = "ord_", "orders"
    object_name = "order"
    verbs = frozenset({"create", "update"})
    valid_body = {"source_id": "o-1", "amount": 2000, "items": [{"quantity": 2}]}
    update_body = {"metadata": {"gift": True}}
    wrong = [
        ({"amount": "5"}, "Property .amount must be integer"),
        ({"items": {}}, "Property .items must be array"),
    ]

    def make(self, project, count):
        return [
            Order.objects.create(
                project=project,
                source_id=f"made-{next(_NUMBERS)}",
                amount=100,
                created_at=NOW,
            )
            for _ in range(count)
        ]


def test_an_order_posted_again_is_changed_not_doubled(api, project):
    first = api.post("/v1/orders", {"source_id": "o-1", "amount": 2000}).json()

    second = api.post(
        "/v1/orders",
        {"source_id": "o-1", "status": "PAID", "items": [{"amount": 700}]},
    ).json()

    assert second["id"] == first["id"]
    assert second["status"] == "PAID"
    assert second["amount"] == 700
    assert second["items"][0]["id"].startswith("ordli_")
    assert Order.objects.count() == 1


def test_the_customer_of_a_redeemed_order_stays(api, project):
    coupon(project)
    done = _redeem(api, "SAVE20", customer={"source_id": "ada"})

    response = api.put(
        f"/v1/orders/{done['order']['id']}", {"customer": {"source_id": "eve"}}
    )

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_order"
    assert Order.objects.get().customer.source_id == "ada"
    assert list(project.customers.values_list("source_id", flat=True)) == ["ada"]

"""Rolling back gives back exactly what was taken, once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from promo.clock import utc_now
from redemptions.models import Order, Redemption
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import TierFactory
from tests.fixtures.api import server_client
from tests.redemptions.api.test_redeeming import ask, coupon

pytestmark = pytest.mark.django_db


def redeemed(api, *codes, **rest):
    rest = {"order": {"source_id": "o-1", "amount": 10000}, **rest}
    response = api.post("/v1/redemptions", ask(*codes, **rest))
    assert response.status_code == 200, response.json()
    return response.json()


@pytest.mark.spec("engine 10 POST /v1/redemptions/{id}/rollback")
@pytest.mark.spec("engine 10 voucher")
@pytest.mark.spec("engine 10 redemption")
def test_a_rollback_frees_the_code_and_cancels_the_order(api, project):
    voucher = coupon(project)
    [first] = redeemed(api, "SAVE20", customer={"source_id": "ada"})["redemptions"]

    response = api.post(f"/v1/redemptions/{first['id']}/rollback?reason=returned")

    assert response.status_code == 200, response.json()
    shown = response.json()
    voucher.refresh_from_db()
    order = Order.objects.get()
    assert shown["id"].startswith("rr_")
    assert shown["redemption"] == first["id"]
    assert shown["reason"] == "returned"
    assert shown["voucher"]["redemption"]["redeemed_quantity"] == 0
    assert voucher.redeemed_quantity == 0
    assert (order.status, order.discount_amount, order.amount) == ("CANCELED", 0, 10000)
    entry = shown["order"]["redemptions"][first["id"]]
    assert entry["rollback_id"] == shown["id"]
    kept = api.get(f"/v1/redemptions/{first['id']}").json()
    assert (kept["status"], kept["result"]) == ("ROLLED_BACK", "SUCCESS")
    again = redeemed(api, "SAVE20", order={"source_id": "o-2", "amount": 500})
    assert again["order"]["total_amount"] == 400


def test_a_second_rollback_is_refused_on_record_and_moves_nothing(api, project):
    voucher = coupon(project)
    [first] = redeemed(api, "SAVE20")["redemptions"]
    api.post(f"/v1/redemptions/{first['id']}/rollback")

    response = api.post(f"/v1/redemptions/{first['id']}/rollback")

    voucher.refresh_from_db()
    assert response.status_code == 400
    assert response.json()["key"] == "already_rolled_back"
    assert response.json()["resource_id"].startswith("rrf_")
    assert response.json()["resource_type"] == "redemption_rollback"
    assert voucher.redeemed_quantity == 0


@pytest.mark.spec("engine 10 POST /v1/redemptions/{id}/rollbacks")
def test_a_single_redemption_goes_by_the_endpoint_for_several_too(api, project):
    voucher = coupon(project)
    [first] = redeemed(api, "SAVE20")["redemptions"]

    answer = api.post(f"/v1/redemptions/{first['id']}/rollbacks").json()

    voucher.refresh_from_db()
    assert [row["redemption"] for row in answer["rollbacks"]] == [first["id"]]
    assert "parent_rollback" not in answer
    assert answer["order"]["status"] == "CANCELED"
    assert voucher.redeemed_quantity == 0


@pytest.mark.spec("engine 10 POST /v1/redemptions/{id}/rollbacks")
def test_stacked_redemptions_go_together(api, project):
    coupon(project, "FIRST")
    tier = TierFactory(project=project)
    body = ask("FIRST", order={"source_id": "o-1", "amount": 10000})
    body["redeemables"].append({"object": "promotion_tier", "id": tier.pk})
    done = api.post("/v1/redemptions", body).json()
    parent, child = done["parent_redemption"]["id"], done["redemptions"][0]["id"]

    by_single = api.post(f"/v1/redemptions/{parent}/rollback")
    by_child = api.post(f"/v1/redemptions/{child}/rollbacks")
    answer = api.post(f"/v1/redemptions/{parent}/rollbacks").json()

    assert by_single.json()["key"] == "invalid_redemption"
    assert by_child.json()["key"] == "invalid_redemption_parent"
    assert [row["redemption"] for row in answer["rollbacks"]] == [
        row["id"] for row in done["redemptions"]
    ]
    assert answer["parent_rollback"]["redemption"] == parent
    tier.refresh_from_db()
    assert (tier.redeemed_quantity, tier.discounted_amount) == (0, 0)
    assert tier.orders_amount == 0
    order = Order.objects.get()
    assert (order.total_amount, order.status) == (10000, "CANCELED")
    assert project.vouchers.get().redeemed_quantity == 0


def test_of_two_redemptions_of_one_order_only_one_is_taken_off(api, project):
    coupon(project, "ONE")
    coupon(project, "TWO")
    redeemed(api, "ONE")
    [second] = redeemed(api, "TWO")["redemptions"]

    api.post(f"/v1/redemptions/{second['id']}/rollback")

    order = Order.objects.get()
    assert (order.discount_amount, order.total_amount) == (2000, 8000)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"order": {"source_id": "o-9"}}, "invalid_order"),
        ({"customer": {"source_id": "eve"}}, "invalid_customer"),
    ],
)
def test_what_does_not_belong_to_the_redemption_is_refused(api, project, body, key):
    voucher = coupon(project)
    CustomerFactory(project=project, source_id="eve")
    [first] = redeemed(api, "SAVE20", customer={"source_id": "ada"})["redemptions"]

    response = api.post(f"/v1/redemptions/{first['id']}/rollback", body)

    voucher.refresh_from_db()
    assert (response.status_code, response.json()["key"]) == (400, key)
    assert voucher.redeemed_quantity == 1


def test_an_unknown_customer_or_redemption_is_404(api, project, other_api):
    coupon(project)
    [first] = redeemed(api, "SAVE20")["redemptions"]

    nobody = api.post(
        f"/v1/redemptions/{first['id']}/rollback", {"customer": {"source_id": "x"}}
    )
    nothing = api.post("/v1/redemptions/r_1/rollback")
    foreign = other_api.post(f"/v1/redemptions/{first['id']}/rollback")

    assert nobody.json()["resource_type"] == "customer"
    assert nothing.json()["resource_type"] == "redemption"
    assert [r.status_code for r in (nobody, nothing, foreign)] == [404, 404, 404]
    assert Redemption.objects.count() == 1


@pytest.mark.spec("engine 10 older than 3 months")
@pytest.mark.parametrize("age", [timedelta(days=100), timedelta(days=4000)])
def test_no_redemption_is_too_old_to_be_rolled_back(api, project, age):
    voucher = coupon(project)
    [first] = redeemed(api, "SAVE20")["redemptions"]
    Redemption.objects.update(created_at=utc_now() - age)

    response = api.post(f"/v1/redemptions/{first['id']}/rollback")

    voucher.refresh_from_db()
    assert response.status_code == 200, response.json()
    assert voucher.redeemed_quantity == 0
    assert Redemption.objects.redemptions().get().status == "ROLLED_BACK"
    assert Order.objects.get().status == "CANCELED"


@pytest.mark.spec("engine 10 concurrent rollback")
@pytest.mark.django_db(transaction=True)
def test_eight_rollbacks_at_once_give_back_once(project):
    voucher = coupon(project)
    api = server_client(project)
    [first] = redeemed(api, "SAVE20", customer={"source_id": "ada"})["redemptions"]
    start, keys = threading.Barrier(8), []

    def run():
        start.wait()
        try:
            answer = api.post(f"/v1/redemptions/{first['id']}/rollback").json()
            keys.append(answer.get("key", "done"))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    voucher.refresh_from_db()
    assert keys.count("done") == 1
    assert set(keys) <= {"done", "multiple_requests", "already_rolled_back"}
    assert voucher.redeemed_quantity == 0
    rollbacks = Redemption.objects.filter(object="redemption_rollback")
    assert rollbacks.succeeded().count() == 1


@pytest.mark.spec("engine 5.2 redeemables_rollback_order_mode")
@pytest.mark.spec("engine 10 order, WITHOUT_ORDER")
def test_the_order_stays_as_it_is_where_the_project_wants_that(api, project):
    project.stacking_rules = {"redeemables_rollback_order_mode": "WITHOUT_ORDER"}
    project.save()
    voucher = coupon(project)
    [first] = redeemed(api, "SAVE20")["redemptions"]

    shown = api.post(f"/v1/redemptions/{first['id']}/rollback").json()

    voucher.refresh_from_db()
    order = Order.objects.get()
    assert voucher.redeemed_quantity == 0
    assert (order.status, order.discount_amount) == ("PAID", 2000)
    assert shown["order"]["status"] == "PAID"
    assert shown["order"]["redemptions"][first["id"]]["rollback_id"] == shown["id"]

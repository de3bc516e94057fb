"""What cannot be rolled back: the key, the words, the record, and nothing moved."""

import threading

import pytest
from django.db import connection, transaction

from redemptions.models import Order, Redemption
from tests.factories.customers import CustomerFactory
from tests.fixtures.api import server_client
from tests.redemptions.api.test_redeeming import ask, coupon
from tests.redemptions.api.test_rollbacks import redeemed

pytestmark = pytest.mark.django_db

ADA = {"customer": {"source_id": "ada"}}
BOTH = pytest.mark.parametrize("verb", ["rollback", "rollbacks"])
PARENT = (
    "invalid_redemption_parent",
    "Invalid redemption parent",
    "You can rollback only a redemption that does not have parent redemption.",
)
STACKED = (
    "invalid_redemption",
    "Invalid redemption",
    (
        "You can rollback only a single redemption. "
        "Use different endpoint for stacked redemption."
    ),
)
FAILED = (
    "invalid_redemption",
    "Invalid redemption",
    "You can rollback only a redemption that succeeded.",
)
TWICE = (
    "already_rolled_back",
    "Already rolled back",
    "Redemption has been already rolled back.",
)
STRANGER = (
    "invalid_customer",
    "Invalid customer",
    "Customer is not related with redemption.",
)
OTHER_ORDER = (
    "invalid_order",
    "Invalid order",
    "Order is not related with redemption.",
)


def taken(project):
    """What rolling back would move: uses of codes, the order, what stands."""
    order = Order.objects.get()
    return (
        list(project.vouchers.order_by("code").values_list("redeemed_quantity")),
        (order.status, order.discount_amount, order.total_amount),
        Redemption.objects.standing().count(),
    )


def refused(api, path, body=None):
    """Roll back in vain; return key, message and details."""
    before = taken(api.project)

    response = api.post(f"/v1/redemptions/{path}", body)

    shown = response.json()
    assert response.status_code == shown["code"] == 400
    assert taken(api.project) == before
    record = Redemption.objects.get(object="redemption_rollback", result="FAILURE")
    assert record.shown_id.startswith("rrf_")
    assert shown["resource_id"] == record.shown_id
    assert shown["resource_type"] == "redemption_rollback"
    assert (record.failure_code, record.failure_message) == (
        shown["key"],
        shown["message"],
    )
    return shown["key"], shown["message"], shown["details"]


def single(api, **rest):
    coupon(api.project)
    [made] = redeemed(api, "SAVE20", **ADA, **rest)["redemptions"]
    return made["id"]


def stacked(api):
    coupon(api.project, "ONE")
    coupon(api.project, "TWO")
    done = redeemed(api, "ONE", "TWO")
    return done["parent_redemption"]["id"], done["redemptions"][0]["id"]


@pytest.mark.spec("engine 10 unknown id")
@BOTH
@pytest.mark.parametrize("unknown", ["r_1", "r_" + "f" * 32, "SAVE20", "rr_"])
def test_an_unknown_redemption_is_404_and_leaves_no_record(api, verb, unknown):
    response = api.post(f"/v1/redemptions/{unknown}/{verb}")

    shown = response.json()
    assert response.status_code == shown["code"] == 404
    assert (shown["key"], shown["message"]) == ("not_found", "Resource not found")
    assert shown["details"] == f"Cannot find redemption with id {unknown}"
    assert (shown["resource_id"], shown["resource_type"]) == (unknown, "redemption")
    assert not Redemption.objects.exists()


@pytest.mark.spec("engine 10 child id on either endpoint")
@BOTH
def test_one_of_a_stack_does_not_go_alone(api, verb):
    _, child = stacked(api)

    assert refused(api, f"{child}/{verb}") == PARENT


@pytest.mark.spec("engine 10 parent id on /rollback")
@pytest.mark.spec("engine 10 POST /v1/redemptions/{id}/rollback")
def test_a_stack_has_an_endpoint_of_its_own(api):
    parent, _ = stacked(api)

    assert refused(api, f"{parent}/rollback") == STACKED


@pytest.mark.spec("engine 10 already rolled back")
@BOTH
def test_what_is_rolled_back_is_not_rolled_back_again(api, verb):
    redemption = single(api)
    api.post(f"/v1/redemptions/{redemption}/{verb}")

    assert refused(api, f"{redemption}/{verb}") == TWICE


@pytest.mark.spec("engine 10 already rolled back")
def test_a_stack_is_not_rolled_back_again(api):
    parent, _ = stacked(api)
    api.post(f"/v1/redemptions/{parent}/rollbacks")

    assert refused(api, f"{parent}/rollbacks") == TWICE


@pytest.mark.spec("engine 10 other customer / unknown customer")
@BOTH
@pytest.mark.parametrize("named", ["id", "source_id", "tracking_id"])
def test_another_customer_rolls_nothing_back(api, verb, named):
    redemption = single(api)
    eve = CustomerFactory(project=api.project, source_id="eve")
    body = {
        "id": {"customer": {"id": eve.pk}},
        "source_id": {"customer": {"source_id": "eve"}},
        "tracking_id": {"tracking_id": "eve"},
    }

    assert refused(api, f"{redemption}/{verb}", body[named]) == STRANGER


@pytest.mark.spec("engine 10 other customer / unknown customer")
@BOTH
def test_an_unknown_customer_is_404_and_leaves_no_record(api, verb):
    redemption = single(api)
    body = {"customer": {"source_id": "nobody"}}

    response = api.post(f"/v1/redemptions/{redemption}/{verb}", body)

    shown = response.json()
    assert (response.status_code, shown["key"]) == (404, "not_found")
    assert shown["details"] == "Cannot find customer with id nobody"
    assert (shown["resource_id"], shown["resource_type"]) == ("nobody", "customer")
    assert Redemption.objects.get().status == "SUCCEEDED"


@pytest.mark.spec("engine 10 order not of this redemption")
@BOTH
@pytest.mark.parametrize("named", [{"source_id": "o-9"}, {"id": "ord_9"}])
def test_another_order_is_not_restored(api, verb, named):
    redemption = single(api)

    assert refused(api, f"{redemption}/{verb}", {"order": named}) == OTHER_ORDER


@pytest.mark.spec("engine 10 failed redemption (`rf_…`)")
@BOTH
def test_what_failed_is_not_rolled_back(api, verb):
    single(api)
    failed = api.post("/v1/redemptions", ask("SAVE20")).json()["resource_id"]

    assert failed.startswith("rf_")
    assert refused(api, f"{failed}/{verb}") == FAILED


@pytest.mark.spec("engine 10 concurrent rollback")
@pytest.mark.spec("engine 12.1 multiple_requests")
@pytest.mark.django_db(transaction=True)
@BOTH
def test_who_comes_while_a_rollback_runs_is_sent_away(project, verb):
    api = server_client(project)
    redemption = single(api)
    before, answers = taken(project), []

    def run():
        try:
            answers.append(api.post(f"/v1/redemptions/{redemption}/{verb}"))
        finally:
            connection.close()

    with transaction.atomic():
        # What a rollback does first, and keeps until it commits.
        Redemption.objects.select_for_update(no_key=True).get()
        late = threading.Thread(target=run)
        late.start()
        late.join()

    [answer] = answers
    shown = answer.json()
    assert answer.status_code == 400
    assert (shown["key"], shown["message"], shown["details"]) == (
        "multiple_requests",
        "Multiple requests detected",
        "Another request rolls the same redemption back",
    )
    assert taken(project) == before
    assert api.post(f"/v1/redemptions/{redemption}/{verb}").status_code == 200

"""Customers over HTTP."""

from datetime import timedelta

import pytest

from customers.models import Customer
from redemptions.models import Order, Redemption
from tests.contract.resource import ResourceContract
from tests.factories.campaigns import VoucherFactory
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW
from tests.outbox import events_of

pytestmark = pytest.mark.django_db


class TestCustomers(ResourceContract):
    path, resource_type = "/v1/customers", "customer"
    id_prefix, list_key, object_name = "cust_", "customers", "customer"
    valid_body = {"source_id": "ada", "name": "Ada", "metadata": {"vip": True}}
    update_body = {"name": "Ada L."}
    wrong = [
        ({"name": 5}, "Property .name must be string"),
        ({"metadata": []}, "Property .metadata must be object"),
        (
            {"birthdate": "2026-02-30"},
            "Property .birthdate cannot be recognized as a ISO-8601 compliant date",
        ),
    ]
    last_page = 99

    def make(self, project, count):
        return CustomerFactory.create_batch(count, project=project)


def test_posting_a_known_source_id_changes_the_customer(api, project):
    ada = CustomerFactory(project=project, source_id="ada", metadata={"a": 1})

    shown = api.post("/v1/customers", {"source_id": "ada", "metadata": {"b": 2}}).json()

    assert shown["id"] == ada.pk
    assert shown["metadata"] == {"a": 1, "b": 2}
    assert Customer.objects.count() == 1


def test_a_customer_is_found_by_source_id_with_a_slash(api, project):
    CustomerFactory(project=project, source_id="a/b c")

    assert api.get("/v1/customers/a%2Fb%20c").json()["source_id"] == "a/b c"


def test_a_new_customer_has_zeroed_blocks(api):
    shown = api.post("/v1/customers", {"source_id": "ada"}).json()

    assert shown["summary"]["redemptions"]["total_redeemed"] == 0
    assert shown["loyalty"] == {"points": 0, "referred_customers": 0, "campaigns": {}}
    assert shown["referrals"] == {"total": 0, "campaigns": []}
    assert "updated_at" not in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("email=ADA@example.com", ["ada"]),
        ("name=ada", ["ada"]),
        ("city=Paris", ["ada"]),
        ("city=paris", []),
        ("order=source_id", ["ada", "eve"]),
        ("order=-source_id&limit=1", ["eve"]),
    ],
)
def test_the_list_can_be_narrowed_and_ordered(api, project, query, found):
    CustomerFactory(
        project=project,
        source_id="ada",
        name="Ada",
        email="ada@example.com",
        address={"city": "Paris"},
    )
    CustomerFactory(project=project, source_id="eve", name="Eve")

    listed = api.get(f"/v1/customers?{query}").json()["customers"]

    assert [each["source_id"] for each in listed] == found


def test_scrolling_by_date_meets_everybody_once(api, project):
    for number in range(5):
        CustomerFactory(
            project=project,
            source_id=f"c{number}",
            created_at=NOW + timedelta(hours=number),
        )

    first = api.get("/v1/customers?limit=3").json()
    cursor = first["customers"][-1]["created_at"]
    rest = api.get(f"/v1/customers?limit=3&starting_after={cursor}").json()

    seen = [each["source_id"] for each in first["customers"] + rest["customers"]]
    assert seen == ["c4", "c3", "c2", "c1", "c0"]
    assert (first["has_more"], rest["has_more"]) == (True, False)


def test_the_activity_feed_tells_what_happened_and_why(api, project):
    VoucherFactory(project=project, code="SAVE")
    redeemed = api.post(
        "/v1/redemptions",
        {
            "redeemables": [{"object": "voucher", "id": "SAVE"}],
            "customer": {"source_id": "ada"},
        },
    ).json()

    feed = api.get("/v1/customers/ada/activity?limit=1").json()
    rest = api.get(
        "/v1/customers/ada/activity",
        {"starting_after_id": feed["more_starting_after"]},
    ).json()
    old = api.get("/v1/customers/ada/activities").json()

    [entry] = feed["data"]
    assert entry["type"] == "customer.redemption.succeeded"
    assert entry["data"]["redemption"]["id"] == redeemed["redemptions"][0]["id"]
    assert entry["data"]["event_source"]["channel"] == "API"
    assert feed["has_more"] is True
    assert [each["type"] for each in rest["data"]] == ["customer.created"]
    assert old["total"] == 2
    assert api.get("/v1/customers/nobody/activity").status_code == 404


def test_erasing_leaves_anonymous_accounting_rows(api, project):
    voucher = VoucherFactory(project=project, code="SAVE")
    api.post(
        "/v1/redemptions",
        {
            "redeemables": [{"object": "voucher", "id": "SAVE"}],
            "customer": {"source_id": "ada"},
            "order": {"amount": 500, "metadata": {"phone": "1"}},
        },
    )
    ada = Customer.objects.get().pk

    shown = api.post("/v1/customers/ada/permanent-deletion").json()

    voucher.refresh_from_db()
    row = Redemption.objects.get()
    assert shown["status"] == "DONE"
    assert shown["related_object_id"] == ada
    assert shown["data_json"]["customer"] == shown["data_json"]["orders"] == 1
    assert Customer.objects.count() == Order.objects.count() == 0
    assert (row.customer_id, row.tracking_id) == (None, "")
    assert ada not in str(row.order_state)
    assert row.order_state["metadata"] == {}
    assert voucher.redeemed_quantity == 1
    assert events_of(project) == ["customer.deleted"]


def test_browsers_make_customers_only_where_the_project_allows_it(browser, project):
    refused = browser.post("/client/v1/customers", {"source_id": "ada"})
    project.client_create_customer_enabled = True
    project.save()

    assert refused.status_code == 403
    assert Customer.objects.count() == 0

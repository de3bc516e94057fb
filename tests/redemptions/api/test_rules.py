"""Validation rules at the checkout: refused with the reason, accepted to the cent."""

import threading
from collections import Counter as Tally

import pytest
from django.db import connection

from campaigns.models import ValidationRule
from campaigns.services.project_seed import seed_catalogue
from redemptions.models import Redemption
from tests.factories.catalogue import ProductFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import server_client
from tests.redemptions.api.test_redeeming import ask, coupon

pytestmark = pytest.mark.django_db

AT_LEAST_50 = {
    "1": {
        "name": "order.amount",
        "conditions": {"$more_than_or_equal": [5000]},
        "error": {"message": "Spend 50.00 or more"},
    },
    "logic": "1",
}
ONCE_EACH = {
    "1": {
        "name": "redemption.count.per_customer",
        "conditions": {"$less_than_or_equal": [1]},
    },
    "logic": "1",
}


def ruled(project, rules, **fields):
    voucher = coupon(project, **fields)
    rule = ValidationRuleFactory(project=project, name="A rule", rules=rules)
    AssignmentFactory(
        project=project,
        rule=rule,
        related_object_id=voucher.campaign_id,
        related_object_type="campaign",
    )
    return voucher, rule


@pytest.mark.parametrize("path", ["validations", "redemptions"])
def test_an_order_of_49_99_is_refused_with_the_reason(api, project, path):
    voucher, rule = ruled(project, AT_LEAST_50)

    body = api.post(f"/v1/{path}?explain=true", ask("SAVE20", order={"amount": 4999}))
    shown = body.json()

    error = (
        shown if path == "redemptions" else shown["redeemables"][0]["result"]["error"]
    )
    assert error["key"] == "order_rules_violated"
    assert error["message"] == "order does not match validation rules"
    assert error["details"] == (
        "Discount Coupon cannot be redeemed because of violated validation rules: "
        f"{rule.pk}"
    )
    assert error["error"] == {"message": "Spend 50.00 or more"}
    voucher.refresh_from_db()
    assert voucher.redeemed_quantity == 0
    if path == "redemptions":
        trace = Redemption.objects.get().trace
        assert "order amount was 49.99, needs at least 50.00" in str(trace)
    else:
        assert "order amount was 49.99, needs at least 50.00" in str(shown["explain"])


def test_an_order_of_50_is_accepted_with_exact_amounts(api, project):
    ruled(project, AT_LEAST_50)

    shown = api.post("/v1/redemptions", ask("SAVE20", order={"amount": 5000})).json()

    assert shown["order"]["total_discount_amount"] == 1000
    assert shown["order"]["total_amount"] == 4000


def test_a_rule_on_lines_reads_the_lines_prices(api, project):
    ruled(project, AT_LEAST_50)
    lines = [{"price": 1250, "quantity": 3}, {"amount": 1250}]

    shown = api.post("/v1/validations", ask("SAVE20", order={"items": lines})).json()

    assert shown["valid"] is True
    assert shown["order"]["total_amount"] == 4000


def test_once_per_customer_is_refused_the_second_time(api, project):
    voucher, _ = ruled(project, ONCE_EACH, redemption_quantity=None)
    extra = {"order": {"amount": 5000}, "customer": {"source_id": "ada"}}

    first = api.post("/v1/redemptions", ask("SAVE20", **extra))
    second = api.post("/v1/redemptions", ask("SAVE20", **extra))
    nobody = api.post("/v1/redemptions", ask("SAVE20", order={"amount": 5000}))

    voucher.refresh_from_db()
    assert first.status_code == 200
    assert second.json()["key"] == "redemption_rules_violated"
    assert nobody.json()["key"] == "missing_customer"
    assert voucher.redeemed_quantity == 1


@pytest.mark.django_db(transaction=True)
def test_64_redemptions_of_one_customer_limited_to_one_succeed_once(project):
    voucher, _ = ruled(project, ONCE_EACH, redemption_quantity=None)
    api = server_client(project)
    body = ask("SAVE20", order={"amount": 5000}, customer={"source_id": "ada"})
    start, outcomes = threading.Barrier(64), []

    def run():
        start.wait()
        try:
            response = api.post("/v1/redemptions", body)
            outcomes.append(response.json().get("key", response.status_code))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    voucher.refresh_from_db()
    assert Tally(outcomes) == {200: 1, "redemption_rules_violated": 63}
    assert voucher.redeemed_quantity == 1
    assert project.redemptions.standing().count() == 1
    assert project.redemptions.filter(result="FAILURE").count() == 63
    assert project.customers.count() == 1


@pytest.mark.spec("rules 6.1 `included_all`")
def test_everything_included_is_listed_as_the_collection_of_all_products(api, project):
    seed_catalogue(project, now=NOW)
    everything = project.product_collections.get(is_predefined=True)
    tea = ProductFactory(project=project, source_id="tea", price=1000)
    _, rule = ruled(project, {})
    ValidationRule.objects.filter(pk=rule.pk).update(
        applicable_to={"included_all": True}
    )

    items = [{"source_id": "tea", "quantity": 2}]
    answer = api.post("/v1/validations", ask("SAVE20", order={"items": items})).json()

    listed = answer["redeemables"][0]["applicable_to"]["data"]
    assert [(each["object"], each["id"], each["strict"]) for each in listed] == [
        ("products_collection", everything.pk, False),
        ("product", tea.pk, True),
    ]

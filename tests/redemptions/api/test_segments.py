"""Segments of customers as rules at the checkout."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from customers.services.segment_members import enter
from redemptions.models import Redemption
from tests.factories.customers import CustomerFactory, SegmentFactory
from tests.factories.tenancy import NOW
from tests.redemptions.api.test_redeeming import ask
from tests.redemptions.api.test_rules import ruled

pytestmark = pytest.mark.django_db

LATIN = {"junction": "and", "metadata.team": {"conditions": {"$is": ["latin"]}}}


def asks(operator, *segments):
    ids = [one.pk for one in segments]
    rule = {"name": "customer.segment", "conditions": {operator: ids}}
    return {"1": rule, "logic": "1"}


def validate(api, **customer):
    body = ask("SAVE20", order={"amount": 5000}, customer=customer)
    [found] = api.post("/v1/validations", body).json()["redeemables"]
    return found["status"], found["result"].get("error", {}).get("key")


IN = ("APPLICABLE", None)
OUT = ("INAPPLICABLE", "customer_rules_violated")


@pytest.mark.spec("rules 4.1 customer.segment")
@pytest.mark.parametrize("kind", ["passive", "auto-update"])
def test_a_filter_is_asked_about_the_stored_profile_and_what_is_sent(
    api, project, kind
):
    segment = SegmentFactory.create(project=project, type=kind, filter=LATIN)
    ruled(project, asks("$is", segment))
    CustomerFactory.create(project=project, source_id="ada", metadata={"team": "latin"})

    assert validate(api, source_id="ada") == IN
    assert validate(api, source_id="ada", metadata={"team": "greek"}) == OUT
    assert validate(api, source_id="ada", metadata={"size": 1}) == IN
    assert validate(api, source_id="new") == OUT
    assert validate(api, source_id="new", metadata={"team": "latin"}) == IN
    ada = Customer.objects.get()
    assert ada.metadata == {"team": "latin"}


def test_only_stored_customers_are_in_a_listed_segment(api, project):
    segment = SegmentFactory.create(project=project, type="static", filter=None)
    ruled(project, asks("$in", segment))
    ada, _ = (
        CustomerFactory.create(project=project, source_id=name)
        for name in ("ada", "eve")
    )
    enter([(segment.pk, ada.pk)], now=NOW)

    assert validate(api, source_id="ada") == IN
    assert validate(api, id=ada.pk) == IN
    assert validate(api, source_id="eve") == OUT
    assert validate(api, source_id="new") == OUT


def test_an_address_and_a_birthday_that_are_sent_count(api, project):
    conditions = {
        "junction": "and",
        "city": {"conditions": {"$is": ["Paris"]}},
        "birthdate": {"conditions": {"$is_month": [4]}},
    }
    ruled(
        project, asks("$is", SegmentFactory.create(project=project, filter=conditions))
    )
    CustomerFactory.create(
        project=project,
        source_id="ada",
        address={"country": "FR"},
        birthday="1990-04-02",
    )

    assert validate(api, source_id="ada") == OUT
    assert validate(api, source_id="ada", address={"city": "Paris"}) == IN
    moved = {"address": {"city": "Paris"}, "birthdate": "1990-05-02"}
    assert validate(api, source_id="ada", **moved) == OUT


def test_a_segment_of_another_project_holds_nobody(api, project, other_project):
    foreign = SegmentFactory.create(project=other_project)
    ruled(project, asks("$is", foreign))

    assert validate(api, source_id="ada") == OUT


def test_a_refused_redemption_names_the_segment(api, project):
    segment = SegmentFactory.create(project=project, filter=LATIN)
    voucher, _ = ruled(project, asks("$is", segment))

    body = ask("SAVE20", order={"amount": 5000}, customer={"source_id": "ada"})
    refused = api.post("/v1/redemptions?explain=true", body)

    assert refused.json()["key"] == "customer_rules_violated"
    voucher.refresh_from_db()
    assert voucher.redeemed_quantity == 0
    trace = str(Redemption.objects.get().trace)
    assert f"the customer is in no such segment, needs {segment.pk}" in trace


@pytest.mark.parametrize("path", ["validations", "qualifications", "redemptions"])
def test_segments_cost_one_statement_whatever_their_number(api, project, path):
    ada = CustomerFactory.create(project=project, source_id="ada")
    one, *others = SegmentFactory.create_batch(10, project=project)
    voucher, rule = ruled(project, asks("$in", one), redemption_quantity=None)
    voucher.holder = ada
    voucher.save()
    costs = []
    for rules in (asks("$in", one), asks("$in", one, *others), {}):
        rule.rules = rules
        rule.version += 1
        rule.save()
        body = ask("SAVE20", order={"amount": 5000}, customer={"source_id": "ada"})
        if path == "qualifications":
            del body["redeemables"]
        for _ in range(2):
            with CaptureQueriesContext(connection) as statements:
                answer = api.post(f"/v1/{path}", body)
            assert answer.status_code == 200, answer.content
        costs.append(len(statements))

    assert costs[0] == costs[1] == costs[2] + 1

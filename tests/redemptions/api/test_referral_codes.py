"""Referral codes at the checkout: somebody else uses what a referrer holds."""

from typing import Any

import pytest

from campaigns.models import Voucher
from customers.models import Customer
from redemptions.models import Order, Redemption
from tests.factories.campaigns import VoucherFactory
from tests.factories.customers import CustomerFactory
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def referrer(api: ApiClient) -> Customer:
    """The holder of the referral code INVITE."""
    eve: Customer = CustomerFactory(project=api.project, source_id="eve")
    VoucherFactory(
        project=api.project, code="INVITE", holder=eve, is_referral_code=True
    )
    return eve


def body(customer: str | None, *codes: str) -> dict[str, Any]:
    named = {"customer": {"source_id": customer}} if customer else {}
    return {
        "redeemables": [
            {"object": "voucher", "id": one} for one in codes or ["INVITE"]
        ],
        "order": {"amount": 10_000},
        **named,
    }


@pytest.mark.spec("engine 5.1 referral code")
@pytest.mark.spec("engine 9.2 referral code")
def test_the_order_names_who_referred(api: ApiClient, referrer: Customer) -> None:
    validated = api.post("/v1/validations", body("ada")).json()
    done = api.post("/v1/redemptions", body("ada")).json()

    assert validated["order"]["referrer_id"] == referrer.pk
    assert validated["redeemables"][0]["order"]["referrer_id"] == referrer.pk
    assert done["order"]["referrer_id"] == referrer.pk
    assert done["order"]["total_amount"] == 9_000
    assert Order.objects.get().referrer_id == referrer.pk


def test_the_referrer_stays_with_several_codes(
    api: ApiClient, referrer: Customer
) -> None:
    VoucherFactory(project=api.project, code="MORE")

    done = api.post("/v1/redemptions", body("ada", "INVITE", "MORE")).json()

    assert done["order"]["referrer_id"] == referrer.pk
    assert done["parent_redemption"]["order"]["referrer_id"] == referrer.pk


@pytest.mark.spec("engine 12.2 `referrer_not_permitted_to_redeem`")
@pytest.mark.spec("engine 12.2 `missing_customer`")
@pytest.mark.parametrize(
    ("customer", "key", "details"),
    [
        ("eve", "referrer_not_permitted_to_redeem", "INVITE"),
        (None, "missing_customer", "Customer is required to validate rules"),
    ],
)
def test_who_cannot_use_a_referral_code(
    api: ApiClient, referrer: Customer, customer: str | None, key: str, details: str
) -> None:
    answer = api.post("/v1/redemptions", body(customer)).json()

    assert (answer["key"], answer["details"]) == (key, details)
    assert Redemption.objects.get().result == "FAILURE"
    assert Voucher.objects.get(holder=referrer).redeemed_quantity == 0
    assert Order.objects.count() == 0


def test_a_code_nobody_was_given_refers_nobody(api: ApiClient) -> None:
    VoucherFactory(project=api.project, code="INVITE", is_referral_code=True)

    answer = api.post("/v1/redemptions", body("ada")).json()

    assert (answer["key"], answer["details"]) == ("invalid_voucher", "INVITE")
    assert Voucher.objects.get().redeemed_quantity == 0


@pytest.mark.parametrize(
    ("customer", "sentence"),
    [
        ("eve", "a referrer cannot use a referral code of their own"),
        (None, "a referral code needs a customer, and none was sent"),
    ],
)
def test_the_explanation_says_who_may_use_it(
    api: ApiClient, referrer: Customer, customer: str | None, sentence: str
) -> None:
    told = api.post("/v1/validations?explain=true", body(customer)).json()

    [said] = told["explain"]["sentences"]
    assert sentence in said.lower()
    assert Voucher.objects.get(holder=referrer).redeemed_quantity == 0

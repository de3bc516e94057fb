"""Formulas at the checkout: what they read from the database."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.campaigns import VoucherFactory
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


def code(api: ApiClient, formula: str) -> None:
    discount = {"type": "AMOUNT", "amount_off": 100, "amount_off_formula": formula}
    VoucherFactory(project=api.project, code="MINE", discount=discount)


def validated(api: ApiClient, **customer: Any) -> Any:
    answer = api.post(
        "/v1/validations",
        {
            "redeemables": [{"object": "voucher", "id": "MINE"}],
            "customer": {"source_id": "ada", **customer},
            "order": {"amount": 10_000},
        },
    ).json()
    return answer["redeemables"][0]["result"]["discount"]


def test_the_latest_publication_of_the_code_to_the_customer_is_read(
    api: ApiClient,
) -> None:
    code(api, 'PUBLICATION_METADATA("store")')
    before = validated(api)
    for store in (3, 7):
        published = {
            "voucher": "MINE",
            "customer": "ada",
            "metadata": {"store": store},
        }
        assert api.post("/v1/publications", published).status_code == 200

    after = validated(api)

    assert (before["amount_off"], before["is_dynamic"]) == (100, False)
    assert (after["amount_off"], after["is_dynamic"]) == (700, True)


def test_no_other_formula_costs_a_statement(api: ApiClient) -> None:
    code(api, "ORDER_AMOUNT / 10")
    validated(api)
    with CaptureQueriesContext(connection) as statements:
        assert validated(api)["amount_off"] == 1000

    assert not [one for one in statements if "campaigns_publication" in one["sql"]]


@pytest.mark.parametrize(
    ("sent", "amount"),
    [
        ({"birthdate": "1990-05-17"}, 500),
        ({"birthday": "1990-06-17"}, 600),
        ({"birthday": "1990-06-17", "birthdate": "1990-05-17"}, 500),
        ({}, 100),
    ],
)
def test_the_date_of_birth_may_be_sent(
    api: ApiClient, sent: dict[str, str], amount: int
) -> None:
    code(api, "MONTH(CUSTOMER_BIRTHDATE)")

    assert validated(api, **sent)["amount_off"] == amount


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (
            "/v1/vouchers/NEW",
            {"type": "DISCOUNT_VOUCHER", "discount": {"type": "AMOUNT"}},
            ".discount.amount_off_formula",
        ),
        (
            "/v1/campaigns",
            {
                "name": "New",
                "campaign_type": "DISCOUNT_COUPONS",
                "voucher": {"discount": {"type": "AMOUNT"}},
            },
            ".voucher.discount.amount_off_formula",
        ),
    ],
)
def test_a_wrong_formula_is_not_stored(
    api: ApiClient, path: str, body: dict[str, Any], field: str
) -> None:
    block = body.get("voucher", body)
    block["discount"] |= {"amount_off": 5, "amount_off_formula": "1 +"}

    answer = api.post(path, body).json()

    wrong = f"Property {field} must be a formula: it ends too early"
    assert (answer["key"], answer["details"]) == ("invalid_payload", wrong)
    assert api.project.vouchers.count() == api.project.campaigns.count() == 0

"""Formulas that are none are refused wherever they would be stored."""

from typing import Any

import pytest

from campaigns.models import Campaign, PromotionTier, ValidationRule, Voucher
from tests.factories.campaigns import PromotionFactory, VoucherFactory
from tests.factories.promotions import TierFactory
from tests.fixtures.api import ApiClient

WRONG = {"type": "AMOUNT", "amount_off": 500, "amount_off_formula": "ORDER_TOTAL / 2"}
UNITS = {
    "type": "UNIT",
    "units": [{"unit_off": 1, "unit_type": "prod_1", "unit_off_formula": "1 +"}],
}
VOUCHER = {"code": "DYNAMIC", "type": "DISCOUNT_VOUCHER"}
CAMPAIGN = {"name": "Dynamic", "campaign_type": "DISCOUNT_COUPONS"}


def refusal(response: Any) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["key"], body["details"]


@pytest.mark.parametrize(
    ("discount", "details"),
    [
        (WRONG, "amount_off_formula must be a formula: ORDER_TOTAL is not known"),
        (UNITS, "units[0].unit_off_formula must be a formula: it ends too early"),
    ],
)
def test_a_voucher_with_a_wrong_formula_is_not_stored(
    api: ApiClient, discount: dict[str, Any], details: str
) -> None:
    response = api.post("/v1/vouchers", VOUCHER | {"discount": discount})

    path = f"Property .discount.{details}"
    assert refusal(response) == (400, "invalid_payload", path)
    assert not Voucher.objects.exists()


def test_a_voucher_does_not_take_a_wrong_formula_over_its_value(api: ApiClient) -> None:
    voucher = VoucherFactory.create(project=api.project)
    before = voucher.discount

    response = api.put(f"/v1/vouchers/{voucher.code}", {"discount": WRONG})

    voucher.refresh_from_db()
    assert refusal(response)[:2] == (400, "invalid_payload")
    assert voucher.discount == before


def test_a_campaign_with_a_wrong_formula_is_not_stored(api: ApiClient) -> None:
    body = CAMPAIGN | {
        "vouchers_count": 2,
        "voucher": {"type": "DISCOUNT_VOUCHER", "discount": WRONG},
    }

    response = api.post("/v1/campaigns", body)

    path = "Property .voucher.discount.amount_off_formula must be a formula"
    assert refusal(response) == (
        400,
        "invalid_payload",
        f"{path}: ORDER_TOTAL is not known",
    )
    assert not Campaign.objects.exists()


def test_a_tier_with_a_wrong_formula_is_not_stored(api: ApiClient) -> None:
    campaign = PromotionFactory.create(project=api.project)
    body = {"name": "Dynamic", "action": {"discount": WRONG}}

    response = api.post(f"/v1/promotions/{campaign.pk}/tiers", body)

    path = "Property .action.discount.amount_off_formula must be a formula"
    assert refusal(response) == (
        400,
        "invalid_payload",
        f"{path}: ORDER_TOTAL is not known",
    )
    assert not PromotionTier.objects.exists()


def test_a_tier_does_not_take_a_wrong_formula_over_its_value(api: ApiClient) -> None:
    tier = TierFactory.create(project=api.project)
    before = tier.action

    response = api.put(
        f"/v1/promotions/tiers/{tier.pk}", {"action": {"discount": WRONG}}
    )

    tier.refresh_from_db()
    assert refusal(response)[:2] == (400, "invalid_payload")
    assert tier.action == before


def test_a_rule_with_a_wrong_price_formula_is_not_stored(api: ApiClient) -> None:
    entry = {"object": "product", "id": "prod_1", "price_formula": "ORDER_ITEM_PRICE x"}
    body = {"name": "Dynamic", "applicable_to": {"included": [entry]}}

    response = api.post("/v1/validation-rules", body)

    path = "Property .applicable_to.included[0].price_formula must be a formula"
    assert refusal(response) == (
        400,
        "invalid_payload",
        f"{path}: unexpected 'x' at position 18",
    )
    assert not ValidationRule.objects.exists()


def test_what_a_formula_holds_is_stored_as_written(api: ApiClient) -> None:
    formula = 'IF(ORDER_METADATA("stadt") is "Köln";5;3) \u00d7 2'
    discount = WRONG | {"amount_off_formula": formula}

    response = api.post("/v1/vouchers", VOUCHER | {"discount": discount})

    assert response.json()["discount"]["amount_off_formula"] == formula
    assert Voucher.objects.get().discount["amount_off_formula"] == formula

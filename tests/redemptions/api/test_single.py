"""The deprecated endpoints for one voucher or tier."""

from typing import Any

import pytest

from promo.tenancy.models import Project
from redemptions.models import Redemption
from tests.factories.campaigns import CampaignFactory, GiftCardFactory, VoucherFactory
from tests.factories.promotions import TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.fixtures.api import ApiClient

pytestmark = [pytest.mark.django_db, pytest.mark.spec("engine 14")]

ORDER = {"amount": 10_000}


def rule(api: ApiClient, thing: Any, **definition: Any) -> str:
    """Put a rule on a voucher or tier; return its id."""
    made = ValidationRuleFactory(
        project=api.project, rules={"1": definition, "logic": "1"}
    )
    kind = "voucher" if thing.pk.startswith("v_") else "promotion_tier"
    AssignmentFactory(
        project=api.project,
        rule=made,
        related_object_id=thing.pk,
        related_object_type=kind,
    )
    return made.pk


@pytest.mark.spec("engine 14 `POST /v1/vouchers/{code}/validate`")
def test_a_voucher_is_validated_flat(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project, name="Spring")
    VoucherFactory(campaign=campaign, code="SAVE", metadata={"shown": "web"})

    answer = api.post("/v1/vouchers/SAVE/validate", {"order": ORDER})

    body = answer.json()
    assert answer.status_code == 200
    assert (body["valid"], body["code"], body["campaign"]) == (True, "SAVE", "Spring")
    assert body["discount"]["percent_off"] == 10
    assert body["order"]["total_amount"] == 9_000
    assert body["metadata"] == {"shown": "web"}
    assert body["campaign_id"] == campaign.pk
    assert body["applicable_to"]["total"] == body["inapplicable_to"]["total"] == 0
    assert Redemption.objects.count() == 0


def test_a_refusal_says_why_with_status_200(api: ApiClient) -> None:
    voucher = VoucherFactory(project=api.project, code="SAVE")
    rule_id = rule(
        api, voucher, name="order.amount", conditions={"$more_than": [10_000]}
    )

    answer = api.post(
        "/v1/vouchers/SAVE/validate", {"order": ORDER, "customer": {"source_id": "ada"}}
    )

    body = answer.json()
    assert answer.status_code == 200
    assert (body["valid"], body["code"]) == (False, "SAVE")
    assert body["reason"] == "order does not match validation rules"
    assert body["error"]["key"] == "order_rules_violated"
    assert rule_id in body["error"]["details"]
    assert body["tracking_id"].startswith("track_")


def test_what_the_request_lacks_is_a_400(api: ApiClient) -> None:
    voucher = VoucherFactory(project=api.project, code="SAVE")
    rule(
        api,
        voucher,
        name="customer.metadata",
        property="vip",
        conditions={"$is": [True]},
    )

    answer = api.post("/v1/vouchers/SAVE/validate", {"order": ORDER})

    assert (answer.status_code, answer.json()["key"]) == (400, "missing_customer")


def test_a_request_applies_whole_or_not_at_all(api: ApiClient) -> None:
    api.project.stacking_rules = {"redeemables_application_mode": "PARTIAL"}
    api.project.save()
    VoucherFactory(project=api.project, code="OFF", active=False)

    answer = api.post("/v1/vouchers/OFF/redemption", {"order": ORDER}).json()

    assert answer["key"] == "voucher_disabled"
    assert answer["resource_id"].startswith("rf_")
    assert Redemption.objects.get().result == "FAILURE"


@pytest.mark.spec("engine 14 `POST /v1/vouchers/{code}/redemption`")
def test_a_voucher_is_redeemed_alone(api: ApiClient) -> None:
    voucher = VoucherFactory(project=api.project, code="SAVE", redemption_quantity=1)

    done = api.post("/v1/vouchers/SAVE/redemption", {"order": ORDER}).json()
    again = api.post("/v1/vouchers/SAVE/redemption", {"order": ORDER})

    voucher.refresh_from_db()
    assert (done["result"], done["voucher"]["code"]) == ("SUCCESS", "SAVE")
    assert done["order"]["total_discount_amount"] == 1_000
    assert (again.status_code, again.json()["key"]) == (400, "quantity_exceeded")
    assert voucher.redeemed_quantity == 1


def test_credits_are_chosen_in_the_body(api: ApiClient) -> None:
    GiftCardFactory(project=api.project, code="GIFT")
    body = {"order": ORDER, "gift": {"credits": 700}}

    shown = api.post("/v1/vouchers/GIFT/validate", body).json()
    done = api.post("/v1/vouchers/GIFT/redemption", body).json()

    assert (shown["valid"], shown["gift"]["credits"]) == (True, 700)
    assert (done["amount"], done["gift"]["amount"]) == (700, 700)


@pytest.mark.spec("engine 14 `POST /v1/promotions/tiers/{id}/validation`")
def test_a_tier_is_validated_and_redeemed_alone(api: ApiClient) -> None:
    tier = TierFactory(project=api.project, name="Ten", banner="10 % off")
    path = f"/v1/promotions/tiers/{tier.pk}"

    shown = api.post(f"{path}/validation", {"order": ORDER}).json()
    done = api.post(f"{path}/redemption", {"order": ORDER}).json()

    assert (shown["valid"], shown["id"], shown["name"]) == (True, tier.pk, "Ten")
    assert shown["discount_amount"] == shown["applied_discount_amount"] == 1_000
    assert shown["banner"] == "10 % off"
    assert (done["result"], done["promotion_tier"]["id"]) == ("SUCCESS", tier.pk)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/vouchers/NONE/validate",
        "/v1/vouchers/NONE/redemption",
        "/v1/promotions/tiers/promo_none/validation",
        "/v1/promotions/tiers/promo_none/redemption",
    ],
)
def test_what_does_not_exist_is_a_404(api: ApiClient, path: str) -> None:
    answer = api.post(path, {"order": ORDER})

    assert (answer.status_code, answer.json()["key"]) == (404, "not_found")


def test_a_session_is_opened_by_the_old_endpoint_too(api: ApiClient) -> None:
    VoucherFactory(project=api.project, code="SAVE", redemption_quantity=1)
    session = {"type": "LOCK", "key": "till-1"}

    held = api.post("/v1/vouchers/SAVE/validate", {"order": ORDER, "session": session})
    other = api.post("/v1/vouchers/SAVE/validate", {"order": ORDER})

    assert held.json()["session"]["key"] == "till-1"
    assert other.json()["error"]["key"] == "quantity_exceeded"


@pytest.mark.parametrize(
    ("allowed", "status", "used"), [("off", 403, 0), ("on", 200, 1)]
)
def test_a_browser_redeems_where_the_project_allows_it(
    browser: ApiClient, allowed: str, status: int, used: int
) -> None:
    rows = Project.objects.filter(pk=browser.project.pk)
    rows.update(client_redeem_enabled=allowed == "on")
    voucher = VoucherFactory(project=browser.project, code="SAVE")

    answer = browser.post("/client/v1/redeem?code=SAVE", {"order": ORDER})

    voucher.refresh_from_db()
    assert (answer.status_code, voucher.redeemed_quantity) == (status, used)


def test_a_browser_has_to_name_a_code(browser: ApiClient) -> None:
    Project.objects.filter(pk=browser.project.pk).update(client_redeem_enabled=True)

    answer = browser.post("/client/v1/redeem", {"order": ORDER})

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")

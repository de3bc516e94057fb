"""``/v1/campaigns/{campaignId}/summary``: figures by type and by day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from promo.tenancy.models import Project
from tests.contract.inhabitants import return_unit
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    PromotionFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import TierFactory
from tests.factories.rewards import CoinFactory, RewardAssignmentFactory
from tests.fixtures.api import ApiClient, server_client

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
BASE = {
    **dict.fromkeys(("validations", "validations_succeeded", "validations_failed")),
    **dict.fromkeys(
        (
            *("redemptions", "redemptions_succeeded", "redemptions_failed"),
            *("rollbacks", "rollbacks_succeeded", "rollbacks_failed"),
            *("orders_amount", "orders_rolledback_amount"),
        ),
        0,
    ),
}
CODES = dict.fromkeys(
    (
        *("vouchers_created", "vouchers_deleted"),
        *("publications", "publications_succeeded", "publications_failed"),
    ),
    0,
)
DISCOUNTS = {"discounted_amount": 0, "rolledback_discounted_amount": 0}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as frozen:
        yield frozen


def summary(api: ApiClient, campaign: Campaign, **query: str) -> dict[str, Any]:
    answer = api.get(f"/v1/campaigns/{campaign.pk}/summary", query)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    assert body.pop("object") == "campaign_summary"
    assert body.pop("campaign")["id"] == campaign.pk
    return body


def redeem(api: ApiClient, *ids: str, **more: Any) -> Any:
    kinds = {True: "promotion_tier", False: "voucher"}
    body = {
        "redeemables": [
            {"object": kinds[one.startswith("promo_")], "id": one} for one in ids
        ],
        "order": {"amount": 10_000},
    }
    return api.post("/v1/redemptions", body | more).json()


def roll_back(api: ApiClient, done: Any) -> None:
    (row,) = done["redemptions"]
    answer = api.post(f"/v1/redemptions/{row['id']}/rollback")
    assert answer.status_code == 200, answer.content


def test_a_new_campaign_of_each_type_has_its_figures_at_zero(api: ApiClient) -> None:
    gift = {f"amount_{name}" for name in ("added", "subtracted", "deleted")}
    gift |= {"created_vouchers_amount", "amount_redeemed", "amount_rolledback"}
    points = {
        *("added", "subtracted", "deleted", "rewarded", "redeemed", "rolledback"),
        *("expired", "transferred_in", "transferred_out"),
    }
    loyalty = {f"points_{name}" for name in points} | {"created_vouchers_points"}
    pending = ("added", "subtracted", "activated", "canceled")
    loyalty |= {f"pending_points_{name}" for name in pending}
    shared = {"project": api.project}
    expected: list[tuple[Campaign, dict[str, Any]]] = [
        (CampaignFactory(**shared), CODES | DISCOUNTS),
        (PromotionFactory(**shared), DISCOUNTS),
        (GiftCampaignFactory(**shared), CODES | dict.fromkeys(gift, 0)),
        (LoyaltyProgramFactory(**shared), CODES | dict.fromkeys(loyalty, 0)),
        (
            CampaignFactory(**shared, campaign_type="REFERRAL_PROGRAM"),
            CODES | DISCOUNTS | {"referred_customers": 0},
        ),
    ]

    for campaign, figures in expected:
        assert summary(api, campaign) == BASE | figures


def test_uses_orders_and_discounts_of_coupons_are_added_up(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)
    VoucherFactory(campaign=campaign, code="ONE", created_at=NOW)
    VoucherFactory(campaign=campaign, code="TWO", redemption_quantity=1, created_at=NOW)
    VoucherFactory(project=api.project, code="OTHER")
    redeem(api, "ONE", "TWO", "OTHER")
    redeem(api, "TWO")
    roll_back(api, redeem(api, "ONE", order={"amount": 5_000}))
    api.post("/v1/publications", {"voucher": "ONE", "customer": "ada"})
    api.post("/v1/publications", {"voucher": "ONE", "customer": "bob"})
    api.delete("/v1/vouchers/TWO")

    assert summary(api, campaign) == {
        **BASE,
        "redemptions": 4,
        "redemptions_succeeded": 3,
        "redemptions_failed": 1,
        "rollbacks": 1,
        "rollbacks_succeeded": 1,
        "orders_amount": 15_000,
        "orders_rolledback_amount": 5_000,
        "vouchers_created": 2,
        "vouchers_deleted": 1,
        "publications": 2,
        "publications_succeeded": 1,
        "publications_failed": 1,
        "discounted_amount": 1_000 + 900 + 500,
        "rolledback_discounted_amount": 500,
    }


def test_units_that_come_back_are_rolled_back_by_their_part(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)
    VoucherFactory(campaign=campaign, code="ONE")
    items = [{"source_id": "tea", "quantity": 4, "price": 1_000}]
    done = redeem(api, "ONE", order={"items": items})

    def undone() -> tuple[int, int]:
        found = summary(api, campaign)
        orders = found["orders_rolledback_amount"]
        return orders, found["rolledback_discounted_amount"]

    return_unit(api.project, done["order"]["id"])
    once = undone()
    for _ in range(3):
        return_unit(api.project, done["order"]["id"])

    assert once == (1_000, 100)
    assert undone() == (4_000, 400)
    assert summary(api, campaign)["orders_amount"] == 4_000


def test_tiers_are_added_up_and_have_no_codes(api: ApiClient) -> None:
    tier = TierFactory(project=api.project)
    redeem(api, tier.pk)

    assert summary(api, tier.campaign) == {
        **BASE,
        **DISCOUNTS,
        "redemptions": 1,
        "redemptions_succeeded": 1,
        "orders_amount": 10_000,
        "discounted_amount": 1_000,
    }


def test_credits_of_gift_cards_are_added_up(api: ApiClient) -> None:
    campaign = GiftCampaignFactory(project=api.project)
    GiftCardFactory(campaign=campaign, code="USED", created_at=NOW)
    GiftCardFactory(campaign=campaign, code="GONE", credited_amount=700)
    api.post("/v1/vouchers/USED/balance", {"amount": 1_000})
    api.post("/v1/vouchers/USED/balance", {"amount": -400})
    redeem(api, "USED", order={"amount": 2_000})
    roll_back(api, redeem(api, "USED", order={"amount": 300}))
    api.delete("/v1/vouchers/GONE")

    found = summary(api, campaign)

    assert {name: found[name] for name in found if "amount" in name} == {
        "orders_amount": 2_300,
        "orders_rolledback_amount": 300,
        "created_vouchers_amount": 5_700,
        "amount_added": 1_000,
        "amount_subtracted": 400,
        "amount_deleted": 700,
        "amount_redeemed": 2_300,
        "amount_rolledback": 300,
    }


def test_points_are_added_up_by_what_they_are(api: ApiClient) -> None:
    program = LoyaltyProgramFactory(project=api.project)
    offered = RewardAssignmentFactory(
        reward=CoinFactory(project=api.project), campaign=program
    )
    ada = CustomerFactory(project=api.project, source_id="ada")
    LoyaltyCardFactory(campaign=program, code="CLUB", holder=ada)
    api.post("/v1/vouchers/CLUB/balance", {"amount": 50})
    paid = {
        "object": "voucher",
        "id": "CLUB",
        "reward": {"id": offered.reward_id, "points": 200},
    }
    body = {
        "redeemables": [paid],
        "order": {"amount": 10_000},
        "customer": {"source_id": "ada"},
    }
    done = api.post("/v1/redemptions", body).json()

    found = summary(api, program)

    assert found["created_vouchers_points"] == 1_000
    assert (found["points_added"], found["points_rewarded"]) == (50, 0)
    assert found["points_redeemed"] == 200
    roll_back(api, done)
    assert summary(api, program)["points_rolledback"] == 200


def test_referred_customers_are_counted_once(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project, campaign_type="REFERRAL_PROGRAM")
    VoucherFactory(
        campaign=campaign,
        code="FRIEND",
        is_referral_code=True,
        holder=CustomerFactory(project=api.project),
    )
    for name in ("ada", "ada", "bob"):
        redeem(api, "FRIEND", customer={"source_id": name})

    assert summary(api, campaign)["referred_customers"] == 2


def test_days_are_those_of_the_project_and_both_are_included(
    project: Project, clock: Any
) -> None:
    project.timezone = "Europe/Warsaw"
    project.save()
    api = server_client(project)
    campaign = CampaignFactory(project=project)
    VoucherFactory(campaign=campaign, code="ONE")
    redeem(api, "ONE")
    clock.shift(timedelta(days=1))
    redeem(api, "ONE")

    def uses(**query: str) -> int:
        found: int = summary(api, campaign, **query)["redemptions"]
        return found

    # Half past eleven at night in UTC is the day after in Warsaw.
    assert uses(start_date="2026-03-11", end_date="2026-03-12") == 2
    assert uses(start_date="2026-03-11", end_date="2026-03-11") == 1
    assert uses(start_date="2026-03-12") == 1
    assert uses(end_date="2026-03-10") == 0
    assert uses(start_date="2026-03-12T10:00:00Z") == 1


@pytest.mark.parametrize("value", ["soon", "2026-13-01", "0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["start_date", "end_date"])
def test_what_is_no_day_is_refused(api: ApiClient, name: str, value: str) -> None:
    campaign = CampaignFactory(project=api.project)

    answer = api.get(f"/v1/campaigns/{campaign.pk}/summary", {name: value})

    assert answer.status_code == 400
    assert answer.json()["key"] == "invalid_query_params"
    assert answer.json()["details"].startswith(f"Property .{name} ")


def test_a_summary_costs_the_same_whatever_there_is_to_add_up(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)
    VoucherFactory(campaign=campaign, code="ONE")
    costs = set()
    for count in (1, 5):
        for _ in range(count):
            roll_back(api, redeem(api, "ONE"))
        summary(api, campaign)
        with CaptureQueriesContext(connection) as statements:
            summary(api, campaign)
        costs.add(len(statements))

    assert costs == {10}

"""The loyalty and referral blocks of customers, and orders that change hands."""

from typing import Any

import pytest

from customers.models import Customer
from customers.models.customer import empty_loyalty, empty_referrals
from promo.clock import utc_now
from promo.outbox.models import DomainEvent
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from redemptions.services.verification import CHECKS
from tests.factories.campaigns import (
    HolderFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    ReferralCampaignFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory
from tests.fixtures.api import ApiClient
from tests.outbox import events_of

pytestmark = pytest.mark.django_db


def customer(project: Project, source_id: str) -> Customer:
    return Customer.objects.get(project=project, source_id=source_id)


def settle() -> None:
    """Let the relay tell everything, also what it leads to."""
    while publish_batch(now=utc_now()):
        pass


def drifts() -> dict[str, list[Any]]:
    found = {check.name: list(check.find()) for check in CHECKS}
    return {name: rows for name, rows in found.items() if rows}


@pytest.fixture
def invite(project: Project) -> Customer:
    """Eve, who refers with INVITE of Friends and with JOIN of Family."""
    eve: Customer = CustomerFactory(project=project, source_id="eve", name="Eve")
    for name, code in (("Friends", "INVITE"), ("Family", "JOIN")):
        campaign = ReferralCampaignFactory(project=project, name=name)
        voucher = VoucherFactory(campaign=campaign, code=code, is_referral_code=True)
        HolderFactory(voucher=voucher, customer=eve, role="REFERRER")
    return eve


def redeem(api: ApiClient, code: str, source_id: str) -> str:
    body = {
        "redeemables": [{"object": "voucher", "id": code}],
        "customer": {"source_id": source_id},
        "order": {"amount": 10_000},
    }
    answer = api.post("/v1/redemptions", body)
    assert answer.status_code == 200, answer.content
    redemption: str = answer.json()["redemptions"][0]["id"]
    return redemption


def test_points_are_summed_up_over_cards_and_by_programme(
    api: ApiClient, project: Project
) -> None:
    ada = CustomerFactory(project=project, source_id="ada")
    club = LoyaltyProgramFactory(project=project, name="Club")
    other = LoyaltyProgramFactory(project=project, name="Other")
    LoyaltyCardFactory(campaign=club, code="ONE", holder=ada)
    LoyaltyCardFactory(campaign=other, code="TWO", holder=ada, credited_amount=40)

    api.post("/v1/vouchers/ONE/balance", {"amount": 20})
    api.post("/v1/vouchers/TWO/balance", {"amount": -10})
    settle()

    assert customer(project, "ada").loyalty == {
        "points": 1_020 + 30,
        "referred_customers": 0,
        "campaigns": {
            "Club": {"points": 1_020, "referred_customers": 0},
            "Other": {"points": 30, "referred_customers": 0},
        },
    }
    assert drifts() == {}


def test_a_card_that_is_deleted_leaves_the_figures(
    api: ApiClient, project: Project
) -> None:
    ada = CustomerFactory(project=project, source_id="ada")
    club = LoyaltyProgramFactory(project=project, name="Club")
    LoyaltyCardFactory(campaign=club, code="ONE", holder=ada)
    api.post("/v1/vouchers/ONE/balance", {"amount": 20})
    settle()

    api.delete("/v1/vouchers/ONE")
    settle()

    shown = customer(project, "ada")
    assert shown.loyalty == empty_loyalty()
    assert shown.summary["redemptions"]["loyalty_card"]["points_to_go"] == 0
    assert drifts() == {}


def test_the_tier_of_a_programme_stays_where_points_move(
    api: ApiClient, project: Project
) -> None:
    tiers = {"Club": {"points": 0, "referred_customers": 0, "loyalty_tier": "ltr_1"}}
    ada = CustomerFactory(
        project=project, source_id="ada", loyalty=empty_loyalty() | {"campaigns": tiers}
    )
    club = LoyaltyProgramFactory(project=project, name="Club")
    LoyaltyCardFactory(campaign=club, code="ONE", holder=ada)

    api.post("/v1/vouchers/ONE/balance", {"amount": 20})
    settle()

    assert customer(project, "ada").loyalty["campaigns"] == {
        "Club": {"points": 1_020, "referred_customers": 0, "loyalty_tier": "ltr_1"}
    }


def test_a_referral_shows_with_the_referee_and_the_referrer(
    api: ApiClient, project: Project, invite: Customer
) -> None:
    first = redeem(api, "INVITE", "ada")
    redeem(api, "INVITE", "ada")
    redeem(api, "INVITE", "bob")
    redeem(api, "JOIN", "ada")
    settle()

    ada = customer(project, "ada")
    campaigns = {each["campaign_id"]: each for each in ada.referrals["campaigns"]}
    friends = project.campaigns.get(name="Friends")
    assert ada.referrals["total"] == len(campaigns) == 2
    assert campaigns[friends.pk]["referrer_id"] == invite.pk
    assert campaigns[friends.pk]["related_object_id"] == first
    assert campaigns[friends.pk]["related_object_type"] == "redemption"
    assert campaigns[friends.pk]["date"].endswith("Z")
    assert customer(project, "eve").loyalty == {
        "points": 0,
        "referred_customers": 2,
        "campaigns": {
            "Friends": {"points": 0, "referred_customers": 2},
            "Family": {"points": 0, "referred_customers": 1},
        },
    }
    assert drifts() == {}


def test_a_code_converts_somebody_once(
    api: ApiClient, project: Project, invite: Customer
) -> None:
    first = redeem(api, "INVITE", "ada")
    settle()
    redeem(api, "INVITE", "ada")
    settle()

    told = DomainEvent.objects.get(type="customer.referred")
    assert told.customer_id == customer(project, "ada").pk
    assert told.category == "EFFECT"
    assert told.payload["customer"]["source_id"] == "ada"
    assert told.payload["referrer"]["id"] == invite.pk
    assert told.payload["campaign"]["name"] == "Friends"
    assert told.payload["voucher"]["code"] == "INVITE"
    assert told.payload["redemption"]["id"] == first
    assert told.payload["custom_event"] is None
    assert told.campaign_id == told.payload["campaign"]["id"]


def test_a_rolled_back_referral_is_none(
    api: ApiClient, project: Project, invite: Customer
) -> None:
    made = redeem(api, "INVITE", "ada")
    settle()

    api.post(f"/v1/redemptions/{made}/rollback")
    settle()

    assert customer(project, "ada").referrals == empty_referrals()
    assert customer(project, "eve").loyalty == empty_loyalty()
    assert drifts() == {}


def test_a_redemption_rolled_back_before_it_is_told_refers_nobody(
    api: ApiClient, project: Project, invite: Customer
) -> None:
    made = redeem(api, "INVITE", "ada")
    api.post(f"/v1/redemptions/{made}/rollback")

    settle()

    assert "customer.referred" not in events_of(project)


def test_using_other_codes_refers_nobody(api: ApiClient, project: Project) -> None:
    eve = CustomerFactory(project=project, source_id="eve")
    VoucherFactory(project=project, code="PLAIN", holder=eve)

    redeem(api, "PLAIN", "ada")
    settle()

    assert "customer.referred" not in events_of(project)
    assert customer(project, "ada").referrals == empty_referrals()


@pytest.mark.parametrize("gone", ["eve", "ada"])
@pytest.mark.parametrize("for_good", [True, False])
def test_who_is_gone_leaves_the_figures_of_others_right(
    api: ApiClient, project: Project, invite: Customer, gone: str, *, for_good: bool
) -> None:
    redeem(api, "INVITE", "ada")
    redeem(api, "INVITE", "bob")
    settle()

    if for_good:
        api.post(f"/v1/customers/{gone}/permanent-deletion")
    else:
        api.delete(f"/v1/customers/{gone}")
    settle()

    assert drifts() == {}
    if gone == "eve":
        assert customer(project, "bob").referrals == empty_referrals()
    else:
        left = 1 if for_good else 2
        assert customer(project, "eve").loyalty["referred_customers"] == left


@pytest.mark.parametrize(
    ("steps", "amounts"),
    [
        (["CREATED"], (0, 0)),
        (["CREATED", "PAID"], (500, 1)),
        (["PAID", "FULFILLED"], (500, 1)),
        (["PAID", "CANCELED"], (0, 0)),
        (["FULFILLED", "CREATED"], (0, 0)),
    ],
)
def test_orders_count_by_the_status_they_have_now(
    api: ApiClient, project: Project, steps: list[str], amounts: tuple[int, int]
) -> None:
    for status in steps:
        body = {"source_id": "o", "amount": 500, "status": status}
        api.post("/v1/orders", {**body, "customer": {"source_id": "ada"}})
        settle()

    orders = customer(project, "ada").summary["orders"]
    assert (orders["total_amount"], orders["total_count"]) == amounts
    assert ("last_order_date" in orders) is bool(amounts[1])
    assert drifts() == {}


def test_an_order_that_changes_hands_leaves_the_former_customer(
    api: ApiClient, project: Project
) -> None:
    body = {"source_id": "o", "amount": 500, "status": "PAID"}
    api.post("/v1/orders", {**body, "customer": {"source_id": "ada"}})
    settle()

    api.post("/v1/orders", {**body, "customer": {"source_id": "bob"}})
    settle()

    assert customer(project, "ada").summary["orders"]["total_count"] == 0
    assert customer(project, "bob").summary["orders"]["total_count"] == 1
    assert drifts() == {}


@pytest.mark.parametrize(
    ("block", "path", "name"),
    [
        ("summary", ("orders", "total_amount"), "figures of customers"),
        ("summary", ("redemptions", "gift", "amount_to_go"), "figures of customers"),
        ("loyalty", ("referred_customers",), "figures of customers"),
        ("referrals", ("total",), "figures of customers"),
        ("loyalty", ("campaigns", "Club", "points"), "points in programmes"),
    ],
)
def test_a_figure_that_drifted_is_found(
    project: Project, block: str, path: tuple[str, ...], name: str
) -> None:
    ada = CustomerFactory(project=project)
    ada.loyalty["campaigns"]["Club"] = {"points": 0, "referred_customers": 0}
    inner = getattr(ada, block)
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = 7
    ada.save()

    [found] = drifts().pop(name)

    assert (found.kept, found.recorded) == (7, 0)


def test_whom_an_event_waits_for_is_no_drift(api: ApiClient, project: Project) -> None:
    body = {"amount": 500, "status": "PAID", "customer": {"source_id": "ada"}}

    api.post("/v1/orders", body)

    assert customer(project, "ada").summary["orders"]["total_count"] == 0
    assert drifts() == {}

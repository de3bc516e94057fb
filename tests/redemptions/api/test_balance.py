"""``/v1/vouchers/{code}/balance`` and the transactions behind it."""

from typing import Any

import pytest

from redemptions.models import LedgerEntry
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory
from tests.fixtures.api import ApiClient, server_client

pytestmark = pytest.mark.django_db


@pytest.mark.spec("campaigns 9 total")
def test_a_change_answers_the_balance_after_it(api: ApiClient) -> None:
    card = GiftCardFactory(
        project=api.project, code="CARD", redeemed_amount=100, initial_balance=4900
    )

    answer = api.post("/v1/vouchers/CARD/balance", {"amount": 2000, "reason": "gift"})

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "amount": 2000,
            "total": 7000,
            "balance": 6900,
            "type": "gift_voucher",
            "operation_type": "MANUAL",
            "object": "balance",
            "related_object": {"type": "voucher", "id": card.pk},
        },
    )
    assert api.get("/v1/vouchers/CARD").json()["gift"] == {
        "amount": 7000,
        "subtracted_amount": 0,
        "balance": 6900,
        "effect": None,
    }


def test_points_are_answered_as_an_amount_too(api: ApiClient) -> None:
    holder = CustomerFactory(project=api.project)
    card = LoyaltyCardFactory(
        campaign=LoyaltyProgramFactory(project=api.project), holder=holder
    )

    answer = api.post(f"/v1/vouchers/{card.code}/balance", {"amount": -10}).json()

    assert (answer["amount"], answer["balance"]) == (-10, 990)
    assert answer["type"] == "loyalty_card"


@pytest.mark.spec("campaigns 9 amount 0, not integer, or result < 0")
@pytest.mark.parametrize(
    ("body", "key", "details"),
    [
        (
            {},
            "invalid_add_balance_params",
            "Payload must have required property 'amount'",
        ),
        (
            {"amount": "5"},
            "invalid_add_balance_params",
            "Property .amount must be integer",
        ),
        (
            {"amount": 1.5},
            "invalid_add_balance_params",
            "Property .amount must be integer",
        ),
        (
            {"amount": 0},
            "invalid_add_balance_params",
            "Property .amount must not be 0",
        ),
        (
            {"amount": 1, "source_id": 3},
            "invalid_add_balance_params",
            "Property .source_id must be string",
        ),
        ({"amount": -5001}, "invalid_amount", "The balance of CARD is 5000"),
    ],
)
def test_a_body_that_cannot_be_is_refused(
    api: ApiClient, body: dict[str, Any], key: str, details: str
) -> None:
    card = GiftCardFactory(project=api.project, code="CARD")

    answer = api.post("/v1/vouchers/CARD/balance", body)

    shown = answer.json()
    card.refresh_from_db()
    assert (answer.status_code, shown["key"], shown["details"]) == (400, key, details)
    assert (card.balance, LedgerEntry.objects.count()) == (5000, 0)


def test_a_repeated_source_id_answers_409(api: ApiClient) -> None:
    GiftCardFactory(project=api.project, code="CARD")
    body = {"amount": 5, "source_id": "once"}
    api.post("/v1/vouchers/CARD/balance", body)

    answer = api.post("/v1/vouchers/CARD/balance", body)

    assert (answer.status_code, answer.json()["key"]) == (409, "duplicate_found")


def test_a_role_that_only_reads_may_not_change_balances(api: ApiClient) -> None:
    GiftCardFactory(project=api.project, code="CARD")
    viewer = server_client(api.project, role="VIEWER")

    answer = viewer.post("/v1/vouchers/CARD/balance", {"amount": 5})

    assert answer.status_code == 403
    assert not LedgerEntry.objects.exists()


def test_the_ledger_of_a_card_runs_newest_first(api: ApiClient) -> None:
    campaign = GiftCampaignFactory(project=api.project)
    card = GiftCardFactory(campaign=campaign, code="CARD")
    GiftCardFactory(campaign=campaign, code="OTHER")
    for number in (1, 2, 3):
        body = {"amount": number, "source_id": f"s{number}", "reason": "test"}
        api.post("/v1/vouchers/CARD/balance", body)
    api.post("/v1/vouchers/OTHER/balance", {"amount": 9})

    page = api.get("/v1/vouchers/CARD/transactions", {"limit": "2"}).json()
    rest = api.get(
        "/v1/vouchers/CARD/transactions",
        {"starting_after_id": page["more_starting_after"]},
    ).json()

    assert (page["object"], page["data_ref"], page["has_more"]) == (
        "list",
        "data",
        True,
    )
    assert [one["source_id"] for one in page["data"]] == ["s3", "s2"]
    assert rest["has_more"] is False
    assert rest["data"] == [
        {
            "id": rest["data"][0]["id"],
            "source_id": "s1",
            "voucher_id": card.pk,
            "campaign_id": campaign.pk,
            "source": "API",
            "reason": "test",
            "type": "CREDITS_ADDITION",
            "details": {
                "balance": {
                    "type": "gift_voucher",
                    "total": 5001,
                    "object": "balance",
                    "amount": 1,
                    "balance": 5001,
                    "operation_type": "MANUAL",
                    "related_object": {"id": card.pk, "type": "voucher"},
                }
            },
            "related_transaction_id": None,
            "created_at": rest["data"][0]["created_at"],
        }
    ]
    assert rest["data"][0]["id"].startswith("vtx_")


def test_the_ledger_may_run_oldest_first(api: ApiClient) -> None:
    GiftCardFactory(project=api.project, code="CARD")
    for number in (1, 2):
        api.post("/v1/vouchers/CARD/balance", {"amount": number})

    shown = api.get("/v1/vouchers/CARD/transactions", {"order": "id"}).json()

    amounts = [one["details"]["balance"]["amount"] for one in shown["data"]]
    assert amounts == [1, 2]


def test_entries_of_points_say_points(api: ApiClient) -> None:
    holder = CustomerFactory(project=api.project)
    program = LoyaltyProgramFactory(project=api.project)
    card = LoyaltyCardFactory(campaign=program, holder=holder)
    api.post(f"/v1/vouchers/{card.code}/balance", {"amount": 5})

    (entry,) = api.get(f"/v1/vouchers/{card.code}/transactions").json()["data"]

    assert entry["details"]["balance"]["points"] == 5
    assert "amount" not in entry["details"]["balance"]


def test_the_ledger_of_a_campaign_holds_that_of_all_its_cards(api: ApiClient) -> None:
    campaign = GiftCampaignFactory(project=api.project)
    for card in GiftCardFactory.create_batch(2, campaign=campaign):
        api.post(f"/v1/vouchers/{card.code}/balance", {"amount": 5})
    alone = GiftCardFactory(project=api.project)
    api.post(f"/v1/vouchers/{alone.code}/balance", {"amount": 5})

    by_name = api.get(f"/v1/campaigns/{campaign.name}/transactions").json()
    by_id = api.get(f"/v1/campaigns/{campaign.pk}/transactions").json()

    assert {one["campaign_id"] for one in by_name["data"]} == {campaign.pk}
    assert (len(by_name["data"]), by_id) == (2, by_name)


def test_codes_without_a_balance_have_an_empty_ledger(api: ApiClient) -> None:
    coupon = VoucherFactory(campaign=CampaignFactory(project=api.project))

    for path in (f"vouchers/{coupon.code}", f"campaigns/{coupon.campaign_id}"):
        shown = api.get(f"/v1/{path}/transactions").json()
        assert (shown["data"], shown["has_more"]) == ([], False)

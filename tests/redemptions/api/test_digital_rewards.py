"""Rewards that a campaign hands out: codes, credits, points of another programme."""

import threading
from collections import Counter as Tally
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from campaigns.models import Campaign, Publication, Reward, Voucher
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from redemptions.models import LedgerEntry, Redemption
from redemptions.services.ledger_check import unexplained_balances
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory
from tests.factories.rewards import DigitalFactory, RewardAssignmentFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient, server_client

pytestmark = pytest.mark.django_db

PATH = "/v1/redemptions"
NOTHING = "no_voucher_suitable_for_publication"


@pytest.fixture
def card(project: Project) -> Voucher:
    """Ada's card with 1000 points."""
    ada = CustomerFactory(project=project, source_id="ada")
    program = LoyaltyProgramFactory(project=project)
    made: Voucher = LoyaltyCardFactory(campaign=program, code="CARD", holder=ada)
    return made


def offer(card: Voucher, campaign: Campaign, **values: Any) -> Reward:
    """Offer what ``campaign`` hands out for 300 points."""
    made: Reward = DigitalFactory(campaign=campaign, **values)
    RewardAssignmentFactory(reward=made, campaign=card.campaign, points=300)
    return made


def body(*bought: Reward, **rest: Any) -> dict[str, Any]:
    cards = [
        {"object": "voucher", "id": "CARD", "reward": {"id": reward.pk}}
        for reward in bought
    ]
    return {"redeemables": cards, **rest}


def buy(api: ApiClient, reward: Reward) -> dict[str, Any]:
    answer = api.post(PATH, body(reward))
    assert answer.status_code == 200, answer.json()
    (shown,) = answer.json()["redemptions"]
    return dict(shown)


def entries() -> list[tuple[str, int, int]]:
    rows = LedgerEntry.objects.order_by("id")
    return list(rows.values_list("type", "amount", "balance"))


def refused(api: ApiClient, card: Voucher, reward: Reward, key: str = NOTHING) -> None:
    """Buy in vain: the attempt is on record, and nothing else is."""
    answer = api.post(PATH, body(reward))

    shown = answer.json()
    card.refresh_from_db()
    reward.refresh_from_db()
    assert (answer.status_code, shown["key"]) == (400, key)
    failed = Redemption.objects.get()
    assert (failed.result, failed.failure_code) == ("FAILURE", key)
    assert (failed.shown_id, failed.voucher_id) == (shown["resource_id"], card.pk)
    assert shown["resource_type"] == "redemption"
    assert (card.balance, card.redeemed_quantity) == (1000, 0)
    assert reward.redeemed_quantity == 0
    assert not LedgerEntry.objects.exists()
    assert not Publication.objects.exists()


@pytest.mark.spec("engine 6.2 `CAMPAIGN`")
@pytest.mark.spec("campaigns 14 coupon")
def test_points_buy_a_code_of_a_campaign(api: ApiClient, card: Voucher) -> None:
    coupons = CampaignFactory(project=api.project)
    first, second = VoucherFactory.create_batch(2, campaign=coupons)
    reward = offer(card, coupons, stock=1)

    shown = buy(api, reward)

    for row in (first, second, card, reward):
        row.refresh_from_db()
    assert (shown["amount"], shown["loyalty_card"]) == (300, {"points": 300})
    assert shown["order"] is None
    assert shown["reward"]["type"] == "CAMPAIGN"
    assert shown["reward"]["voucher"]["code"] == first.code
    assert shown["reward"]["voucher"]["holder_id"] == card.holder_id
    assert (first.holder_id, first.publications_count) == (card.holder_id, 1)
    assert second.holder_id is None
    assert (card.balance, reward.stock, reward.redeemed_quantity) == (700, 0, 1)
    assert entries() == [("POINTS_REDEMPTION", -300, 700)]
    assert DomainEvent.objects.filter(type="customer.publication.succeeded").exists()
    kept = api.get(f"{PATH}/{shown['id']}").json()
    assert kept["reward"]["voucher"] == shown["reward"]["voucher"]


@pytest.mark.spec("engine 6.2 `CAMPAIGN`")
@pytest.mark.parametrize("path", [PATH, "/v1/validations"])
def test_what_a_campaign_hands_out_takes_nothing_off_the_order(
    api: ApiClient, card: Voucher, path: str
) -> None:
    coupons = CampaignFactory(project=api.project)
    VoucherFactory(campaign=coupons)

    shown = api.post(path, body(offer(card, coupons), order={"amount": 4000})).json()

    assert shown["order"]["total_amount"] == 4000
    given = Voucher.objects.filter(campaign=coupons, holder=card.holder)
    assert given.exists() is (path == PATH)


@pytest.mark.spec("engine 6.2 `CAMPAIGN`")
@pytest.mark.spec("campaigns 14 gift credits")
def test_points_buy_credits_on_the_customers_gift_card(
    api: ApiClient, card: Voucher
) -> None:
    gifts = GiftCampaignFactory(project=api.project)
    mine = GiftCardFactory(campaign=gifts, holder=card.holder)
    GiftCardFactory(campaign=gifts)

    shown = buy(api, offer(card, gifts, balance=500))

    mine.refresh_from_db()
    assert shown["reward"]["voucher"]["code"] == mine.code
    assert shown["reward"]["voucher"]["gift"]["balance"] == 5500
    assert (mine.balance, mine.credited_amount, mine.publications_count) == (
        5500,
    ) * 2 + (0,)
    assert entries() == [
        ("POINTS_REDEMPTION", -300, 700),
        ("CREDITS_ADDITION", 500, 5500),
    ]
    (entry,) = api.get(f"/v1/vouchers/{mine.code}/transactions").json()["data"]
    assert entry["details"]["balance"]["operation_type"] == "AUTOMATIC"
    assert entry["details"]["redemption"] == {"id": shown["id"]}
    assert entry["details"]["reward"]["id"] == shown["reward"]["id"]
    assert DomainEvent.objects.filter(type="voucher.gift.transaction.created").exists()
    assert list(unexplained_balances()) == []


@pytest.mark.spec("campaigns 14 gift credits")
def test_without_a_card_the_customer_gets_one_with_credits_on_top(
    api: ApiClient, card: Voucher
) -> None:
    gifts = GiftCampaignFactory(project=api.project)
    over = NOW - timedelta(days=4000)
    useless = [{"active": False}, {"expiration_date": over}, {"deleted_at": over}]
    for values in useless:
        GiftCardFactory(campaign=gifts, holder=card.holder, **values)
    free = GiftCardFactory(campaign=gifts)

    shown = buy(api, offer(card, gifts, balance=500))

    free.refresh_from_db()
    assert shown["reward"]["voucher"]["code"] == free.code
    assert (free.holder_id, free.balance) == (card.holder_id, 5500)
    assert list(unexplained_balances()) == []


@pytest.mark.spec("engine 6.2 `CAMPAIGN`")
@pytest.mark.spec("campaigns 14 loyalty points of another campaign")
@pytest.mark.parametrize("whose", ["mine", "free"])
def test_points_buy_points_of_another_programme(
    api: ApiClient, card: Voucher, whose: str
) -> None:
    other = LoyaltyProgramFactory(project=api.project)
    holder = {"mine": card.holder, "free": None}[whose]
    LoyaltyCardFactory(campaign=other, holder=holder)

    shown = buy(api, offer(card, other, balance=40))

    got = shown["reward"]["voucher"]
    assert got["loyalty_card"]["balance"] == 1040
    assert entries()[1] == ("POINTS_ACCRUAL", 40, 1040)
    assert Voucher.objects.get(code=got["code"]).holder_id == card.holder_id
    assert list(unexplained_balances()) == []


def test_two_rewards_on_one_card_add_up(api: ApiClient, card: Voucher) -> None:
    gifts = GiftCampaignFactory(project=api.project)
    mine = GiftCardFactory(campaign=gifts, code="GIFT", holder=card.holder)
    again = LoyaltyCardFactory(campaign=card.campaign, code="SPARE", holder=card.holder)
    reward = offer(card, gifts, balance=500)
    asked = body(reward, order={"amount": 1000})
    spare = {**asked["redeemables"][0], "id": again.code}
    gift = {"object": "voucher", "id": "GIFT"}

    answer = api.post(
        PATH, {**asked, "redeemables": [gift, *asked["redeemables"], spare]}
    )

    assert answer.status_code == 200, answer.json()
    mine.refresh_from_db()
    assert mine.balance == 5000 - 1000 + 2 * 500
    of_gift = [entry for entry in entries() if entry[0].startswith("CREDITS")]
    assert of_gift == [
        ("CREDITS_REDEMPTION", -1000, 4000),
        ("CREDITS_ADDITION", 500, 4500),
        ("CREDITS_ADDITION", 500, 5000),
    ]
    assert list(unexplained_balances()) == []


@pytest.mark.spec("loyalty A9 coupon campaign cannot deliver")
@pytest.mark.parametrize(
    ("values", "codes"),
    [({}, 0), ({"active": False}, 1), ({"deleted_at": NOW}, 1)],
)
def test_where_no_code_is_left_no_point_is_spent(
    api: ApiClient, card: Voucher, values: dict[str, Any], codes: int
) -> None:
    coupons = CampaignFactory(project=api.project, type="STATIC", **values)
    VoucherFactory.create_batch(codes, campaign=coupons)

    refused(api, card, offer(card, coupons))


def test_a_reward_whose_campaign_is_gone_is_refused(
    api: ApiClient, card: Voucher
) -> None:
    reward = offer(card, CampaignFactory(project=api.project))
    Reward.objects.filter(pk=reward.pk).update(campaign=None)

    refused(api, card, reward)


def test_who_joins_a_coupon_campaign_once_buys_no_second_code(
    api: ApiClient, card: Voucher
) -> None:
    coupons = CampaignFactory(project=api.project, join_once=True)
    VoucherFactory.create_batch(2, campaign=coupons)
    reward = offer(card, coupons)
    buy(api, reward)

    answer = api.post(PATH, body(reward))

    card.refresh_from_db()
    assert answer.json()["key"] == NOTHING
    assert (card.balance, Publication.objects.count()) == (700, 1)


def test_a_card_that_is_full_takes_no_more(api: ApiClient, card: Voucher) -> None:
    gifts = GiftCampaignFactory(project=api.project)
    GiftCardFactory(campaign=gifts, holder=card.holder, credited_amount=2**53 - 1)

    refused(api, card, offer(card, gifts, balance=1))


@pytest.mark.spec("engine 10 loyalty")
def test_a_rollback_returns_the_points_and_leaves_the_code(
    api: ApiClient, card: Voucher
) -> None:
    coupons = CampaignFactory(project=api.project)
    code = VoucherFactory(campaign=coupons)
    reward = offer(card, coupons, stock=1)
    shown = buy(api, reward)

    undone = api.post(f"{PATH}/{shown['id']}/rollback").json()

    for row in (card, code, reward):
        row.refresh_from_db()
    assert (card.balance, reward.stock) == (1000, 1)
    assert code.holder_id == card.holder_id
    assert undone["reward"]["voucher"]["code"] == code.code


@pytest.mark.django_db(transaction=True)
def test_eight_buyers_share_three_codes(project: Project) -> None:
    program = LoyaltyProgramFactory(project=project)
    coupons = CampaignFactory(project=project, type="STATIC")
    VoucherFactory.create_batch(3, campaign=coupons)
    cards = [
        LoyaltyCardFactory(
            campaign=program, code=f"CARD{n}", holder=CustomerFactory(project=project)
        )
        for n in range(8)
    ]
    reward, api = offer(cards[0], coupons), server_client(project)
    start, outcomes = threading.Barrier(8), Tally[str]()

    def run(code: str) -> None:
        asked = body(reward)
        asked["redeemables"][0]["id"] = code
        start.wait()
        try:
            outcomes[api.post(PATH, asked).json().get("key", "done")] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(card.code,)) for card in cards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes == {"done": 3, NOTHING: 5}
    holders = coupons.vouchers.values_list("holder", flat=True)
    assert len(set(holders)) == 3
    spent = [card.balance for card in Voucher.objects.filter(campaign=program)]
    assert sorted(spent) == [700] * 3 + [1000] * 5


@pytest.mark.spec("engine 12.1 multiple_requests")
@pytest.mark.django_db(transaction=True)
def test_a_card_that_is_busy_is_not_waited_for(project: Project) -> None:
    ada = CustomerFactory(project=project)
    program = LoyaltyProgramFactory(project=project)
    card = LoyaltyCardFactory(campaign=program, code="CARD", holder=ada)
    gifts = GiftCampaignFactory(project=project)
    mine = GiftCardFactory(campaign=gifts, holder=ada)
    reward, api, answers = offer(card, gifts, balance=5), server_client(project), []

    def run() -> None:
        try:
            answers.append(api.post(PATH, body(reward)))
        finally:
            connection.close()

    with transaction.atomic():
        Voucher.objects.select_for_update(no_key=True).get(pk=mine.pk)
        late = threading.Thread(target=run)
        late.start()
        late.join()

    card.refresh_from_db()
    mine.refresh_from_db()
    assert (answers[0].status_code, answers[0].json()["key"]) == (
        400,
        "multiple_requests",
    )
    assert (card.balance, mine.balance) == (1000, 5000)
    assert not LedgerEntry.objects.exists()

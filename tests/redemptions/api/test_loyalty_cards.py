"""Loyalty cards at the checkout: points pay, buy things, and come back."""

import threading
from collections import Counter as Tally
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, Reward, RewardAssignment, Voucher
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from redemptions.models import LedgerEntry, Redemption
from redemptions.services.ledger_check import unexplained_balances, unexplained_holds
from tests.factories.campaigns import LoyaltyCardFactory, LoyaltyProgramFactory
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.customers import CustomerFactory
from tests.factories.rewards import (
    CoinFactory,
    MaterialFactory,
    RewardAssignmentFactory,
)
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient, server_client

pytestmark = pytest.mark.django_db

ADA = {"customer": {"source_id": "ada"}}
#: A Wednesday.
NOON = datetime(2027, 3, 17, 12, tzinfo=UTC)
PAST, AHEAD = NOON - timedelta(1), NOON + timedelta(1)
TODAY, TOMORROW = 3, 4


@pytest.fixture
def offered(project: Project) -> RewardAssignment:
    """A coin of 5.00 for 50 points, in a programme of the project."""
    program = LoyaltyProgramFactory(project=project)
    reward = CoinFactory(project=project, name="Coin")
    made: RewardAssignment = RewardAssignmentFactory(reward=reward, campaign=program)
    return made


@pytest.fixture
def card(offered: RewardAssignment) -> Voucher:
    """Ada's card with 1000 points."""
    ada = CustomerFactory(project=offered.project, source_id="ada")
    made: Voucher = LoyaltyCardFactory(
        campaign=offered.campaign, code="CARD", holder=ada
    )
    return made


def body(
    reward: Reward | None, points: Any = None, amount: int | None = 4380, **rest: Any
) -> dict[str, Any]:
    redeemable: dict[str, Any] = {"object": "voucher", "id": "CARD"}
    if reward is not None:
        asked = {} if points is None else {"points": points}
        redeemable["reward"] = {"id": reward.pk, **asked}
    order = {} if amount is None else {"order": {"amount": amount}}
    return {"redeemables": [redeemable], **order, **rest}


def thing(card: Voucher, **values: Any) -> Reward:
    """Offer a product for 300 points in the card's programme."""
    made: Reward = MaterialFactory(project=card.project, **values)
    RewardAssignmentFactory(reward=made, campaign=card.campaign, points=300)
    return made


def entries() -> list[tuple[str, int, int]]:
    rows = LedgerEntry.objects.order_by("id")
    return list(rows.values_list("type", "amount", "balance"))


def untouched(card: Voucher) -> None:
    card.refresh_from_db()
    assert (card.balance, card.redeemed_quantity) == (1000, 0)
    assert not LedgerEntry.objects.exists()


@pytest.mark.spec("engine 6.3 none")
def test_validating_says_how_many_points_pay(
    api: ApiClient, card: Voucher, offered: RewardAssignment
) -> None:
    shown = api.post("/v1/validations", body(offered.reward, **ADA)).json()

    (entry,) = shown["redeemables"]
    assert entry["result"] == {"loyalty_card": {"points": 450}}
    assert shown["order"]["total_amount"] == 0
    untouched(card)


@pytest.mark.spec("engine 6.2 `COIN` (pay with points)")
@pytest.mark.spec("engine 6.3 p ≤ balance")
@pytest.mark.spec("engine 9.1 `redemptions[]`")
def test_paying_with_points_takes_them_and_explains_it(
    api: ApiClient, card: Voucher, offered: RewardAssignment
) -> None:
    shown = api.post("/v1/redemptions", body(offered.reward, 120, **ADA)).json()

    (redemption,) = shown["redemptions"]
    card.refresh_from_db()
    offered.reward.refresh_from_db()
    assert (redemption["amount"], redemption["loyalty_card"]) == (120, {"points": 120})
    assert "gift" not in redemption
    assert redemption["reward"]["customer"]["source_id"] == "ada"
    assert {
        name: redemption["reward"][name]
        for name in ("id", "assignment_id", "name", "type", "parameters", "object")
    } == {
        "id": offered.reward.pk,
        "assignment_id": offered.pk,
        "name": "Coin",
        "type": "COIN",
        "parameters": {"coin": {"exchange_ratio": 5, "points_ratio": 50}},
        "object": "reward",
    }
    assert redemption["voucher"]["loyalty_card"]["balance"] == 880
    assert redemption["voucher"]["redemption"]["redeemed_points"] == 120
    assert shown["order"]["status"] == "PAID"
    assert shown["order"]["total_applied_discount_amount"] == 1200
    assert (card.balance, card.redeemed_quantity) == (880, 1)
    assert offered.reward.redeemed_quantity == 1
    assert entries() == [("POINTS_REDEMPTION", -120, 880)]
    (entry,) = api.get("/v1/vouchers/CARD/transactions").json()["data"]
    assert entry["details"]["balance"]["points"] == -120
    assert entry["details"]["reward"] == {"id": offered.reward.pk, "name": "Coin"}
    assert entry["details"]["redemption"] == {"id": redemption["id"]}
    assert list(unexplained_balances()) == []


@pytest.mark.spec("engine 6.2 No customer in the request")
def test_without_a_customer_the_holder_redeems(
    api: ApiClient, card: Voucher, offered: RewardAssignment
) -> None:
    shown = api.post("/v1/redemptions", body(offered.reward)).json()

    assert shown["redemptions"][0]["customer_id"] == card.holder_id
    assert shown["order"]["customer_id"] == card.holder_id
    assert shown["redemptions"][0]["tracking_id"] is not None


@pytest.mark.spec("engine 5.1 loyalty card")
@pytest.mark.parametrize(
    ("by", "wanted", "spent"), [("code", None, 450), ("pk", None, 450), ("pk", 50, 50)]
)
def test_a_card_is_named_with_its_reward_and_perhaps_the_points(
    api: ApiClient, card: Voucher, by: str, wanted: int | None, spent: int
) -> None:
    asked = body(Reward.objects.get(), wanted)
    asked["redeemables"][0]["id"] = getattr(card, by)

    shown = api.post("/v1/redemptions", asked).json()

    card.refresh_from_db()
    assert shown["redemptions"][0]["loyalty_card"] == {"points": spent}
    assert card.balance == 1000 - spent


@pytest.mark.spec("rules 9.3 loyalty card, earning rule")
@pytest.mark.parametrize(
    ("of_campaign", "own", "key"),
    [
        ({"expiration_date": PAST}, {}, "voucher_expired"),
        ({"start_date": AHEAD}, {}, "voucher_not_active"),
        ({"expiration_date": PAST}, {"expiration_date": AHEAD}, None),
        ({}, {"expiration_date": PAST}, "voucher_expired"),
        ({"validity_day_of_week": [TOMORROW]}, {}, "voucher_not_active_now"),
        (
            {"validity_day_of_week": [TOMORROW]},
            {"validity_day_of_week": [TODAY]},
            None,
        ),
    ],
)
def test_a_card_follows_its_programmes_dates_unless_it_has_its_own(
    api: ApiClient,
    card: Voucher,
    of_campaign: dict[str, Any],
    own: dict[str, Any],
    key: str | None,
) -> None:
    Campaign.objects.filter(pk=card.campaign_id).update(**of_campaign)
    Voucher.objects.filter(pk=card.pk).update(**own)

    with time_machine.travel(NOON, tick=False):
        answer = api.post("/v1/redemptions", body(Reward.objects.get(), 50)).json()

    assert answer.get("key") == key
    card.refresh_from_db()
    assert card.balance == (950 if key is None else 1000)


@pytest.mark.spec("engine 6.2 The redeeming customer must be the holder")
@pytest.mark.parametrize("source_id", ["bob", "somebody-new"])
def test_nobody_else_uses_the_card(
    api: ApiClient, card: Voucher, offered: RewardAssignment, source_id: str
) -> None:
    CustomerFactory(project=api.project, source_id="bob")
    other = {"customer": {"source_id": source_id}}

    answer = api.post("/v1/redemptions", body(offered.reward, **other))

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_customer")
    untouched(card)


def test_a_card_that_nobody_holds_is_used_by_nobody(
    api: ApiClient, card: Voucher, offered: RewardAssignment
) -> None:
    Voucher.objects.filter(pk=card.pk).update(holder=None)

    for rest in ({}, ADA):
        answer = api.post("/v1/redemptions", body(offered.reward, **rest))
        assert answer.json()["key"] == "invalid_customer"
    untouched(card)


@pytest.mark.spec("engine 6.3 p > balance")
@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ((1001, 4380), "loyalty_card_points_exceeded"),
        ((-1, 4380), "invalid_reward"),
        (("5", 4380), "invalid_reward"),
        ((5, None), "missing_order"),
    ],
)
def test_points_that_cannot_be_had_stay(
    api: ApiClient,
    card: Voucher,
    offered: RewardAssignment,
    asked: tuple[Any, int | None],
    key: str,
) -> None:
    answer = api.post("/v1/redemptions", body(offered.reward, *asked))

    assert (answer.status_code, answer.json()["key"]) == (400, key)
    assert Redemption.objects.get().reward is None
    offered.reward.refresh_from_db()
    assert offered.reward.redeemed_quantity == 0
    untouched(card)


@pytest.mark.spec("engine 6.2 `reward` is mandatory")
def test_a_card_needs_a_reward_of_its_programme(
    api: ApiClient, card: Voucher, other_project: Project
) -> None:
    elsewhere = RewardAssignmentFactory(reward__project=api.project)
    theirs = RewardAssignmentFactory(reward__project=other_project)

    none = api.post("/v1/redemptions", body(None))
    foreign = api.post("/v1/redemptions", body(elsewhere.reward))
    unknown = api.post("/v1/redemptions", body(theirs.reward))

    assert (none.status_code, none.json()["key"]) == (400, "missing_reward")
    for answer in (foreign, unknown):
        assert (answer.status_code, answer.json()["key"]) == (404, "not_found")
    untouched(card)


@pytest.mark.spec("engine 10 loyalty")
def test_rolling_back_returns_points_and_reward(api: ApiClient, card: Voucher) -> None:
    book = thing(card, stock=1)
    done = api.post("/v1/redemptions", body(book, amount=None)).json()
    redeemed = done["redemptions"][0]["id"]

    shown = api.post(f"/v1/redemptions/{redeemed}/rollback").json()

    card.refresh_from_db()
    book.refresh_from_db()
    assert (shown["amount"], shown["loyalty_card"]) == (-300, {"points": -300})
    assert shown["reward"]["id"] == book.pk
    assert (card.balance, card.redeemed_quantity) == (1000, 0)
    assert (book.stock, book.redeemed_quantity) == (1, 0)
    assert entries() == [
        ("POINTS_REDEMPTION", -300, 700),
        ("POINTS_REFUND", 300, 1000),
    ]
    newest, _ = api.get("/v1/vouchers/CARD/transactions").json()["data"]
    assert newest["details"]["rollback"] == {"id": shown["id"]}
    assert newest["details"]["reward"]["id"] == book.pk
    assert list(unexplained_balances()) == []


@pytest.mark.spec("engine 6.2 `MATERIAL`")
def test_a_thing_is_bought_with_points_and_leaves_the_stock(
    api: ApiClient, card: Voucher
) -> None:
    sku = SkuFactory(product=ProductFactory(project=api.project))
    book = thing(card, stock=2, product=sku.product, sku=sku)

    shown = api.post("/v1/redemptions", body(book, **ADA)).json()

    (redemption,) = shown["redemptions"]
    book.refresh_from_db()
    assert redemption["loyalty_card"] == {"points": 300}
    assert redemption["reward"]["product"]["id"] == sku.product_id
    assert redemption["reward"]["sku"]["id"] == sku.pk
    assert shown["order"]["total_amount"] == 4380
    assert (book.stock, book.redeemed_quantity) == (1, 1)
    assert api.get(f"/v1/rewards/{book.pk}").json()["redeemed"] == 1


@pytest.mark.spec("loyalty A9 out of stock")
@pytest.mark.spec("rules 5.3 points spend of a reward")
def test_a_thing_out_of_stock_is_refused(api: ApiClient, card: Voucher) -> None:
    book = thing(card, stock=0)

    answer = api.post("/v1/redemptions", body(book))

    assert (answer.status_code, answer.json()["key"]) == (400, "quantity_exceeded")
    untouched(card)


def test_points_move_as_points_for_listeners(
    api: ApiClient, card: Voucher, offered: RewardAssignment
) -> None:
    api.post("/v1/redemptions", body(offered.reward))

    event = DomainEvent.objects.get(type="voucher.loyalty_card.transaction.created")
    assert event.data["holder"]["source_id"] == "ada"
    assert event.data["reward"]["id"] == offered.reward.pk
    assert event.data["voucher"]["loyalty_card"]["balance"] == 550


def test_a_session_holds_points(
    api: ApiClient, card: Voucher, offered: RewardAssignment
) -> None:
    held = {"session": {"type": "LOCK", "key": "mine"}}
    api.post("/v1/validations", body(offered.reward, 400, **held))

    other = api.post("/v1/validations", body(offered.reward, 601)).json()
    own = api.post("/v1/redemptions", body(offered.reward, 438, **held)).json()

    key = other["redeemables"][0]["result"]["error"]["key"]
    card.refresh_from_db()
    assert key == "loyalty_card_points_exceeded"
    assert own["redemptions"][0]["amount"] == 438
    assert (card.balance, card.held_amount) == (562, 0)
    assert list(unexplained_holds()) == []


@pytest.mark.spec("engine 11.3")
def test_qualifying_shows_what_the_points_of_a_card_are_worth(
    api: ApiClient, card: Voucher, offered: RewardAssignment
) -> None:
    shown = api.post("/v1/qualifications", {**ADA, "order": {"amount": 4380}}).json()
    wallet = api.post(
        "/v1/qualifications", {**ADA, "scenario": "CUSTOMER_WALLET"}
    ).json()

    worth = {"balance": 1000, "exchange_ratio": 5, "points_ratio": 50}
    (entry,) = shown["redeemables"]["data"]
    (held,) = wallet["redeemables"]["data"]
    assert entry["result"] == {"loyalty_card": {"points": 450, **worth}}
    assert held["result"] == {"loyalty_card": {"points": 0, **worth}}


def test_the_newest_coin_of_a_programme_counts(
    api: ApiClient, card: Voucher, offered: RewardAssignment
) -> None:
    newer = CoinFactory(project=api.project, exchange_ratio=Decimal("0.5"))
    RewardAssignmentFactory(reward=newer, campaign=card.campaign, created_at=NOW)

    shown = api.post("/v1/qualifications", {**ADA, "order": {"amount": 50}}).json()

    (entry,) = shown["redeemables"]["data"]
    assert entry["result"]["loyalty_card"]["exchange_ratio"] == 0.5


def test_a_programme_without_a_coin_does_not_qualify(
    api: ApiClient, card: Voucher, offered: RewardAssignment
) -> None:
    offered.delete()

    shown = api.post("/v1/qualifications", {**ADA, "order": {"amount": 4380}}).json()

    assert shown["redeemables"]["data"] == []


@pytest.mark.parametrize(
    ("path", "most"), [("/v1/validations", 6), ("/v1/redemptions", 12)]
)
def test_ten_cards_cost_as_much_as_one(
    project: Project, offered: RewardAssignment, path: str, most: int
) -> None:
    project.stacking_rules = {"applicable_redeemables_limit": 30}
    project.save()
    ada = CustomerFactory(project=project, source_id="ada")
    api, costs = server_client(project), {}
    for count in (1, 1, 10):
        cards = LoyaltyCardFactory.create_batch(
            count, campaign=offered.campaign, holder=ada
        )
        asked = body(offered.reward, **ADA)
        reward = {"id": offered.reward_id, "points": 5}
        asked["redeemables"] = [
            {"object": "voucher", "id": one.code, "reward": reward} for one in cards
        ]
        with CaptureQueriesContext(connection) as found:
            answer = api.post(path, asked)
        assert answer.status_code == 200, answer.content
        costs[count] = len(found)

    assert costs == {1: costs[1], 10: costs[1]}
    assert costs[1] <= most


@pytest.mark.django_db(transaction=True)
def test_the_last_things_are_handed_out_once(project: Project) -> None:
    program = LoyaltyProgramFactory(project=project)
    ada = CustomerFactory(project=project, source_id="ada")
    card = LoyaltyCardFactory(campaign=program, code="CARD", holder=ada)
    book, api = thing(card, stock=2), server_client(project)
    start, outcomes = threading.Barrier(8), Tally[str]()

    def buy() -> None:
        start.wait()
        answer = api.post("/v1/redemptions", body(book, amount=None))
        outcomes[answer.json().get("key", "done")] += 1
        connection.close()

    threads = [threading.Thread(target=buy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    book.refresh_from_db()
    card.refresh_from_db()
    assert outcomes == {"done": 2, "quantity_exceeded": 6}
    assert (book.stock, book.redeemed_quantity, card.balance) == (0, 2, 400)
    assert list(unexplained_balances()) == []

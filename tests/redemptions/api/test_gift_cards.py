"""Gift cards at the checkout: validated, redeemed, rolled back, qualified."""

import threading
from collections import Counter as Tally
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Voucher
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from redemptions.models import LedgerEntry, Redemption
from redemptions.services.ledger_check import unexplained_balances
from tests.factories.campaigns import (
    GiftCampaignFactory,
    GiftCardFactory,
    VoucherFactory,
    gift_template,
)
from tests.factories.customers import CustomerFactory
from tests.fixtures.api import ApiClient, server_client

pytestmark = pytest.mark.django_db


def card(api: ApiClient, code: str = "CARD", **values: Any) -> Voucher:
    made: Voucher = GiftCardFactory(project=api.project, code=code, **values)
    return made


def body(*codes: Any, amount: int | None = 12000, **rest: Any) -> dict[str, Any]:
    redeemables = [
        one if isinstance(one, dict) else {"object": "voucher", "id": one}
        for one in codes
    ]
    order = {} if amount is None else {"order": {"amount": amount}}
    return {"redeemables": redeemables, **order, **rest}


def with_credits(code: str, wanted: Any) -> dict[str, Any]:
    return {"object": "voucher", "id": code, "gift": {"credits": wanted}}


def entries() -> list[tuple[str, int, int, int]]:
    rows = LedgerEntry.objects.order_by("id")
    return list(rows.values_list("type", "amount", "balance", "total"))


@pytest.mark.spec("engine 6.1 `gift.credits` omitted")
def test_validating_a_card_moves_nothing(api: ApiClient) -> None:
    made = card(api)

    shown = api.post("/v1/validations", body("CARD")).json()

    (entry,) = shown["redeemables"]
    made.refresh_from_db()
    assert shown["valid"] is True
    assert entry["result"] == {"gift": {"credits": 5000, "balance": 5000}}
    assert shown["order"]["total_amount"] == 7000
    assert (made.balance, made.redeemed_quantity) == (5000, 0)
    assert not LedgerEntry.objects.exists()


@pytest.mark.spec("engine 9.1 `redemptions[]`")
@pytest.mark.spec("engine 9.2 voucher")
@pytest.mark.spec("campaigns 9 CREDITS_REDEMPTION")
def test_redeeming_takes_the_credits_and_explains_them(api: ApiClient) -> None:
    campaign = GiftCampaignFactory(project=api.project)
    made = GiftCardFactory(campaign=campaign, code="CARD")
    order = {"source_id": "order-1", "amount": 12000}

    answer = api.post(
        "/v1/redemptions", {**body(with_credits("CARD", 3000)), "order": order}
    )

    shown = answer.json()
    (redemption,) = shown["redemptions"]
    made.refresh_from_db()
    assert (redemption["amount"], redemption["gift"]) == (3000, {"amount": 3000})
    assert redemption["voucher"]["gift"] == {
        "amount": 5000,
        "subtracted_amount": 0,
        "balance": 2000,
        "effect": None,
    }
    assert redemption["voucher"]["redemption"]["redeemed_amount"] == 3000
    assert shown["order"]["total_applied_discount_amount"] == 3000
    assert (made.balance, made.redeemed_amount, made.redeemed_quantity) == (
        2000,
        3000,
        1,
    )
    assert entries() == [("CREDITS_REDEMPTION", -3000, 2000, 5000)]
    (entry,) = api.get("/v1/vouchers/CARD/transactions").json()["data"]
    assert (entry["source"], entry["campaign_id"]) == (None, campaign.pk)
    assert entry["details"]["order"] == {
        "id": shown["order"]["id"],
        "source_id": "order-1",
    }
    assert entry["details"]["redemption"] == {"id": redemption["id"]}
    assert entry["details"]["balance"]["operation_type"] == "AUTOMATIC"
    assert list(unexplained_balances()) == []


@pytest.mark.spec("campaigns 26 gift movement")
def test_a_movement_at_the_checkout_is_told_with_its_holder(api: ApiClient) -> None:
    holder = CustomerFactory(project=api.project, source_id="ada")
    card(api, holder=holder)
    customer = {"customer": {"source_id": "ada"}}

    api.post("/v1/redemptions", body("CARD", **customer))
    api.post("/v1/redemptions", body("CARD", amount=None))

    event = DomainEvent.objects.get(type="voucher.gift.transaction.created")
    assert event.data["holder"]["source_id"] == "ada"
    assert event.data["voucher"]["gift"]["balance"] == 0
    assert event.data["redemption"]["id"].startswith("r_")
    assert not DomainEvent.objects.filter(type="voucher.gift.balance_added").exists()


def test_somebody_elses_card_tells_only_its_holders_id(api: ApiClient) -> None:
    holder = CustomerFactory(project=api.project)
    card(api, holder=holder)

    api.post("/v1/redemptions", body("CARD", customer={"source_id": "bob"}))

    event = DomainEvent.objects.get(type="voucher.gift.transaction.created")
    assert event.data["holder"] == {"id": holder.pk, "object": "customer"}


@pytest.mark.spec("engine 10 gift")
@pytest.mark.spec("campaigns 9 CREDITS_REFUND")
def test_rolling_back_returns_the_credits(api: ApiClient) -> None:
    made = card(api)
    done = api.post("/v1/redemptions", body(with_credits("CARD", 3000))).json()
    redeemed = done["redemptions"][0]["id"]

    shown = api.post(f"/v1/redemptions/{redeemed}/rollback").json()

    made.refresh_from_db()
    assert (shown["amount"], shown["gift"]) == (-3000, {"amount": -3000})
    assert shown["voucher"]["gift"]["balance"] == 5000
    assert (made.balance, made.redeemed_amount, made.redeemed_quantity) == (5000, 0, 0)
    assert entries() == [
        ("CREDITS_REDEMPTION", -3000, 2000, 5000),
        ("CREDITS_REFUND", 3000, 5000, 5000),
    ]
    newest, _ = api.get("/v1/vouchers/CARD/transactions").json()["data"]
    assert newest["details"]["redemption"] == {"id": redeemed}
    assert newest["details"]["rollback"] == {"id": shown["id"]}
    assert list(unexplained_balances()) == []


@pytest.mark.spec("engine 10 gift")
def test_a_stack_returns_the_credits_of_every_card(api: ApiClient) -> None:
    campaign = GiftCampaignFactory(project=api.project)
    for code in ("A", "B"):
        GiftCardFactory(campaign=campaign, code=code)
    VoucherFactory(project=api.project, code="TEN")
    done = api.post("/v1/redemptions", body("A", "TEN", "B")).json()
    parent = done["parent_redemption"]["id"]

    shown = api.post(f"/v1/redemptions/{parent}/rollbacks").json()

    assert [one.get("amount") for one in done["redemptions"]] == [5000, None, 5000]
    assert "amount" not in done["parent_redemption"]
    assert [one.get("amount") for one in shown["rollbacks"]] == [-5000, None, -5000]
    assert [kind for kind, *_ in entries()] == [
        "CREDITS_REDEMPTION",
        "CREDITS_REDEMPTION",
        "CREDITS_REFUND",
        "CREDITS_REFUND",
    ]
    balances = campaign.vouchers.values_list("balance", flat=True)
    assert list(balances) == [5000, 5000]
    assert list(unexplained_balances()) == []


@pytest.mark.spec("engine 6.1 credits > balance")
@pytest.mark.parametrize(
    ("redeemable", "amount", "key"),
    [
        (with_credits("CARD", 5001), 12000, "gift_amount_exceeded"),
        (with_credits("CARD", -1), 12000, "invalid_gift"),
        (with_credits("CARD", "5"), 12000, "invalid_gift"),
        ("CARD", None, "missing_amount"),
    ],
)
def test_a_refused_card_keeps_its_credits(
    api: ApiClient, redeemable: Any, amount: int | None, key: str
) -> None:
    made = card(api)

    answer = api.post("/v1/redemptions", body(redeemable, amount=amount))

    made.refresh_from_db()
    assert (answer.status_code, answer.json()["key"]) == (400, key)
    assert (made.balance, made.redeemed_quantity) == (5000, 0)
    assert Redemption.objects.get().card_amount is None
    assert not LedgerEntry.objects.exists()


@pytest.mark.spec("engine 6.1 credits sent, no order amount")
def test_credits_may_be_used_without_an_order(api: ApiClient) -> None:
    made = card(api)

    shown = api.post(
        "/v1/redemptions", body(with_credits("CARD", 700.0), amount=None)
    ).json()

    made.refresh_from_db()
    assert shown["redemptions"][0]["amount"] == 700
    assert (shown["order"], made.balance) == (None, 4300)


def test_a_card_that_had_nothing_to_pay_leaves_no_entry(api: ApiClient) -> None:
    card(api)

    shown = api.post("/v1/redemptions", body("CARD", amount=0)).json()

    assert shown["redemptions"][0]["gift"] == {"amount": 0}
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("gift", ["5", [], 5])
def test_a_gift_that_is_no_object_is_a_malformed_body(
    api: ApiClient, gift: Any
) -> None:
    card(api)
    redeemable = {"object": "voucher", "id": "CARD", "gift": gift}

    answer = api.post("/v1/validations", body(redeemable))

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")


def test_one_card_with_two_wishes_is_a_duplicate(api: ApiClient) -> None:
    card(api)

    answer = api.post(
        "/v1/redemptions", body(with_credits("CARD", 1), with_credits("CARD", 2))
    )

    assert answer.json()["key"] == "duplicated_redeemables"
    assert not LedgerEntry.objects.exists()


@pytest.mark.spec("engine 11.1 Candidates")
def test_qualifying_shows_cards_that_have_credits(api: ApiClient) -> None:
    card(api, "FULL")
    card(api, "EMPTY", credited_amount=0)

    shown = api.post("/v1/qualifications", {"order": {"amount": 3000}}).json()

    (entry,) = shown["redeemables"]["data"]
    assert entry["id"] == "FULL"
    assert entry["result"] == {"gift": {"credits": 3000, "balance": 5000}}
    assert entry["order"]["total_amount"] == 0


def test_a_wallet_shows_cards_without_an_order(api: ApiClient) -> None:
    holder = CustomerFactory(project=api.project, source_id="ada")
    card(api, holder=holder)
    wanted = {"scenario": "CUSTOMER_WALLET", "customer": {"source_id": "ada"}}

    shown = api.post("/v1/qualifications", wanted).json()

    (entry,) = shown["redeemables"]["data"]
    assert entry["result"] == {"gift": {"credits": 0, "balance": 5000}}


def test_a_gift_campaign_qualifies_with_its_template(api: ApiClient) -> None:
    campaign = GiftCampaignFactory(
        project=api.project, voucher=gift_template(700), type="AUTO_UPDATE"
    )
    wanted = {"scenario": "AUDIENCE_ONLY", "order": {"amount": 3000}}

    shown = api.post("/v1/qualifications", wanted).json()

    (entry,) = shown["redeemables"]["data"]
    assert (entry["id"], entry["object"]) == (campaign.pk, "campaign")
    assert entry["result"] == {"gift": {"credits": 700, "balance": 700}}


def test_a_card_for_items_is_a_discount_on_products(api: ApiClient) -> None:
    card(api, "ITEMS", gift_effect="APPLY_TO_ITEMS")
    card(api, "ORDER")
    wanted = {
        "scenario": "PRODUCTS_DISCOUNT",
        "order": {"items": [{"source_id": "tea", "price": 900, "quantity": 1}]},
    }

    shown = api.post("/v1/qualifications", wanted).json()

    assert [one["id"] for one in shown["redeemables"]["data"]] == ["ITEMS"]


@pytest.mark.parametrize(
    ("path", "statements"), [("/v1/validations", 4), ("/v1/redemptions", 10)]
)
def test_ten_cards_cost_as_much_as_one(
    project: Project, path: str, statements: int
) -> None:
    project.stacking_rules = {"applicable_redeemables_limit": 30}
    project.save()
    api = server_client(project)
    costs = {}
    for count in (1, 1, 10):
        cards = GiftCardFactory.create_batch(
            count, campaign=GiftCampaignFactory(project=project)
        )
        wanted = body(
            *(with_credits(one.code, 5) for one in cards),
            customer={"source_id": "ada"},
        )
        with CaptureQueriesContext(connection) as found:
            answer = api.post(path, wanted)
        assert answer.status_code == 200, answer.content
        costs[count] = len(found)

    assert costs == {1: costs[1], 10: costs[1]}
    assert costs[1] <= statements


@pytest.mark.django_db(transaction=True)
def test_checkouts_at_once_never_spend_more_than_there_is(project: Project) -> None:
    made = GiftCardFactory(project=project, code="CARD", credited_amount=1000)
    api, count = server_client(project), 16
    start, outcomes = threading.Barrier(count), Tally[str]()

    def pay(number: int) -> None:
        start.wait()
        wanted = body(with_credits("CARD", 150), amount=1000 + number)
        answer = api.post("/v1/redemptions", wanted)
        outcomes[answer.json().get("key", "done")] += 1
        connection.close()

    threads = [threading.Thread(target=pay, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    made.refresh_from_db()
    assert outcomes == {"done": 6, "gift_amount_exceeded": 10}
    assert (made.balance, made.redeemed_quantity) == (100, 6)
    assert [balance for _, _, balance, _ in entries()] == [850, 700, 550, 400, 250, 100]
    assert list(unexplained_balances()) == []

"""Balances changed by hand, and the ledger that explains them."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections

from campaigns.models import Voucher
from promo.errors import BadRequest, Duplicate, ResourceNotFound
from promo.outbox.models import DomainEvent
from redemptions.models import LedgerEntry
from redemptions.services.balance import change_balance
from redemptions.services.ledger_check import Unexplained, unexplained_balances
from tests.factories.campaigns import (
    GiftCampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db


def held_card() -> Voucher:
    card: Voucher = LoyaltyCardFactory()
    card.holder = CustomerFactory(project=card.project)
    card.save(update_fields=["holder"])
    return card


def kinds() -> list[str]:
    return list(DomainEvent.objects.order_by("id").values_list("type", flat=True))


def no_change(card: Voucher, balance: int) -> None:
    card.refresh_from_db()
    assert card.balance == balance
    assert not LedgerEntry.objects.exists()
    assert kinds() == []


@pytest.mark.spec("campaigns 9 CREDITS_ADDITION")
@pytest.mark.spec("campaigns 11 Top-up")
def test_credits_are_added_with_the_entry_that_explains_them() -> None:
    card = GiftCardFactory(campaign=GiftCampaignFactory())

    entry = change_balance(card, amount=700, now=NOW, source_id="a", reason="sorry")

    card.refresh_from_db()
    assert (card.balance, card.credited_amount, card.subtracted_amount) == (
        5700,
        5700,
        0,
    )
    assert (entry.type, entry.amount, entry.balance, entry.total) == (
        "CREDITS_ADDITION",
        700,
        5700,
        5700,
    )
    assert (entry.source, entry.source_id, entry.reason) == ("API", "a", "sorry")
    assert entry.campaign == card.campaign
    assert list(unexplained_balances()) == []


@pytest.mark.spec("campaigns 9 CREDITS_REMOVAL")
def test_credits_are_removed_down_to_nothing() -> None:
    card = GiftCardFactory(redeemed_amount=1000, initial_balance=4000)

    entry = change_balance(card, amount=-4000, now=NOW)

    card.refresh_from_db()
    assert (card.balance, card.credited_amount, card.subtracted_amount) == (
        0,
        5000,
        4000,
    )
    assert (entry.type, entry.amount, entry.balance, entry.total) == (
        "CREDITS_REMOVAL",
        -4000,
        0,
        1000,
    )
    assert list(unexplained_balances()) == []


@pytest.mark.parametrize(
    ("amount", "kind", "balance"),
    [(50, "POINTS_ADDITION", 1050), (-50, "POINTS_REMOVAL", 950)],
)
def test_points_move_like_credits(amount: int, kind: str, balance: int) -> None:
    card = held_card()

    entry = change_balance(card, amount=amount, now=NOW)

    card.refresh_from_db()
    assert (entry.type, entry.balance, card.balance) == (kind, balance, balance)


@pytest.mark.spec("campaigns 9 amount 0, not integer, or result < 0")
@pytest.mark.parametrize(
    ("amount", "key"),
    [
        (0, "invalid_add_balance_params"),
        (2**53, "invalid_add_balance_params"),
        (-5001, "invalid_amount"),
    ],
)
def test_an_amount_that_cannot_be_is_refused(amount: int, key: str) -> None:
    card = GiftCardFactory()

    with pytest.raises(BadRequest) as refused:
        change_balance(card, amount=amount, now=NOW)

    assert refused.value.key == key
    no_change(card, 5000)


@pytest.mark.spec("campaigns 9 loyalty card without holder")
def test_a_loyalty_card_of_nobody_gets_no_points() -> None:
    card = LoyaltyCardFactory()

    with pytest.raises(BadRequest) as refused:
        change_balance(card, amount=5, now=NOW)

    assert refused.value.key == "invalid_add_balance_params"
    no_change(card, 1000)


@pytest.mark.spec("campaigns 9 discount voucher")
def test_a_discount_has_no_balance() -> None:
    coupon = VoucherFactory()

    with pytest.raises(BadRequest) as refused:
        change_balance(coupon, amount=5, now=NOW)

    assert refused.value.key == "invalid_voucher"
    no_change(coupon, 0)


@pytest.mark.spec("campaigns 9 repeated source_id")
def test_a_repeated_source_id_moves_nothing() -> None:
    card = GiftCardFactory()
    change_balance(card, amount=5, now=NOW, source_id="once")

    with pytest.raises(Duplicate) as refused:
        change_balance(card, amount=5, now=NOW, source_id="once")

    card.refresh_from_db()
    assert refused.value.resource_id == "once"
    assert (card.balance, LedgerEntry.objects.count()) == (5005, 1)


def test_two_cards_may_have_the_same_source_id() -> None:
    for card in (GiftCardFactory(), GiftCardFactory()):
        change_balance(card, amount=5, now=NOW, source_id="once")

    assert LedgerEntry.objects.count() == 2


def test_a_deleted_card_is_not_found() -> None:
    card = GiftCardFactory(deleted_at=NOW)

    with pytest.raises(ResourceNotFound):
        change_balance(card, amount=5, now=NOW)

    no_change(card, 5000)


@pytest.mark.spec("campaigns 26 gift movement")
def test_a_change_by_hand_is_told_to_the_project_and_to_the_holder() -> None:
    card = GiftCardFactory(campaign=GiftCampaignFactory())
    card.holder = CustomerFactory(project=card.project)
    card.save()

    entry = change_balance(card, amount=700, now=NOW)

    by_hand, to_holder, created = DomainEvent.objects.order_by("id")
    assert [by_hand.type, to_holder.type, created.type] == [
        "voucher.gift.balance_added",
        "customer.voucher.gift.balance_added",
        "voucher.gift.transaction.created",
    ]
    assert to_holder.customer_id == card.holder_id
    assert set(by_hand.data) == {
        "voucher",
        "balance",
        "campaign",
        "transaction",
        "customer",
    }
    assert set(created.data) == {
        "transaction",
        "voucher",
        "campaign",
        "holder",
        "balance",
        "order",
        "redemption",
        "rollback",
        "reward",
    }
    assert created.data["transaction"]["id"] == entry.pk
    assert created.data["voucher"]["gift"]["balance"] == 5700
    assert created.data["balance"]["amount"] == 700


def test_points_are_told_as_points() -> None:
    change_balance(held_card(), amount=7, now=NOW)

    assert kinds() == [
        "voucher.loyalty_card.points_added",
        "customer.voucher.loyalty_card.points_added",
        "voucher.loyalty_card.transaction.created",
    ]


def test_a_balance_without_its_entry_is_found() -> None:
    card, _ = GiftCardFactory(), GiftCardFactory()
    Voucher.objects.filter(pk=card.pk).update(credited_amount=5001)

    assert list(unexplained_balances()) == [Unexplained(card.pk, 5001, 5000)]


@pytest.mark.django_db(transaction=True)
def test_removals_at_once_never_take_more_than_there_is() -> None:
    card = GiftCardFactory(credited_amount=1000)
    start, refused = Barrier(6), []

    def remove() -> None:
        try:
            start.wait()
            change_balance(card, amount=-300, now=NOW)
        except BadRequest as error:
            refused.append(error.key)
        finally:
            connections.close_all()

    threads: list[Any] = [Thread(target=remove) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    card.refresh_from_db()
    assert (card.balance, refused) == (100, ["invalid_amount"] * 3)
    assert list(LedgerEntry.objects.values_list("balance", flat=True)) == [
        100,
        400,
        700,
    ]
    assert list(unexplained_balances()) == []

"""Balances above a limit: asked for by one person, moved once another one agrees."""

import threading

import pytest
from django.db import connection

from campaigns.models import Voucher
from campaigns.services.voucher import delete_voucher
from promo.approvals.models import ApprovalRequest, RequestStatus
from promo.approvals.services import Decider, approve
from promo.clock import utc_now
from promo.errors import Conflict
from promo.outbox.models import DomainEvent
from promo.tenancy.permissions import BY_PERSON_ROLE
from promo.tenancy.services.roles import create_role
from redemptions.models import LedgerEntry
from redemptions.services.balance import change_balance
from tests.admin_site import (
    NOW,
    make_project,
    messages_of,
    page_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import (
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
)
from tests.factories.customers import CustomerFactory
from tests.fixtures.api import server_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_project(
        currency="EUR", gift_adjustment_limit=10_000, points_adjustment_limit=500
    )


@pytest.fixture
def mia(shop):
    return sign_in(shop, "USER", "mia@example.com")


@pytest.fixture
def anna(shop):
    return sign_in(shop, "MANAGER", "anna@example.com")


@pytest.fixture
def card(shop):
    """A gift card with 50.00 on it."""
    return GiftCardFactory(project=shop, code="CARD")


def ask(person, card, amount="100.01", reason="Lost parcel"):
    return person.run(card, "change_balance", amount=amount, reason=reason)


def moved(card):
    """Return what is on a card, and what has moved it."""
    card.refresh_from_db()
    entries = LedgerEntry.objects.filter(voucher=card)
    return card.balance, sorted(entries.values_list("amount", flat=True))


def decider(person):
    held = person.user.memberships.get()
    return Decider(person.user, held.permissions)


def test_up_to_the_limit_one_person_is_enough(mia, card):
    response = ask(mia, card, "100.00")

    assert moved(card) == (15_000, [10_000])
    assert messages_of(response) == ["CARD has 150.00 EUR now."]
    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize("amount", ["100.01", "-200.00"])
def test_above_the_limit_nothing_moves_until_somebody_agrees(mia, card, shop, amount):
    Voucher.objects.filter(pk=card.pk).update(credited_amount=90_000)

    response = ask(mia, card, amount)

    request = ApprovalRequest.objects.get()
    assert moved(card) == (90_000, [])
    assert not DomainEvent.objects.exists()
    assert response["Location"] == page_of(request)
    assert request.title == "Change the balance of CARD"
    assert mia.open(request).status_code == 200
    assert rows_of(mia.list(ApprovalRequest)) == [request]


def test_a_request_says_how_much_why_and_the_balance_before_and_after(mia, card):
    ask(mia, card, "250.00", "Lost parcel")

    assert ApprovalRequest.objects.get().changes == [
        ["Balance", "50.00 EUR", "300.00 EUR"],
        ["Added", "", "250.00 EUR"],
        ["Reason", "", "Lost parcel"],
    ]


def test_approving_moves_it_once_and_the_ledger_says_who_asked_and_agreed(
    mia, anna, card
):
    ask(mia, card, "250.00")
    request = ApprovalRequest.objects.get()

    anna.run(request, "approve", text="Fine")

    entry = LedgerEntry.objects.get()
    request.refresh_from_db()
    page = text_of(anna.open(entry))
    assert moved(card) == (30_000, [25_000])
    assert (entry.reason, entry.source) == ("Lost parcel", "dashboard")
    assert entry.source_id == request.pk
    assert (request.status, request.decided_by) == (
        RequestStatus.APPROVED,
        anna.user,
    )
    assert "Asked for by mia@example.com, approved by anna@example.com" in page


def test_nobody_approves_what_they_ask_for_themselves(anna, card):
    ask(anna, card)

    refused = anna.run(ApprovalRequest.objects.get(), "approve", text="")

    assert "not yours to decide" in text_of(refused)
    assert moved(card) == (5_000, [])


def test_who_may_not_change_balances_cannot_approve_it(mia, shop, card):
    role = create_role(
        project=shop, now=NOW, name="Decider", permissions=["approvals.decide"]
    )
    ask(mia, card)

    refused = sign_in(shop, role.pk, "d@example.com").run(
        ApprovalRequest.objects.get(), "approve", text=""
    )

    assert "may not do yourself" in text_of(refused)
    assert moved(card) == (5_000, [])


def test_who_may_not_change_balances_cannot_ask(shop, card):
    refused = ask(sign_in(shop, "SUPPORT"), card)

    assert refused.status_code == 403
    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize("command", ["reject", "request_changes"])
def test_turning_it_down_moves_nothing(mia, anna, card, command):
    ask(mia, card)

    anna.run(ApprovalRequest.objects.get(), command, text="Too much")

    assert moved(card) == (5_000, [])


def test_another_project_neither_sees_nor_approves_it(mia, card):
    ask(mia, card)
    request = ApprovalRequest.objects.get()
    stranger = sign_in(make_project("Other"), "ADMIN", "x@example.com")

    assert stranger.run(request, "approve", text="").status_code == 404
    assert moved(card) == (5_000, [])


def test_a_balance_that_is_gone_by_then_is_refused_with_the_reason(mia, anna, card):
    Voucher.objects.filter(pk=card.pk).update(credited_amount=20_000)
    ask(mia, card, "-150.00")
    request = ApprovalRequest.objects.get()
    change_balance(card, amount=-12_000, now=NOW)

    page = text_of(anna.open(request))
    anna.run(request, "approve", text="")

    request.refresh_from_db()
    assert "Balance is <strong>80.00 EUR</strong> by now" in page
    assert request.status == RequestStatus.CHANGES_REQUESTED
    assert "The balance of CARD is 8000" in request.comments.last().text
    assert moved(card) == (8_000, [-12_000])


def test_a_card_that_has_expired_by_then_is_refused_with_the_reason(mia, anna, card):
    ask(mia, card)
    Voucher.objects.filter(pk=card.pk).update(expiration_date=NOW)

    anna.run(ApprovalRequest.objects.get(), "approve", text="")

    request = ApprovalRequest.objects.get()
    assert request.status == RequestStatus.CHANGES_REQUESTED
    assert request.comments.last().text == "The card has expired: CARD is over"
    assert moved(card) == (5_000, [])


def test_a_card_that_is_deleted_by_then_is_refused_with_the_reason(mia, anna, card):
    ask(mia, card)
    delete_voucher(card, now=NOW, force=False)
    request = ApprovalRequest.objects.get()

    assert anna.open(request).status_code == 200
    anna.run(request, "approve", text="")

    request.refresh_from_db()
    assert request.status == RequestStatus.CHANGES_REQUESTED
    assert "Cannot find" in request.comments.last().text
    assert not LedgerEntry.objects.exists()


def test_asking_for_more_leaves_what_somebody_looks_at_as_it_is(mia, anna, card):
    ask(mia, card, "200.00")
    looked_at = ApprovalRequest.objects.get()

    ask(mia, card, "90000.00")
    anna.run(looked_at, "approve", text="")

    assert moved(card) == (25_000, [20_000])
    assert ApprovalRequest.objects.count() == 2


def test_a_double_click_asks_once(mia, card):
    ask(mia, card)
    ask(mia, card)

    [request] = ApprovalRequest.objects.all()
    assert [one.what for one in request.comments.all()] == ["asked", "asked again"]


def test_points_have_a_limit_of_their_own(mia, anna, shop):
    program = LoyaltyProgramFactory(project=shop)
    ada = CustomerFactory(project=shop)
    points = LoyaltyCardFactory(campaign=program, code="CLUB", holder=ada)

    ask(mia, points, "500")
    ask(mia, points, "501")

    assert moved(points) == (1_500, [500])
    anna.run(ApprovalRequest.objects.get(), "approve", text="")
    assert moved(points) == (2_001, [500, 501])


def test_without_a_limit_nobody_is_asked(shop, mia, card):
    shop.gift_adjustment_limit = None
    shop.save()

    ask(mia, card, "90000.00")

    assert moved(card) == (9_005_000, [9_000_000])


def test_with_a_limit_of_nothing_all_is_asked_for(shop, mia, card):
    shop.gift_adjustment_limit = 0
    shop.save()

    ask(mia, card, "0.01")

    assert ApprovalRequest.objects.count() == 1
    assert moved(card) == (5_000, [])


def test_shops_with_their_keys_are_not_asked(shop, card):
    answer = server_client(shop).post("/v1/vouchers/CARD/balance", {"amount": 50_000})

    assert answer.status_code == 200
    assert moved(card) == (55_000, [50_000])


def test_the_limit_is_a_setting_of_the_project(shop):
    boss = sign_in(shop, "ADMIN")

    boss.change(
        shop,
        name="Shop",
        currency="EUR",
        timezone="UTC",
        week_starts_on="1",
        gift_adjustment_limit="25.50",
        points_adjustment_limit="",
        client_trusted_domains="",
    )

    shop.refresh_from_db()
    assert (shop.gift_adjustment_limit, shop.points_adjustment_limit) == (2_550, None)


def test_the_page_of_such_a_request_stays_cheap(mia, anna, card):
    ask(mia, card)
    request = ApprovalRequest.objects.get()

    assert statements_of(lambda: anna.open(request)) <= 20


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_move_it_once(mia, anna, shop, card):
    ask(mia, card)
    request = ApprovalRequest.objects.get()
    boss = sign_in(shop, "ADMIN", "boss@example.com")
    people = [decider(anna), decider(boss)]
    start, outcomes = threading.Barrier(2), []

    def agree(by):
        try:
            start.wait()
            outcomes.append(approve(request, by=by, now=utc_now()).status)
        except Conflict as late:
            outcomes.append(late.key)
        finally:
            connection.close()

    threads = [threading.Thread(target=agree, args=(by,)) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["APPROVED", "request_not_waiting"]
    assert moved(card) == (15_001, [10_001])


def test_managers_may_do_what_they_agree_to():
    assert {"approvals.decide", "vouchers.modify"} <= BY_PERSON_ROLE["MANAGER"]

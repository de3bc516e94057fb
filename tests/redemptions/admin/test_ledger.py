"""The ledger at the dashboard."""

import pytest

from redemptions.models import LedgerEntry
from redemptions.services.balance import change_balance
from tests.admin_site import make_project, rows_of, sign_in, statements_of, text_of
from tests.factories.campaigns import (
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
)
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db


def test_the_ledger_shows_what_moved_and_what_was_left():
    card = GiftCardFactory(project=make_project(currency="EUR"), code="CARD")
    change_balance(card, amount=-700, now=NOW, reason="By phone")

    page = text_of(sign_in(card.project, "VIEWER").list(LedgerEntry))

    for words in ("CARD", "Credits taken off", "-7.00 EUR", "43.00 EUR", "By phone"):
        assert words in page


def test_points_are_written_as_points():
    program = LoyaltyProgramFactory(project=make_project(currency="EUR"))
    holder = CustomerFactory(project=program.project)
    card = LoyaltyCardFactory(campaign=program, holder=holder)
    entry = change_balance(card, amount=5, now=NOW)

    page = text_of(sign_in(program.project, "VIEWER").open(entry))

    for words in ("Points added", "+5 points", "1,005 points", "API"):
        assert words in page


def test_what_moved_a_balance_is_named():
    card = GiftCardFactory(project=make_project(currency="EUR"))
    entry = change_balance(card, amount=5, now=NOW)
    LedgerEntry.objects.update(details={"redemption": {"id": "r_1"}, "order": None})

    page = text_of(sign_in(card.project, "VIEWER").open(entry))

    assert "redemption r_1" in page


def test_the_ledger_of_one_card_is_found_by_it():
    card = GiftCardFactory(project=make_project(currency="EUR"))
    other = GiftCardFactory(project=card.project)
    entry = change_balance(card, amount=5, now=NOW)
    change_balance(other, amount=5, now=NOW)
    person = sign_in(card.project, "VIEWER")

    listed = person.list(LedgerEntry, voucher__id__exact=card.pk)

    assert rows_of(listed) == [entry]


def test_nobody_changes_the_ledger():
    card = GiftCardFactory(project=make_project(currency="EUR"))
    entry = change_balance(card, amount=5, now=NOW)
    person = sign_in(card.project, "ADMIN")

    assert person.add(LedgerEntry, amount="5").status_code == 403
    assert person.change(entry, amount="6").status_code == 403
    assert person.delete(entry).status_code == 403
    assert LedgerEntry.objects.get().amount == 5


def test_entries_of_another_project_do_not_exist():
    person = sign_in(make_project(currency="EUR"), "USER")
    entry = change_balance(
        GiftCardFactory(project=make_project("Other")), amount=5, now=NOW
    )

    assert rows_of(person.list(LedgerEntry)) == []
    assert person.open(entry).status_code == 302


def test_listing_costs_the_same_for_one_row_as_for_twenty():
    card = GiftCardFactory(project=make_project(currency="EUR"))
    person = sign_in(card.project, "VIEWER")
    change_balance(card, amount=1, now=NOW)
    for_one = statements_of(lambda: person.list(LedgerEntry))

    for _ in range(19):
        change_balance(GiftCardFactory(project=card.project), amount=1, now=NOW)

    assert statements_of(lambda: person.list(LedgerEntry)) == for_one

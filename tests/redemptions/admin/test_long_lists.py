"""Long lists are read in the order of an index: never counted, nor read as a whole."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from promo.outbox.models import DomainEvent
from redemptions.admin.redemption_filters import (
    FAILED_ROLLBACK,
    REFUSED,
    ROLLBACK,
    UNDONE,
)
from redemptions.models import LedgerEntry, Order, Redemption
from redemptions.services.balance import change_balance
from tests.admin_site import make_project, rows_of, sign_in
from tests.factories.campaigns import GiftCardFactory
from tests.factories.tenancy import NOW
from tests.plans import plan_of_page, prepared_plan

pytestmark = pytest.mark.django_db


def scanned(plan: str) -> str:
    """Return the index by which the rows of the log are read."""
    return re.findall(r"Index Scan using (\w+) on redemptions_redemption", plan)[0]


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        ({}, {"redemption_newest"}),
        ({"outcome": REFUSED}, {"redemption_refused"}),
        ({"outcome": FAILED_ROLLBACK}, {"redemption_refused", "rollback_newest"}),
        ({"outcome": UNDONE}, {"redemption_rolled_back"}),
        ({"outcome": ROLLBACK}, {"rollback_newest"}),
        ({"reason": "already_rolled_back"}, {"redemption_by_reason"}),
    ],
)
def test_a_rare_outcome_is_read_newest_first_from_its_index(query, indexes):
    plan = plan_of_page(Redemption, **query)

    assert scanned(plan) in indexes
    assert "Sort" not in plan


def test_the_ledger_is_read_newest_first_from_its_index():
    plan = plan_of_page(LedgerEntry)

    assert "Index Scan using ledger_newest on" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("model", [LedgerEntry, DomainEvent, Redemption])
def test_a_long_list_counts_nothing(model):
    person = sign_in(make_project(), "ADMIN")

    with CaptureQueriesContext(connection) as statements:
        person.list(model)

    table = model._meta.db_table
    counted = [one for one in statements if "COUNT(" in one["sql"]]
    assert [one for one in counted if table in one["sql"]] == []


def test_the_ledger_goes_on_behind_the_last_entry_of_a_page():
    card = GiftCardFactory(project=make_project(currency="EUR"), code="CARD")
    entries = [change_balance(card, amount=1, now=NOW) for _ in range(52)]
    person = sign_in(card.project, "VIEWER")

    first = person.list(LedgerEntry)
    second = person.list(LedgerEntry, p=rows_of(first)[-1].pk)

    newest = [entry.pk for entry in reversed(entries)]
    assert [row.pk for row in rows_of(first)] == newest[:50]
    assert first.context["cl"].older == f"?p={newest[49]}"
    assert [row.pk for row in rows_of(second)] == newest[50:]
    assert second.context["cl"].older == ""


def test_a_page_behind_what_is_no_entry_is_the_first():
    card = GiftCardFactory(project=make_project())
    entry = change_balance(card, amount=1, now=NOW)

    page = sign_in(card.project, "VIEWER").list(LedgerEntry, p="yesterday")

    assert rows_of(page) == [entry]


def test_an_order_is_found_by_an_index():
    project = make_project()

    plan = prepared_plan(project.orders.alive().by_reference("o-1").order_by())

    assert "Index Scan using order_source_id_is_unique on" in plan


@pytest.mark.parametrize("model", [Order, Redemption])
def test_a_search_reads_no_order_but_those_of_the_index(model):
    person = sign_in(make_project(), "VIEWER")

    with CaptureQueriesContext(connection) as statements:
        person.list(model, q="o-1")

    sought = "\"source_id\" = 'o-1'"
    named = [one["sql"] for one in statements if sought in one["sql"]]
    # The index that finds them has living orders and customers alone.
    searches = [sql for sql in named if "redemptions_order" in sql]
    assert searches
    assert all('"deleted_at" IS NULL' in sql for sql in named)


def test_a_report_reads_the_first_of_each_ranking_alone():
    person = sign_in(make_project(), "VIEWER")

    with CaptureQueriesContext(connection) as statements:
        person.client.get(reverse("reports"))

    rankings = [one["sql"] for one in statements if '"worth"' in one["sql"]]
    assert [sql.rpartition(" ")[2] for sql in rankings] == ["11", "11", "11"]

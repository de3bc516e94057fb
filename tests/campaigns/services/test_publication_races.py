"""Many publications at once, on real connections: nobody gets another's code."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from campaigns.models import Publication, Voucher
from campaigns.services.publication import PublicationRequest, publish
from customers.models import Customer
from customers.services.upsert import CustomerDraft
from promo.tenancy.models import Project
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
THREADS = 16
NONE_LEFT = "no_voucher_suitable_for_publication"


def given(project: Project, customer: str, **asked: Any) -> list[str]:
    """Return the codes that one request gets."""
    request = PublicationRequest(customer=CustomerDraft(source_id=customer), **asked)
    made = publish(project=project, request=request, now=NOW)
    return [voucher.code for voucher in made.vouchers]


def many(work: Callable[[int], Any]) -> list[Any]:
    """Return what became of the same work, done by everybody at once."""
    return at_once(*(lambda n=n: work(n) for n in range(THREADS)))


def codes_in(outcomes: list[Any]) -> list[str]:
    return [code for one in outcomes if isinstance(one, list) for code in one]


def test_sixteen_customers_share_ten_codes():
    campaign = CampaignFactory()
    VoucherFactory.create_batch(10, campaign=campaign)

    outcomes = many(
        lambda n: given(campaign.project, f"customer-{n}", campaign=campaign.pk)
    )

    codes = codes_in(outcomes)
    assert len(codes) == len(set(codes)) == 10
    assert outcomes.count(NONE_LEFT) == 6
    assert Voucher.objects.filter(holder__isnull=False).count() == 10
    assert Publication.objects.filter(result="FAILURE").count() == 6


def test_requests_for_two_codes_each_leave_none_behind():
    campaign = CampaignFactory()
    VoucherFactory.create_batch(20, campaign=campaign)

    outcomes = many(
        lambda n: given(campaign.project, f"c-{n}", campaign=campaign.pk, count=2)
    )

    codes = codes_in(outcomes)
    assert len(codes) == len(set(codes)) == 20
    assert outcomes.count(NONE_LEFT) == 6
    assert Voucher.objects.filter(publications_count=1).count() == 20


def test_a_campaign_that_grows_makes_everybody_a_code_of_his_own():
    campaign = CampaignFactory(type="AUTO_UPDATE")
    VoucherFactory.create_batch(4, campaign=campaign)

    codes = codes_in(
        many(lambda n: given(campaign.project, f"c-{n}", campaign=campaign.pk))
    )

    assert len(codes) == len(set(codes)) == THREADS
    assert Voucher.objects.filter(publications_count=1).count() == THREADS
    holders = Voucher.objects.values_list("holder__source_id", flat=True)
    assert set(holders) == {f"c-{n}" for n in range(THREADS)}


def test_one_of_sixteen_customers_gets_the_code_that_all_want():
    voucher = VoucherFactory(code="MINE")

    outcomes = many(lambda n: given(voucher.project, f"c-{n}", voucher="MINE"))

    assert codes_in(outcomes) == ["MINE"]
    assert outcomes.count("voucher_already_published") == THREADS - 1
    voucher.refresh_from_db()
    assert voucher.publications_count == 1
    assert Publication.objects.filter(result="SUCCESS").count() == 1
    assert Publication.objects.filter(result="FAILURE").count() == THREADS - 1


@pytest.mark.parametrize(
    ("joins_once", "asked"),
    [(True, {}), (False, {"join_once": True}), (False, {"source_id": "mail-1"})],
)
def test_sixteen_requests_of_one_customer_get_one_code(joins_once, asked):
    campaign = CampaignFactory(join_once=joins_once)
    VoucherFactory.create_batch(THREADS, campaign=campaign)

    outcomes = many(
        lambda _: given(campaign.project, "ada", campaign=campaign.pk, **asked)
    )

    assert len(codes_in(outcomes)) == THREADS
    assert len(set(codes_in(outcomes))) == 1
    assert Publication.objects.count() == Customer.objects.count() == 1
    assert Voucher.objects.filter(publications_count=1).count() == 1


def test_who_asks_for_sixteen_codes_of_a_campaign_joins_with_one():
    campaign = CampaignFactory(join_once=True)
    for n in range(THREADS):
        VoucherFactory(campaign=campaign, code=f"CODE-{n}")

    outcomes = many(lambda n: given(campaign.project, "ada", voucher=f"CODE-{n}"))

    assert len(codes_in(outcomes)) == 1
    assert outcomes.count("voucher_cannot_be_published") == THREADS - 1
    assert Voucher.objects.filter(publications_count=1).count() == 1
    assert Publication.objects.filter(result="SUCCESS").count() == 1


def is_waited_for() -> bool:
    """Whether somebody waits for what the running transaction has locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE NOT granted"
            " AND transactionid = pg_current_xact_id()::xid"
        )
        return cursor.fetchone() is not None


@pytest.mark.parametrize("comes_back", [True, False])
def test_the_last_code_is_waited_for_while_somebody_may_not_keep_it(comes_back):
    campaign = CampaignFactory()
    VoucherFactory(campaign=campaign, code="LAST")
    outcomes: list[Any] = []

    def ask() -> None:
        work = partial(given, campaign.project, "ada", campaign=campaign.pk)
        outcomes.extend(at_once(work))

    asking = Thread(target=ask)
    with transaction.atomic():
        last = Voucher.objects.select_for_update().get(code="LAST")
        asking.start()
        while asking.is_alive() and not is_waited_for():
            pass
        if not comes_back:
            last.publications_count = 1
            last.save()
    asking.join()

    assert outcomes == ([["LAST"]] if comes_back else [NONE_LEFT])
    last.refresh_from_db()
    assert (last.holder_id is None) is not comes_back

"""Many publications at once, on real connections: nobody gets another's code."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from campaigns.models import Publication, Voucher
from campaigns.services.publication import PublicationRequest, publish
from customers.services.upsert import CustomerDraft
from promo.errors import PromoError
from tests.factories.campaigns import CampaignFactory, VoucherFactory

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
THREADS = 16


def at_once(work):
    start, outcomes = threading.Barrier(THREADS), []

    def run(number):
        start.wait()
        try:
            outcomes.append(work(number))
        except PromoError as refused:
            outcomes.append(refused.key)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_sixteen_customers_share_ten_codes():
    campaign = CampaignFactory()
    VoucherFactory.create_batch(10, campaign=campaign)

    def work(number):
        draft = CustomerDraft(source_id=f"customer-{number}")
        request = PublicationRequest(customer=draft, campaign=campaign.pk)
        made = publish(project=campaign.project, request=request, now=NOW)
        return made.vouchers[0].code

    outcomes = at_once(work)

    given = [one for one in outcomes if one != "no_voucher_suitable_for_publication"]
    assert len(given) == len(set(given)) == 10
    assert Voucher.objects.filter(holder__isnull=False).count() == 10
    assert Publication.objects.filter(result="FAILURE").count() == 6


@pytest.mark.django_db(transaction=True)
def test_sixteen_requests_of_one_customer_join_once():
    campaign = CampaignFactory(join_once=True)
    VoucherFactory.create_batch(THREADS, campaign=campaign)
    request = PublicationRequest(
        customer=CustomerDraft(source_id="ada"), campaign=campaign.pk
    )

    outcomes = at_once(
        lambda _: publish(project=campaign.project, request=request, now=NOW).row.pk
    )

    assert len(set(outcomes)) == 1
    assert Publication.objects.count() == 1
    assert Voucher.objects.filter(publications_count=1).count() == 1

"""The relay and others who change several customers, on connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from customers.models import Customer
from customers.services.customer import update_customer
from promo.outbox.events import Event, emit
from promo.outbox.models import DomainEvent
from promo.outbox.relay import publish_batch
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW, ProjectFactory
from tests.fixtures.processes import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.made_up_events]

_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def hold(customer: Any) -> None:
    rows = Customer.objects.filter(pk=customer.pk)
    rows.select_for_update(no_key=True).get()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        # What others do is looked at anew, though in one transaction.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(_WAITING)
        return cursor.fetchone() == (1,)


def relay() -> int:
    try:
        return publish_batch(now=NOW)
    finally:
        connection.close()


def test_the_relay_and_who_holds_customers_in_key_order_do_not_stop_each_other():
    project = ProjectFactory.create()
    people = CustomerFactory.create_batch(2, project=project)
    first, second = sorted(people, key=lambda one: one.pk)
    # Figures are summed up for one of them only, segments are looked at for both.
    update_customer(first, now=NOW, name="Ada")
    outdated = Event(type="customer.figures.outdated", customer_id=second.pk)
    emit(project, [outdated], now=NOW)

    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            hold(first)
            relayed = pool.submit(relay)
            wait_until(somebody_waits, "the relay waits", seconds=30)
            hold(second)
        count = relayed.result()

    assert count == 2
    assert not DomainEvent.objects.filter(published_at=None).exists()

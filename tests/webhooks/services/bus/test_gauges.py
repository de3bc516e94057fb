"""What monitoring is told of the bus."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from promo.clock import utc_now
from promo.tenancy.models import Project
from tests.factories.webhooks import customer_created
from webhooks.models import BusBatch
from webhooks.services.bus.backlog import Backlog, backlog
from webhooks.services.bus.gauges import check_bus
from webhooks.services.bus.publishing import make_shards

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _named(settings: Any) -> None:
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:1"
    make_shards()


def test_what_is_left_of_a_batch_counts_and_the_oldest_says_the_lag(
    project: Project, client: Client
) -> None:
    customer_created(project, "ada", "ada", "ada")
    moment = utc_now() - timedelta(seconds=90)
    BusBatch.objects.update(left=[0, 2], since=moment)

    assert backlog(100) == Backlog(2, moment)
    told = client.get("/metrics").content.decode()
    assert "promo_bus_waiting 2.0" in told
    assert backlog(100).lag(moment - timedelta(seconds=1)) == timedelta()


def test_readiness_fails_beyond_the_lag_that_is_allowed(
    project: Project, settings: Any
) -> None:
    customer_created(project, "ada")

    settings.READY_BUS_LAG = None
    assert check_bus().passed
    settings.READY_BUS_LAG = 60
    assert not check_bus().passed
    BusBatch.objects.all().delete()
    assert check_bus().found == "0 s behind"


def test_without_brokers_there_is_nothing_to_wait_for(settings: Any) -> None:
    settings.KAFKA_BOOTSTRAP_SERVERS = ""

    assert (check_bus().passed, check_bus().found) == (True, "not configured")

"""Limits of a distribution and the ceiling of a project."""

from datetime import timedelta
from typing import Any

import pytest

from promo.tenancy.models import Project
from tests.factories.distributions import (
    HOOK,
    POSTCARD,
    Postcards,
    ada,
    order_event,
    running,
    send,
    states,
    tell,
)
from tests.factories.tenancy import NOW
from webhooks.channels import Outcome, Result
from webhooks.models import DistributionCount, DistributionMessage

pytestmark = pytest.mark.django_db
SENT, TOTAL = ("POSTCARD", "SENT", ""), ("POSTCARD", "SKIPPED", "limit_total")
CUSTOMER, DAY = (
    ("POSTCARD", "SKIPPED", "limit_customer"),
    ("POSTCARD", "SKIPPED", "limit_day"),
)
TOMORROW = NOW + timedelta(days=1)


def counts(project: Project) -> dict[str, int]:
    rows = DistributionCount.objects.filter(project=project)
    return dict(rows.values_list("bucket", "used"))


def test_no_more_than_the_total_go_out(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[POSTCARD], limits={"max_total": 2})
    tell(project, *(order_event(ada(project)) for _ in range(3)))

    send()

    assert states(distribution) == [SENT, SENT, TOTAL]
    assert counts(project) == {"total": 2}


def test_a_customer_gets_no_more_than_their_share(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[POSTCARD], limits={"max_per_customer": 1})
    eve, bob = ada(project), ada(project)
    tell(project, order_event(eve), order_event(eve, order_id="o2"), order_event(bob))

    send()

    assert states(distribution) == [SENT, CUSTOMER, SENT]


def test_a_day_is_one_of_the_projects_calendar(
    project: Project, cards: type[Postcards]
) -> None:
    project.timezone = "Pacific/Auckland"
    project.save()
    distribution = running(project, channels=[POSTCARD], limits={"per_day": 1})
    eleven, midnight = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    for moment in (eleven, midnight):
        tell(project, order_event(ada(project)), order_event(ada(project)), now=moment)
        send(moment)

    assert states(distribution) == [SENT, DAY, SENT, DAY]
    assert counts(project) == {"day:2026-03-10": 1, "day:2026-03-11": 1}


def test_two_channels_of_one_event_count_once(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[POSTCARD, HOOK], limits={"max_total": 1})
    tell(project, order_event(ada(project)))

    send()

    assert states(distribution) == [SENT, ("WEBHOOK", "SENDING", "")]
    assert counts(project) == {"total": 1}


def test_trying_again_counts_nothing_more(
    project: Project, cards: type[Postcards]
) -> None:
    running(project, channels=[POSTCARD], limits={"max_total": 1})
    tell(project, order_event(ada(project)))
    cards.outcomes.append(Outcome(Result.FAILED, "The post is closed"))

    send()
    send(NOW + timedelta(minutes=1))

    assert DistributionMessage.objects.get().state == "SENT"
    assert counts(project) == {"total": 1}


def test_who_is_skipped_takes_nothing_of_a_limit(
    project: Project, cards: type[Postcards]
) -> None:
    running(project, channels=[POSTCARD], limits={"max_total": 1})
    tell(project, order_event(ada(project, name="")), order_event(ada(project)))

    send()

    assert counts(project) == {"total": 1}
    assert len(cards.written) == 1


def test_what_the_ceiling_stops_waits_for_the_next_day(
    project: Project, cards: type[Postcards], settings: Any
) -> None:
    settings.DISTRIBUTION_MESSAGES_PER_DAY = 1
    first = running(project, channels=[POSTCARD])
    second = running(project, channels=[POSTCARD])
    tell(project, order_event(ada(project)))

    send()
    waiting = states(second)
    today = send(TOMORROW.replace(hour=0) - timedelta(seconds=1))
    tomorrow = send(TOMORROW.replace(hour=0))

    assert states(first) == [SENT]
    assert waiting == [("POSTCARD", "WAITING", "daily_ceiling")]
    assert (today, tomorrow) == (0, 1)
    assert states(second) == [SENT]

"""Two workers at the same moment: nobody is sent twice, limits are met exactly."""

from collections import Counter
from typing import Any

import pytest

from campaigns.models import Publication
from promo.outbox.events import emit
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import CustomerFactory
from tests.factories.distributions import (
    HOOK,
    POSTCARD,
    Postcards,
    order_event,
    running,
    send,
    tell,
)
from tests.factories.tenancy import NOW, ProjectFactory
from tests.races import at_once
from webhooks.models import DistributionCount, DistributionMessage
from webhooks.services.distributions import sending
from webhooks.services.distributions.audience import reach_next

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Project:
    # Small portions, so that workers meet.
    monkeypatch.setattr(sending, "PORTION", 3)
    return ProjectFactory.create()


def many(shop: Project, count: int) -> None:
    people = CustomerFactory.create_batch(count, project=shop, name="Ada")
    tell(shop, *(order_event(person) for person in people))


def test_of_four_workers_nobody_sends_a_message_twice(
    shop: Project, cards: type[Postcards]
) -> None:
    running(shop, channels=[POSTCARD, HOOK])
    many(shop, 24)

    at_once(send, send, send, send)
    send()

    written = Counter(message.id for message in cards.written)
    assert len(written) == 24
    assert set(written.values()) == {1}
    assert (
        DistributionMessage.objects.filter(channel="WEBHOOK")
        .exclude(delivery=None)
        .count()
        == 24
    )


@pytest.mark.parametrize("channels", [[POSTCARD], [POSTCARD, HOOK]])
def test_a_limit_is_reached_exactly(
    shop: Project, cards: type[Postcards], channels: list[Any]
) -> None:
    running(shop, channels=channels, limits={"max_total": 7, "per_day": 9})
    many(shop, 20)

    at_once(send, send, send, send)
    send()

    assert len(cards.written) == 7
    assert DistributionCount.objects.get(bucket="total").used == 7
    skipped = DistributionMessage.objects.filter(state="SKIPPED")
    assert skipped.count() == 13 * len(channels)


def test_a_customer_gets_their_share_exactly(
    shop: Project, cards: type[Postcards]
) -> None:
    running(shop, channels=[POSTCARD], limits={"max_per_customer": 2})
    person = CustomerFactory.create(project=shop, name="Ada")
    tell(shop, *(order_event(person, order_id=f"ord_{n}") for n in range(12)))

    at_once(send, send, send)
    send()

    assert len(cards.written) == 2


def test_the_last_codes_are_given_once_each(
    shop: Project, cards: type[Postcards]
) -> None:
    campaign = CampaignFactory.create(project=shop)
    VoucherFactory.create_batch(5, campaign=campaign)
    action = {"type": "PUBLISH_CODES", "campaign_id": campaign.pk}
    running(shop, channels=[POSTCARD], action=action, limits={"max_total": 50})
    many(shop, 12)

    at_once(send, send, send)
    send()

    assert Publication.objects.succeeded().count() == 5
    assert len({message.text for message in cards.written}) == 5
    assert DistributionCount.objects.get(bucket="total").used == 5
    assert DistributionMessage.objects.filter(reason="no_codes_left").count() == 7


def test_two_who_hear_the_same_events_make_each_message_once(
    shop: Project, cards: type[Postcards]
) -> None:
    running(shop, channels=[POSTCARD])
    people = CustomerFactory.create_batch(20, project=shop, name="Ada")
    emit(shop, [order_event(person) for person in people], now=NOW)

    at_once(
        lambda: publish_batch(now=NOW, shards=8),
        lambda: publish_batch(now=NOW, shards=8),
    )
    while publish_batch(now=NOW):
        pass

    assert DistributionMessage.objects.count() == 20


def test_two_who_reach_an_audience_tell_each_once(
    shop: Project, cards: type[Postcards]
) -> None:
    person = CustomerFactory.create(project=shop, name="Ada")
    campaign = CampaignFactory.create(project=shop)
    distribution = running(
        shop,
        kind="MANUAL",
        audience={"customer_id": person.pk},
        action={"type": "PUBLISH_CODES", "campaign_id": campaign.pk},
        channels=[POSTCARD],
    )
    type(distribution).objects.update(status="ACTIVE", starts_at=NOW)

    outcomes = at_once(
        lambda: reach_next(distribution.pk, now=NOW),
        lambda: reach_next(distribution.pk, now=NOW),
    )

    assert sorted(outcomes, key=str) == [1, None]

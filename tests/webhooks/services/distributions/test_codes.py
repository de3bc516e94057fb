"""Codes and promotions that distributions tell of."""

import pytest

from campaigns.models import Campaign, Publication
from promo.tenancy.models import Project
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.distributions import (
    POSTCARD,
    Postcards,
    ada,
    order_event,
    running,
    send,
    states,
    tell,
)
from tests.factories.promotions import TierFactory
from tests.factories.tenancy import NOW
from webhooks.models import Distribution, DistributionCount, DistributionMessage
from webhooks.services.distributions.claiming import LEASE, claim
from webhooks.services.distributions.publishing import give_code
from webhooks.services.distributions.situations import occasions_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(project: Project) -> Campaign:
    return CampaignFactory.create(project=project)


def publishing(project: Project, campaign: Campaign, **parts: object) -> Distribution:
    action = {"type": "PUBLISH_CODES", "campaign_id": campaign.pk}
    return running(project, action=action, channels=[POSTCARD], **parts)


def test_a_code_is_given_and_told(
    project: Project, campaign: Campaign, cards: type[Postcards]
) -> None:
    voucher = VoucherFactory.create(campaign=campaign, code="SPRING")
    distribution = publishing(project, campaign)
    customer = ada(project)
    [event_id] = tell(project, order_event(customer))

    send()

    publication = Publication.objects.get()
    voucher.refresh_from_db()
    row = DistributionMessage.objects.get()
    assert [message.text for message in cards.written] == ["Hello SPRING"]
    assert publication.source_id == f"{distribution.pk}:{event_id}"
    assert publication.channel == "DISTRIBUTION"
    assert voucher.holder_id == customer.pk
    assert row.publication_id == publication.pk


def test_who_dies_after_giving_a_code_gives_the_same_one_again(
    project: Project, campaign: Campaign, cards: type[Postcards]
) -> None:
    VoucherFactory.create_batch(2, campaign=campaign)
    publishing(project, campaign, limits={"max_total": 1})
    tell(project, order_event(ada(project)))
    [occasion] = occasions_of(project, claim(10, now=NOW))
    given = give_code(project, occasion, now=NOW)

    send(NOW + LEASE)

    assert Publication.objects.count() == 1
    assert cards.written[0].text.endswith(given.told["voucher"]["code"])


def test_who_has_joined_already_is_skipped_silently(
    project: Project, campaign: Campaign, cards: type[Postcards]
) -> None:
    campaign.join_once = True
    campaign.save()
    VoucherFactory.create_batch(3, campaign=campaign)
    distribution = publishing(project, campaign, limits={"max_total": 5})
    customer = ada(project)
    tell(project, order_event(customer))
    send()

    tell(project, order_event(customer, order_id="ord_2"))
    send()

    assert states(distribution) == [
        ("POSTCARD", "SENT", ""),
        ("POSTCARD", "SKIPPED", "already_joined"),
    ]
    assert Publication.objects.count() == 1
    assert DistributionCount.objects.get(bucket="total").used == 1


def test_where_no_code_is_left_the_message_fails_and_counts_nothing(
    project: Project, campaign: Campaign, cards: type[Postcards]
) -> None:
    VoucherFactory.create(campaign=campaign)
    distribution = publishing(project, campaign, limits={"max_total": 5})
    tell(project, order_event(ada(project)), order_event(ada(project)))

    send()

    assert states(distribution) == [
        ("POSTCARD", "SENT", ""),
        ("POSTCARD", "FAILED", "no_codes_left"),
    ]
    assert DistributionCount.objects.get(bucket="total").used == 1
    assert len(cards.written) == 1


def test_a_campaign_that_is_gone_gives_nothing(
    project: Project, campaign: Campaign, cards: type[Postcards]
) -> None:
    distribution = publishing(project, campaign)
    tell(project, order_event(ada(project)))
    campaign.deleted_at = NOW
    campaign.save()

    send()

    assert states(distribution) == [("POSTCARD", "FAILED", "campaign_gone")]


def test_a_promotion_is_told_with_its_campaign(project: Project) -> None:
    tier = TierFactory.create(project=project)
    running(project, action={"type": "NOTIFY_PROMOTION", "promotion_tier_id": tier.pk})
    tell(project, order_event(ada(project)))

    send()

    sent = DistributionMessage.objects.get().sent
    assert sent is not None
    assert sent["body"]["data"]["promotion_tier"]["id"] == tier.pk
    assert sent["body"]["data"]["campaign"]["id"] == tier.campaign_id


def test_a_promotion_that_is_gone_is_not_told(project: Project) -> None:
    tier = TierFactory.create(project=project)
    distribution = running(
        project, action={"type": "NOTIFY_PROMOTION", "promotion_tier_id": tier.pk}
    )
    tell(project, order_event(ada(project)))
    tier.delete()

    send()

    assert states(distribution) == [("WEBHOOK", "FAILED", "promotion_gone")]

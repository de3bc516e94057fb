"""Manual distributions: their start, whom they reach, and their end."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Publication
from customers.models import Customer, Segment, SegmentMember
from promo.errors import BadRequest, ResourceProtected
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import CustomerFactory, SegmentFactory
from tests.factories.distributions import (
    POSTCARD,
    Postcards,
    ada,
    draft,
    relay,
    running,
    send,
    states,
)
from tests.factories.promotions import TierFactory
from tests.factories.tenancy import NOW
from webhooks.models import Distribution, DistributionMessage
from webhooks.services.distributions import audience
from webhooks.services.distributions.lifecycle import (
    GRACE,
    activate,
    pause,
    resume,
    update_distribution,
)

pytestmark = pytest.mark.django_db
START = NOW + GRACE


@pytest.fixture
def segment(project: Project) -> Segment:
    return SegmentFactory.create(
        project=project, type="static", filter=None, completed_at=NOW
    )


def members(segment: Segment, count: int) -> list[Customer]:
    people = CustomerFactory.create_batch(count, project=segment.project, name="Ada")
    SegmentMember.objects.bulk_create(
        [SegmentMember(segment=segment, customer=one, joined_at=NOW) for one in people]
    )
    return people


def by_hand(project: Project, **parts: Any) -> Distribution:
    tier = TierFactory.create(project=project)
    action = {"type": "NOTIFY_PROMOTION", "promotion_tier_id": tier.pk}
    parts = {"kind": "MANUAL", "channels": [POSTCARD], "action": action, **parts}
    return running(project, **parts)


def run(now: Any = START) -> None:
    audience.start_due(now=now)
    audience.reach_everybody(now=now)
    relay(now)
    send(now)
    audience.finish_done(now=now)


def status(distribution: Distribution) -> str:
    return str(Distribution.objects.get(pk=distribution.pk).status)


def test_it_starts_ten_minutes_after_it_was_saved(
    project: Project, segment: Segment, cards: type[Postcards]
) -> None:
    people = members(segment, 3)
    distribution = by_hand(project, audience={"segment_id": segment.pk})
    assert status(distribution) == "SCHEDULED"

    run(START - timedelta(seconds=1))
    before = len(cards.written)
    run(START)

    reached = DistributionMessage.objects.values_list("customer_id", flat=True)
    assert before == 0
    assert len(cards.written) == 3
    assert set(reached) == {one.pk for one in people}
    assert status(distribution) == "DONE"


def test_it_tells_of_everybody_it_reaches(
    project: Project, segment: Segment, cards: type[Postcards]
) -> None:
    [person] = members(segment, 1)
    distribution = by_hand(project, audience={"segment_id": segment.pk})

    run()

    told = DomainEvent.objects.get(type="manual_distribution_schedule")
    assert told.entity_id == distribution.pk
    assert told.data["distribution"] == {
        "id": distribution.pk,
        "name": "Thank you",
        "object": "distribution",
    }
    assert told.data["customer"]["id"] == person.pk
    assert told.data["segment"]["id"] == segment.pk


def test_saving_it_again_starts_the_ten_minutes_anew(
    project: Project, segment: Segment, cards: type[Postcards]
) -> None:
    members(segment, 1)
    distribution = by_hand(project, audience={"segment_id": segment.pk})
    changed = [{**POSTCARD, "content": {"text": "Dear"}}]
    update_distribution(distribution, now=NOW + timedelta(minutes=5), channels=changed)

    run(START)
    before = len(cards.written)
    run(START + timedelta(minutes=5))

    assert before == 0
    assert [message.text for message in cards.written] == ["Dear"]


def test_one_that_has_started_is_not_changed(
    project: Project, segment: Segment, cards: type[Postcards]
) -> None:
    members(segment, 1)
    distribution = by_hand(project, audience={"segment_id": segment.pk})
    audience.start_due(now=START)

    with pytest.raises(ResourceProtected):
        update_distribution(distribution, now=START, name="Another")

    assert Distribution.objects.get(pk=distribution.pk).name == "Thank you"


def test_it_waits_until_its_segment_is_complete(
    project: Project, segment: Segment, cards: type[Postcards]
) -> None:
    members(segment, 1)
    distribution = by_hand(project, audience={"segment_id": segment.pk})
    Segment.objects.filter(pk=segment.pk).update(completed_at=None)

    run(START)
    waiting = status(distribution)
    Segment.objects.filter(pk=segment.pk).update(completed_at=START)
    run(START)

    assert waiting == "SCHEDULED"
    assert len(cards.written) == 1


def test_one_whose_audience_is_gone_has_failed(
    project: Project, cards: type[Postcards]
) -> None:
    person = ada(project)
    distribution = by_hand(project, audience={"customer_id": person.pk})
    person.deleted_at = NOW
    person.save()

    run()

    assert status(distribution) == "FAILED"
    assert cards.written == []


def test_one_customer_may_be_all_of_the_audience(
    project: Project, cards: type[Postcards]
) -> None:
    person = ada(project)
    distribution = by_hand(project, audience={"customer_id": person.pk})

    run()
    run()

    assert states(distribution) == [("POSTCARD", "SENT", "")]
    assert status(distribution) == "DONE"


def test_many_people_are_reached_in_portions_once_each(
    project: Project,
    segment: Segment,
    cards: type[Postcards],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audience, "PORTION", 2)
    members(segment, 5)
    distribution = by_hand(project, audience={"segment_id": segment.pk})
    audience.start_due(now=START)

    portions = [audience.reach_next(distribution.pk, now=START) for _ in range(4)]

    assert portions == [2, 2, 1, None]
    assert DomainEvent.objects.filter(customer_id="").count() >= 5
    relay(START)
    assert DistributionMessage.objects.count() == 5


def test_everybody_gets_a_code_of_their_own(
    project: Project, segment: Segment, cards: type[Postcards]
) -> None:
    members(segment, 3)
    campaign = CampaignFactory.create(project=project)
    VoucherFactory.create_batch(3, campaign=campaign)
    by_hand(
        project,
        audience={"segment_id": segment.pk},
        action={"type": "PUBLISH_CODES", "campaign_id": campaign.pk},
    )

    run()

    assert Publication.objects.count() == 3
    assert len({message.text for message in cards.written}) == 3


def test_paused_before_its_start_it_waits_ten_minutes_again(
    project: Project, segment: Segment, cards: type[Postcards]
) -> None:
    members(segment, 1)
    distribution = by_hand(project, audience={"segment_id": segment.pk})
    pause(distribution, now=NOW)
    run(START)
    paused = len(cards.written)

    resumed = resume(distribution, now=START)
    run(START + GRACE)

    assert (paused, len(cards.written)) == (0, 1)
    assert resumed.starts_at == START + GRACE


def test_paused_on_its_way_it_goes_on_where_it_was(
    project: Project,
    segment: Segment,
    cards: type[Postcards],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audience, "PORTION", 2)
    members(segment, 4)
    distribution = by_hand(project, audience={"segment_id": segment.pk})
    audience.start_due(now=START)
    audience.reach_next(distribution.pk, now=START)
    pause(distribution, now=START)
    relay(START)
    while_paused = (audience.reach_everybody(now=START), send(START))

    resume(distribution, now=START)
    run(START)

    assert while_paused == (0, 0)
    assert len(cards.written) == 4
    assert status(distribution) == "DONE"


def test_who_is_in_the_segment_already_may_be_included(
    project: Project, cards: type[Postcards]
) -> None:
    segment = SegmentFactory.create(project=project, completed_at=NOW)
    members(segment, 2)
    trigger = {"type": "customer.segment.entered", "segment_id": segment.pk}
    included = running(
        project, channels=[POSTCARD], trigger={**trigger, "include_existing": True}
    )
    fresh_only = running(project, channels=[POSTCARD], trigger=trigger)

    run(NOW)

    assert len(states(included)) == 2
    assert states(fresh_only) == []
    assert status(included) == "ACTIVE"


def test_only_a_draft_is_activated(project: Project, segment: Segment) -> None:
    distribution = draft(project)
    activate(distribution, now=NOW)

    with pytest.raises(BadRequest) as refused:
        activate(distribution, now=NOW)

    assert refused.value.key == "invalid_distribution_status"

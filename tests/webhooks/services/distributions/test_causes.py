"""Everything that distributions may wait for, caused for real."""

from typing import Any

import pytest

from promo.clock import utc_now
from promo.jobs.actions import run_step
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    VoucherFactory,
)
from tests.factories.customers import EventSchemaFactory
from tests.factories.distributions import (
    POSTCARD,
    Postcards,
    ada,
    order_event,
    relay,
    running,
    send,
    states,
    tell,
)
from tests.fixtures.api import ApiClient
from webhooks.models import Distribution, DistributionMessage

pytestmark = pytest.mark.django_db


def waiting(project: Project, kind: str, **settings: Any) -> Distribution:
    trigger = {"type": kind, **settings}
    return running(project, trigger=trigger, channels=[POSTCARD])


def told(distribution: Distribution) -> list[str]:
    """Return whom the distribution owes a message."""
    relay(utc_now())
    rows = DistributionMessage.objects.filter(distribution=distribution)
    return list(rows.values_list("customer_id", flat=True))


def succeed(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_orders_are_created_updated_paid_and_canceled(
    api: ApiClient, project: Project, cards: type[Postcards]
) -> None:
    ends = ("created", "updated", "paid", "canceled")
    by_end = {end: waiting(project, f"customer.order.{end}") for end in ends}
    customer = ada(project)
    body = {"source_id": "o-1", "amount": 1000, "customer": {"id": customer.pk}}
    succeed(api.post("/v1/orders", body))
    for change in ({"amount": 1100}, {"status": "PAID"}, {"status": "CANCELED"}):
        succeed(api.put("/v1/orders/o-1", change))

    assert {end: told(each) for end, each in by_end.items()} == {
        end: [customer.pk] for end in ends
    }


def test_a_custom_event_happens(
    api: ApiClient, project: Project, cards: type[Postcards]
) -> None:
    EventSchemaFactory.create(project=project, name="signed_up")
    EventSchemaFactory.create(project=project, name="signed_off")
    distribution = waiting(project, "customer.custom_event", event="signed_up")
    customer = ada(project)
    for name in ("signed_up", "signed_off"):
        succeed(
            api.post("/v1/events", {"event": name, "customer": {"id": customer.pk}})
        )

    assert told(distribution) == [customer.pk]


def test_segments_are_entered_and_left(
    api: ApiClient, project: Project, cards: type[Postcards]
) -> None:
    filter_ = {"junction": "and", "name": {"conditions": {"$is": ["Ada"]}}}
    made = succeed(
        api.post("/v1/segments", {"name": "Adas", "type": "passive", "filter": filter_})
    )
    action = project.async_actions.get()
    while run_step(action.pk, now=utc_now()):
        pass
    entered = waiting(project, "customer.segment.entered", segment_id=made["id"])
    left = waiting(project, "customer.segment.left", segment_id=made["id"])
    customer = succeed(api.post("/v1/customers", {"source_id": "a", "name": "Ada"}))
    relay(utc_now())
    succeed(api.put("/v1/customers/a", {"name": "Eve"}))
    relay(utc_now())

    assert told(entered) == [customer["id"]]
    assert told(left) == [customer["id"]]


def test_a_code_is_published_redeemed_and_rolled_back(
    api: ApiClient, project: Project, cards: type[Postcards]
) -> None:
    campaign = CampaignFactory.create(project=project)
    voucher = VoucherFactory.create(campaign=campaign)
    kinds = ("publication", "redemption", "redemption.rollback")
    by_kind = {
        kind: waiting(project, f"customer.{kind}.succeeded", campaign_id=campaign.pk)
        for kind in kinds
    }
    customer = ada(project)
    given = {"voucher": voucher.code, "customer": {"id": customer.pk}}
    succeed(api.post("/v1/publications", given))
    redeeming = {
        "redeemables": [{"object": "voucher", "id": voucher.code}],
        "customer": {"id": customer.pk},
        "order": {"amount": 5000},
    }
    redeemed = succeed(api.post("/v1/redemptions", redeeming))["redemptions"][0]["id"]
    succeed(api.post(f"/v1/redemptions/{redeemed}/rollback", {}))

    assert {kind: told(each) for kind, each in by_kind.items()} == {
        kind: [customer.pk] for kind in kinds
    }


def test_credits_and_points_are_added(
    api: ApiClient, project: Project, cards: type[Postcards]
) -> None:
    customer = ada(project)
    gift = GiftCardFactory.create(
        campaign=GiftCampaignFactory(project=project), holder=customer
    )
    card = LoyaltyCardFactory.create(
        campaign=LoyaltyProgramFactory(project=project), holder=customer
    )
    added = waiting(project, "customer.voucher.gift.balance_added")
    points = waiting(
        project,
        "customer.voucher.loyalty_card.points_added",
        campaign_id=card.campaign_id,
    )
    elsewhere = waiting(
        project,
        "customer.voucher.loyalty_card.points_added",
        campaign_id=gift.campaign_id,
    )
    for code in (gift.code, card.code):
        succeed(api.post(f"/v1/vouchers/{code}/balance", {"amount": 100}))

    assert told(added) == [customer.pk]
    assert told(points) == [customer.pk]
    assert told(elsewhere) == []


def test_what_nobody_tells_yet_cannot_be_waited_for(
    api: ApiClient, project: Project
) -> None:
    body = {
        "name": "Birthday",
        "kind": "AUTOMATIC",
        "trigger": {"type": "customer.loyalty.tier.joined"},
        "action": {"type": "MESSAGE"},
        "channels": [
            {"type": "WEBHOOK", "content": {"target_url": "https://shop.example"}}
        ],
    }

    refused = api.post("/v1/distributions", body)

    assert refused.status_code == 400
    assert refused.json()["details"].startswith("Property .trigger.type must be equal")


def test_a_code_that_is_given_by_one_may_be_waited_for_by_another(
    project: Project, cards: type[Postcards]
) -> None:
    campaign = CampaignFactory.create(project=project)
    VoucherFactory.create(campaign=campaign)
    action = {"type": "PUBLISH_CODES", "campaign_id": campaign.pk}
    running(project, action=action, channels=[POSTCARD])
    follower = waiting(project, "customer.publication.succeeded")
    tell(project, order_event(ada(project)))
    send()
    relay()
    send()

    assert DomainEvent.objects.filter(type="publication.succeeded").count() == 1
    assert states(follower) == [("POSTCARD", "SENT", "")]

"""What a customer hears of rewards that points bought, and of codes that went."""

import pytest

from promo.clock import utc_now
from promo.jobs.models import AsyncAction
from promo.jobs.tasks import run_action
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.campaigns import (
    CampaignFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory
from tests.factories.rewards import MaterialFactory, RewardAssignmentFactory
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


def told(prefix: str) -> list[DomainEvent]:
    return list(DomainEvent.objects.filter(type__startswith=prefix).order_by("pk"))


def test_a_reward_is_created_completed_and_rolled_back(
    api: ApiClient, project: Project
) -> None:
    ada = CustomerFactory(project=project, source_id="ada")
    program = LoyaltyProgramFactory(project=project)
    card = LoyaltyCardFactory(campaign=program, code="CARD", holder=ada)
    mug = MaterialFactory(project=project)
    offered = RewardAssignmentFactory(reward=mug, campaign=program, points=300)
    redeemable = {"object": "voucher", "id": "CARD", "reward": {"id": mug.pk}}
    body = {"redeemables": [redeemable], "customer": {"source_id": "ada"}}

    done = api.post("/v1/redemptions", body).json()["redemptions"][0]["id"]
    api.post(f"/v1/redemptions/{done}/rollback")

    events = told("customer.reward_redemptions.")
    states = [event.type.rpartition(".")[2] for event in events]
    shown = [event.payload["reward_redemption"] for event in events]
    assert states == ["created", "completed", "rolledback"]
    assert [one["state"] for one in shown] == ["CREATED", "COMPLETED", "ROLLEDBACK"]
    assert {event.customer_id for event in events} == {ada.pk}
    assert {event.category for event in events} == {"EFFECT"}
    assert {one["id"] for one in shown} == {shown[0]["id"]}
    assert shown[0]["source_id"] == shown[2]["source_id"] == done
    assert shown[0]["voucher_id"] == card.pk
    assert shown[0]["reward_assignment_id"] == offered.pk
    assert events[0].payload["reward"]["id"] == mug.pk
    assert [event.payload["balance"]["amount"] for event in events] == [-300, -300, 300]


def test_who_holds_codes_of_a_deleted_campaign_hears_of_it(
    api: ApiClient, project: Project
) -> None:
    ada = CustomerFactory(project=project)
    campaign = CampaignFactory(project=project)
    held = VoucherFactory(campaign=campaign, holder=ada)
    VoucherFactory(campaign=campaign)

    api.delete(f"/v1/campaigns/{campaign.pk}")
    for action in AsyncAction.objects.all():
        run_action(action.pk)

    [event] = told("customer.voucher.deleted")
    assert event.customer_id == ada.pk
    assert event.entity_id == event.payload["voucher"]["id"] == held.pk
    assert event.payload["campaign"]["id"] == campaign.pk
    assert event.created_at <= utc_now()

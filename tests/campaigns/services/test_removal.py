"""The codes of a campaign are rewritten and deleted batch by batch."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, Voucher
from campaigns.services import removal
from campaigns.services.campaign import delete_campaign, update_campaign
from promo.jobs.actions import run_all, run_step
from promo.jobs.models import AsyncAction
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.rules import AssignmentFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)


def campaign_of(codes: int) -> Campaign:
    campaign = CampaignFactory.create(vouchers_count=codes)
    VoucherFactory.create_batch(codes, campaign=campaign)
    return campaign


def statements_of(action: AsyncAction) -> int:
    with CaptureQueriesContext(connection) as captured:
        run_step(action.pk, now=LATER)
    return len(captured)


@pytest.mark.parametrize("force", [True, False])
def test_deleting_costs_the_same_for_one_code_as_for_twenty(*, force: bool) -> None:
    actions = [
        delete_campaign(campaign_of(codes), now=LATER, force=force) for codes in (1, 20)
    ]

    one, twenty = map(statements_of, actions)

    assert one == twenty
    assert not Voucher.objects.filter(deleted_at=None).exists()


def test_rewriting_costs_the_same_for_one_code_as_for_twenty() -> None:
    for codes in (1, 20):
        update_campaign(campaign_of(codes), now=LATER, expiration_date=LATER)
    actions = AsyncAction.objects.order_by("pk")

    one, twenty = map(statements_of, actions)

    assert one == twenty
    assert not Voucher.objects.exclude(expiration_date=LATER).exists()


@pytest.mark.parametrize("force", [True, False])
def test_deleting_batch_by_batch_reaches_every_code_and_no_other(
    monkeypatch: pytest.MonkeyPatch, *, force: bool
) -> None:
    monkeypatch.setattr(removal, "BATCH", 2)
    campaign = campaign_of(5)
    binned = VoucherFactory.create(campaign=campaign, deleted_at=NOW)
    alone = VoucherFactory.create(project=campaign.project)
    guarded = AssignmentFactory.create(
        project=campaign.project,
        related_object_id=campaign.vouchers.order_by("pk")[3].pk,
        related_object_type="voucher",
    )

    action = delete_campaign(campaign, now=LATER, force=force)
    run_all(campaign.project, now=LATER)

    action.refresh_from_db()
    binned.refresh_from_db()
    assert action.result == {"message": "Deleted 5 vouchers.", "done_count": 5}
    assert binned.deleted_at == NOW
    assert (binned.erased_at == LATER) is force
    assert set(Voucher.objects.alive()) == {alone}
    assert not type(guarded).objects.alive().exists()
    assert type(guarded).objects.exists() is not force

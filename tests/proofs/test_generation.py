"""Codes are made whole and once, however often workers are killed: ``make proof``."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from campaigns.services.voucher import add_vouchers
from promo.clock import utc_now
from promo.outbox.models import DomainEvent
from tests.factories.campaigns import CampaignFactory
from tests.proofs.conftest import Shown
from tests.proofs.killing import ROWS, kill_at_random, of_many_rows
from tests.proofs.workers import working

pytestmark = [pytest.mark.django_db(transaction=True), of_many_rows]


def test_a_generation_survives_its_workers(
    tmp_path: Path, settings: Any, shown: Shown
) -> None:
    settings.MAX_ROWS_PER_CAMPAIGN = ROWS
    campaign = CampaignFactory.create()

    with working(tmp_path) as worker:
        action = add_vouchers(campaign, count=ROWS, now=utc_now())
        killed = kill_at_random(worker, action, begun=action.parts.exists)

    codes = campaign.vouchers.values_list("code_key", flat=True)
    campaign.refresh_from_db()
    action.refresh_from_db()
    parts = list(action.parts.all())
    told = Counter(
        DomainEvent.objects.filter(campaign_id=campaign.pk).values_list(
            "type", flat=True
        )
    )
    outcomes = {"done": len(codes), "killed": killed}
    shown("codes of a generation", len(set(codes)), ROWS, outcomes, 0)
    assert len(codes) == len(set(codes)) == ROWS
    assert campaign.vouchers_count == ROWS
    assert campaign.vouchers_generation_status == "DONE"
    assert (action.status, action.result["done_count"]) == ("DONE", ROWS)
    assert sum(part.progress["done"] for part in parts) == ROWS
    assert {part.status for part in parts} == {"DONE"}
    assert told == {
        "campaign.vouchers.generation.started": 1,
        "campaign.vouchers.generation.completed": 1,
        "campaign.vouchers.added": 1,
    }
    assert killed >= 10

"""Codes are made whole and once, however often workers are killed: ``make proof``."""

import os
import random
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigns.services.voucher import add_vouchers
from promo.clock import utc_now
from promo.jobs.actions import ask_again
from promo.jobs.models import AsyncAction
from promo.jobs.tasks import stale_actions
from promo.outbox.models import DomainEvent
from tests.factories.campaigns import CampaignFactory
from tests.proofs.conftest import Shown
from tests.proofs.workers import Worker, working

CODES = int(os.environ.get("PROOF_CODES", "200000"))
KILLS = 12
#: Long enough for a worker to begin a batch, too short for many.
PAUSES = (0.1, 0.8)
SOONER = timedelta(seconds=28)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_generation_survives_its_workers(
    tmp_path: Path, settings: Any, shown: Shown
) -> None:
    settings.MAX_CODES_PER_CAMPAIGN = CODES
    campaign = CampaignFactory.create()

    with working(tmp_path) as worker:
        action = add_vouchers(campaign, count=CODES, now=utc_now())
        killed = kill_at_random(worker, action)

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
    shown("codes of a generation", len(set(codes)), CODES, outcomes, 0)
    assert len(codes) == len(set(codes)) == CODES
    assert campaign.vouchers_count == CODES
    assert campaign.vouchers_generation_status == "DONE"
    assert (action.status, action.result["done_count"]) == ("DONE", CODES)
    assert sum(part.progress["done"] for part in parts) == CODES
    assert {part.status for part in parts} == {"DONE"}
    assert told == {
        "campaign.vouchers.generation.started": 1,
        "campaign.vouchers.generation.completed": 1,
        "campaign.vouchers.added": 1,
    }
    assert killed >= 10


def kill_at_random(worker: Worker, action: AsyncAction) -> int:
    """Kill until the action has ended; return how often, while it went on.

    What was lost is asked for after moments: the sweep waits for half a minute.
    """
    chance, kills = random.Random(7), 0  # noqa: S311 - a repeatable choice
    unfinished = AsyncAction.objects.filter(pk=action.pk, finished_at=None)
    while unfinished.exists():
        time.sleep(chance.uniform(*PAUSES))
        if kills < KILLS and action.parts.exists():
            worker.kill(chance)
            kills += 1
        for lost in stale_actions(utc_now() + SOONER):
            ask_again(lost)
    return kills

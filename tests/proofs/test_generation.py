"""Codes are made whole and once, however often workers are killed: ``make proof``."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from campaigns.models import Campaign, Voucher
from campaigns.services.voucher import add_vouchers
from promo.clock import utc_now
from promo.jobs.models import AsyncAction
from promo.outbox.models import DomainEvent
from tests.factories.campaigns import CampaignFactory
from tests.proofs.conftest import Shown
from tests.proofs.killing import DEATHS, ROWS, Killer, of_many_rows
from tests.proofs.workers import installed

pytestmark = [pytest.mark.django_db(transaction=True), of_many_rows]


def test_a_generation_survives_the_death_of_its_workers(
    tmp_path: Path, settings: Any, shown: Shown
) -> None:
    settings.MAX_CODES_PER_CAMPAIGN = ROWS
    actions = list[AsyncAction]()

    with installed(tmp_path) as installation:
        killer = Killer(installation)
        while killer.deaths:
            campaign = CampaignFactory.create()
            actions.append(add_vouchers(campaign, count=ROWS, now=utc_now()))
            killer.work_on(actions[-1])

    made = Voucher.objects.count()
    expected = len(actions) * ROWS
    outcomes = {"done": made, "killed": len(killer.killed)}
    shown("codes of generations", made, expected, outcomes, 0)
    assert made == expected
    for action in actions:
        assert_made_whole_and_once(action)
    assert sorted(killer.killed) == sorted(DEATHS)


def assert_made_whole_and_once(action: AsyncAction) -> None:
    action.refresh_from_db()
    campaign = Campaign.objects.get(pk=action.arguments["campaign_id"])
    codes = list(campaign.vouchers.values_list("code_key", flat=True))
    portions = list(action.parts.all()) or [action]
    events = DomainEvent.objects.filter(campaign_id=campaign.pk)
    assert len(codes) == len(set(codes)) == ROWS
    assert campaign.vouchers_count == ROWS
    assert campaign.vouchers_generation_status == "DONE"
    assert (action.status, action.result["done_count"]) == ("DONE", ROWS)
    assert sum(portion.progress["done"] for portion in portions) == ROWS
    assert {portion.status for portion in portions} == {"DONE"}
    assert Counter(events.values_list("type", flat=True)) == {
        "campaign.vouchers.generation.started": 1,
        "campaign.vouchers.generation.completed": 1,
        "campaign.vouchers.added": 1,
    }

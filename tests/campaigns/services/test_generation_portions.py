"""Many codes are made side by side, and give way to who changes the campaign."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from campaigns.models import Campaign, Voucher
from campaigns.services import code_batches, generation
from campaigns.services.campaign import delete_campaign, update_campaign
from campaigns.services.campaign_changes import lock_alive
from campaigns.services.voucher import add_vouchers
from promo.errors import BadRequest
from promo.jobs.actions import run_all, run_step
from promo.jobs.models import AsyncAction
from promo.jobs.rows.start import resume_action, stop_action
from promo.jobs.wire import action_as_json
from promo.outbox.models import DomainEvent
from tests.factories.campaigns import (
    CampaignFactory,
    CategoryFactory,
    VoucherFactory,
    template,
)
from tests.factories.tenancy import NOW
from tests.races import at_once

LATER = NOW + timedelta(minutes=5)
EIGHT_CODES = {"charset": "AB", "pattern": "###"}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few codes be many."""
    monkeypatch.setattr(generation, "ALONE", 3)
    monkeypatch.setattr(code_batches, "BATCH", 5)


def shared_out(campaign: Campaign, count: int) -> tuple[AsyncAction, list[AsyncAction]]:
    """Return a generation and the portions it is shared out into."""
    action = add_vouchers(campaign, count=count, now=NOW)
    assert not run_step(action.pk, now=NOW)
    return action, list(action.parts.order_by("pk"))


def run_to_end(action: AsyncAction) -> None:
    while run_step(action.pk, now=LATER):
        pass


def told(campaign: Campaign) -> list[tuple[str, Any]]:
    rows = DomainEvent.objects.filter(campaign_id=campaign.pk).order_by("pk")
    return [(row.type.removeprefix("campaign."), row.payload["count"]) for row in rows]


@pytest.mark.django_db
def test_many_codes_are_shared_out_and_told_of_once() -> None:
    campaign = CampaignFactory.create()

    action, portions = shared_out(campaign, 42)
    assert [portion.arguments["count"] for portion in portions] == [10, 11, 10, 11]

    run_step(portions[0].pk, now=NOW)
    action.refresh_from_db()
    campaign.refresh_from_db()
    shown = action_as_json(action, with_result=True)
    assert (shown["status"], shown["progress"]) == ("IN_PROGRESS", 100 * 5 // 42)
    assert shown["result"]["done_count"] == campaign.vouchers_count == 5
    assert campaign.vouchers_generation_status == "IN_PROGRESS"

    run_all(campaign.project, now=LATER)

    action.refresh_from_db()
    campaign.refresh_from_db()
    made = campaign.vouchers.filter(async_action=action)
    assert made.count() == campaign.vouchers_count == 42
    assert (action.status, action.result) == (
        "DONE",
        {"message": "Generated 42 vouchers.", "done_count": 42},
    )
    assert campaign.vouchers_generation_status == "DONE"
    assert told(campaign) == [
        ("vouchers.generation.started", 42),
        ("vouchers.generation.completed", 42),
        ("vouchers.added", 42),
    ]


@pytest.mark.django_db
def test_portions_that_find_no_free_code_fail_the_whole_and_keep_what_they_made() -> (
    None
):
    campaign = CampaignFactory.create(voucher=template(code_config=EIGHT_CODES))
    action = add_vouchers(campaign, count=4, now=NOW)
    for code in ("AAA", "AAB", "ABA", "ABB", "BAA", "BAB"):
        VoucherFactory.create(project=campaign.project, code=code)

    run_all(campaign.project, now=LATER)

    action.refresh_from_db()
    campaign.refresh_from_db()
    assert action.status == "FAILED"
    assert action.result["error"]["key"] == "invalid_code_config"
    assert action.result["done_count"] == campaign.vouchers_count == 2
    assert campaign.vouchers_generation_status == "FAILED"
    assert campaign.vouchers.count() == 2
    assert told(campaign) == [
        ("vouchers.generation.started", 4),
        ("vouchers.generation.failed", 2),
        ("vouchers.added", 2),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 42])
def test_a_generation_that_is_stopped_keeps_what_it_has_made(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(code_batches, "BATCH", 1)
    campaign = CampaignFactory.create()
    action = add_vouchers(campaign, count=count, now=NOW)
    for each in action.parts.all() or [action]:
        run_step(each.pk, now=NOW)
    made = Voucher.objects.filter(campaign=campaign).count()
    assert 0 < made < count

    stop_action(action, now=LATER)
    run_all(campaign.project, now=LATER)

    action.refresh_from_db()
    campaign.refresh_from_db()
    assert action.result["error"]["key"] == "stopped"
    assert action.result["done_count"] == campaign.vouchers_count == made
    assert Voucher.objects.filter(campaign=campaign).count() == made
    assert campaign.vouchers_generation_status == "FAILED"
    assert told(campaign) == [
        ("vouchers.generation.started", count),
        ("vouchers.generation.failed", made),
        ("vouchers.added", made),
    ]
    for again in (stop_action, resume_action):
        with pytest.raises(BadRequest):
            again(action, now=LATER)
    add_vouchers(campaign, count=2, now=LATER)
    run_all(campaign.project, now=LATER)
    assert Voucher.objects.filter(campaign=campaign).count() == made + 2


@pytest.mark.django_db(transaction=True)
def test_who_stops_a_generation_waits_for_the_batches_of_its_workers() -> None:
    campaign = CampaignFactory.create()
    action = add_vouchers(campaign, count=400, now=NOW)
    portions = list(action.parts.order_by("pk"))

    at_once(
        *(partial(run_to_end, each) for each in portions),
        partial(stop_action, action, now=LATER),
    )
    run_all(campaign.project, now=LATER)

    action.refresh_from_db()
    campaign.refresh_from_db()
    made = Voucher.objects.filter(campaign=campaign).count()
    assert action.result["done_count"] == campaign.vouchers_count == made
    assert made == 400 or action.result["error"]["key"] == "stopped"


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 8])
def test_a_category_deleted_meanwhile_ends_the_generation(count: int) -> None:
    campaign = CampaignFactory.create()
    category = CategoryFactory.create(project=campaign.project)
    action = add_vouchers(campaign, count=count, now=NOW, category_id=category.pk)
    category.delete()

    run_all(campaign.project, now=LATER)

    action.refresh_from_db()
    campaign.refresh_from_db()
    assert action.status == "FAILED"
    assert action.result["error"]["key"] == "not_found"
    assert campaign.vouchers_generation_status == "FAILED"
    assert not Voucher.objects.exists()


@pytest.mark.django_db
def test_portions_make_no_more_once_the_whole_has_ended() -> None:
    campaign = CampaignFactory.create()
    action, portions = shared_out(campaign, 40)
    run_step(portions[0].pk, now=NOW)
    AsyncAction.objects.filter(pk=action.pk).update(finished_at=NOW)

    run_all(campaign.project, now=LATER)

    campaign.refresh_from_db()
    assert campaign.vouchers.count() == campaign.vouchers_count == 5
    assert not AsyncAction.objects.filter(finished_at=None).exists()


@pytest.mark.django_db
def test_portions_for_a_deleted_campaign_end_quietly() -> None:
    campaign = CampaignFactory.create()
    action, portions = shared_out(campaign, 40)
    run_step(portions[0].pk, now=NOW)
    delete_campaign(campaign, now=NOW)

    run_all(campaign.project, now=LATER)

    action.refresh_from_db()
    assert (action.status, action.result["done_count"]) == ("DONE", 5)
    assert Voucher.objects.count() == 5
    assert not Voucher.objects.alive().exists()


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_make_every_code_of_a_tight_pattern_once() -> None:
    config = {"charset": "0123456789", "pattern": "###"}
    campaign = CampaignFactory.create(voucher=template(code_config=config))
    action, portions = shared_out(campaign, 500)

    at_once(*(partial(run_to_end, portion) for portion in portions * 2))
    run_all(campaign.project, now=LATER)

    action.refresh_from_db()
    campaign.refresh_from_db()
    codes = list(campaign.vouchers.values_list("code", flat=True))
    assert len(codes) == len(set(codes)) == campaign.vouchers_count == 500
    assert (action.status, action.result["done_count"]) == ("DONE", 500)
    assert [portion.progress["done"] for portion in action.parts.all()] == [125] * 4
    assert len(told(campaign)) == 3


def in_the_middle(monkeypatch: pytest.MonkeyPatch, work: Callable[[], Any]) -> None:
    """Let ``work`` be done on another connection once a batch has its codes."""
    add_codes = code_batches.add_codes

    def interrupted(voucher: Voucher, codes: list[str]) -> int:
        made = add_codes(voucher, codes)
        at_once(work)
        monkeypatch.setattr(code_batches, "add_codes", add_codes)
        return made

    monkeypatch.setattr(code_batches, "add_codes", interrupted)


@pytest.mark.django_db(transaction=True)
def test_codes_of_a_template_that_was_changed_meanwhile_are_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    campaign = CampaignFactory.create()
    _, portions = shared_out(campaign, 40)
    change = partial(update_campaign, campaign, now=NOW, expiration_date=LATER)
    in_the_middle(monkeypatch, change)

    run_step(portions[0].pk, now=NOW)

    portions[0].refresh_from_db()
    assert not Voucher.objects.exists()
    assert portions[0].progress == {}

    run_all(campaign.project, now=NOW)

    limits = campaign.vouchers.values_list("expiration_date", flat=True)
    assert list(limits) == [LATER] * 40


@pytest.mark.django_db(transaction=True)
def test_codes_of_a_campaign_that_was_deleted_meanwhile_are_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    campaign = CampaignFactory.create()
    action, portions = shared_out(campaign, 40)
    in_the_middle(monkeypatch, partial(delete_campaign, campaign, now=NOW))

    run_step(portions[0].pk, now=NOW)
    run_all(campaign.project, now=NOW)

    action.refresh_from_db()
    assert (action.status, action.result["done_count"]) == ("DONE", 0)
    assert not Voucher.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_batch_gives_way_to_who_holds_the_campaign() -> None:
    campaign = CampaignFactory.create()
    _, portions = shared_out(campaign, 40)
    held, enough = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                lock_alive(campaign.project, campaign.pk)
                held.set()
                enough.wait()
        finally:
            connection.close()

    holder = Thread(target=hold)
    holder.start()
    held.wait()
    try:
        assert run_step(portions[0].pk, now=NOW)
        portions[0].refresh_from_db()
        assert portions[0].progress == {}
        assert not Voucher.objects.exists()
    finally:
        enough.set()
        holder.join()

    run_all(campaign.project, now=NOW)

    campaign.refresh_from_db()
    assert campaign.vouchers.count() == campaign.vouchers_count == 40

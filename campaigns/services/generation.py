"""Making many codes for a campaign, in the background.

Source: campaigns specification, "Code generation".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from campaigns import events
from campaigns.engine.codes import invalid_code_config
from campaigns.models import Campaign, WorkStatus
from campaigns.services.campaign_changes import lock_alive
from campaigns.services.codes import (
    check_ceiling,
    check_space,
    count_new_codes,
    draw_codes,
)
from campaigns.services.rendering import rendered_campaign
from campaigns.services.time_limits import LIMITS
from campaigns.services.voucher_template import code_config, prototype
from promo.clock import isoformat
from promo.jobs.actions import enqueue
from promo.jobs.models import AsyncAction
from promo.outbox.events import emit

GENERATE = "CAMPAIGN.VOUCHERS_GENERATE"
BATCH = 1_000


def start_generation(
    campaign: Campaign, *, count: int, sent: Mapping[str, Any], now: datetime
) -> AsyncAction:
    """Promise ``count`` codes to a campaign that the caller holds.

    ``sent`` are the fields of the new vouchers that differ from the template.

    Raises:
        BadRequest: ``invalid_campaign_params`` beyond the ceiling,
            ``invalid_code_config`` where the pattern has no room.
        InvalidPayload: a field of another shape.
        ResourceNotFound: the category id names nothing.
    """
    check_ceiling(campaign, count, _pending(campaign))
    check_space(campaign.project, code_config(campaign.project, campaign, sent), count)
    sample = prototype(project=campaign.project, campaign=campaign, sent=sent, now=now)
    voucher = _as_json(sent)
    if sample.category_id:
        voucher["category_id"] = sample.category_id
    campaign.vouchers_generation_status = WorkStatus.IN_PROGRESS
    campaign.save(update_fields=["vouchers_generation_status"])
    started = events.generation_started(rendered_campaign(campaign), count)
    emit(campaign.project, [started], now=now)
    return enqueue(
        project=campaign.project,
        kind=GENERATE,
        arguments={"campaign_id": campaign.pk, "count": count, "voucher": voucher},
        now=now,
    )


def generate_step(action: AsyncAction, *, now: datetime) -> bool:
    """Make the next batch of codes; return whether all are made.

    Codes and progress commit together, so a killed worker repeats the batch that
    was lost and no other. Each batch reads the template anew.

    Raises:
        BadRequest: ``invalid_code_config``; the batch before met taken codes only.
    """
    if "exhausted" in action.progress:
        raise invalid_code_config("No more codes of this pattern are free")
    done, count = action.progress.get("done", 0), action.arguments["count"]
    campaign = lock_alive(action.project, action.arguments["campaign_id"])
    if campaign is None:
        _report(action, done)
        return True
    wanted = min(BATCH, count - done)
    made = _make_batch(action, campaign, wanted, now)
    action.progress = {"done": done + made, "total": count}
    _report(action, done + made)
    if made < wanted:
        # Reported as failed by the next step, so that this one keeps its codes.
        action.progress["exhausted"] = True
        _settle(action, campaign, WorkStatus.FAILED, now)
    elif done + made == count:
        _settle(action, campaign, WorkStatus.DONE, now)
        return True
    return False


def unfinished_work(campaign: Campaign, kind: str) -> QuerySet[AsyncAction]:
    """Return the actions of a kind that still work on a campaign."""
    return campaign.project.async_actions.filter(
        type=kind, finished_at=None, arguments__campaign_id=campaign.pk
    )


def _make_batch(
    action: AsyncAction, campaign: Campaign, wanted: int, now: datetime
) -> int:
    sent = action.arguments["voucher"]
    voucher = prototype(project=campaign.project, campaign=campaign, sent=sent, now=now)
    voucher.async_action = action
    config = code_config(campaign.project, campaign, sent)
    made = draw_codes(voucher, config, wanted)
    count_new_codes(campaign, made)
    return made


def _settle(
    action: AsyncAction, campaign: Campaign, status: WorkStatus, now: datetime
) -> None:
    """Say on the campaign how it ended, and tell."""
    if campaign.creation_status == WorkStatus.IN_PROGRESS:
        campaign.creation_status = status
    others = unfinished_work(campaign, GENERATE).exclude(pk=action.pk)
    campaign.vouchers_generation_status = (
        WorkStatus.IN_PROGRESS if others.exists() else status
    )
    campaign.save(update_fields=["creation_status", "vouchers_generation_status"])
    shown, made = rendered_campaign(campaign), action.progress["done"]
    ended = (
        events.generation_failed(shown, made)
        if status == WorkStatus.FAILED
        else events.generation_completed(shown, made, isoformat(now))
    )
    added = [events.vouchers_added(shown, made)] if made else []
    emit(campaign.project, [ended, *added], now=now)


def _report(action: AsyncAction, done: int) -> None:
    action.result = {"message": f"Generated {done} vouchers.", "done_count": done}


def _pending(campaign: Campaign) -> int:
    """Return how many codes are promised but not made yet."""
    return sum(
        action.arguments["count"] - action.progress.get("done", 0)
        for action in unfinished_work(campaign, GENERATE)
    )


def _as_json(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sent fields as JSON keeps them; the category goes by its id."""
    return {
        name: isoformat(value)
        if name in LIMITS and isinstance(value, datetime)
        else value
        for name, value in sent.items()
        if name not in {"category", "category_id"}
    }

"""Making many codes for a campaign, in the background.

Many are shared out into portions that several workers make side by side.

Source: campaigns specification, "Code generation".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from campaigns import events
from campaigns.models import Campaign, WorkStatus
from campaigns.services.campaign_changes import lock_alive
from campaigns.services.code_batches import make_batch, refusal, report
from campaigns.services.codes import check_ceiling, check_space
from campaigns.services.rendering import rendered_campaign
from campaigns.services.time_limits import LIMITS
from campaigns.services.voucher_template import code_config, prototype
from promo.clock import isoformat
from promo.jobs.actions import ask_worker, enqueue
from promo.jobs.models import AsyncAction
from promo.jobs.rows.start import STOP
from promo.outbox.events import emit

GENERATE = "CAMPAIGN.VOUCHERS_GENERATE"
PORTION = "CAMPAIGN.VOUCHERS_GENERATE.PORTION"
#: So many codes one worker makes by itself.
ALONE = 20_000
PORTIONS = 4


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
    check_ceiling(campaign, count, pending_codes(campaign))
    check_space(campaign.project, code_config(campaign.project, campaign, sent), count)
    sample = prototype(project=campaign.project, campaign=campaign, sent=sent, now=now)
    voucher = _as_json(sent)
    if sample.category_id:
        voucher["category_id"] = sample.category_id
    campaign.vouchers_generation_status = WorkStatus.IN_PROGRESS
    campaign.save(update_fields=["vouchers_generation_status"])
    started = events.generation_started(rendered_campaign(campaign), count)
    emit(campaign.project, [started], now=now)
    action = enqueue(
        project=campaign.project,
        kind=GENERATE,
        arguments={"campaign_id": campaign.pk, "count": count, "voucher": voucher},
        now=now,
    )
    if count > ALONE:
        _share_out(action, now)
    return action


def generate_step(action: AsyncAction, *, now: datetime) -> bool:
    """Make the next batch of codes, or tell that all are made; return whether it did.

    Few codes are made here, many in portions: then this is called when they have
    ended. The campaign and the listeners are told once.

    Raises:
        PromoError: what stopped it, after the step that told of it.
    """
    if action.progress.get("is_told"):
        raise refusal(_why_stopped(action))
    if _has_ended(action) or action.parts.exists():
        return _settle(action, now)
    make_batch(action, now=now)
    return False


def portion_step(action: AsyncAction, *, now: datetime) -> bool:
    """Make the next batch of a portion; return whether it is made.

    Raises:
        PromoError: what stopped it; the batches before stay.
    """
    if "refused" in action.progress:
        raise refusal(action.progress["refused"])
    if action.parent is not None and action.parent.finished_at is not None:
        return True
    make_batch(action, now=now)
    return _has_ended(action) and "refused" not in action.progress


@transaction.atomic
def stop_generation(action: AsyncAction) -> None:
    """Have no more codes made; those that were stay, and listeners are told of them.

    It waits for the batches that are being made. How it ends is said on the campaign by
    the next step, as where a generation is refused.
    """
    # Portions before the whole, as the batches hold them.
    rows = AsyncAction.objects.filter(finished_at=None).order_by("pk")
    portions = list(rows.filter(parent=action).select_for_update())
    for each in portions or rows.filter(pk=action.pk).select_for_update():
        each.progress |= {"refused": STOP}
        each.save(update_fields=["progress"])
        ask_worker(each)


def unfinished_work(campaign: Campaign, kind: str) -> QuerySet[AsyncAction]:
    """Return the actions of a kind that still work on a campaign."""
    return campaign.project.async_actions.filter(
        type=kind, finished_at=None, arguments__campaign_id=campaign.pk
    )


def _share_out(action: AsyncAction, now: datetime) -> None:
    """Leave the codes to portions of the same size, give or take one."""
    count = action.arguments["count"]
    for number in range(PORTIONS):
        share = count * (number + 1) // PORTIONS - count * number // PORTIONS
        enqueue(
            project=action.project,
            kind=PORTION,
            arguments={**action.arguments, "count": share},
            parent=action,
            now=now,
        )


def _has_ended(action: AsyncAction) -> bool:
    """Whether no more codes are to be made by this action itself."""
    progress = action.progress
    if "refused" in progress or "is_gone" in progress:
        return True
    return bool(progress.get("done", 0) == action.arguments["count"])


def _settle(action: AsyncAction, now: datetime) -> bool:
    """Say on the campaign how it ended, and tell; return whether all are made."""
    campaign = lock_alive(action.project, action.arguments["campaign_id"])
    made = action.progress.get("done", 0)
    report(action, 0)
    if campaign is None:
        return True
    complete = bool(made == action.arguments["count"])
    status = WorkStatus.DONE if complete else WorkStatus.FAILED
    if campaign.creation_status == WorkStatus.IN_PROGRESS:
        campaign.creation_status = status
    others = unfinished_work(campaign, GENERATE).exclude(pk=action.pk)
    campaign.vouchers_generation_status = (
        WorkStatus.IN_PROGRESS if others.exists() else status
    )
    campaign.save(update_fields=["creation_status", "vouchers_generation_status"])
    shown = rendered_campaign(campaign)
    ended = (
        events.generation_completed(shown, made, isoformat(now))
        if complete
        else events.generation_failed(shown, made)
    )
    added = [events.vouchers_added(shown, made)] if made else []
    emit(campaign.project, [ended, *added], now=now)
    # Reported as failed by the next step, so that this one keeps what it told.
    action.progress["is_told"] = True
    return complete


def _why_stopped(action: AsyncAction) -> Mapping[str, Any]:
    """Return the refusal that the action met, or the first one of its portions."""
    if "refused" in action.progress:
        found: Mapping[str, Any] = action.progress["refused"]
        return found
    stopped = action.parts.filter(progress__has_key="refused").order_by("pk")
    first: Mapping[str, Any] = stopped[0].progress["refused"]
    return first


def pending_codes(campaign: Campaign) -> int:
    """Return how many codes are promised to a campaign but not made yet."""
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

"""The next batch of codes that an action has promised to a campaign.

Codes, counts and progress commit together, so a killed worker repeats the batch that
was lost and no other. Each batch reads the template anew.

Source: campaigns specification, "Code generation".
"""

from collections.abc import Mapping
from datetime import datetime
from secrets import SystemRandom
from typing import Any

from django.db import connection, transaction

from campaigns.engine.codes import invalid_code_config
from campaigns.models import Campaign
from campaigns.services.campaign_changes import InTheWay, giving_way, lock_alive
from campaigns.services.code_rows import add_codes
from campaigns.services.codes import MAX_TRIES, count_new_codes
from campaigns.services.voucher_template import code_config, handed_down, prototype
from promo.errors import BadRequest, PromoError
from promo.jobs.models import ActionStatus, AsyncAction

BATCH = 10_000


def make_batch(action: AsyncAction, *, now: datetime) -> None:
    """Make the next codes of an action that the caller holds, and count them.

    ``progress`` then has how many are ``done``, or why there will be no more:
    ``is_gone``, the campaign is deleted, or ``refused``. Nothing is made where
    somebody changes the campaign meanwhile; the next batch takes what it is by then.
    """
    campaign = _campaign(action)
    if campaign is None:
        action.progress["is_gone"] = True
        return
    wanted = min(BATCH, action.arguments["count"] - action.progress.get("done", 0))
    try:
        with transaction.atomic(), giving_way():
            made = _add_codes(action, campaign, wanted, now)
            _count(action, campaign, made, now)
    except InTheWay:
        return
    except PromoError as refused:
        _refuse(action, refused)
        return
    report(action, made)
    action.progress["taken"] = action.progress.get("taken", 0) + wanted - made
    if action.progress["taken"] > MAX_TRIES * action.arguments["count"]:
        _refuse(action, invalid_code_config("No more codes of this pattern are free"))


def report(action: AsyncAction, made: int) -> None:
    """Note on an action that so many more codes are made."""
    done = action.progress.get("done", 0) + made
    action.progress |= {"done": done, "total": action.arguments["count"]}
    action.result = {"message": f"Generated {done} vouchers.", "done_count": done}


def refusal(refused: Mapping[str, Any]) -> BadRequest:
    """Return what stopped an action, as its ``progress`` keeps it."""
    return BadRequest(refused["key"], refused["message"], refused["details"])


def _campaign(action: AsyncAction) -> Campaign | None:
    """Return the campaign as it is now, without holding it."""
    alive = action.project.campaigns.alive().select_related("category")
    found = alive.filter(pk=action.arguments["campaign_id"]).first()
    if found is not None:
        found.project = action.project
    return found


def _add_codes(
    action: AsyncAction, campaign: Campaign, wanted: int, now: datetime
) -> int:
    sent = action.arguments["voucher"]
    voucher = prototype(project=campaign.project, campaign=campaign, sent=sent, now=now)
    voucher.async_action_id = action.parent_id or action.pk
    config = code_config(campaign.project, campaign, sent)
    made = add_codes(voucher, config.draw(wanted, SystemRandom()))
    with connection.cursor() as cursor:
        # Else references are checked at the commit, while the campaign is held.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return made


def _count(action: AsyncAction, campaign: Campaign, made: int, now: datetime) -> None:
    """Count new codes on their campaign, held from here to the commit.

    Raises:
        InTheWay: the campaign is deleted or gives its codes something else by now.
    """
    held = lock_alive(campaign.project, campaign.pk)
    if held is None or handed_down(held) != handed_down(campaign):
        raise InTheWay
    count_new_codes(held, made)
    if action.parent_id is not None:
        rows = AsyncAction.objects.select_for_update(no_key=True)
        whole = rows.get(pk=action.parent_id)
        report(whole, made)
        whole.status, whole.stepped_at = ActionStatus.IN_PROGRESS, now
        whole.save(update_fields=["status", "progress", "result", "stepped_at"])


def _refuse(action: AsyncAction, refused: PromoError) -> None:
    action.progress["refused"] = {
        "key": refused.key,
        "message": refused.message,
        "details": refused.details,
    }

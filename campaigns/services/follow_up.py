"""Rewriting the codes of a campaign after it was changed, in the background.

Source: campaigns specification, "What an edit reaches".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, JSONField, TextField, Value
from django.db.models.functions import Cast

from campaigns.models import Campaign, Voucher, VoucherType, WorkStatus
from campaigns.services.campaign_changes import lock_alive
from campaigns.services.generation import GENERATE, unfinished_work
from campaigns.services.time_limits import LIMITS
from campaigns.services.worth import FOLLOWED
from promo.jobs.actions import enqueue
from promo.jobs.models import AsyncAction

UPDATE = "CAMPAIGN.VOUCHERS_UPDATE"
BATCH = 1_000


def follow_up(
    campaign: Campaign,
    changed: Mapping[str, Any],
    template: Mapping[str, Any],
    sent: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """Have the codes follow what was ``changed`` on a campaign that the caller holds.

    Limits, discount or gift effect, and quantity reach codes neither published nor
    redeemed, metadata reaches all where the campaign uses the schema of vouchers. The
    caller saves the campaign, which shows ``MODIFYING`` until the work is done.
    """
    fields = [name for name in LIMITS if name in changed]
    if template:
        followed = FOLLOWED[VoucherType((campaign.voucher or {})["type"])]
        fields += [*([followed] if followed else []), "redemption_quantity"]
    metadata = _metadata_to_spread(campaign, sent)
    if not campaign.vouchers_count or not (fields or metadata):
        return
    campaign.creation_status = WorkStatus.MODIFYING
    campaign.vouchers_generation_status = WorkStatus.MODIFYING
    enqueue(
        project=campaign.project,
        kind=UPDATE,
        arguments={"campaign_id": campaign.pk, "fields": fields, **metadata},
        now=now,
    )


def update_step(action: AsyncAction, *, now: datetime) -> bool:
    """Rewrite the next batch of codes; return whether all are rewritten."""
    campaign = action.project.campaigns.filter(
        pk=action.arguments["campaign_id"]
    ).first()
    after = action.progress.get("after")
    batch = _next_batch(campaign, after) if campaign else []
    done = action.progress.get("done", 0)
    if campaign is None or not batch:
        action.result = {"message": f"Updated {done} vouchers.", "done_count": done}
        _settle(action)
        return True
    reached = _rewrite(campaign, batch, action.arguments, now)
    action.progress = {
        "after": batch[-1][0],
        "done": done + reached,
        "total": campaign.vouchers_count,
    }
    return False


def _metadata_to_spread(campaign: Campaign, sent: Mapping[str, Any]) -> dict[str, Any]:
    if not campaign.use_voucher_metadata_schema:
        return {}
    spread = {
        "metadata": sent.get("metadata") or {},
        "unset": list(sent.get("unset_metadata_fields") or ()),
    }
    return spread if any(spread.values()) else {}


def _next_batch(campaign: Campaign, after: str | None) -> list[tuple[str, bool]]:
    """Return the next codes by id, held as redemptions hold them: in key order.

    Beside each id stands whether the code is untouched.
    """
    rows = campaign.vouchers.filter(deleted_at=None).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    held = rows.select_for_update(no_key=True)
    found = held.values_list("pk", "publications_count", "redeemed_quantity")[:BATCH]
    return [(pk, not published and not redeemed) for pk, published, redeemed in found]


def _rewrite(
    campaign: Campaign,
    batch: list[tuple[str, bool]],
    arguments: Mapping[str, Any],
    now: datetime,
) -> int:
    """Write campaign values onto the codes they reach; return how many these are."""
    everyone = Voucher.objects.filter(pk__in=[pk for pk, _ in batch])
    for name in arguments["fields"]:
        followers = everyone.untouched().exclude(own_fields__contains=[name])
        followers.update(**{name: _value_of(campaign, name)}, updated_at=now)
    if "metadata" in arguments:
        metadata = _merged(arguments["metadata"], arguments["unset"])
        return everyone.update(metadata=metadata, updated_at=now)
    return sum(is_untouched for _, is_untouched in batch)


def _value_of(campaign: Campaign, name: str) -> Any:
    template = campaign.voucher or {}
    if name == "discount":
        return template["discount"]
    if name == "gift_effect":
        return template["gift"].get("effect", "")
    if name == "redemption_quantity":
        return template["redemption"]["quantity"]
    return getattr(campaign, name)


def _merged(patch: Mapping[str, Any], unset: list[str]) -> Func:
    """Return metadata with ``patch`` over it and without the ``unset`` keys."""
    keys = ArrayField(TextField())
    over = Func(
        F("metadata"),
        Value(patch, JSONField()),
        template="(%(expressions)s)",
        arg_joiner=" || ",
        output_field=JSONField(),
    )
    return Func(
        over,
        Cast(Value(unset, keys), keys),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=JSONField(),
    )


def _settle(action: AsyncAction) -> None:
    campaign = lock_alive(action.project, action.arguments["campaign_id"])
    if campaign is None:
        return
    generating = unfinished_work(campaign, GENERATE).exists()
    campaign.creation_status = WorkStatus.DONE
    campaign.vouchers_generation_status = (
        WorkStatus.IN_PROGRESS if generating else WorkStatus.DONE
    )
    campaign.save(update_fields=["creation_status", "vouchers_generation_status"])

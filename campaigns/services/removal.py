"""Taking the codes of a deleted campaign along, in the background.

What goes into the bin is only marked, so that a restore finds it as it was: counters,
balances, holders and sessions stay on the codes, their rules are hidden.

Source: campaigns specification, "Delete".
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast, Coalesce

from campaigns import events
from campaigns.models import Campaign, Voucher
from campaigns.services.bin import put_in_bin
from campaigns.services.promotion_tier import delete_tiers_of
from campaigns.services.reward_assignment import delete_assignments_of
from campaigns.services.rule_assignments import forget_rules, hide_rules
from campaigns.wire import simple_campaign, simple_voucher
from promo.jobs.actions import enqueue
from promo.jobs.models import AsyncAction
from promo.outbox.events import emit
from promo.tenancy.models import Project

DELETE = "CAMPAIGN.VOUCHERS_DELETE"
BATCH = 5_000


def start_removal(campaign: Campaign, *, force: bool, now: datetime) -> AsyncAction:
    """Have the codes of a deleted campaign follow it; with ``force``, free them."""
    return enqueue(
        project=campaign.project,
        kind=DELETE,
        arguments={"campaign_id": campaign.pk, "force": force},
        now=now,
    )


def bin_campaign(campaign: Campaign, *, now: datetime) -> AsyncAction:
    """Put a campaign that the caller holds into the bin; its codes follow in time.

    Tiers, stacks and offered rewards are hidden with it and stay as they are.
    """
    hide_rules(project=campaign.project, related_ids=guarded_with(campaign))
    campaign.deleted_at = now
    campaign.save(update_fields=["deleted_at"])
    put_in_bin(campaign, now=now)
    return start_removal(campaign, force=False, now=now)


def guarded_with(campaign: Campaign) -> list[str]:
    """Return what rules may be on: the campaign, its tiers, the rewards it offers."""
    tiers = campaign.tiers.filter(deleted_at=None).order_by("pk")
    offered = campaign.reward_assignments.order_by("pk")
    return [
        campaign.pk,
        *tiers.values_list("pk", flat=True),
        *offered.values_list("pk", flat=True),
    ]


def erase_campaign(campaign: Campaign, *, now: datetime) -> AsyncAction:
    """Free the name of a campaign that the caller holds, and in time its codes.

    Tiers, stacks, offered rewards and entries of its codes in the bin go at once. The
    row stays for its redemptions.
    """
    delete_tiers_of(campaign, now=now)
    delete_assignments_of(campaign)
    campaign.bin_entries.all().delete()
    campaign.deleted_at = campaign.deleted_at or now
    campaign.erased_at = now
    campaign.name = campaign.pk
    campaign.save(update_fields=["deleted_at", "erased_at", "name"])
    return start_removal(campaign, force=True, now=now)


def remove_step(action: AsyncAction, *, now: datetime) -> bool:
    """Delete the next batch of codes; return whether all are deleted.

    A campaign that was restored meanwhile keeps the codes that are left.
    """
    force, after = action.arguments["force"], action.progress.get("after")
    rows = action.project.vouchers.filter(campaign=action.arguments["campaign_id"])
    rows = rows.filter(erased_at=None) if force else rows.filter(deleted_at=None)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    batch = _held(rows, force=force) if _is_deleted(action) else {}
    done = action.progress.get("done", 0)
    action.result = {"message": f"Deleted {done} vouchers.", "done_count": done}
    if not batch:
        return True
    chosen = Voucher.objects.filter(pk__in=list(batch))
    change_rules = forget_rules if force else hide_rules
    change_rules(project=action.project, related_ids=list(batch))
    alive = [pk for pk, deleted_at in batch.items() if deleted_at is None]
    _tell_holders(action.project, alive, now)
    if force:
        erase(chosen, now)
    else:
        chosen.update(deleted_at=now)
    action.progress = {"after": max(batch), "done": done + len(alive)}
    return False


def _tell_holders(project: Project, gone: Sequence[str], now: datetime) -> None:
    """Tell those who hold codes, given by ids, that they lose them."""
    held = Voucher.objects.filter(pk__in=gone, holder__isnull=False)
    lost = held.select_related("campaign", "category").order_by("pk")
    told = [
        events.customer_lost_voucher(
            events.voucher_deleted(
                simple_voucher(one),
                simple_campaign(one.campaign) if one.campaign else None,
            )
        )
        for one in lost
    ]
    emit(project, told, now=now)


def erase(vouchers: QuerySet[Voucher], now: datetime) -> int:
    """Free the codes of ``vouchers``; return how many there were.

    The rows stay for their redemptions alone. Their own id is a key that no code
    has.
    """
    return vouchers.update(
        code_key=Cast("pk", TextField()),
        deleted_at=Coalesce("deleted_at", now),
        erased_at=now,
    )


def _is_deleted(action: AsyncAction) -> bool:
    """Say whether the campaign is deleted still, and hold it so until the commit."""
    deleted = action.project.campaigns.filter(deleted_at__isnull=False)
    held = deleted.select_for_update(no_key=True)
    return held.filter(pk=action.arguments["campaign_id"]).first() is not None


def _held(rows: QuerySet[Voucher], *, force: bool) -> dict[str, datetime | None]:
    """Return the next codes by id, with when they were deleted.

    They are held as redemptions hold them: in key order.
    """
    held = rows.order_by("pk").select_for_update(no_key=not force)
    return dict(held.values_list("pk", "deleted_at")[:BATCH])

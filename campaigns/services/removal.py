"""Taking the codes of a deleted campaign along, in the background.

Source: campaigns specification, "Delete".
"""

from datetime import datetime

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast, Coalesce

from campaigns.models import Campaign, Voucher
from campaigns.services.rule_assignments import forget_rules
from promo.jobs.actions import enqueue
from promo.jobs.models import AsyncAction

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


def remove_step(action: AsyncAction, *, now: datetime) -> bool:
    """Delete the next batch of codes; return whether all are deleted.

    The campaign gets no more of them, so what was left out before the end of a batch
    is in the bin already.
    """
    force, after = action.arguments["force"], action.progress.get("after")
    rows = action.project.vouchers.filter(campaign=action.arguments["campaign_id"])
    rows = rows.filter(erased_at=None) if force else rows.filter(deleted_at=None)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    held = rows.order_by("pk").select_for_update(no_key=not force)
    batch = list(held.values_list("pk", "deleted_at")[:BATCH])
    done = action.progress.get("done", 0)
    action.result = {"message": f"Deleted {done} vouchers.", "done_count": done}
    if not batch:
        return True
    last, _ = batch[-1]
    forget_rules(project=action.project, related_ids=[pk for pk, _ in batch])
    chosen = rows.filter(pk__lte=last)
    if force:
        erase(chosen, now)
    else:
        chosen.update(deleted_at=now)
    alive = sum(deleted_at is None for _, deleted_at in batch)
    action.progress = {"after": last, "done": done + alive}
    return False


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

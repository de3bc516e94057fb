"""Rollback: exactly what a redemption took is given back, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction

from campaigns.services.access import check_campaigns
from promo.errors import BadRequest, PromoError, ResourceNotFound
from promo.metadata_schemas.known import checked_metadata
from promo.outbox.events import emit
from promo.tenancy.models import Project
from redemptions.engine.counters import ORDERS
from redemptions.models import LedgerEntry, Order, Redemption
from redemptions.models.redemption import Result, Status
from redemptions.services.kept_orders import kept_order_as_json
from redemptions.services.ledger import made_by
from redemptions.services.rollback_checks import (
    RollbackRequest,
    check_related,
    refusal_of,
)
from redemptions.services.telling import redemption_events
from redemptions.services.undoing import (
    Family,
    Movement,
    hand_over,
    move_back,
    record_rollbacks,
    restore_order,
    rollback_events,
    rollback_of,
    with_everything,
)


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The rollbacks made, their parent for stacked ones, the order afterwards."""

    rows: Sequence[Redemption]
    parent: Redemption | None
    order: dict[str, Any] | None


class _Refused(Exception):
    """A business refusal, to be recorded after the transaction is rolled back."""

    def __init__(self, row: Redemption, refusal: PromoError) -> None:
        super().__init__(refusal.key)
        self.row = row
        self.refusal = refusal


def roll_back_redemption(
    *,
    project: Project,
    reference: str,
    request: RollbackRequest,
    stacked: bool,
    now: datetime,
) -> RolledBack:
    """Undo a redemption, with its children when ``stacked`` is asked for.

    1. Lock the redemption and its children; somebody else's lock is a refusal.
    2. Check; then lock and restore the order.
    3. Give back counters, tiers and vouchers in the order in which redeeming
       takes them, mark the rows and record the rollbacks.

    Raises:
        ResourceNotFound: no such redemption or customer.
        Forbidden: a restricted caller does not reach its campaign.
        BadRequest: it cannot be rolled back; nothing has moved, the failed attempt
            is on record.
        MetadataRefused: the project's schema of redemptions forbids the metadata.
    """
    checked_metadata(project, "redemption", request.metadata)
    try:
        with transaction.atomic():
            return _attempt(project, reference, request, stacked=stacked, now=now)
    except _Refused as refused:
        raise _on_record(refused.row, request, refused.refusal, now) from None


def _attempt(
    project: Project,
    reference: str,
    request: RollbackRequest,
    *,
    stacked: bool,
    now: datetime,
) -> RolledBack:
    row = _locked(project, reference)
    children = list(with_everything(project).filter(parent=row).order_by("pk"))
    check_campaigns(project, [each.campaign_id for each in children or [row]])
    refusal = refusal_of(row, has_children=bool(children), stacked=stacked)
    refusal = refusal or check_related(row, request)
    if refusal is not None:
        raise _Refused(row, refusal)
    family = Family(row, children or [row])
    mode = project.stacking["redeemables_rollback_order_mode"]
    order = _held_order(row)
    told = restore_order(order, family.parts, mode, now) if order else ()
    _give_back(project, family, now)
    kept = kept_order_as_json(order, ()) if order else None
    [(parent, rows)] = record_rollbacks(
        [family], request=request, mode=mode, kept=kept, now=now
    )
    if order is not None and kept is not None:
        about = order.redemptions.select_related("campaign")
        kept = kept_order_as_json(order, about.order_by("created_at", "pk"))
    moved, of_cards = made_by(rows)
    LedgerEntry.objects.bulk_create(moved)
    emit(project, [*told, *rollback_events(rows), *of_cards], now=now)
    return RolledBack(rows, parent, kept)


def _locked(project: Project, reference: str) -> Redemption:
    rows = project.redemptions.redemptions().by_reference(reference)
    try:
        held = rows.select_for_update(nowait=True, no_key=True).first()
    except OperationalError as busy:
        message = "Multiple requests detected"
        details = "Another request rolls the same redemption back"
        raise BadRequest("multiple_requests", message, details) from busy
    if held is None:
        raise ResourceNotFound("redemption", reference)
    return with_everything(project).get(pk=held.pk)


def _held_order(row: Redemption) -> Order | None:
    if row.order is None:
        return None
    orders = Order.objects.select_related("customer", "referrer")
    return orders.select_for_update(of=("self",), no_key=True).get(pk=row.order.pk)


def _give_back(project: Project, family: Family, now: datetime) -> None:
    """Give back what is left of each part.

    Another rollback may have handed something over before the order was held.
    """
    undone = family.parts
    found = Redemption.objects.filter(pk__in=[row.pk for row in undone])
    claims_now = dict(found.values_list("pk", "claims"))
    for row in undone:
        row.claims = claims_now[row.pk]
    for heir in hand_over(undone, _others(undone)):
        heir.save(update_fields=["claims"])
    counted = [row.claims for row in undone]
    move_back(project, [Movement.of_all(row) for row in undone], counted, now)


def _others(undone: Sequence[Redemption]) -> Sequence[Redemption]:
    """Return what else stands of the order, where ``undone`` counts its value.

    The order is held, so only rollbacks of the others may hold these; such a one goes
    anyway.
    """
    counts = any(ORDERS in each for row in undone for each in row.claims.values())
    if not counts or undone[0].order_id is None:
        return ()
    others = Redemption.objects.standing().filter(order_id=undone[0].order_id)
    others = others.exclude(pk__in=[row.pk for row in undone]).order_by("pk")
    return list(others.select_for_update(skip_locked=True, no_key=True, of=("self",)))


@transaction.atomic
def _on_record(
    row: Redemption, request: RollbackRequest, refusal: PromoError, now: datetime
) -> PromoError:
    """Store the failed attempt; return the refusal, naming the record."""
    mode = row.project.stacking["redeemables_rollback_order_mode"]
    failed = rollback_of(row, request, mode, now)
    failed.result, failed.status = Result.FAILURE, Status.FAILED
    failed.applied_amount, failed.card_amount, failed.reward = 0, None, None
    failed.failure_code, failed.failure_message = refusal.key, refusal.message
    failed.save(force_insert=True)
    refusal.resource_id = failed.shown_id
    refusal.resource_type = "redemption_rollback"
    told = redemption_events("redemption.rollback.failed", [failed])
    emit(row.project, told, now=now)
    return refusal

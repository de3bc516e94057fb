"""Rollback: exactly what a redemption took is given back, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction

from promo.errors import BadRequest, PromoError, ResourceNotFound
from promo.outbox.events import Event, emit
from promo.tenancy.models import Project
from redemptions import events
from redemptions.engine.claims import CounterClaim, merged
from redemptions.engine.counters import ORDERS
from redemptions.engine.order import opening_state
from redemptions.engine.rollback import roll_back_order, taken_by
from redemptions.models import LedgerEntry, Order, Redemption
from redemptions.models.redemption import Kind, Result, Status
from redemptions.services.claims import TierUse, Uses, give_back
from redemptions.services.failures import channel_id
from redemptions.services.kept_orders import kept_facts, kept_order_as_json
from redemptions.services.ledger import made_by
from redemptions.services.orders import order_events, write_state
from redemptions.services.rollback_checks import (
    RollbackRequest,
    check_related,
    refusal_of,
)
from redemptions.services.voucher_uses import VoucherUse
from redemptions.wire.redemption import redemption_as_json


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
        BadRequest: it cannot be rolled back; nothing has moved, the failed attempt
            is on record.
    """
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
    children = list(_related(project).filter(parent=row).order_by("pk"))
    refusal = refusal_of(row, has_children=bool(children), stacked=stacked)
    refusal = refusal or check_related(row, request)
    if refusal is not None:
        raise _Refused(row, refusal)
    undone = children or [row]
    mode = project.stacking["redeemables_rollback_order_mode"]
    order, told = _restore_order(row, undone, mode, now)
    _give_back(project, undone, now)
    kept = kept_order_as_json(order, ()) if order else None
    done = _record(row, children, request=request, mode=mode, kept=kept, now=now)
    if order is not None and kept is not None:
        about = order.redemptions.select_related("campaign")
        kept = kept_order_as_json(order, about.order_by("created_at", "pk"))
    moved, of_cards = made_by(done.rows)
    LedgerEntry.objects.bulk_create(moved)
    emit(project, [*told, *_events(done.rows), *of_cards], now=now)
    return RolledBack(done.rows, done.parent, kept)


def _related(project: Project) -> Any:
    rows = project.redemptions.with_related()
    return rows.select_related("voucher__campaign__category")


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
    row: Redemption = _related(project).get(pk=held.pk)
    return row


def _restore_order(
    row: Redemption, undone: Sequence[Redemption], mode: str, now: datetime
) -> tuple[Order | None, Sequence[Event]]:
    if row.order is None:
        return None, ()
    orders = Order.objects.select_related("customer", "referrer")
    order = orders.select_for_update(of=("self",), no_key=True).get(pk=row.order.pk)
    before = order.status
    facts = kept_facts(order)
    taken = [taken_by(each.order_state, facts) for each in undone if each.order_state]
    state = opening_state(roll_back_order(facts, taken, mode))
    if mode == "WITHOUT_ORDER":
        return order, ()
    write_state(order, state)
    order.updated_at = now
    order.save()
    return order, order_events(order, state, before)


def _give_back(project: Project, undone: Sequence[Redemption], now: datetime) -> None:
    uses = Uses(
        counters=_counted(undone),
        tiers=[
            TierUse(row.promotion_tier_id, _order_amount(row), row.applied_amount)
            for row in undone
            if row.promotion_tier_id
        ],
        rewards=[row.reward["id"] for row in undone if row.reward],
        vouchers=[
            VoucherUse(row.voucher_id, row.card_amount or 0)
            for row in undone
            if row.voucher_id
        ],
    )
    moved = give_back(project, uses, now)
    for row in undone:
        if row.voucher is not None:
            moved.vouchers[row.voucher.pk].put_on(row.voucher, now)
        if row.promotion_tier is not None:
            row.promotion_tier.redeemed_quantity = moved.tiers[row.promotion_tier.pk]


def _counted(undone: Sequence[Redemption]) -> list[CounterClaim]:
    """Return what the redemptions counted, one claim a counter.

    Another rollback may have handed something over before the order was held.
    """
    found = Redemption.objects.filter(pk__in=[row.pk for row in undone])
    claims_now = dict(found.values_list("pk", "claims"))
    for row in undone:
        row.claims = claims_now[row.pk]
    _hand_over(undone)
    claims = merged(
        CounterClaim(subject, bucket, amount)
        for row in undone
        for subject, counted in row.claims.items()
        for bucket, amount in counted.items()
    )
    return [claim for claim in claims if isinstance(claim, CounterClaim)]


def _hand_over(undone: Sequence[Redemption]) -> None:
    """Let what stands of an order count its value for those who counted it so far.

    A campaign counts an order once, with its first redemption. The order is held, so
    only rollbacks of the others may hold these; such a one goes anyway.
    """
    values = {
        subject: (row, counted[ORDERS])
        for row in undone
        for subject, counted in row.claims.items()
        if ORDERS in counted
    }
    if not values or undone[0].order_id is None:
        return
    others = Redemption.objects.standing().filter(order_id=undone[0].order_id)
    others = others.exclude(pk__in=[row.pk for row in undone]).order_by("pk")
    for other in others.select_for_update(skip_locked=True, no_key=True, of=("self",)):
        for subject in values.keys() & other.claims.keys():
            row, amount = values.pop(subject)
            del row.claims[subject][ORDERS]
            other.claims[subject][ORDERS] = amount
            other.save(update_fields=["claims"])


def _order_amount(row: Redemption) -> int:
    return int((row.order_state or {}).get("amount") or 0)


def _record(
    row: Redemption,
    children: Sequence[Redemption],
    *,
    request: RollbackRequest,
    mode: str,
    kept: dict[str, Any] | None,
    now: datetime,
) -> RolledBack:
    touched = [row, *children]
    Redemption.objects.filter(pk__in=[each.pk for each in touched]).update(
        status=Status.ROLLED_BACK
    )
    parent = _rollback_of(row, request, mode, now) if children else None
    rows = [_rollback_of(each, request, mode, now) for each in children or [row]]
    for rollback in rows:
        rollback.parent = parent
    stored = [*([parent] if parent else []), *rows]
    for rollback in stored:
        rollback.order_state = kept
    Redemption.objects.bulk_create(stored)
    return RolledBack(rows, parent, None)


def _rollback_of(
    row: Redemption, request: RollbackRequest, mode: str, now: datetime
) -> Redemption:
    rollback = Redemption(
        project=row.project,
        object=Kind.ROLLBACK,
        result=Result.SUCCESS,
        status=Status.SUCCEEDED,
        created_at=now,
        customer=row.customer,
        tracking_id=request.tracking_id or row.tracking_id,
        metadata=request.metadata,
        related_object_type=row.related_object_type,
        related_object_id=row.related_object_id,
        voucher=row.voucher,
        voucher_code=row.voucher_code,
        promotion_tier=row.promotion_tier,
        campaign=row.campaign,
        original=row,
        order=row.order,
        applied_amount=-row.applied_amount,
        card_amount=None if row.card_amount is None else -row.card_amount,
        reward=row.reward,
        reason=request.reason,
        rollback_order_mode=mode,
        channel_id=channel_id(),
    )
    if rollback.related_object_type == "redemption":
        rollback.related_object_id = rollback.shown_id
    return rollback


def _events(rows: Sequence[Redemption]) -> list[Event]:
    return [
        event
        for row in rows
        for event in events.about_redemption(
            "redemption.rollback.succeeded",
            redemption_as_json(row),
            campaign_id=row.campaign_id,
        )
    ]


@transaction.atomic
def _on_record(
    row: Redemption, request: RollbackRequest, refusal: PromoError, now: datetime
) -> PromoError:
    """Store the failed attempt; return the refusal, naming the record."""
    mode = row.project.stacking["redeemables_rollback_order_mode"]
    failed = _rollback_of(row, request, mode, now)
    failed.result, failed.status = Result.FAILURE, Status.FAILED
    failed.applied_amount, failed.card_amount, failed.reward = 0, None, None
    failed.failure_code, failed.failure_message = refusal.key, refusal.message
    failed.save(force_insert=True)
    refusal.resource_id = failed.shown_id
    refusal.resource_type = "redemption_rollback"
    told = events.about_redemption(
        "redemption.rollback.failed",
        redemption_as_json(failed),
        campaign_id=failed.campaign_id,
    )
    emit(row.project, told, now=now)
    return refusal

"""What a return moves and stores, once it is worked out.

Source: ADR 0014.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from promo.outbox.events import Event, emit
from redemptions import events
from redemptions.engine.counters import ORDERS
from redemptions.engine.returns import Returned, Share
from redemptions.models import (
    LedgerEntry,
    Order,
    OrderReturn,
    Redemption,
    ReturnedLine,
    ReturnedShare,
    SoldLine,
)
from redemptions.services.kept_orders import kept_order_as_json
from redemptions.services.ledger import entry_of, one_after_another, refund_of, told_of
from redemptions.services.rollback_checks import RollbackRequest
from redemptions.services.sold_lines import Units
from redemptions.services.undoing import (
    WITHOUT_ORDER,
    Family,
    Movement,
    hand_over,
    move_back,
    record_rollbacks,
    restore_order,
    rollback_events,
)
from redemptions.wire.order_return import return_as_json

_MOVED = [
    "returned_amount",
    "returned_order_amount",
    "returned_card_amount",
    "claims",
]


@dataclass(frozen=True, slots=True)
class Settled:
    """What a return moved: by redemption, with the rollbacks of those that are over."""

    movements: Sequence[Movement]
    rollbacks: Mapping[UUID, Redemption]
    told: Sequence[Event]


def settle(
    made: OrderReturn, done: Returned, standing: Sequence[Redemption]
) -> Settled:
    """Give back what ``done`` says of the ``standing`` redemptions, parents included.

    All rows are held. What is over is rolled back. The order stays as it was sold
    until its last unit is back; then it is cancelled as the project's mode says.
    """
    order, now = made.order, made.created_at
    single = [row for row in standing if row.is_single]
    movements = [movement_of(row, done.shares[row.pk.hex], done) for row in single]
    counted = _uncount(movements, done)
    over = _families(movements, standing)
    told = _change_order(order, done, over, now)
    move_back(made.project, movements, counted, now)
    _note_parts(movements, standing)
    rollbacks = _roll_back(made, done, over)
    return Settled(
        movements,
        {row.original_id: row for row in rollbacks if row.original_id},
        [*told, *rollback_events([row for row in rollbacks if row.is_single])],
    )


def movement_of(row: Redemption, share: Share, done: Returned) -> Movement:
    """Return what a return moves of one redemption; with its last unit, all of it."""
    if share.is_last:
        return Movement.of_all(row)
    return Movement(
        row,
        discount_amount=share.discount_amount,
        order_amount=min(done.amount, row.left_order_amount),
        card_amount=share.card_amount,
        is_whole=False,
    )


def _uncount(movements: Sequence[Movement], done: Returned) -> list[dict[str, Any]]:
    """Take off the rows what they count no more; return it.

    The order counts for what is left of it. What is over counts nothing, but hands
    the order's value to what stands.
    """
    counted = [_uncounted(one, done) for one in movements]
    over = [one.row for one in movements if one.is_whole]
    hand_over(over, [one.row for one in movements if not one.is_whole])
    return [*counted, *(row.claims for row in over)]


def _uncounted(one: Movement, done: Returned) -> dict[str, dict[str, int]]:
    moved = {ORDERS: done.amount}
    if not one.is_whole:
        moved |= {"discounted": one.discount_amount, "gift": one.card_amount}
    counted: dict[str, dict[str, int]] = {}
    for subject, buckets in one.row.claims.items():
        for bucket, amount in buckets.items():
            part = min(amount, moved.get(bucket.partition(":")[0], 0))
            if part:
                counted.setdefault(subject, {})[bucket] = part
    for subject, parts in counted.items():
        for bucket, part in parts.items():
            one.row.claims[subject][bucket] -= part
    return counted


def _families(
    movements: Sequence[Movement], standing: Sequence[Redemption]
) -> list[Family]:
    """Return what is over, each with what it is rolled back along with."""
    heads = {row.pk: row for row in standing}

    def head(row: Redemption) -> UUID:
        return row.parent_id or row.pk

    over = sorted((one.row for one in movements if one.is_whole), key=attrgetter("pk"))
    over.sort(key=head)
    return [Family(heads[pk], list(rows)) for pk, rows in groupby(over, key=head)]


def _change_order(
    order: Order, done: Returned, over: Sequence[Family], now: datetime
) -> Sequence[Event]:
    order.returned_amount = (order.returned_amount or 0) + done.refund_amount
    mode = _mode(order, done)
    if mode != WITHOUT_ORDER:
        undone = [row for family in over for row in family.parts]
        return restore_order(order, undone, mode, now)
    order.updated_at = now
    order.save(update_fields=["returned_amount", "updated_at"])
    return ()


def _mode(order: Order, done: Returned) -> str:
    """Return how rollbacks treat the order: while units are left, not at all."""
    mode: str = order.project.stacking["redeemables_rollback_order_mode"]
    return mode if done.is_whole else WITHOUT_ORDER


def _note_parts(movements: Sequence[Movement], standing: Sequence[Redemption]) -> None:
    """Keep with each redemption that stands what was taken back of it by now."""
    heads = {row.pk: row for row in standing}
    changed: dict[UUID, Redemption] = {}
    for one in movements:
        if one.is_whole:
            continue
        row = one.row
        row.returned_amount += one.discount_amount
        row.returned_order_amount += one.order_amount
        row.returned_card_amount += one.card_amount
        changed[row.pk] = row
        if row.parent_id is not None:
            parent = heads[row.parent_id]
            parent.returned_amount += one.discount_amount
            changed[parent.pk] = parent
    Redemption.objects.bulk_update(changed.values(), _MOVED)


def _roll_back(
    made: OrderReturn, done: Returned, over: Sequence[Family]
) -> list[Redemption]:
    if not over:
        return []
    kept = kept_order_as_json(made.order, ())
    request = RollbackRequest(reason=made.reason)
    mode, now = _mode(made.order, done), made.created_at
    found = record_rollbacks(over, request=request, mode=mode, kept=kept, now=now)
    return [row for head, parts in found for row in ([head] if head else []) + parts]


def store_return(
    made: OrderReturn,
    lines: Sequence[SoldLine],
    wanted: Sequence[Units],
    done: Returned,
    settled: Settled,
) -> None:
    """Store the return with its lines and shares, what cards got back, and tell it."""
    made.save(force_insert=True)
    rows = list(_lines(made, lines, wanted, done))
    shares = list(_shares(made, settled))
    ReturnedLine.objects.bulk_create(rows)
    ReturnedShare.objects.bulk_create(shares)
    moved = list(_refunds(made, settled))
    one_after_another([entry for _, entry in moved])
    LedgerEntry.objects.bulk_create([entry for _, entry in moved])
    shown = kept_order_as_json(made.order, ())
    told = events.about_return(return_as_json(made, rows, shares), order=shown)
    emit(
        made.project,
        [*told, *settled.told, *told_of(moved)],
        now=made.created_at,
    )


def _lines(
    made: OrderReturn,
    lines: Sequence[SoldLine],
    wanted: Sequence[Units],
    done: Returned,
) -> Iterator[ReturnedLine]:
    quantities = {each.position: each.quantity for each in wanted}
    for position, back in done.lines.items():
        yield ReturnedLine(
            order_return=made,
            sold_line=lines[position],
            quantity=quantities[position],
            amount=back.amount,
            discounts={key: part for key, part in back.discounts.items() if part},
        )


def _shares(made: OrderReturn, settled: Settled) -> Iterator[ReturnedShare]:
    for one in settled.movements:
        rollback = settled.rollbacks.get(one.row.pk)
        if rollback or one.discount_amount or one.order_amount or one.card_amount:
            yield ReturnedShare(
                order_return=made,
                redemption=one.row,
                discount_amount=one.discount_amount,
                order_amount=one.order_amount,
                card_amount=None if one.row.card_amount is None else one.card_amount,
                rollback=rollback,
            )


def _refunds(
    made: OrderReturn, settled: Settled
) -> Iterator[tuple[Redemption, LedgerEntry]]:
    for one in settled.movements:
        rollback = settled.rollbacks.get(one.row.pk)
        if rollback is not None:
            entry = entry_of(rollback)
            if entry is not None:
                named = entry.details | {"order_return": {"id": made.pk}}
                entry.details = named
                yield rollback, entry
        elif one.card_amount:
            entry = refund_of(one.row, one.card_amount, made.pk, made.created_at)
            yield one.row, entry

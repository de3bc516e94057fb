"""Returns: units of an order come back, and with them their part of every discount.

Source: ADR 0014.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Prefetch, QuerySet

from campaigns.services.access import check_campaigns
from promo.errors import BadRequest, Duplicate, ResourceNotFound
from promo.tenancy.models import Project
from redemptions.engine import returns
from redemptions.models import Order, OrderReturn, Redemption, SoldLine
from redemptions.models.order import OrderStatus
from redemptions.models.redemption import Kind, Result, Status
from redemptions.services.return_rows import movement_of, settle, store_return
from redemptions.services.sold_lines import (
    AskedLine,
    Units,
    check_not_rolled_back,
    find_lines,
    lay_down,
    sold_so_far,
    take_back,
    taken_back,
)
from redemptions.services.undoing import WITHOUT_ORDER, Movement, with_everything
from redemptions.services.voucher_uses import multiple_requests

_RETURNABLE = frozenset({OrderStatus.PAID, OrderStatus.FULFILLED})


def is_returnable(order: Order) -> bool:
    """Say whether units of the order can come back, as its status is."""
    return order.status in _RETURNABLE


@transaction.atomic
def return_items(
    *,
    project: Project,
    order: str,
    lines: Sequence[AskedLine],
    now: datetime,
    reason: str = "",
    metadata: Mapping[str, Any] | None = None,
    source_id: str | None = None,
) -> OrderReturn:
    """Take units of the order with the id or source id ``order`` back.

    1. Lock the order, then its redemptions; somebody else's lock on these is a
       refusal, as whoever rolls one back waits for the order.
    2. Find the lines; a request whose ``source_id`` has its return gets that one.
    3. Count the units back, each line by a statement that holds its limit.
    4. Work out what comes back; move counters, tiers and vouchers in the order of
       locks; roll back what is left of redemptions whose last unit came back.
    5. Store the return, the ledger's entries and the events.

    Raises:
        ResourceNotFound: no such order.
        Forbidden: a restricted caller does not reach a campaign used on it.
        InvalidPayload: no units at all.
        BadRequest: ``invalid_order``, ``invalid_order_item``,
            ``return_quantity_exceeded``, ``already_rolled_back`` or
            ``multiple_requests``; nothing has moved.
        Duplicate: ``source_id`` belongs to a return of other units.
    """
    held = _held_order(project, order)
    redemptions = _held_redemptions(project, held)
    sold = lay_down(held, [row for row in redemptions if _shows_discount(row)])
    wanted = find_lines(sold, lines)
    earlier = _sent_before(held, source_id, wanted)
    if earlier is not None:
        return earlier
    _check_status(held)
    check_not_rolled_back(sold, wanted, redemptions)
    singles = [row.campaign_id for row in redemptions if row.is_single]
    check_campaigns(project, singles)
    made = OrderReturn(
        project=project,
        order=held,
        source_id=source_id,
        reason=reason,
        metadata=dict(metadata or {}),
        created_at=now,
    )
    _return(made, sold, wanted, redemptions)
    return made


@dataclass(frozen=True, slots=True)
class Preview:
    """What a return would come to: as a whole, and what moves of each redemption.

    Money is minor units; points of a card count as such.
    """

    returned: returns.Returned
    movements: Sequence[Movement]


def preview_return(
    *, project: Project, order: str, lines: Sequence[AskedLine]
) -> Preview:
    """Return what ``return_items`` would do now; nothing is stored or held.

    Raises:
        ResourceNotFound: no such order.
        InvalidPayload: no units at all.
        BadRequest: as ``return_items`` says.
    """
    found = _orders(project).by_reference(order).first()
    if found is None:
        raise ResourceNotFound("order", order)
    found.project = project
    redemptions = list(_redemptions(project, found))
    sold = sold_so_far(found, [row for row in redemptions if _shows_discount(row)])
    wanted = find_lines(sold, lines)
    _check_status(found)
    check_not_rolled_back(sold, wanted, redemptions)
    after = taken_back(sold, wanted)
    standing = [row for row in redemptions if row.status == Status.SUCCEEDED]
    done = _worked_out(sold, after, standing)
    movements = [
        movement_of(row, done.shares[row.pk.hex], done)
        for row in standing
        if row.is_single
    ]
    return Preview(done, [one for one in movements if _shows(one)])


def _shows(one: Movement) -> bool:
    return bool(one.is_whole or one.discount_amount or one.card_amount)


def _return(
    made: OrderReturn,
    sold: Sequence[SoldLine],
    wanted: Sequence[Units],
    redemptions: Sequence[Redemption],
) -> None:
    after = take_back(made.order, sold, wanted)
    standing = [row for row in redemptions if row.status == Status.SUCCEEDED]
    done = _worked_out(sold, after, standing)
    made.amount = done.amount
    made.discount_amount = done.discount_amount
    made.refund_amount = done.refund_amount
    settled = settle(made, done, standing)
    store_return(made, after, wanted, done, settled)


def _orders(project: Project) -> Any:
    return project.orders.alive().select_related("customer", "referrer")


def _held_order(project: Project, reference: str) -> Order:
    rows = _orders(project).select_for_update(of=("self",), no_key=True)
    order: Order | None = rows.by_reference(reference).first()
    if order is None:
        raise ResourceNotFound("order", reference)
    order.project = project
    return order


def _held_redemptions(project: Project, order: Order) -> list[Redemption]:
    """Return all that succeeded on the order, parents too, locked."""
    rows = _redemptions(project, order)
    try:
        return list(rows.select_for_update(nowait=True, no_key=True, of=("self",)))
    except OperationalError as busy:
        details = "Another request rolls back a redemption of the order"
        raise multiple_requests(details) from busy


def _redemptions(project: Project, order: Order) -> QuerySet[Redemption]:
    undone = Redemption.objects.filter(object=Kind.ROLLBACK, result=Result.SUCCESS)
    rows = with_everything(project).filter(
        order=order, object=Kind.REDEMPTION, result=Result.SUCCESS
    )
    return rows.order_by("pk").prefetch_related(Prefetch("rollbacks", undone))


def _shows_discount(row: Redemption) -> bool:
    """Say whether the order still shows what a single redemption took off it."""
    return row.is_single and all(
        one.rollback_order_mode == WITHOUT_ORDER for one in row.rollbacks.all()
    )


def _sent_before(
    order: Order, source_id: str | None, wanted: Sequence[Units]
) -> OrderReturn | None:
    """Return the return that this request has made already.

    Raises:
        Duplicate: it was made of other units.
    """
    if source_id is None:
        return None
    found = order.returns.filter(source_id=source_id).first()
    if found is None:
        return None
    units = dict(found.lines.values_list("sold_line__position", "quantity"))
    if units != {each.position: each.quantity for each in wanted}:
        raise Duplicate("order_return", source_id, by="source_id")
    return found


def _check_status(order: Order) -> None:
    if not is_returnable(order):
        raise BadRequest(
            "invalid_order",
            "Invalid order",
            f"Units of a {order.status} order cannot be returned; "
            "it must be PAID or FULFILLED",
            resource_id=order.pk,
            resource_type="order",
        )


def _worked_out(
    before: Sequence[SoldLine],
    after: Sequence[SoldLine],
    standing: Sequence[Redemption],
) -> returns.Returned:
    return returns.returned(
        [returns.SoldLine(one.quantity, one.amount, one.discounts) for one in before],
        [one.returned_quantity for one in before],
        [one.returned_quantity for one in after],
        [
            returns.Redeemed(
                key=row.pk.hex,
                family=(row.parent_id or row.pk).hex,
                discount_amount=row.applied_amount,
                card_amount=row.card_amount or 0,
            )
            for row in standing
            if row.is_single
        ],
    )

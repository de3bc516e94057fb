"""Undoing redemptions, whole or in part: what goes back, and the rows that say so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from promo.outbox.events import Event
from promo.tenancy.models import Project
from redemptions.engine.claims import CounterClaim, merged
from redemptions.engine.counters import ORDERS
from redemptions.engine.order import opening_state
from redemptions.engine.rollback import roll_back_order, taken_by
from redemptions.models import Order, Redemption
from redemptions.models.redemption import Kind, Result, Status
from redemptions.services.claims import Moved, TierUse, Uses, give_back
from redemptions.services.failures import channel_id
from redemptions.services.kept_orders import kept_facts
from redemptions.services.orders import Former, order_events, write_state
from redemptions.services.rollback_checks import RollbackRequest
from redemptions.services.telling import redemption_events
from redemptions.services.voucher_uses import VoucherUse

WITHOUT_ORDER = "WITHOUT_ORDER"

#: What a redemption counted, by subject and bucket.
Counted = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Family:
    """What is rolled back together: a single redemption, or a parent with its parts."""

    head: Redemption
    parts: Sequence[Redemption]

    @property
    def is_stack(self) -> bool:
        """Whether the head only holds its parts together."""
        return self.head is not self.parts[0]

    @property
    def rows(self) -> Sequence[Redemption]:
        """Every row of it, the head first."""
        return [self.head, *self.parts] if self.is_stack else self.parts


@dataclass(frozen=True, slots=True)
class Movement:
    """What goes back of one redemption: money in minor units, credits or points.

    ``is_whole`` says that its use goes back too, and what points bought.
    """

    row: Redemption
    discount_amount: int
    order_amount: int
    card_amount: int
    is_whole: bool

    @classmethod
    def of_all(cls, row: Redemption) -> "Movement":
        """Return all that is left of ``row``."""
        return cls(
            row,
            row.left_amount,
            row.left_order_amount,
            row.left_card_amount,
            is_whole=True,
        )


def with_everything(project: Project) -> QuerySet[Redemption]:
    """Return the project's redemptions with what undoing them needs."""
    rows: QuerySet[Redemption] = project.redemptions.with_related()
    return rows.select_related(
        "voucher__campaign__category", "promotion_tier__campaign__category"
    )


def move_back(
    project: Project,
    movements: Sequence[Movement],
    counted: Iterable[Counted],
    now: datetime,
) -> Moved:
    """Give back what ``movements`` say and ``counted`` names, in the order of locks.

    The loaded vouchers and tiers show what is true afterwards.
    """
    counters = merged(
        CounterClaim(subject, bucket, amount)
        for each in counted
        for subject, buckets in each.items()
        for bucket, amount in buckets.items()
    )
    uses = Uses(
        counters=[one for one in counters if isinstance(one, CounterClaim)],
        tiers=_tier_uses(movements),
        rewards=[
            one.row.reward["id"]
            for one in movements
            if one.is_whole and one.row.reward is not None
        ],
        vouchers=_voucher_uses(movements),
    )
    moved = give_back(project, uses, now)
    for one in movements:
        row = one.row
        if row.voucher is not None and row.voucher.pk in moved.vouchers:
            moved.vouchers[row.voucher.pk].put_on(row.voucher, now)
        if row.promotion_tier is not None:
            row.promotion_tier.redeemed_quantity = moved.tiers[row.promotion_tier.pk]
    return moved


def _tier_uses(movements: Sequence[Movement]) -> list[TierUse]:
    """Return what goes back of each tier; one may have been redeemed several times."""
    return [
        TierUse(
            tier_id,
            sum(one.order_amount for one in group),
            sum(one.discount_amount for one in group),
            sum(one.is_whole for one in group),
        )
        for tier_id, group in _by("promotion_tier_id", movements)
    ]


def _voucher_uses(movements: Sequence[Movement]) -> list[VoucherUse]:
    """Return what goes back of each voucher that moves at all."""
    moving = [one for one in movements if one.is_whole or one.card_amount]
    return [
        VoucherUse(
            voucher_id,
            sum(one.card_amount for one in group),
            sum(one.is_whole for one in group),
        )
        for voucher_id, group in _by("voucher_id", moving)
    ]


def _by(
    name: str, movements: Iterable[Movement]
) -> Iterator[tuple[str, list[Movement]]]:
    """Return the movements of redemptions that have a ``name``, grouped by it."""
    key = attrgetter(f"row.{name}")
    for found, group in groupby(sorted(filter(key, movements), key=key), key=key):
        yield found, list(group)


def hand_over(
    undone: Sequence[Redemption], others: Iterable[Redemption]
) -> list[Redemption]:
    """Let what stands of an order count its value for those who counted it so far.

    A campaign counts an order once, with its first redemption. Returns those of
    ``others`` that count more now, not saved.
    """
    values = {
        subject: (row, counted[ORDERS])
        for row in undone
        for subject, counted in row.claims.items()
        if ORDERS in counted
    }
    heirs = []
    for other in others:
        inherited = values.keys() & other.claims.keys()
        for subject in inherited:
            row, amount = values.pop(subject)
            del row.claims[subject][ORDERS]
            other.claims[subject][ORDERS] = amount
        if inherited:
            heirs.append(other)
    return heirs


def restore_order(
    order: Order, undone: Sequence[Redemption], mode: str, now: datetime
) -> Sequence[Event]:
    """Cancel a held order and take off it what ``undone`` gave; return what to tell.

    What left the order alone because units of it were with the customer still, is
    taken off now. ``mode`` ``WITHOUT_ORDER`` changes nothing.
    """
    if mode == WITHOUT_ORDER:
        return ()
    former = Former.of(order)
    facts = kept_facts(order)
    gone = [*_returned_before(order), *undone]
    taken = [taken_by(each.order_state, facts) for each in gone if each.order_state]
    state = opening_state(roll_back_order(facts, taken, mode))
    write_state(order, state)
    order.updated_at = now
    order.save()
    return order_events(order, state, former, undone[0] if undone else None)


def _returned_before(order: Order) -> Sequence[Redemption]:
    """Return what returns rolled back while the order stayed as it was."""
    if not order.has_returns:
        return ()
    rows = order.redemptions.filter(
        status=Status.ROLLED_BACK,
        rollbacks__result=Result.SUCCESS,
        rollbacks__rollback_order_mode=WITHOUT_ORDER,
    )
    return list(rows.exclude(voucher=None, promotion_tier=None).order_by("pk"))


def record_rollbacks(
    families: Sequence[Family],
    *,
    request: RollbackRequest,
    mode: str,
    kept: dict[str, Any] | None,
    now: datetime,
) -> list[tuple[Redemption | None, list[Redemption]]]:
    """Mark the families as rolled back and store their rollbacks.

    Returns for each its parent rollback, None for a single one, and the rollbacks of
    its parts; ``kept`` is the order that they show.
    """
    rows = [row.pk for family in families for row in family.rows]
    Redemption.objects.filter(pk__in=rows).update(status=Status.ROLLED_BACK)
    done, stored = [], []
    for family in families:
        parent = None
        if family.is_stack:
            parent = rollback_of(family.head, request, mode, now)
            stored.append(parent)
        parts = [rollback_of(row, request, mode, now) for row in family.parts]
        for part in parts:
            part.parent = parent
        stored += parts
        done.append((parent, parts))
    for rollback in stored:
        rollback.order_state = kept
    Redemption.objects.bulk_create(stored)
    return done


def rollback_of(
    row: Redemption, request: RollbackRequest, mode: str, now: datetime
) -> Redemption:
    """Return the unstored rollback of ``row``: of what returns have left of it."""
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
        applied_amount=-row.left_amount,
        card_amount=None if row.card_amount is None else -row.left_card_amount,
        reward=row.reward,
        reason=request.reason,
        rollback_order_mode=mode,
        channel_id=channel_id(),
    )
    if rollback.related_object_type == "redemption":
        rollback.related_object_id = rollback.shown_id
    return rollback


def rollback_events(rows: Iterable[Redemption]) -> list[Event]:
    """Return what succeeded rollbacks are told as."""
    return redemption_events("redemption.rollback.succeeded", rows)

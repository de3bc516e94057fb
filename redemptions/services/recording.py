"""Writing down what was decided: claims first, then order, redemptions and events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from promo.outbox.events import WRITER, Event, rows_of
from promo.row_writer import RowWriter
from promo.sql_pipeline import execute_last
from promo.tenancy.models import Project
from redemptions.engine.claims import Claim, CounterClaim, QuantityClaim, TierClaim
from redemptions.engine.decision import Decision, Entry
from redemptions.engine.explanation import entry_as_trace, trace_of
from redemptions.engine.facts import Redeemable
from redemptions.engine.order_rendering import order_as_json, stored_order_as_json
from redemptions.models import LedgerEntry, Order, Redemption
from redemptions.models.redemption import Kind, Result, Status
from redemptions.services.claims import TierUse, Uses, claim
from redemptions.services.delivery import Delivered, as_kept, deliver
from redemptions.services.facts import Loaded
from redemptions.services.failures import channel_id
from redemptions.services.ledger import (
    LEDGER_WRITER,
    accrual_of,
    made_by,
    told_of,
)
from redemptions.services.orders import (
    ORDER_WRITER,
    Former,
    changed_order,
    insert_order,
    order_events,
)
from redemptions.services.requests import CheckoutRequest
from redemptions.services.rewards import redeemed_reward
from redemptions.services.sessions import freeing
from redemptions.services.telling import redemption_events
from redemptions.services.voucher_uses import VoucherUse
from redemptions.wire.redemption import order_redemptions

Json = dict[str, Any]

_REDEMPTIONS = RowWriter(Redemption)
# Foreign keys between them are checked at the commit.
_INSERT = f"""
WITH new_order AS ({ORDER_WRITER.sql}), new_redemptions AS ({_REDEMPTIONS.sql}),
     new_entries AS ({LEDGER_WRITER.sql})
{WRITER.sql}
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A redemption that succeeded: its rows, and the order as it is kept."""

    decision: Decision
    rows: Sequence[Redemption]
    parent: Redemption | None
    order: Json | None


def record(
    *,
    project: Project,
    request: CheckoutRequest,
    decision: Decision,
    loaded: Loaded,
    tracking_id: str | None,
    now: datetime,
) -> Recorded:
    """Claim and store everything that ``decision`` says, in the running transaction.

    Raises:
        ClaimLost: a limit was reached meanwhile; roll back and decide again.
        NotDelivered: a reward cannot be handed out; roll back.
    """
    former = Former.of(loaded.order)
    order = changed_order(project, request, decision, loaded, now)
    unnamed = _store_named(order, is_new=loaded.order is None)
    customer_id = loaded.customer.pk if loaded.customer else None
    shared = {
        **_shared(project, request, now),
        "customer": loaded.customer,
        "tracking_id": tracking_id or "",
        "order": order,
    }
    entries = decision.applicable
    kept = None
    if decision.order is not None:
        kept = stored_order_as_json(decision.order, customer_id)
    parent = _parent(shared, kept, decision) if len(entries) > 1 else None
    rows = [_row(shared, entry, loaded, parent, customer_id) for entry in entries]
    if parent is None:
        rows[0].order_state = kept
    _claim(project, decision, loaded, now)
    handed_out = _hand_out(project, rows, loaded, now)
    stored = [*([parent] if parent else []), *rows]
    # A row keeps the order without its redemptions; answer and events have them.
    as_stored = _REDEMPTIONS.rows(stored)
    if kept is not None and order is not None:
        earlier = _earlier(order) if loaded.order else []
        kept["redemptions"] = order_redemptions([*earlier, *stored])
    moved, of_cards = _movements(rows, handed_out)
    told = [*redemption_events("redemption.succeeded", rows), *of_cards]
    if order is not None and decision.order is not None:
        by = parent or rows[0]
        told = [*order_events(order, decision.order, former, by), *told]
    _insert(unnamed, as_stored, moved, rows_of(project, told, now=now))
    return Recorded(decision, rows, parent, kept)


def _shared(project: Project, request: CheckoutRequest, now: datetime) -> Json:
    """Return what every row of a request has from the request itself."""
    return {
        "project": project,
        "object": Kind.REDEMPTION,
        "result": Result.SUCCESS,
        "status": Status.SUCCEEDED,
        "created_at": now,
        "metadata": request.metadata,
        "channel_id": channel_id(),
        "session_key": request.session.key if request.session else "",
    }


def _store_named(order: Order | None, *, is_new: bool) -> list[Order]:
    """Store an order that others may name; return one that nobody knows of yet.

    Raises:
        SourceIdTaken: the order is not new any more; start over.
    """
    if order is None:
        return []
    if not is_new:
        order.save(force_update=True)
        return []
    if order.source_id is None:
        return [order]
    insert_order(order)
    return []


def _insert(
    orders: Sequence[Order],
    redemptions: str,
    entries: Sequence[LedgerEntry],
    told: Sequence[Json],
) -> None:
    """Store what nobody waits for with one statement; the vouchers are held.

    It is the last one: who decides and records does nothing after it.
    """
    rows = [ORDER_WRITER.rows(orders), redemptions, LEDGER_WRITER.rows(entries)]
    execute_last(_INSERT, [*rows, WRITER.values(told)])


def _parent(shared: Json, kept: Json | None, decision: Decision) -> Redemption:
    taken = sum(entry.taken.amount for entry in decision.applicable)
    parent = Redemption(
        **shared,
        related_object_type="redemption",
        order_state=kept,
        applied_amount=taken,
        trace=trace_of(decision),
    )
    parent.related_object_id = parent.shown_id
    return parent


def _row(
    shared: Json,
    entry: Entry,
    loaded: Loaded,
    parent: Redemption | None,
    customer_id: str | None,
) -> Redemption:
    redeemable = entry.redeemable
    voucher = loaded.found.vouchers.get(redeemable.ref)
    tier = loaded.found.tiers.get(redeemable.ref)
    if redeemable.object != "voucher":
        voucher = None
    else:
        tier = None
    thing = voucher or tier
    order_state = None
    if parent is not None and entry.order is not None:
        order_state = order_as_json(entry.order)
        order_state["customer_id"] = customer_id
    return Redemption(
        **shared,
        related_object_type=redeemable.object,
        related_object_id=redeemable.id or "",
        voucher=voucher,
        voucher_code=voucher.code if voucher else "",
        promotion_tier=tier,
        campaign=thing.campaign if thing else None,
        parent=parent,
        order_state=order_state,
        applied_amount=entry.taken.amount,
        card_amount=entry.spent.amount if entry.spent else None,
        reward=_reward(redeemable, loaded),
        claims=_counted(entry),
        trace=entry_as_trace(entry),
    )


def _reward(redeemable: Redeemable, loaded: Loaded) -> Json | None:
    """Return the reward that the redeemable's points buy, as it is kept."""
    card, campaign = redeemable.loyalty, redeemable.campaign
    if card is None or card.reward is None or campaign is None:
        return None
    return redeemed_reward(loaded.found.rewards[campaign.id, card.reward.id])


def _hand_out(
    project: Project, rows: Sequence[Redemption], loaded: Loaded, now: datetime
) -> list[tuple[Redemption, Delivered]]:
    """Hand out the rewards of campaigns, kept with the rows that buy them.

    Returns those of them that put something on a card.
    """
    credited = []
    for row in rows:
        if row.reward is None or loaded.customer is None:
            continue
        offered = loaded.found.rewards[str(row.campaign_id), row.reward["id"]]
        delivered = deliver(project, offered.reward, loaded.customer, now)
        if delivered is not None:
            row.reward["voucher"] = as_kept(delivered)
        if delivered is not None and delivered.amount:
            credited.append((row, delivered))
    return credited


def _movements(
    rows: Sequence[Redemption], handed_out: Sequence[tuple[Redemption, Delivered]]
) -> tuple[list[LedgerEntry], list[Event]]:
    """Return the unstored entries of what was spent and got, and their events."""
    spent, told = made_by(rows)
    accrued = [
        (row, accrual_of(row, each.voucher, each.amount)) for row, each in handed_out
    ]
    return [*spent, *(entry for _, entry in accrued)], [*told, *told_of(accrued)]


def _counted(entry: Entry) -> dict[str, dict[str, int]]:
    """Return what a redemption counts towards, by subject and bucket."""
    counted: dict[str, dict[str, int]] = {}
    for one in entry.claims:
        if isinstance(one, CounterClaim):
            counted.setdefault(one.subject_id, {})[one.bucket] = one.amount
    return counted


def _claim(project: Project, decision: Decision, loaded: Loaded, now: datetime) -> None:
    claims = decision.claims
    taken = {entry.redeemable.id: entry for entry in decision.applicable}
    vouchers, locks = freeing(project, _vouchers(claims), loaded.found.locks)
    uses = Uses(
        counters=[one for one in claims if isinstance(one, CounterClaim)],
        missing=loaded.facts.uncounted,
        tiers=[
            TierUse(one.tier_id, *_sums(taken[one.tier_id]))
            for one in claims
            if isinstance(one, TierClaim)
        ],
        rewards=[
            card.reward.id
            for entry in decision.applicable
            if (card := entry.redeemable.loyalty) and card.reward
        ],
        vouchers=vouchers,
        locks=locks,
    )
    moved = claim(project, uses, now)
    for tier in loaded.found.tiers.values():
        tier.redeemed_quantity = moved.tiers.get(tier.pk, tier.redeemed_quantity)
    for voucher in loaded.found.vouchers.values():
        if voucher.pk in moved.vouchers:
            moved.vouchers[voucher.pk].put_on(voucher, now)


def _vouchers(claims: Sequence[Claim]) -> list[VoucherUse]:
    return [
        VoucherUse(one.voucher_id, one.amount, one.times)
        for one in claims
        if isinstance(one, QuantityClaim)
    ]


def _sums(entry: Entry) -> tuple[int, int]:
    """Return the order's value and what the tier took off it."""
    return (entry.order.amount or 0) if entry.order else 0, entry.taken.amount


def _earlier(order: Order) -> Sequence[Redemption]:
    rows = order.redemptions.select_related("campaign").order_by("created_at", "pk")
    return list(rows)

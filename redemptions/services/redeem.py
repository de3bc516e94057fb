"""Redemption: one transaction that decides, claims and records, or nothing at all."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from customers.models import Customer
from customers.services.upsert import CustomerDraft, upsert_along
from promo.errors import PromoError
from promo.ids import new_id
from promo.metrics.counts import count_decision
from promo.tenancy.models import Project
from redemptions.engine.decide import decide
from redemptions.engine.decision import Decision, Entry
from redemptions.engine.facts import Facts
from redemptions.engine.order import with_ids
from redemptions.models import Order
from redemptions.services.delivery import NotDelivered
from redemptions.services.described_items import store_described_items
from redemptions.services.facts import Loaded, load_facts
from redemptions.services.failures import record_failure
from redemptions.services.first_reads import FirstReads, read_first
from redemptions.services.metadata import check_order, check_redemption, check_sent
from redemptions.services.order_facts import (
    check_takes_discounts,
    find_order,
    items_to_use,
    with_line_ids,
)
from redemptions.services.orders import SourceIdTaken
from redemptions.services.people import draft_of, find_customer, tracking_id_of
from redemptions.services.recording import Recorded, record
from redemptions.services.requests import CheckoutRequest
from redemptions.services.validate import check_redeemables
from redemptions.services.voucher_uses import TRIES, ClaimLost, multiple_requests


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """The decision refuses, or what it says cannot be handed out.

    The transaction around it is rolled back.
    """

    decision: Decision
    loaded: Loaded
    tracking_id: str | None
    undelivered: NotDelivered | None = None


def redeem(*, project: Project, request: CheckoutRequest, now: datetime) -> Recorded:
    """Use up the redeemables of ``request``.

    1. Lock the order, store the customer and what lines say of the catalogue, read
       the facts, decide.
    2. Claim counters, tiers and vouchers, each held against its limit.
    3. Record redemptions, order and events; all commit together or not at all.
    4. When a claim is lost to another checkout, or the same new order was stored by
       one, start over with what is true now.

    Raises:
        Rejected: a redeemable cannot be used; nothing has moved, the failed attempt
            is on record.
        BadRequest: the request as a whole cannot be served; no record.
        MetadataRefused: a schema of the project forbids metadata; no record.
        ResourceNotFound: an id names nobody.
    """
    check_sent(project, request)
    check_redemption(project, request)
    check_redeemables(project, request)
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                recorded = _attempt(project, request, now)
        except (ClaimLost, SourceIdTaken):
            continue
        except Refused as refused:
            refusal = _on_record(project, request, refused, now)
            count_decision(operation="redemption", reason=refusal.key)
            raise refusal from None
        count_decision(operation="redemption", reason="")
        return recorded
    raise multiple_requests("Others redeem the same; try again")


def _attempt(project: Project, request: CheckoutRequest, now: datetime) -> Recorded:
    order = find_order(project, request.order, lock=True)
    check_takes_discounts(order)
    draft = draft_of(request.customer, request.tracking_id)
    first = read_first(project, request, draft, order)
    customer = _stored_customer(project, draft, order, first, now)
    if request.order is not None and store_described_items(
        project, items_to_use(request.order, order), now
    ):
        first = replace(first, items=None)
    loaded = load_facts(
        project,
        request,
        draft=draft,
        customer=customer,
        order=order,
        first=first,
        now=now,
    )
    check_order(project, request.order, order, loaded.facts.order)
    loaded = replace(loaded, facts=_to_be_stored(loaded.facts, request, now))
    decision = decide(loaded.facts)
    tracking_id = tracking_id_of(request, loaded.customer, draft)
    if not decision.valid:
        raise Refused(decision, loaded, tracking_id)
    try:
        return record(
            project=project,
            request=request,
            decision=_with_ids_of_added_lines(decision),
            loaded=loaded,
            tracking_id=tracking_id,
            now=now,
        )
    except NotDelivered as undelivered:
        raise Refused(decision, loaded, tracking_id, undelivered) from None


def _stored_customer(
    project: Project,
    draft: CustomerDraft,
    order: Order | None,
    first: FirstReads,
    now: datetime,
) -> Customer | None:
    if draft.reference:
        people = upsert_along(project, [draft], now, read=first.customers)
        return people[draft.reference]
    return find_customer(project, draft, order)


def _to_be_stored(facts: Facts, request: CheckoutRequest, now: datetime) -> Facts:
    """Give the order its ids and its status, so that every answer shows the same.

    The status is the one sent; else a new order and one that was only created is
    paid now.
    """
    order = facts.order
    if order is None or request.order is None:
        return facts
    open_still = request.order.get("status") is None and order.status == "CREATED"
    order = replace(
        with_line_ids(order),
        id=order.id or new_id("ord_"),
        created_at=order.created_at or now,
        status="PAID" if open_still else order.status or "PAID",
    )
    return replace(facts, order=order)


def _with_ids_of_added_lines(decision: Decision) -> Decision:
    """Give lines that discounts added an id, the same in every order shown."""
    if decision.order is None:
        return decision
    added = {
        position: new_id("ordli_")
        for position, line in enumerate(decision.order.lines)
        if line.line.id is None
    }
    entries = tuple(
        replace(entry, order=with_ids(entry.order, added)) if entry.order else entry
        for entry in decision.entries
    )
    return replace(decision, order=with_ids(decision.order, added), entries=entries)


def _on_record(
    project: Project, request: CheckoutRequest, refused: Refused, now: datetime
) -> PromoError:
    """Store the failed attempt; return the refusal, naming the record."""
    refusal, entry = _refusal_of(refused)
    row = record_failure(
        project=project,
        request=request,
        decision=refused.decision,
        entry=entry,
        loaded=refused.loaded,
        tracking_id=refused.tracking_id,
        refusal=refusal,
        now=now,
    )
    refusal.resource_id = row.shown_id
    refusal.resource_type = "redemption"
    return refusal


def _refusal_of(refused: Refused) -> tuple[PromoError, Entry | None]:
    """Return why a request is refused, and the redeemable that it fails by."""
    undelivered, decision = refused.undelivered, refused.decision
    if undelivered is not None:
        buying = (
            entry
            for entry in decision.applicable
            if (card := entry.redeemable.loyalty)
            and card.reward_id == undelivered.reward_id
        )
        return undelivered.refusal, next(buying, None)
    try:
        decision.raise_if_rejected()
    except PromoError as refusal:
        return refusal, decision.failed_entry
    msg = "a decision that is not valid must say why"
    raise AssertionError(msg)

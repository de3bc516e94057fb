"""Validation: what redeeming would do, and why not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from promo import request_context
from promo.errors import BadRequest, InvalidPayload
from promo.metrics.counts import count_decision
from promo.tenancy.models import Project
from redemptions.engine.claims import QuantityClaim
from redemptions.engine.decide import decide
from redemptions.engine.decision import Decision
from redemptions.engine.explanation import trace_of
from redemptions.engine.sessions import Session
from redemptions.engine.wire import outcome_as_json
from redemptions.services.claims import Uses
from redemptions.services.claims import claim as claim_uses
from redemptions.services.facts import Loaded, check_distinct, load_facts
from redemptions.services.first_reads import read_first
from redemptions.services.metadata import check_sent
from redemptions.services.order_facts import check_takes_discounts, find_order
from redemptions.services.people import draft_of, find_customer, tracking_id_of
from redemptions.services.requests import CheckoutRequest
from redemptions.services.sessions import holding
from redemptions.services.voucher_uses import TRIES, ClaimLost, multiple_requests


@dataclass(frozen=True, slots=True)
class Validation:
    """A decision beside what was loaded for it; locks alone have been written."""

    decision: Decision
    loaded: Loaded
    tracking_id: str | None


def validate(
    *, project: Project, request: CheckoutRequest, now: datetime
) -> Validation:
    """Decide what redeeming ``request`` would do.

    Nothing is written, unless it opens a session: what a valid request uses is then
    locked for it. When a lock is lost to somebody else, decide again with what is
    true now.

    Raises:
        BadRequest: duplicated redeemables, too many, or two identities;
            ``multiple_requests``.
        MetadataRefused: a schema of the project forbids metadata.
        ResourceNotFound: the customer's or the order's id names nobody.
    """
    check_sent(project, request)
    check_redeemables(project, request)
    for _ in range(TRIES):
        try:
            found = _decided(project, request, now)
            if found.decision.valid and request.session and request.session.opens:
                _lock(project, request.session, found, now)
        except ClaimLost:
            continue
        count_decision(operation="validation", reason=found.decision.reason)
        return found
    raise multiple_requests("Others lock the same; try again")


def _decided(project: Project, request: CheckoutRequest, now: datetime) -> Validation:
    draft = draft_of(request.customer, request.tracking_id)
    order = find_order(project, request.order)
    check_takes_discounts(order)
    first = read_first(project, request, draft, order)
    customer = find_customer(project, draft, order, read=first.customers)
    loaded = load_facts(
        project,
        request,
        draft=draft,
        customer=customer,
        order=order,
        first=first,
        now=now,
    )
    tracking_id = tracking_id_of(request, loaded.customer, draft)
    return Validation(decide(loaded.facts), loaded, tracking_id)


@transaction.atomic
def _lock(project: Project, session: Session, found: Validation, now: datetime) -> None:
    """Let the session hold a use of each voucher that applies, and what it spends.

    Raises:
        ClaimLost: somebody else took the last of it.
    """
    amounts = {
        claim.voucher_id: claim.amount
        for claim in found.decision.claims
        if isinstance(claim, QuantityClaim)
    }
    locks = found.loaded.found.locks
    vouchers, changes = holding(project, session, amounts, locks, now)
    claim_uses(project, Uses(vouchers=vouchers, locks=changes), now)


def check_redeemables(project: Project, request: CheckoutRequest) -> None:
    """Refuse lists that no stacking setting admits.

    Raises:
        InvalidPayload: none at all.
        BadRequest: ``duplicated_redeemables`` or ``invalid_redeemables``.

    Source: engine specification, "Request level".
    """
    refs = request.redeemables
    if not refs:
        details = "Property .redeemables must NOT have fewer than 1 items"
        raise InvalidPayload(details)
    check_distinct(refs)
    if len(refs) > 1 and any(ref.object == "promotion_stack" for ref in refs):
        raise _invalid("Promotion Stack cannot be use with other redeemables")
    limit = project.stacking["redeemables_limit"]
    if len(refs) > limit:
        raise _invalid(f"At most {limit} redeemables can be used together")


def _invalid(details: str) -> BadRequest:
    return BadRequest("invalid_redeemables", "Invalid redeemables", details)


def validation_as_json(
    validation: Validation, request: CheckoutRequest, *, explain: bool
) -> dict[str, Any]:
    """Return the answer to a validation; ``explain`` adds every check made."""
    answer = outcome_as_json(
        validation.decision,
        request_id=request_context.current().request_id,
        expand=request.expand,
    )
    answer["id"] = request_context.new_request_id("valid_")
    if validation.tracking_id:
        answer["tracking_id"] = validation.tracking_id
    session = request.session
    if session and session.opens and validation.decision.valid:
        answer["session"] = session.as_json()
    if explain:
        answer["explain"] = trace_of(validation.decision)
    return answer

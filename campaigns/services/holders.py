"""Who holds which code: kept by publications, referees added by hand.

Source: campaigns specification, "Referral programs", "Publications".
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from campaigns import events
from campaigns.models import Holder, HolderRole, Publication, Voucher
from campaigns.services.voucher import lock_voucher
from campaigns.wire import simple_campaign, simple_voucher
from campaigns.wire.holder import role_by_publication, told_holder
from customers.models import Customer
from customers.services.rendering import simple_customer
from customers.services.upsert import CustomerDraft, upsert_along
from promo.errors import BadRequest, Conflict, Duplicate
from promo.metadata_schemas.known import changed_metadata
from promo.outbox.events import Event, emit

RESOURCE = "redeemable_holder"
MOST_HOLDERS = 100


def keep_holders(
    row: Publication, customer: Customer, vouchers: Iterable[Voucher]
) -> None:
    """Record that ``customer`` has the codes of a publication; known ones stay."""
    Holder.objects.bulk_create(
        [
            Holder(
                project=row.project,
                voucher=voucher,
                customer=customer,
                role=role_by_publication(voucher),
                publication=row,
                metadata=row.metadata,
                created_at=row.created_at,
            )
            for voucher in vouchers
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def add_referees(
    voucher: Voucher,
    *,
    drafts: Sequence[CustomerDraft],
    metadata: Mapping[str, Any],
    now: datetime,
) -> list[Holder]:
    """Give a referral code to people who are referred with it: all or nobody.

    It is no conversion.

    Raises:
        ResourceNotFound: the code is deleted meanwhile, or an id names nobody.
        MetadataRefused: a schema of the project forbids metadata.
        InvalidPayload: a field of a customer is too long.
        BadRequest: ``not_published``; nobody refers with the code.
        Duplicate: two of ``drafts`` name the same customer.
        Conflict: ``holder_assignement_duplication``.
    """
    project = voucher.project
    kept = changed_metadata(project, "publication", {}, metadata)
    people = _people(voucher, drafts, now)
    held = lock_voucher(voucher)
    if held.holder_id is None:
        raise BadRequest(
            "not_published",
            "Voucher is not published",
            "Referral code must be first published to Referrer before assigning it "
            "to Referee",
        )
    made = [
        Holder(
            project=project,
            voucher=held,
            customer=customer,
            role=HolderRole.REFEREE,
            metadata=kept,
            created_at=now,
        )
        for customer in people
    ]
    try:
        Holder.objects.bulk_create(made)
    except IntegrityError as known:
        message = "Customer is already assigned to given redeemable"
        raise Conflict("holder_assignement_duplication", message) from known
    told = [told_of(holder, events.holder_assigned) for holder in made]
    emit(project, told, now=now)
    return made


def _people(
    voucher: Voucher, drafts: Sequence[CustomerDraft], now: datetime
) -> list[Customer]:
    """Return the named customers, stored, in the order in which they are named."""
    found = upsert_along(voucher.project, drafts, now)
    people: dict[str, Customer] = {}
    seen: set[str] = set()
    for draft in drafts:
        customer = found[draft.reference]
        if customer.pk in people or draft.reference in seen:
            raise Duplicate("customer", draft.reference)
        people[customer.pk] = customer
        seen.add(draft.reference)
    return list(people.values())


def told_of(holder: Holder, kind: Any) -> Event:
    """Return the event that tells of a holder whose related rows are loaded."""
    voucher = holder.voucher
    event: Event = kind(
        told_holder(holder),
        voucher=simple_voucher(voucher),
        campaign=simple_campaign(voucher.campaign) if voucher.campaign else None,
        customer=simple_customer(holder.customer),
    )
    return event

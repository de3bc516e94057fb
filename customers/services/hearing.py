"""Whom an event is about, beside the customer in whose feed it stands."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from customers.models import Customer
from promo.outbox.models import DomainEvent


def hold_people(events: Sequence[DomainEvent], *, now: datetime) -> None:
    """Hold everybody whom events are about, in key order, for all who hear them.

    Each of these would hold some for itself; one after the other they could then wait
    for somebody who waits for them.
    """
    people = {person for event in events for person in people_of(event)}
    if people:
        rows = Customer.objects.filter(pk__in=sorted(people)).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))


def people_of(event: DomainEvent) -> Iterator[str]:
    """Return the customer, the holder of a card and who refers with a code.

    An id may come more than once.
    """
    if event.customer_id:
        yield event.customer_id
    data = event.data
    holder = data.get("holder") or {}
    # A record of who holds a code names its customer by another key.
    if holder.get("object") == "customer":
        yield str(holder["id"])
    referrer = data.get("referrer") or {}
    if referrer.get("object") == "customer":
        yield str(referrer["id"])
    voucher = data.get("voucher") or {}
    if voucher.get("is_referral_code") and voucher.get("holder_id"):
        yield str(voucher["holder_id"])

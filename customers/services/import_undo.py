"""Taking back customers that an import has made."""

from collections.abc import Sequence
from datetime import datetime

from customers import events
from customers.models import Customer, SegmentMember
from customers.services.rendering import full_customer
from promo.outbox.events import emit
from promo.references import is_referred_to
from promo.tenancy.models import Project

#: What Promo itself keeps of a customer, and goes with one.
_OUR_OWN = {SegmentMember._meta.label}


def undo_customers(
    project: Project, ids: Sequence[str], *, now: datetime
) -> dict[str, tuple[str, str]]:
    """Delete customers that nothing has happened to; return who stays, and why.

    By id: what the customer is called, and the reason. They are held first: whoever is
    about to use one waits, and then finds nobody.
    """
    rows = Customer.objects.filter(project=project, pk__in=ids).order_by("pk")
    held = list(rows.select_for_update(of=("self",)))
    used = Customer.objects.filter(is_referred_to(Customer, without=_OUR_OWN))
    in_use = set(used.filter(pk__in=ids).values_list("pk", flat=True))
    reasons = {one.pk: (one.source_id or one.pk, _why(one, in_use)) for one in held}
    gone = [one for one in held if not reasons[one.pk][1] and one.deleted_at is None]
    for one in gone:
        one.project, one.deleted_at = project, now
    SegmentMember.objects.filter(customer__in=gone).delete()
    emit(
        project, [events.customer_deleted(full_customer(one)) for one in gone], now=now
    )
    keys = [one.pk for one in gone]
    Customer.objects.filter(pk__in=keys).update(deleted_at=now)
    return {pk: told for pk, told in reasons.items() if told[1]}


def _why(one: Customer, in_use: set[str]) -> str:
    """Return why a customer stays; empty for who can go, or has gone."""
    if one.deleted_at is not None:
        return ""
    if one.pk in in_use:
        return "Codes, orders, redemptions or events refer to the customer"
    return "Changed since the import" if one.updated_at is not None else ""

"""Finding attempts by what people type: an id, a code, an order or a customer."""

from typing import Any

from django.db.models import Q, QuerySet

from campaigns.models.voucher import code_key
from promo.tenancy.models import Project
from redemptions.models import Redemption

# A search that finds more than this many codes, orders or customers shows the rows
# of the first ones: typing more narrows it.
_FOUND = 200


def about(project: Project, term: str) -> Q:
    """Return the condition that an attempt is about an id, code, order or customer.

    Ids, order and e-mail address are whole, a code may be its start. Each kind is
    looked up by its own index first, so that the log is never read as a whole.
    """
    by_id = Redemption.objects.by_reference(term).values_list("pk", flat=True)
    vouchers = project.vouchers.filter(code_key__startswith=code_key(project, term))
    orders = project.orders.alive().by_reference(term)
    people = project.customers.called(term)
    return (
        Q(pk__in=list(by_id))
        | Q(voucher__in=_keys(vouchers))
        | Q(order__in=_keys(orders))
        | Q(customer__in=_keys(people))
    )


def _keys(rows: QuerySet[Any]) -> list[str]:
    return list(rows.order_by().values_list("pk", flat=True)[:_FOUND])

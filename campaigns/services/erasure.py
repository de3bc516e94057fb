"""Forgetting a person in what was given out: codes stay, their holder does not."""

from datetime import datetime

from campaigns.models import Holder, Publication, Voucher
from customers.models import Customer


def release_codes(customer: Customer) -> None:
    """Leave the codes of a customer without a holder; they keep their history.

    They are held in key order first, as baskets take them.

    Source: loyalty specification, "Daily job, rollback, errors".
    """
    mine = Voucher.objects.filter(holder=customer).order_by("pk")
    held = list(mine.select_for_update(no_key=True).values_list("pk", flat=True))
    Voucher.objects.filter(pk__in=held).update(holder=None)
    Holder.objects.filter(customer=customer).delete()


def forget_customer(customer: Customer, *, now: datetime) -> dict[str, int]:
    """Release the codes and blank the publications, which stay without a name.

    Source: data specification, "Delete and erase".
    """
    release_codes(customer)
    given = Publication.objects.filter(customer=customer)
    given.update(metadata={}, source_id=None, failure_message="")
    return {}

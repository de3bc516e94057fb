"""Taking referral codes away from those who were given them to be referred.

Source: campaigns specification, "Holders API".
"""

from datetime import datetime

from django.db import transaction

from campaigns import events
from campaigns.models import Holder, HolderRole, Voucher
from campaigns.services.holders import RESOURCE, told_of
from campaigns.services.voucher import lock_voucher
from promo.errors import Forbidden, ResourceNotFound
from promo.outbox.events import emit
from redemptions.models import Redemption


@transaction.atomic
def remove_referee(voucher: Voucher, reference: str, *, now: datetime) -> None:
    """Take a referral code from a referee who has not used it.

    The code is held: who redeems it at the same time waits, or has converted.

    Raises:
        ResourceNotFound: the code is deleted meanwhile, or nobody has this record.
        Forbidden: the record is the referrer's, or its referee has converted.
    """
    held = lock_voucher(voucher)
    rows = Holder.objects.alive().filter(voucher=held).by_reference(reference)
    holder = rows.with_related().first()
    if holder is None:
        raise ResourceNotFound(RESOURCE, reference)
    if holder.role != HolderRole.REFEREE:
        raise _kept("You can not remove Referrer assignment")
    used = Redemption.objects.standing().filter(
        voucher=held, customer=holder.customer_id
    )
    if used.exists():
        raise _kept("You can not remove Referee assignment after its use")
    told = told_of(holder, events.holder_unassigned)
    holder.delete()
    emit(voucher.project, [told], now=now)


def _kept(details: str) -> Forbidden:
    return Forbidden(details, message="Can not remove assignment")

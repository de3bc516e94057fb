"""Who was referred: the first use of somebody's referral code that stands.

Source: campaigns specification, "Referral programs".
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.engine.referrals import CUSTOM_EVENT
from campaigns.wire import simple_campaign, simple_voucher
from customers.services.rendering import simple_customer
from promo import ids
from promo.outbox.events import Event, emit
from promo.outbox.models import DomainEvent
from redemptions import events
from redemptions.models import Redemption
from redemptions.wire.redemption import redemption_as_json

_HEARD = "customer.redemption.succeeded"


def hear_events(told: Sequence[DomainEvent], *, now: datetime) -> None:
    """Tell of conversions among the redemptions in ``told``, in the relay's work.

    One statement, and one a project that has any. A code converts somebody once, by
    the oldest redemption that stands; one that has been rolled back meanwhile does not.
    """
    named = [
        ids.parse("r_", event.entity_id)
        for event in told
        if event.type == _HEARD
        and (event.data.get("voucher") or {}).get("is_referral_code")
    ]
    if not named:
        return
    converting: dict[str, list[Redemption]] = {}
    for row in _conversions().filter(pk__in=named).order_by("pk"):
        converting.setdefault(row.project_id, []).append(row)
    for rows in converting.values():
        emit(rows[0].project, [_referred(row) for row in rows], now=now)


def _conversions() -> QuerySet[Redemption]:
    """Return standing redemptions of referral codes that no older one goes before."""
    older = Redemption.objects.standing().filter(
        Q(created_at__lt=OuterRef("created_at"))
        | Q(created_at=OuterRef("created_at"), pk__lt=OuterRef("pk")),
        voucher=OuterRef("voucher"),
        customer=OuterRef("customer"),
    )
    rows = (
        Redemption.objects.standing()
        .filter(
            ~Exists(older),
            customer__isnull=False,
            voucher__is_referral_code=True,
            voucher__holder__isnull=False,
        )
        .exclude(
            voucher__campaign__referral_program__conversion_event_type=CUSTOM_EVENT
        )
    )
    return rows.with_related().select_related("voucher__holder", "project")


def _referred(row: Redemption) -> Event:
    voucher = row.voucher
    if row.customer is None or voucher is None or voucher.holder is None:
        msg = "a conversion has a referee and a referrer"
        raise AssertionError(msg)
    return events.customer_referred(
        simple_customer(row.customer),
        referrer=simple_customer(voucher.holder),
        campaign=simple_campaign(voucher.campaign) if voucher.campaign else None,
        voucher=simple_voucher(voucher),
        redemption=redemption_as_json(row),
    )

"""Which codes a customer gets, taken so that nobody else gets the same one.

Source: campaigns specification, "Publications".
"""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from campaigns.models import Campaign, PoolType, Voucher
from campaigns.services.voucher import add_voucher
from customers.models import Customer
from promo import durations
from promo.errors import BadRequest, PromoError


class _TooFew(Exception):
    """Fewer codes are free than are asked for."""


def take_from_campaign(
    campaign: Campaign, customer: Customer, count: int, now: datetime
) -> list[Voucher]:
    """Return ``count`` codes nobody has been given, the oldest first.

    1. Take what nobody holds; codes that another request is giving away are passed
       over.
    2. Where that is too little, a campaign of type AUTO_UPDATE makes what is missing.
       Any other campaign lets go again and waits for who holds the last codes: they
       may come back.

    Raises:
        BadRequest: ``no_voucher_suitable_for_publication``.
    """
    free = _free(campaign, customer, now)
    if campaign.type != PoolType.AUTO_UPDATE:
        return _taken_at_once(free, count) or _taken_in_turn(free, count)
    found = _held_by_nobody(free, count)
    missing = count - len(found)
    try:
        found += [add_voucher(campaign, now=now) for _ in range(missing)]
    except PromoError as full:
        message = "Couldn't create new vouchers for publication"
        raise _none_left(message) from full
    return found


def _taken_at_once(free: QuerySet[Voucher], count: int) -> list[Voucher]:
    """Return ``count`` codes that nobody holds, else none, and none held."""
    with suppress(_TooFew), transaction.atomic():
        found = _held_by_nobody(free, count)
        if len(found) < count:
            # Who waits in turn must not keep a code that others wait for.
            raise _TooFew
        return found
    return []


def _taken_in_turn(free: QuerySet[Voucher], count: int) -> list[Voucher]:
    """Return ``count`` codes, waiting for who holds them, in the order of all locks."""
    found = list(free.select_for_update(of=("self",)).order_by("pk")[:count])
    if len(found) < count:
        raise _none_left("Couldn't find any voucher suitable for publication")
    return found


def _held_by_nobody(free: QuerySet[Voucher], count: int) -> list[Voucher]:
    held = free.select_for_update(skip_locked=True, of=("self",))
    return list(held.order_by("created_at", "pk")[:count])


def take_voucher(voucher: Voucher, customer: Customer, now: datetime) -> Voucher:
    """Return the code, held, unless it is somebody else's.

    Raises:
        BadRequest: ``voucher_already_published``, or
            ``no_voucher_suitable_for_publication`` where it is disabled, expired or
            deleted meanwhile.
    """
    rows = Voucher.objects.alive().filter(pk=voucher.pk)
    held = _related(rows).select_for_update(of=("self",)).first()
    if held is not None and held.holder_id not in {None, customer.pk}:
        raise BadRequest(
            "voucher_already_published",
            "Voucher already published",
            f"Voucher '{held.pk}' has already been published",
        )
    if held is None or not held.active or _is_over(held, now):
        raise _none_left("Couldn't find any voucher suitable for publication")
    return held


def give(voucher: Voucher, customer: Customer, now: datetime) -> None:
    """Make ``customer`` the holder of a code that the caller holds locked.

    The first publication starts the time that the campaign grants its codes.
    """
    changed = {"holder_id": customer.pk, "updated_at": now}
    campaign = voucher.campaign
    if campaign is not None and not voucher.publications_count:
        changed |= _granted_time(campaign, voucher, now)
    rows = Voucher.objects.filter(pk=voucher.pk)
    rows.update(**changed, publications_count=F("publications_count") + 1)
    for name, value in changed.items():
        setattr(voucher, name, value)
    voucher.publications_count += 1


def _granted_time(
    campaign: Campaign, voucher: Voucher, now: datetime
) -> dict[str, object]:
    duration = durations.parse_duration(campaign.activity_duration_after_publishing)
    if duration is None:
        return {}
    try:
        end = durations.add(now, duration, campaign.project.zone)
    except OverflowError:
        return {}
    own = {*voucher.own_fields, "start_date", "expiration_date"}
    return {"start_date": now, "expiration_date": end, "own_fields": sorted(own)}


def _free(campaign: Campaign, customer: Customer, now: datetime) -> QuerySet[Voucher]:
    rows = campaign.vouchers.alive().filter(
        Q(expiration_date=None) | Q(expiration_date__gte=now), active=True
    )
    if campaign.type == PoolType.STANDALONE:
        rows = rows.filter(Q(holder=None) | Q(holder=customer))
    else:
        rows = rows.filter(holder=None, publications_count=0)
    return _related(rows)


def _related(rows: QuerySet[Voucher]) -> QuerySet[Voucher]:
    return rows.select_related("campaign__category", "category")


def _is_over(voucher: Voucher, now: datetime) -> bool:
    return voucher.expiration_date is not None and voucher.expiration_date < now


def _none_left(message: str) -> BadRequest:
    return BadRequest("no_voucher_suitable_for_publication", message)

"""Which codes a customer gets, taken so that nobody else gets the same one.

Source: campaigns specification, "Publications".
"""

from datetime import datetime

from django.db.models import F, Q, QuerySet

from campaigns.models import Campaign, PoolType, Voucher
from campaigns.services.voucher import add_voucher
from customers.models import Customer
from promo import durations
from promo.errors import BadRequest, PromoError


def take_from_campaign(
    campaign: Campaign, customer: Customer, count: int, now: datetime
) -> list[Voucher]:
    """Return ``count`` codes nobody has been given, the oldest first.

    Codes that another request is giving away are passed over. A campaign of type
    AUTO_UPDATE makes those that are missing.

    Raises:
        BadRequest: ``no_voucher_suitable_for_publication``.
    """
    free = _free(campaign, customer, now)
    held = free.select_for_update(skip_locked=True, of=("self",))
    found = list(held.order_by("created_at", "pk")[:count])
    missing = count - len(found)
    if missing and campaign.type != PoolType.AUTO_UPDATE:
        raise _none_left("Couldn't find any voucher suitable for publication")
    try:
        found += [add_voucher(campaign, now=now) for _ in range(missing)]
    except PromoError as full:
        message = "Couldn't create new vouchers for publication"
        raise _none_left(message) from full
    return found


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

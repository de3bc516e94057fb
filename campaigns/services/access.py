"""What restricted callers reach: campaigns assigned to places of theirs.

Who calls stands in the request's context; nobody is asked anything for a caller who
reaches everything.

Source: platform specification, "Areas and stores".
"""

from collections.abc import Callable, Collection
from operator import attrgetter
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from campaigns.models import BinEntry, CampaignAssignment
from promo import request_context
from promo.errors import Forbidden
from promo.tenancy.access_scope import Place, Places, covers, overlaps
from promo.tenancy.models import Project
from promo.tenancy.reach import Reach

M = TypeVar("M", bound=Model)


#: Where each kind of thing has its campaign. Others are everybody's.
_CAMPAIGN_OF = {
    "BinEntry": "campaign_id",
    "Campaign": "pk",
    "Holder": "voucher__campaign_id",
    "LedgerEntry": "campaign_id",
    "PromotionStack": "campaign_id",
    "PromotionTier": "campaign_id",
    "Publication": "campaign_id",
    "Redemption": "campaign_id",
    "RewardAssignment": "campaign_id",
    "Voucher": "campaign_id",
}


def within_reach(rows: QuerySet[M]) -> QuerySet[M]:
    """Return the rows whose campaigns the caller reaches.

    What belongs to no campaign is reached by unrestricted callers alone, but for
    products and SKUs in the bin.
    """
    places = request_context.current().places
    campaign = _CAMPAIGN_OF.get(rows.model.__name__)
    if places is None or campaign is None:
        return rows
    met = CampaignAssignment.objects.filter(_met(places), campaign=OuterRef(campaign))
    if rows.model is BinEntry:
        return rows.filter(Exists(met) | Q(product__isnull=False))
    return rows.filter(Exists(met))


def reached_campaigns(
    project: Project, campaign_ids: Collection[str]
) -> frozenset[str] | None:
    """Return which of the campaigns the caller reaches, in one statement.

    None, without any, for a caller who reaches everything.
    """
    places = request_context.current().places
    if places is None:
        return None
    met = CampaignAssignment.objects.filter(
        _met(places), campaign__in=campaign_ids, campaign__project=project
    )
    return frozenset(met.values_list("campaign_id", flat=True))


def check_campaigns(project: Project, campaign_ids: Collection[str | None]) -> None:
    """Refuse a caller who does not reach all of the campaigns; None is out of reach.

    Raises:
        Forbidden: naming the first.
    """
    reached = reached_campaigns(project, [one for one in campaign_ids if one])
    for one in campaign_ids:
        if reached is not None and one not in reached:
            raise out_of_reach(f"campaign with id {one}")


def campaigns_to_change(
    project: Project, campaign_ids: Collection[str]
) -> frozenset[str] | None:
    """Return which of the campaigns the caller may change, in one statement.

    None, without any, for a caller who reaches everything.
    """
    places = request_context.current().places
    if places is None:
        return None
    rows = CampaignAssignment.objects.filter(
        campaign__in=campaign_ids, campaign__project=project
    )
    where: dict[str, list[Place]] = {}
    for each in rows:
        where.setdefault(each.campaign_id, []).append(each.place)
    return frozenset(one for one, runs in where.items() if covers(places, runs))


def check_use(found: Model) -> None:
    """Refuse a caller who does not reach the campaign of ``found``.

    Raises:
        Forbidden: as it says.
    """
    _check(found, overlaps)


def check_change(found: Model) -> None:
    """Refuse a caller who is not everywhere that the campaign of ``found`` runs.

    Raises:
        Forbidden: as it says.
    """
    _check(found, covers)


def _check(found: Model, reaches: Callable[[Places, list[Place]], bool]) -> None:
    places = request_context.current().places
    campaign = _CAMPAIGN_OF.get(type(found).__name__)
    if places is None or campaign is None or _is_of_catalogue(found):
        return
    campaign_id = attrgetter(campaign.replace("__", "."))(found)
    rows = CampaignAssignment.objects.filter(campaign=campaign_id)
    if campaign_id is None or not reaches(places, [each.place for each in rows]):
        kind = type(found)._meta.verbose_name if campaign_id is None else "campaign"
        raise out_of_reach(f"{kind} with id {campaign_id or found.pk}")


def _is_of_catalogue(found: Model) -> bool:
    """Say whether this is a product or SKU in the bin: these are everybody's."""
    return isinstance(found, BinEntry) and found.product_id is not None


def out_of_reach(shown: str) -> Forbidden:
    """Return the refusal that names what cannot be reached."""
    return Forbidden(f"Resource {shown} is not accessible in given context")


def _met(places: Places) -> Q:
    """Return the assignments that one of ``places`` meets."""
    met = Q(pk__in=[])
    for place in places:
        met |= Q(
            area=place.area, store=place.store, all_stores=place.all_stores
        ) | _wider(place)
    return met


def _wider(place: Place) -> Q:
    if place.all_stores:
        return Q(area=place.area, store__isnull=False)
    if place.store is not None:
        return Q(area=place.area, all_stores=True)
    return Q(pk__in=[])


REACH = Reach(narrow=within_reach, check_use=check_use, check_change=check_change)

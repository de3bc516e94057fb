"""Assigning campaigns to areas and stores.

Source: platform specification, "Areas and stores".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet

from campaigns.models import Campaign, CampaignAssignment
from campaigns.services.access import check_change
from promo.clock import isoformat
from promo.errors import InvalidPayload
from promo.tenancy.access_scope import Place
from promo.tenancy.models import Project
from promo.tenancy.services.places import checked_places, put_places

AREAS, STORES, ALL_STORES = "areas_ids", "area_stores_ids", "area_all_stores_ids"


def put_access(
    campaign: Campaign, settings: Mapping[str, Any] | None, *, now: datetime
) -> None:
    """Assign and unassign what ``access_settings`` says.

    A restricted caller keeps the campaign within his own reach.

    Raises:
        InvalidPayload: another shape, or more than 100 places.
        ResourceNotFound: the project has no such area or store.
        Forbidden: a restricted caller would not reach all of it.
    """
    sent = settings or {}
    assign = places_of(sent.get("assign"), ".access_settings.assign")
    unassign = places_of(sent.get("unassign"), ".access_settings.unassign")
    if assign or unassign:
        project = campaign.project
        held = {each.place for each in campaign.places.all()}
        kept = held - checked_places(project, unassign)
        put_places(project, campaign.places, kept | set(assign), now=now)
    check_change(campaign)


def places_of(sent: Any, path: str) -> list[Place]:
    """Return the places that three lists of ids name; a store's area stays empty.

    Raises:
        InvalidPayload: no object, or something else than lists of ids.
    """
    if sent is None:
        return []
    if not isinstance(sent, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    return [
        *(Place(one) for one in _ids(sent, AREAS, path)),
        *(Place("", store=one) for one in _ids(sent, STORES, path)),
        *(Place(one, all_stores=True) for one in _ids(sent, ALL_STORES, path)),
    ]


def assigned_to(
    project: Project, places: Sequence[Place]
) -> QuerySet[CampaignAssignment]:
    """Return the assignments of an outer campaign to one of ``places``.

    Raises:
        ResourceNotFound: the project has no such area or store.
    """
    wanted = Q(pk__in=[])
    for one in checked_places(project, places):
        wanted |= Q(area=one.area, store=one.store, all_stores=one.all_stores)
    return CampaignAssignment.objects.filter(wanted, campaign=OuterRef("pk"))


def _ids(sent: Mapping[str, Any], name: str, path: str) -> Sequence[str]:
    ids = sent.get(name) or []
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise InvalidPayload(f"Property {path}.{name} must be array of ids")
    return ids


def places_as_json(campaign: Campaign) -> list[dict[str, Any]]:
    """Return where a campaign runs, as ``access_settings_assignments``."""
    return [
        {
            "id": one.pk,
            "area_id": one.area_id,
            "area_store_id": one.store_id,
            "all_stores": one.all_stores,
            "created_at": isoformat(one.created_at),
            "object": "area_store_campaign_assignment",
        }
        for one in campaign.places.all()
    ]

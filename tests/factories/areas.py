"""Areas, stores, and keys and campaigns that are there."""

import factory
from factory.django import DjangoModelFactory

from campaigns.models import Campaign, CampaignAssignment
from promo.tenancy.access_scope import Place
from promo.tenancy.models import Area, AreaStore, Project
from promo.tenancy.permissions import RESTRICTED
from tests.factories.tenancy import NOW, ProjectFactory, server_key
from tests.fixtures.api import ApiClient


class AreaFactory(DjangoModelFactory[Area]):
    class Meta:
        model = Area

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Area {n}")
    created_at = NOW


class StoreFactory(DjangoModelFactory[AreaStore]):
    class Meta:
        model = AreaStore

    area = factory.SubFactory(AreaFactory)
    name = factory.Sequence(lambda n: f"Store {n}")
    created_at = NOW


def put(campaign: Campaign, *places: Place) -> Campaign:
    """Let a campaign run in places."""
    for each in places:
        CampaignAssignment.objects.create(
            campaign=campaign,
            area_id=each.area,
            store_id=each.store,
            all_stores=each.all_stores,
            created_at=NOW,
        )
    return campaign


def restricted_client(project: Project, *places: Place) -> ApiClient:
    """Return a server's caller that reaches some places alone."""
    issued = server_key(project, role=RESTRICTED, places=places)
    headers = {"X-App-Id": str(issued.key.app_id), "X-App-Token": issued.secret}
    return ApiClient(project, headers)

"""``/v1/areas`` and the stores of one area."""

from functools import partial

import pytest

from promo.tenancy.access_scope import Place
from promo.tenancy.models import Area, AreaStore
from promo.tenancy.services.areas import create_area, create_store
from tests.contract.resource import ResourceContract
from tests.factories.areas import AreaFactory, StoreFactory, put, restricted_client
from tests.factories.campaigns import CampaignFactory
from tests.factories.tenancy import NOW, ProjectFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db


class TestAreas(ResourceContract):
    path, resource_type, id_prefix = "/v1/areas", "area", "ar_"
    object_name = "area"
    valid_body = {"name": "Benelux", "metadata": {"lead": "Ada"}}
    update_body = {"name": "Nordics"}
    required = ("name",)
    wrong = (
        ({"name": 5}, "Property .name must be string"),
        ({"metadata": 5}, "Property .metadata must be object"),
    )

    def make(self, project, count):
        return AreaFactory.create_batch(count, project=project)


def test_stores_belong_to_their_area(api, other_project):
    area = AreaFactory.create(project=api.project)
    foreign = StoreFactory.create(area__project=other_project)
    path = f"/v1/areas/{area.pk}/stores"

    made = api.post(path, {"name": "Main Street"}).json()
    renamed = api.put(f"{path}/{made['id']}", {"name": "Side Street"}).json()
    listed = api.get(path).json()

    assert made | {"id": "", "created_at": ""} == {
        "id": "",
        "area_id": area.pk,
        "name": "Main Street",
        "created_at": "",
        "updated_at": None,
        "object": "area_store",
    }
    assert renamed["name"] == "Side Street"
    assert [each["id"] for each in listed["data"]] == [made["id"]]
    assert api.get(f"{path}/{foreign.pk}").status_code == 404
    assert api.get(f"/v1/areas/{foreign.area_id}/stores").status_code == 404
    assert api.delete(f"{path}/{made['id']}").status_code == 204
    assert list(AreaStore.objects.all()) == [foreign]


def test_names_are_taken_once(api):
    area = AreaFactory.create(project=api.project)
    store = StoreFactory.create(area=area)

    again = api.post("/v1/areas", {"name": area.name})
    twice = api.post(f"/v1/areas/{area.pk}/stores", {"name": store.name})
    renamed = api.put(
        f"/v1/areas/{AreaFactory.create(project=api.project).pk}", {"name": area.name}
    )

    for refused in (again, twice, renamed):
        assert (refused.status_code, refused.json()["key"]) == (409, "duplicate_found")
    assert Area.objects.count() == 2
    assert AreaStore.objects.count() == 1


def test_what_is_in_use_stays(api):
    area = AreaFactory.create(project=api.project)
    store = StoreFactory.create(area=area)
    campaign = put(CampaignFactory(project=api.project), Place(area.pk, store=store.pk))

    with_store = api.delete(f"/v1/areas/{area.pk}").json()
    with_campaign = api.delete(f"/v1/areas/{area.pk}/stores/{store.pk}").json()

    assert (with_store["key"], with_store["related_object_ids"]) == (
        "resource_in_use",
        [store.pk],
    )
    assert with_campaign["key"] == "resource_in_use"
    assert with_campaign["related_object_ids"] == [campaign.places.get().pk]
    assert AreaStore.objects.filter(pk=store.pk).exists()


def test_an_hundred_and_first_area_or_store_is_refused(api):
    area = AreaFactory.create(project=api.project)
    AreaFactory.create_batch(99, project=api.project)
    StoreFactory.create_batch(100, area=area)

    areas = api.post("/v1/areas", {"name": "One more"})
    stores = api.post(f"/v1/areas/{area.pk}/stores", {"name": "One more"})

    assert areas.json()["details"] == "A project has at most 100 areas"
    assert stores.json()["details"] == "An area has at most 100 stores"
    assert (Area.objects.count(), AreaStore.objects.count()) == (100, 100)


def test_a_restricted_key_reads_areas_and_manages_none(project):
    area = AreaFactory.create(project=project)
    caller = restricted_client(project, Place(area.pk))

    assert caller.get("/v1/areas").json()["total"] == 1
    refused = caller.post("/v1/areas", {"name": "Mine"})
    assert (refused.status_code, Area.objects.count()) == (403, 1)


@pytest.mark.django_db(transaction=True)
def test_eight_creators_share_the_last_places():
    project = ProjectFactory.create()
    AreaFactory.create_batch(98, project=project)
    area = AreaFactory.create(project=project)
    StoreFactory.create_batch(98, area=area)

    def new_area(number):
        return create_area(project=project, now=NOW, name=f"New {number}")

    def new_store(number):
        return create_store(area, now=NOW, name=f"New {number}")

    at_once(*[partial(new_area, number) for number in range(4)])
    at_once(*[partial(new_store, number) for number in range(4)])

    assert Area.objects.count() == 100
    assert AreaStore.objects.count() == 100

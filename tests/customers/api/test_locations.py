"""``/v1/locations``: read only."""

from datetime import UTC, datetime

import pytest

from customers.models import Location
from tests.contract.resource import ResourceContract
from tests.factories.customers import LocationFactory, circle


class TestLocations(ResourceContract):
    path, id_prefix, resource_type = "/v1/locations", "loc_", "location"
    object_name = "location"
    verbs = frozenset()

    def make(self, project, count):
        return LocationFactory.create_batch(count, project=project)


def test_a_location_is_shown_with_its_shape(api):
    location = LocationFactory.create(project=api.project, name="Warsaw")

    assert api.get(f"/v1/locations/{location.pk}").json() == {
        "id": location.pk,
        "object": "location",
        "name": "Warsaw",
        "shape": circle(),
        "created_at": "2027-01-01T00:00:00.000Z",
        "updated_at": None,
    }


def day(number):
    return datetime(2027, 1, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["c", "b", "a"]),
        ({"order": "created_at"}, ["a", "b", "c"]),
        ({"order": "updated_at"}, ["b", "a", "c"]),
        ({"order": "-updated_at"}, ["a", "b", "c"]),
        ({"filters[name][conditions][$is_not]": "b"}, ["c", "a"]),
        ({"filters[created_at][conditions][$after]": "2027-01-02"}, ["c"]),
        ({"filters[updated_at][conditions][$has_value]": ""}, ["b", "a"]),
        ({"end_date": "2027-01-03"}, ["b", "a"]),
        ({"starting_after": "2027-01-03T00:00:00Z"}, ["b", "a"]),
    ],
)
def test_the_list_is_newest_first_and_narrowed_as_asked(api, query, names):
    changed = {"a": day(9), "b": day(8), "c": None}
    for number, (name, at) in enumerate(changed.items(), start=1):
        LocationFactory.create(
            project=api.project, name=name, created_at=day(number), updated_at=at
        )

    shown = api.get("/v1/locations", query).json()

    assert [row["name"] for row in shown["data"]] == names
    assert shown["has_more"] is False


def test_a_page_says_whether_more_follow(api):
    LocationFactory.create_batch(3, project=api.project)

    shown = api.get("/v1/locations", {"limit": "2"}).json()

    assert (len(shown["data"]), shown["total"], shown["has_more"]) == (2, 3, True)


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
def test_nothing_is_written_here(api, verb):
    location = LocationFactory.create(project=api.project)
    path = "/v1/locations" if verb == "POST" else f"/v1/locations/{location.pk}"

    response = api.request(verb, path, {"name": "x", "shape": circle()})

    assert response.status_code == 405
    assert Location.objects.get().name == location.name

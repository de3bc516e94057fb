"""Locations at the dashboard."""

import json

import pytest

from customers.models import Location
from tests.admin_site import (
    errors_of,
    make_project,
    messages_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.customers import LocationFactory, SegmentFactory, circle

pytestmark = pytest.mark.django_db

_CIRCLE = {
    "name": "Warsaw",
    "type": "circle",
    "center": "52.23, 21.01",
    "radius": "1.50",
    "unit": "km",
    "geojson": "null",
}
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]],
}
_FEATURE = {"type": "Feature", "properties": {}, "geometry": SQUARE}


def polygon(geojson, **values):
    return _CIRCLE | {"type": "polygon", "geojson": json.dumps(geojson), **values}


def test_a_circle_is_stored_as_the_api_shows_it():
    project = make_project()

    response = sign_in(project, "USER").add(Location, **_CIRCLE)

    location = project.locations.get()
    assert response.status_code == 302
    assert location.name == "Warsaw"
    assert location.shape == circle("geo:52.23,21.01", "1.5 km")


@pytest.mark.parametrize(
    "pasted",
    [SQUARE, _FEATURE, {"type": "FeatureCollection", "features": [_FEATURE]}],
)
def test_a_polygon_is_pasted_as_map_editors_give_it(pasted):
    project = make_project()

    sign_in(project, "USER").add(Location, **polygon(pasted))

    shape = {"type": "polygon", "format": "geojson", "geojson": SQUARE}
    assert project.locations.get().shape == shape


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (_CIRCLE | {"center": "here"}, "center"),
        (_CIRCLE | {"center": ""}, "center"),
        (_CIRCLE | {"radius": ""}, "radius"),
        (_CIRCLE | {"radius": "0"}, "radius"),
        (polygon(None), "geojson"),
        (polygon({"type": "Point", "coordinates": [0, 0]}), "geojson"),
        (polygon({"type": "FeatureCollection", "features": []}), "geojson"),
        (polygon({"type": "Polygon", "coordinates": [[[0, 0]]]}), "geojson"),
    ],
)
def test_what_is_wrong_shows_beside_its_field_and_nothing_is_stored(values, field):
    project = make_project()

    response = sign_in(project, "USER").add(Location, **values)

    assert list(errors_of(response)) == [field]
    assert not project.locations.exists()


@pytest.mark.parametrize(
    ("center", "radius", "shown"),
    [
        ("geo:52.23,21.01", "10 km", ("52.23,21.01", "10", "km")),
        ("geo:-1,2", "300m", ("-1,2", "300", "m")),
    ],
)
def test_a_circle_is_shown_in_its_fields(center, radius, shown):
    location = LocationFactory(project=make_project(), shape=circle(center, radius))

    form = sign_in(location.project, "USER").open(location).context["adminform"].form

    initial = form.initial
    assert (initial["center"], str(initial["radius"]), initial["unit"]) == shown


def test_a_new_name_keeps_the_shape_and_a_new_shape_replaces_it():
    location = LocationFactory(project=make_project(), shape=circle("geo:1,2", "3m"))
    person = sign_in(location.project, "USER")
    same = {"center": "1,2", "radius": "3", "unit": "m"}

    person.change(location, **_CIRCLE | same)
    location.refresh_from_db()
    assert (location.name, location.shape) == ("Warsaw", circle("geo:1,2", "3m"))

    person.change(location, **polygon(SQUARE))
    location.refresh_from_db()
    assert location.shape["geojson"] == SQUARE
    assert "Polygon" in text_of(person.open(location))


def test_a_location_that_a_segment_names_stays_and_the_page_says_why():
    location = LocationFactory(project=make_project())
    inside = {"metadata.home": {"conditions": {"$in_location": [location.pk]}}}
    segment = SegmentFactory(project=location.project, filter=inside)
    person = sign_in(location.project, "USER")

    [message] = messages_of(person.delete(location))

    assert segment.pk in message
    assert Location.objects.get() == location
    segment.delete()
    person.delete(location)
    assert not Location.objects.exists()


def test_a_viewer_reads_and_changes_nothing():
    location = LocationFactory(project=make_project(), name="Warsaw")
    person = sign_in(location.project, "VIEWER")

    assert "geo:52.23,21.01" in text_of(person.open(location))
    assert person.add(Location, **_CIRCLE).status_code == 403
    assert person.change(location, **polygon(SQUARE)).status_code == 403
    assert person.delete(location).status_code == 403
    assert Location.objects.get().shape == circle()


def test_locations_of_another_project_do_not_exist():
    person = sign_in(make_project(), "USER")
    foreign = LocationFactory(project=make_project("Other"))

    assert foreign not in rows_of(person.list(Location))
    assert person.open(foreign).status_code == 302
    assert person.change(foreign, **polygon(SQUARE)).status_code == 302
    assert person.delete(foreign).status_code == 302
    assert Location.objects.get().shape == circle()


def test_listing_costs_the_same_for_one_row_as_for_twenty():
    project = make_project()
    person = sign_in(project, "VIEWER")
    LocationFactory(project=project)
    for_one = statements_of(lambda: person.list(Location))

    LocationFactory.create_batch(19, project=project)

    assert statements_of(lambda: person.list(Location)) == for_one
    assert len(rows_of(person.list(Location))) == 20

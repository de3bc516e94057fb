"""Locations: circles and polygons."""

import pytest

from promo.geometry import (
    Circle,
    Point,
    distance,
    inside_any,
    parse_geopoint,
    parse_shape,
)

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOLE = [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("geo:52.23,21.01", Point(52.23, 21.01)),
        (" 52.23, -21.01 ", Point(52.23, -21.01)),
        ("geo:91,0", None),
        ("geo:0,181", None),
        ("52.23", None),
        (52.23, None),
    ],
)
def test_a_geopoint_is_read_with_and_without_its_scheme(text, point):
    assert parse_geopoint(text) == point


def test_one_degree_of_latitude_is_111_kilometres():
    assert round(distance(Point(0, 0), Point(1, 0))) == 111195


@pytest.mark.parametrize(
    ("radius", "metres"),
    [("1.54 km", 1540), ("300m", 300), ("1 mi", 1609.344)],
)
def test_a_circle_is_read_with_its_unit(radius, metres):
    body = {"type": "circle", "distance": {"center": "geo:1,2", "radius": radius}}

    assert parse_shape(body) == Circle(Point(1, 2), metres)


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"distance": {"center": "here", "radius": "1 km"}},
        {"distance": {"center": "geo:1,2", "radius": "1 xx"}},
        {"distance": {"center": "geo:1,2", "radius": 5}},
        {"geojson": {"type": "Polygon", "coordinates": [[["a", "b"]]]}},
        {"geojson": {"type": "Polygon", "coordinates": [[[1]]]}},
        {"geojson": {"type": "Polygon", "coordinates": [7]}},
        {"geojson": {"type": "Line", "coordinates": []}},
    ],
)
def test_an_undocumented_shape_is_none(body):
    assert parse_shape(body) is None


@pytest.mark.parametrize(
    ("lat", "lng", "inside"),
    [
        (1, 1, True),
        (0, 5, True),
        (10, 10, True),
        (5, 5, False),
        (4, 5, True),
        (5, 11, False),
        (-1, 5, False),
        (0, 11, False),
    ],
)
def test_a_polygon_holds_its_boundary_and_not_its_holes(lat, lng, inside):
    shape = parse_shape({"geojson": {"type": "Polygon", "coordinates": [SQUARE, HOLE]}})

    assert shape.contains(Point(lat, lng)) is inside


def test_a_multipolygon_holds_what_any_part_holds():
    far = [[[20, 20], [21, 20], [21, 21]]]
    shape = parse_shape(
        {"geojson": {"type": "MultiPolygon", "coordinates": [[SQUARE], far, []]}}
    )

    assert shape.contains(Point(20.2, 20.9))
    assert not shape.contains(Point(15, 15))


def test_an_unknown_location_holds_nothing():
    shapes = {"loc_1": Circle(Point(0, 0), 10)}

    assert inside_any("0,0", ["loc_1"], shapes) is True
    assert inside_any("0,0", ["loc_2"], shapes) is False
    assert inside_any("nowhere", ["loc_1"], shapes) is None

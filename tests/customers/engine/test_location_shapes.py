"""What the shape of a location may be."""

import pytest

from customers.engine.location_shapes import checked_shape
from promo.errors import InvalidPayload
from promo.geometry import parse_shape
from tests.factories.customers import circle

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]


def polygon(coordinates, kind="Polygon"):
    geojson = {"type": kind, "coordinates": coordinates}
    return {"type": "polygon", "format": "geojson", "geojson": geojson}


@pytest.mark.parametrize(
    "body",
    [
        circle(),
        circle("geo:-1.5,+2", "300m"),
        polygon([SQUARE]),
        polygon([[[0, 0, 7], [10, 0], [10, 10.5], [0, 0, 7]]]),
        polygon([[SQUARE], [SQUARE]], "MultiPolygon"),
    ],
)
def test_a_documented_shape_is_stored_as_it_came_and_can_be_asked(body):
    assert checked_shape(body) == body
    assert parse_shape(body) is not None


def test_a_circle_is_stored_in_the_form_that_the_api_shows():
    sent = {"type": "circle", "distance": {"center": " 52.2, 21 ", "radius": " 1 mi "}}

    assert checked_shape(sent | {"colour": "red"}) == circle("geo:52.2,21", "1 mi")


def test_a_polygon_is_stored_without_what_it_does_not_need():
    sent = {"type": "polygon", "geojson": {**polygon([SQUARE])["geojson"], "bbox": []}}

    assert checked_shape(sent) == polygon([SQUARE])


CENTER = "Property .shape.distance.center must be a geopoint such as geo:52.23,21.01"
RADIUS = (
    "Property .shape.distance.radius must be a length above 0 such as 1.5 km, "
    "in m, km, mi, ft"
)
RINGS = "Property .shape.geojson.coordinates"
KINDS = "Property .shape.geojson.type must be one of: Polygon, MultiPolygon"
OPEN = "must have at least 4 points, the last one like the first"
TURNED = [[170, 0], [-170, 0], [-170, 5], [170, 0]]


@pytest.mark.parametrize(
    ("body", "details"),
    [
        (None, "Property .shape must be object"),
        ({}, "Property .shape.type must be one of: circle, polygon"),
        ({"type": ["circle"]}, "Property .shape.type must be one of: circle, polygon"),
        ({"type": "circle"}, "Property .shape.distance must be object"),
        (circle("here"), CENTER),
        (circle("geo:91,0"), CENTER),
        (circle(radius="far"), RADIUS),
        (circle(radius="0 km"), RADIUS),
        (circle(radius=5), RADIUS),
        ({"type": "polygon", "geojson": []}, "Property .shape.geojson must be object"),
        (polygon([SQUARE], "Point"), KINDS),
        (polygon([SQUARE], ["Polygon"]), KINDS),
        (polygon(None), f"{RINGS} must be a list with something in it"),
        (polygon([]), f"{RINGS} must be a list with something in it"),
        (polygon([7]), f"{RINGS}[0] must be a list with something in it"),
        (polygon([[]]), f"{RINGS}[0] must be a list with something in it"),
        (polygon([SQUARE, SQUARE[:-1]]), f"{RINGS}[1] {OPEN}"),
        (polygon([SQUARE[:1] * 3]), f"{RINGS}[0] {OPEN}"),
        (polygon([[SQUARE[:-1]]], "MultiPolygon"), f"{RINGS}[0][0] {OPEN}"),
        (polygon([[[1]]]), f"{RINGS}[0][0] must be a longitude and a latitude"),
        (polygon([[7]]), f"{RINGS}[0][0] must be a longitude and a latitude"),
        (
            polygon([[[181, 0]]]),
            f"{RINGS}[0][0] must have a longitude between -180 and 180",
        ),
        (
            polygon([[[0, 0], [0, "1"]]]),
            f"{RINGS}[0][1] must have a latitude between -90 and 90",
        ),
        (
            polygon([[[0, float("nan")]]]),
            f"{RINGS}[0][0] must have a latitude between -90 and 90",
        ),
        (
            polygon([[[True, 0]]]),
            f"{RINGS}[0][0] must have a longitude between -180 and 180",
        ),
        (polygon([TURNED]), f"{RINGS}[0] must not cross the 180th meridian"),
        (
            polygon([[[0, 0]] * 10_001]),
            f"{RINGS} must NOT have more than 10000 points",
        ),
    ],
)
def test_anything_else_is_refused_by_its_path(body, details):
    with pytest.raises(InvalidPayload) as refused:
        checked_shape(body)

    assert refused.value.details == details

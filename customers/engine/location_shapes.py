"""What the shape of a location may be: a circle, or a polygon in GeoJSON.

Source: data specification, "Locations"; rules specification, "Geofencing".
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from promo.errors import InvalidPayload
from promo.geometry import METRES, parse_radius, written_geopoint

MOST_POINTS = 10_000
#: A triangle, and its first corner again.
FEWEST_IN_RING = 4
_HALF_A_TURN = 180
_LIMITS = (("longitude", 180), ("latitude", 90))
#: How deep in its coordinates a geometry has its rings.
_RINGS_AT = {"Polygon": 1, "MultiPolygon": 2}

Json = dict[str, Any]


def checked_shape(body: Any, path: str = ".shape") -> Json:
    """Return the ``shape`` of a location as it is stored and shown.

    A circle has ``distance`` with a ``center`` (``geo:lat,lon``) and a ``radius``
    (``1.54 km``), a polygon has ``geojson`` with rings of longitude and latitude.

    Raises:
        InvalidPayload: naming the part that is wrong by its path.
    """
    shape = _object(body, path)
    match shape.get("type"):
        case "circle":
            return _circle(shape.get("distance"), f"{path}.distance")
        case "polygon":
            return _polygon(shape.get("geojson"), f"{path}.geojson")
    raise _wrong(f"{path}.type", "must be one of: circle, polygon")


def _circle(body: Any, path: str) -> Json:
    distance = _object(body, path)
    center, radius = written_geopoint(distance.get("center")), distance.get("radius")
    if center is None:
        raise _wrong(f"{path}.center", "must be a geopoint such as geo:52.23,21.01")
    if not parse_radius(radius):
        units = ", ".join(METRES)
        raise _wrong(
            f"{path}.radius", f"must be a length above 0 such as 1.5 km, in {units}"
        )
    return {
        "type": "circle",
        "format": "distance",
        "distance": {"center": center, "radius": str(radius).strip()},
    }


def _polygon(body: Any, path: str) -> Json:
    geojson = _object(body, path)
    kind = geojson.get("type")
    if not isinstance(kind, str) or kind not in _RINGS_AT:
        raise _wrong(f"{path}.type", f"must be one of: {', '.join(_RINGS_AT)}")
    coordinates = geojson.get("coordinates")
    place = f"{path}.coordinates"
    rings = _lists(coordinates, place, _RINGS_AT[kind])
    points = sum(_check_ring(ring, where) for ring, where in rings)
    if points > MOST_POINTS:
        raise _wrong(place, f"must NOT have more than {MOST_POINTS} points")
    return {
        "type": "polygon",
        "format": "geojson",
        "geojson": {"type": kind, "coordinates": coordinates},
    }


def _lists(body: Any, path: str, depth: int) -> Iterator[tuple[Sequence[Any], str]]:
    """Yield the lists that stand ``depth`` below ``body``, each with its path."""
    if not isinstance(body, list) or not body:
        raise _wrong(path, "must be a list with something in it")
    if depth == 0:
        yield body, path
        return
    for index, inner in enumerate(body):
        yield from _lists(inner, f"{path}[{index}]", depth - 1)


def _check_ring(ring: Sequence[Any], path: str) -> int:
    """Return the number of points of a ring that is sound."""
    for index, position in enumerate(ring):
        _check_position(position, f"{path}[{index}]")
    if len(ring) < FEWEST_IN_RING or ring[0] != ring[-1]:
        raise _wrong(path, "must have at least 4 points, the last one like the first")
    if any(abs(one[0] - other[0]) > _HALF_A_TURN for one, other in pairwise(ring)):
        raise _wrong(path, "must not cross the 180th meridian")
    return len(ring)


def _check_position(position: Any, path: str) -> None:
    if not isinstance(position, list) or len(position) < len(_LIMITS):
        raise _wrong(path, "must be a longitude and a latitude")
    for value, (name, limit) in zip(position, _LIMITS, strict=False):
        if type(value) not in {int, float} or not abs(value) <= limit:
            raise _wrong(path, f"must have a {name} between -{limit} and {limit}")


def _object(body: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise _wrong(path, "must be object")
    return body


def _wrong(path: str, what: str) -> InvalidPayload:
    return InvalidPayload(f"Property {path} {what}")

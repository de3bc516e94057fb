"""Is a point inside a location? Circles on the globe, polygons on the flat map.

Latitude and longitude are degrees; a point on the boundary is inside. Polygons
across the antimeridian are not supported.

Source: rules specification, "Geofencing"; data specification, "Locations".
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

EARTH_RADIUS = 6_371_008.8
METRES = {"m": 1.0, "km": 1000.0, "mi": 1609.344, "ft": 0.3048}
NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,20})?"
GEOPOINT = re.compile(rf"(?:geo:)?\s*({NUMBER})\s*,\s*({NUMBER})", re.ASCII)
RADIUS = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([a-z]{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the globe, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Circle:
    """All points within ``radius`` metres of ``center``."""

    center: Point
    radius: float

    def contains(self, point: Point) -> bool:
        """Say whether ``point`` is inside, by great-circle distance."""
        return distance(self.center, point) <= self.radius


@dataclass(frozen=True, slots=True)
class Polygon:
    """Areas, each an outer ring and its holes."""

    areas: tuple[tuple[tuple[Point, ...], ...], ...]

    def contains(self, point: Point) -> bool:
        """Say whether ``point`` is inside an area and in none of its holes."""
        return any(_in_area(area, point) for area in self.areas)


Shape = Circle | Polygon


def parse_geopoint(value: Any) -> Point | None:
    """Read ``geo:lat,lng`` or ``lat, lng``; None for anything else."""
    match = GEOPOINT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    point = Point(float(match[1]), float(match[2]))
    on_globe = abs(point.latitude) <= 90 and abs(point.longitude) <= 180  # noqa: PLR2004 - degrees
    return point if on_globe else None


def written_geopoint(value: Any) -> str | None:
    """Return a point as it is stored, ``geo:lat,lng``; None for anything else."""
    if parse_geopoint(value) is None:
        return None
    return "geo:" + ",".join(GEOPOINT.findall(value)[0])


def parse_shape(body: Any) -> Shape | None:
    """Read the stored shape of a location; None when it is not a documented one."""
    match body:
        case {"distance": {"center": center, "radius": radius}}:
            return _circle(parse_geopoint(center), radius)
        case {"geojson": {"type": "Polygon", "coordinates": list(rings)}}:
            return _polygon([rings])
        case {"geojson": {"type": "MultiPolygon", "coordinates": list(areas)}}:
            return _polygon(areas)
    return None


def parse_radius(value: Any) -> float | None:
    """Read ``1.54 km`` as metres; None for anything else."""
    match = RADIUS.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or match[2] not in METRES:
        return None
    return float(match[1]) * METRES[match[2]]


def _circle(center: Point | None, radius: Any) -> Circle | None:
    metres = parse_radius(radius)
    if center is None or metres is None:
        return None
    return Circle(center, metres)


def _polygon(areas: Sequence[Any]) -> Polygon | None:
    try:
        return Polygon(
            tuple(
                tuple(
                    tuple(Point(float(lat), float(lng)) for lng, lat, *_ in ring)
                    for ring in rings
                )
                for rings in areas
            )
        )
    except (TypeError, ValueError):
        return None


def distance(one: Point, other: Point) -> float:
    """Return the great-circle distance of two points in metres."""
    lat, other_lat = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude) / 2
    chord = (
        math.sin((other_lat - lat) / 2) ** 2
        + math.cos(lat) * math.cos(other_lat) * math.sin(across) ** 2
    )
    return 2 * EARTH_RADIUS * math.asin(math.sqrt(min(1.0, chord)))


def inside_any(
    value: Any, location_ids: Sequence[Any], locations: Mapping[str, Shape]
) -> bool | None:
    """Say whether a geopoint lies in one of the locations named.

    None when ``value`` is no geopoint: neither inside nor outside.
    """
    point = parse_geopoint(value)
    if point is None:
        return None
    shapes = (locations.get(str(location_id)) for location_id in location_ids)
    return any(shape is not None and shape.contains(point) for shape in shapes)


def _in_area(rings: Sequence[Sequence[Point]], point: Point) -> bool:
    if not rings or not _in_ring(rings[0], point):
        return False
    return not any(
        _in_ring(hole, point) and not _on_edge(hole, point) for hole in rings[1:]
    )


def _edges(ring: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return zip(ring, (*ring[1:], *ring[:1]), strict=True)


def _on_edge(ring: Sequence[Point], point: Point) -> bool:
    x, y = point.longitude, point.latitude
    for one, other in _edges(ring):
        cross = (other.longitude - one.longitude) * (y - one.latitude) - (
            other.latitude - one.latitude
        ) * (x - one.longitude)
        between = min(one.longitude, other.longitude) <= x <= max(
            one.longitude, other.longitude
        ) and min(one.latitude, other.latitude) <= y <= max(
            one.latitude, other.latitude
        )
        if between and cross == 0:
            return True
    return False


def _in_ring(ring: Sequence[Point], point: Point) -> bool:
    """Count the edges a ray to the east crosses; odd is inside."""
    if _on_edge(ring, point):
        return True
    x, y = point.longitude, point.latitude
    inside = False
    for one, other in _edges(ring):
        if (one.latitude > y) == (other.latitude > y):
            continue
        rise = (y - one.latitude) / (other.latitude - one.latitude)
        inside ^= x < one.longitude + rise * (other.longitude - one.longitude)
    return inside

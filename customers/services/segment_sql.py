"""Filters of segments as conditions on the table of customers.

A path stands for the same here as in ``customers.engine.segments.attribute``, which
reads one profile at a time; a property of the tests holds them together.

Source: data specification, "Attribute paths for customers".
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import connection

from customers.engine.segments import kind_of
from customers.models import Segment, SegmentType
from customers.models.customer import ID_PREFIX
from customers.models.segment import SEGMENT_PREFIX
from customers.services.location_lookup import shapes_named
from customers.services.rendering import simple_segment
from customers.services.rendering_sql import SHOWN
from customers.services.segment_lookup import readable_filters
from promo import request_context
from promo.calendar_windows import Calendar
from promo.clock import ISO_SQL
from promo.comparison import Kind
from promo.filter_grammar import Filter
from promo.filter_grammar.sql_pieces import Fact, Sql
from promo.filter_grammar.to_sql import condition_of
from promo.geometry import Shape
from promo.ids import NEW_UUID_SQL, parse, shown_sql
from promo.metadata_schemas.known import known_schemas
from promo.outbox.events import shard_sql
from promo.tenancy.models import Project

_TEXTS = ("source_id", "name", "email", "phone", "description")
_TO_THE_MILLISECOND = "date_trunc('milliseconds', {})"
#: Paths that are columns; a text that is empty is missing.
_COLUMNS = {
    **{name: f"nullif(c.{name}, '')::text" for name in _TEXTS},
    "id": shown_sql(ID_PREFIX, "c.id"),
    "source": "c.source::text",
    "birthdate": "coalesce(c.birthdate, c.birthday)",
    "birthday": "c.birthday",
    "created_at": _TO_THE_MILLISECOND.format("c.created_at"),
    "updated_at": _TO_THE_MILLISECOND.format("c.updated_at"),
}
_FIGURES = ("summary.", "loyalty", "events.")
_BLOCKS = ("address", "summary", "loyalty")
_EVENTS = "events."
_METADATA = {"metadata.": "c.metadata", "system_metadata.": "c.system_metadata"}
_POINTS, _TIER = "loyalty_points.campaigns.", "loyalty_tier.campaigns."


# Whoever is in and does not belong leaves, whoever belongs and is not in enters; with
# ``tells`` each is told of, by ids that grow with time.
_PLACE = f"""
WITH wanted AS MATERIALIZED (
  SELECT c.id FROM customers_customer c
  WHERE c.project_id = %s AND c.deleted_at IS NULL AND ({{condition}})
), place AS (SELECT %s::uuid AS segment, %s::timestamptz AS now
), gone AS (
  DELETE FROM customers_segmentmember m USING place WHERE m.segment_id = place.segment
    AND NOT EXISTS (SELECT FROM wanted w WHERE w.id = m.customer_id)
  RETURNING m.customer_id
), come AS (
  INSERT INTO customers_segmentmember (segment_id, customer_id, joined_at)
  SELECT place.segment, w.id, place.now FROM wanted w, place
  WHERE NOT EXISTS (SELECT FROM customers_segmentmember m
    WHERE m.segment_id = place.segment AND m.customer_id = w.id)
  ORDER BY w.id ON CONFLICT DO NOTHING RETURNING customer_id
), moved AS (
  SELECT customer_id, 'customer.segment.entered' AS type FROM come
  UNION ALL SELECT customer_id, 'customer.segment.left' FROM gone
), told AS (
  INSERT INTO outbox_domainevent (id, type, category, entity_id, customer_id,
    campaign_id, payload, source, group_id, created_at, published_at, project_id,
    key, shard)
  SELECT {NEW_UUID_SQL}, moved.type, 'EFFECT', %s, {shown_sql(ID_PREFIX, "w.id")},
    '', jsonb_build_object('customer', {SHOWN}, 'segment', %s::jsonb), %s::jsonb, %s,
    place.now, NULL, w.project_id, {shown_sql(ID_PREFIX, "w.id")},
    {shard_sql(shown_sql(ID_PREFIX, "w.id"))}
  FROM place, moved JOIN customers_customer w ON w.id = moved.customer_id
  WHERE %s AND w.deleted_at IS NULL)
SELECT count(*) FROM wanted
"""  # noqa: S608 - put together from texts of our own


def place_everybody(project: Project, segment: Segment, *, now: datetime) -> int:
    """Make the members of a segment those who satisfy its filter; return how many.

    One statement, whatever the number of customers; one more where the filter names a
    location. Who moves is told of where the segment is active and has been placed
    before. The caller holds the segment.
    """
    filters = readable_filters([segment])
    if segment.pk not in filters:
        return 0
    wanted = segment_condition(project, filters[segment.pk], now)
    tells = segment.type == SegmentType.AUTO_UPDATE and bool(segment.completed_at)
    arguments = (
        parse("proj_", project.pk),
        *wanted.values,
        parse(SEGMENT_PREFIX, segment.pk),
        now,
        segment.pk,
        json.dumps(simple_segment(segment.pk, segment.name)),
        json.dumps(request_context.event_source()),
        request_context.current().request_id,
        tells,
    )
    with connection.cursor() as cursor:
        cursor.execute(_PLACE.replace("{condition}", wanted.text), arguments)
        (count,) = cursor.fetchone()
        return int(count)


def segment_condition(project: Project, wanted: Filter, now: datetime) -> Sql:
    """Return what ``wanted`` asks of a row ``c`` of the customers of ``project``.

    One statement when the filter names a location, else none.
    """
    declared = known_schemas(project).kinds.get("customer") or {}
    shapes = shapes_named(project, [wanted])
    return condition_on(wanted, declared, project.calendar(now), shapes)


def condition_on(
    wanted: Filter,
    schema: Mapping[str, Kind],
    calendar: Calendar,
    locations: Mapping[str, Shape],
) -> Sql:
    """Return what ``wanted`` asks of a row ``c``, all that it depends on given.

    ``schema`` maps metadata paths to their declared types, ``locations`` the ids that
    conditions may name to their shapes.
    """
    facts = _facts({f"metadata.{path}": kind for path, kind in schema.items()})
    return condition_of(wanted, facts, calendar, locations)


def _facts(declared: dict[str, Kind]) -> Callable[[str], Fact]:
    def fact(path: str) -> Fact:
        kind = declared.get(path) or kind_of(path)
        if path in _COLUMNS:
            return Fact(Sql(_COLUMNS[path]), kind, single=True)
        # Figures of ours are never lists.
        return Fact(_found(path), kind, single=path.startswith(_FIGURES))

    return fact


def _found(path: str) -> Sql:
    """Return the JSON at a path that is no column."""
    for start, column in _METADATA.items():
        if path.startswith(start):
            return _metadata(column, path[len(start) :])
    if path.startswith(_EVENTS):
        return _of_event(path[len(_EVENTS) :])
    if path.startswith(_TIER):
        campaign = path[len(_TIER) :]
        return _below("loyalty", "campaigns", campaign, "loyalty_tier")
    if path.startswith(_POINTS):
        campaign = path[len(_POINTS) :].rpartition(".")[0]
        return _below("loyalty", "campaigns", campaign, "points")
    block, *parts = ("address.city" if path == "city" else path).split(".")
    if block in _BLOCKS and parts:
        return _below(block, *parts)
    return Sql("NULL::jsonb")


def _metadata(column: str, path: str) -> Sql:
    if "." not in path:
        return Sql(f"nullif({column} -> %s::text, 'null')", (path,))
    return Sql(f"promo_filter_metadata({column}, %s::text)", (path,))


def _below(block: str, *parts: str) -> Sql:
    found = Sql(f"c.{block}")
    for part in parts:
        # An array has no members by name.
        found = Sql("(") + found + Sql(") -> %s::text", (part,))
    return Sql("nullif(") + found + Sql(", 'null')")


def _shown_moment(column: str) -> str:
    return f"to_jsonb({ISO_SQL.format(column)})"


def _of_event(path: str) -> Sql:
    """Return how often or when an event happened; one that never did counts 0."""
    name, _, part = path.rpartition(".")
    column = {
        "count": "to_jsonb(h.count)",
        "first_occurred_at": _shown_moment("h.first_occurred_at"),
        "last_occurred_at": _shown_moment("h.last_occurred_at"),
    }.get(part)
    if column is None:
        return Sql("NULL::jsonb")
    found = Sql(
        f"(SELECT {column} FROM customers_customeventcount h "  # noqa: S608 - texts of our own
        "WHERE h.customer_id = c.id AND h.name = %s)",
        (name,),
    )
    return Sql("coalesce(") + found + Sql(", '0')") if part == "count" else found

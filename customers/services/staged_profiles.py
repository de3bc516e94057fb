"""Storing the profiles of a file: staged by COPY, then written by sets.

A file may bring a million people; what a request does for one is done here for
thousands by one statement. What is written, and what is told of it, is the same.

Source: data specification, "CSV imports"; performance notes, "Bulk rows".
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from customers.models.customer import (
    ID_PREFIX,
    empty_loyalty,
    empty_referrals,
    empty_summary,
)
from customers.services.rendering_sql import SHOWN
from promo import request_context
from promo.ids import new_hexes, parse, parse_or_none, shown_sql
from promo.outbox.events import shard_sql
from promo.tenancy.models import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedProfile:
    """What a row makes of a profile, checked.

    ``known_id`` is the id that the row names, None where it names a source id.
    """

    number: int
    known_id: UUID | None
    source_id: str
    name: str
    description: str
    email: str
    phone: str
    birthdate: date | None
    birthday: date | None
    address: dict[str, Any] | None
    metadata: dict[str, Any]


_PROFILE = (
    "name",
    "description",
    "email",
    "phone",
    "birthdate",
    "birthday",
    "address",
    "metadata",
)
_STAGED = (
    "number",
    "known_id",
    "source_id",
    *_PROFILE,
    "new_id",
    "event_id",
)
_CREATE = """
CREATE TEMP TABLE staged_profile (
  number bigint, known_id uuid, source_id text, name text, description text,
  email text, phone text, birthdate date, birthday date, address jsonb,
  metadata jsonb, new_id uuid, event_id uuid) ON COMMIT DROP
"""
# A source id that is somebody's id names nobody.
_UNKNOWN = """
DELETE FROM staged_profile s WHERE s.known_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM customers_customer c WHERE c.id = s.known_id
  AND c.project_id = %(project)s AND c.deleted_at IS NULL)
RETURNING s.number
"""
_TAKEN = f"""
DELETE FROM staged_profile s USING customers_customer c
WHERE c.project_id = %(project)s AND c.deleted_at IS NULL
  AND s.source_id = {shown_sql(ID_PREFIX, "c.id")}
  AND c.id = ANY(%(ids)s::uuid[])
RETURNING s.number
"""  # noqa: S608 - names of our own
# Each is looked up by itself: a join may read all customers for every batch.
_RESOLVE = """
UPDATE staged_profile s SET known_id = found.id
FROM staged_profile o CROSS JOIN LATERAL (
  SELECT c.id FROM customers_customer c
  WHERE c.project_id = %(project)s AND c.deleted_at IS NULL
    AND c.source_id > '' AND c.source_id = o.source_id LIMIT 1) found
WHERE o.known_id IS NULL AND s.number = o.number
"""
# Of several rows about one customer the last one counts.
_LAST = """
DELETE FROM staged_profile s USING staged_profile o
WHERE s.known_id = o.known_id AND s.number < o.number
"""
_HOLD = """
SELECT count(*) FROM (
  SELECT c.id FROM customers_customer c WHERE c.id = ANY(ARRAY(
    SELECT s.known_id FROM staged_profile s WHERE s.known_id IS NOT NULL))
  ORDER BY c.id FOR NO KEY UPDATE) held
"""
_TELL = f"""
INSERT INTO outbox_domainevent (id, type, category, entity_id, customer_id,
  campaign_id, payload, source, group_id, created_at, published_at, project_id,
  key, shard)
SELECT s.event_id, %(type)s, 'ACTION', {shown_sql(ID_PREFIX, "w.id")},
  {shown_sql(ID_PREFIX, "w.id")}, '',
  jsonb_build_object('customer', {SHOWN}), %(source)s::jsonb, %(group)s, %(now)s,
  NULL, %(project)s, {shown_sql(ID_PREFIX, "w.id")},
  {shard_sql(shown_sql(ID_PREFIX, "w.id"))}
FROM w JOIN staged_profile s
"""  # noqa: S608 - put together from texts of our own
_CHANGES = ", ".join(f"{name} = s.{name}" for name in _PROFILE)
_BEFORE = ", ".join(f"c.{name}" for name in _PROFILE)
_AFTER = ", ".join(f"s.{name}" for name in _PROFILE)
_UPDATE = f"""
WITH w AS (
  UPDATE customers_customer c SET {_CHANGES}, updated_at = %(now)s
  FROM staged_profile s WHERE s.known_id = c.id
    AND ({_BEFORE}) IS DISTINCT FROM ({_AFTER})
  RETURNING c.*)
{_TELL} ON s.known_id = w.id
"""  # noqa: S608 - as above
# In the order of source ids, as everybody inserts; whom somebody else has inserted
# meanwhile is left out.
_INSERT = f"""
WITH w AS (
  INSERT INTO customers_customer (id, source_id, {", ".join(_PROFILE)},
    system_metadata, summary, loyalty, referrals, source, created_at, project_id)
  SELECT s.new_id, s.source_id, {_AFTER}, '{{}}', %(summary)s::jsonb,
    %(loyalty)s::jsonb, %(referrals)s::jsonb, %(channel)s, %(now)s, %(project)s
  FROM staged_profile s WHERE s.known_id IS NULL ORDER BY s.source_id
  ON CONFLICT DO NOTHING RETURNING *),
told AS ({_TELL} ON s.new_id = w.id)
SELECT count(*) FROM w
"""  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that were left out: their ids are nobody's, their source id is an id."""

    unknown: frozenset[int]
    taken: frozenset[int]


def write_staged(
    project: Project, profiles: Sequence[StagedProfile], *, now: datetime
) -> LeftOut:
    """Make the profiles of ``project`` what rows say; return which were left out.

    Known customers become what their row says and are held first, in key order;
    unknown ones are created. Everybody changed or new is told of, as by a single
    write. A constant number of statements.
    """
    given: dict[str, Any] = {
        "project": parse("proj_", project.pk),
        "now": now,
        "source": json.dumps(request_context.event_source()),
        "group": request_context.current().request_id,
        "channel": request_context.current().channel,
        "summary": json.dumps(empty_summary()),
        "loyalty": json.dumps(empty_loyalty()),
        "referrals": json.dumps(empty_referrals()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        _stage(cursor, profiles)
        # Without figures the planner takes the table for a small one.
        cursor.execute("ANALYZE staged_profile")
        unknown = _numbers(cursor, _UNKNOWN, given)
        taken = _named_like_ids(cursor, profiles, given)
        _write(cursor, given)
        cursor.execute("DROP TABLE staged_profile")
    return LeftOut(unknown, taken)


def _write(cursor: Any, given: dict[str, Any]) -> None:
    """Write until nobody is left who was inserted by somebody else meanwhile."""
    waiting = -1
    while waiting:
        cursor.execute(_RESOLVE, given)
        cursor.execute(_LAST)
        cursor.execute(_HOLD)
        if cursor.fetchone() != (0,):
            cursor.execute(_UPDATE, given | {"type": "customer.updated"})
            cursor.execute("DELETE FROM staged_profile WHERE known_id IS NOT NULL")
        cursor.execute(_INSERT, given | {"type": "customer.created"})
        (inserted,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM staged_profile")
        (waiting,) = cursor.fetchone()
        waiting -= inserted


def _stage(cursor: Any, profiles: Sequence[StagedProfile]) -> None:
    columns = ", ".join(_STAGED)
    keys = iter(new_hexes(2 * len(profiles)))
    with cursor.copy(f"COPY staged_profile ({columns}) FROM STDIN") as copy:
        for one in profiles:
            address = None if one.address is None else json.dumps(one.address)
            copy.write_row(
                (
                    one.number,
                    one.known_id,
                    one.source_id,
                    one.name,
                    one.description,
                    one.email,
                    one.phone,
                    one.birthdate,
                    one.birthday,
                    address,
                    json.dumps(one.metadata),
                    next(keys),
                    next(keys),
                )
            )


def _named_like_ids(
    cursor: Any, profiles: Sequence[StagedProfile], given: dict[str, Any]
) -> frozenset[int]:
    ids = [key for one in profiles if (key := parse_or_none(ID_PREFIX, one.source_id))]
    if not ids:
        return frozenset()
    return _numbers(cursor, _TAKEN, given | {"ids": ids})


def _numbers(cursor: Any, sql: str, given: dict[str, Any]) -> frozenset[int]:
    cursor.execute(sql, given)
    return frozenset(number for (number,) in cursor.fetchall())

"""Who is in a segment: writing what has been found, in a constant number of statements.

Two who find the same change at once do not both make it: the database says whose row
was written.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from customers.models.customer import ID_PREFIX
from customers.models.segment import SEGMENT_PREFIX
from promo import ids, sql_arrays

#: A segment and a customer, by id.
Place = tuple[str, str]

# In key order, so that two writers wait for each other instead of stopping each other.
_ENTER = """
INSERT INTO customers_segmentmember (segment_id, customer_id, joined_at)
SELECT s, c, %s FROM unnest(%s::uuid[], %s::uuid[]) AS found (s, c) ORDER BY s, c
ON CONFLICT DO NOTHING RETURNING segment_id, customer_id
"""
_LEAVE = """
DELETE FROM customers_segmentmember m
USING unnest(%s::uuid[], %s::uuid[]) AS gone (s, c)
WHERE m.segment_id = gone.s AND m.customer_id = gone.c
RETURNING m.segment_id, m.customer_id
"""


def enter(places: Collection[Place], *, now: datetime) -> list[Place]:
    """Let customers into segments; return those who were not in before."""
    if not places:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, [now, *_arrays(places)])
        return _places(cursor.fetchall())


def leave(places: Collection[Place]) -> list[Place]:
    """Take customers out of segments; return those who were in."""
    if not places:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE, _arrays(places))
        return _places(cursor.fetchall())


def _arrays(places: Collection[Place]) -> list[str]:
    return [
        sql_arrays.uuids(ids.parse(SEGMENT_PREFIX, segment) for segment, _ in places),
        sql_arrays.uuids(ids.parse(ID_PREFIX, customer) for _, customer in places),
    ]


def _places(rows: Sequence[tuple[UUID, UUID]]) -> list[Place]:
    return [
        (ids.show(SEGMENT_PREFIX, segment), ids.show(ID_PREFIX, customer))
        for segment, customer in rows
    ]

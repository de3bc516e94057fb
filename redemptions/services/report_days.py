"""Linking the days of customers, so that different people can be counted quickly.

Whoever redeems on a day has a day before it on which he did, or none. Different people
of a period are the days in it whose day before lies outside.
"""

from collections.abc import Sequence

from django.db import connection

from redemptions.services.report_orders import TallyKey

_SAME = "x.kind = 's' AND x.name = k.name AND x.scope = k.scope"
_SAME += " AND x.project_id = k.project AND x.count > 0"
# The day itself, and the next one of the same person: it follows another now.
_LINK = f"""
UPDATE redemptions_reporttally t SET previous_day = k.previous
FROM (
  SELECT k.project, k.scope, k.name, k.day, p.day AS previous
  FROM (
    SELECT DISTINCT k.project, k.scope, k.name, d.day
    FROM unnest(%s::uuid[], %s::uuid[], %s::date[], %s::text[])
      AS k (project, scope, day, name)
    CROSS JOIN LATERAL (
      SELECT k.day UNION ALL
      (SELECT x.day FROM redemptions_reporttally x
       WHERE {_SAME} AND x.day > k.day ORDER BY x.day LIMIT 1)) d) k
  LEFT JOIN LATERAL (
    SELECT x.day FROM redemptions_reporttally x
    WHERE {_SAME} AND x.day < k.day ORDER BY x.day DESC LIMIT 1) p ON true) k
WHERE t.kind = 's' AND t.name = k.name AND t.scope = k.scope AND t.day = k.day
  AND t.project_id = k.project AND t.previous_day IS DISTINCT FROM k.previous
"""  # noqa: S608 - put together from texts of our own
#: What all days of customers should be linked to.
DAYS_BEFORE = """
SELECT x.id, lag(x.day) OVER (
  PARTITION BY x.project_id, x.scope, x.name ORDER BY x.day) AS previous
FROM redemptions_reporttally x
WHERE x.kind = 's' AND x.count > 0
  AND (%(project)s::uuid IS NULL OR x.project_id = %(project)s)
"""
LINK_ALL = f"""
UPDATE redemptions_reporttally t SET previous_day = k.previous
FROM ({DAYS_BEFORE}) k
WHERE t.id = k.id AND t.previous_day IS DISTINCT FROM k.previous
"""  # noqa: S608 - as above


def link_days(keys: Sequence[TallyKey]) -> None:
    """Link the days of customers that have a count now, or have none any more.

    One relay works on a person at a time, so his days stand still meanwhile.
    """
    if not keys:
        return
    projects, scopes, _, days, names = map(list, zip(*keys, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_LINK, [projects, scopes, days, names])

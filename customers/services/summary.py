"""Storing the computed block that later stages work out for customers."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from promo.ids import parse
from promo.tenancy.models import Project

# Rows are locked in key order before they are written, so that two relays with
# overlapping customers wait for each other instead of stopping each other.
_STORE = """
WITH given AS (
  SELECT * FROM unnest(%s::uuid[], %s::jsonb[]) AS given (id, summary)
), locked AS MATERIALIZED (
  SELECT c.id FROM customers_customer c JOIN given USING (id)
  WHERE c.project_id = %s AND c.deleted_at IS NULL
    AND c.summary IS DISTINCT FROM given.summary
  ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE customers_customer c SET summary = given.summary
FROM locked JOIN given USING (id) WHERE c.id = locked.id
"""


def store_summaries(
    project: Project, summaries: Mapping[str, Mapping[str, Any]], now: datetime
) -> int:
    """Replace the ``summary`` blocks of customers; return how many changed.

    Keys are customer ids, values whole blocks as the API shows them. One statement,
    whatever their number. A computed block is no change of the profile:
    ``updated_at`` stays and no event tells of it.

    Source: data specification, "Computed blocks".
    """
    if not summaries:
        return 0
    ids = [parse("cust_", customer_id) for customer_id in summaries]
    blocks = [json.dumps(block) for block in summaries.values()]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [ids, blocks, parse("proj_", project.pk)])
        return int(cursor.rowcount)

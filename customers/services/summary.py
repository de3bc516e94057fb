"""Storing the computed blocks that later stages work out for customers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from customers.models.customer import empty_loyalty, empty_referrals, empty_summary
from promo.ids import parse
from promo.tenancy.models import Project

# Rows are locked in key order before they are written, so that two relays with
# overlapping customers wait for each other instead of stopping each other.
_STORE = """
WITH given AS (
  SELECT * FROM unnest(%s::uuid[], %s::jsonb[], %s::jsonb[], %s::jsonb[])
    AS given (id, summary, loyalty, referrals)
), locked AS MATERIALIZED (
  SELECT c.id FROM customers_customer c JOIN given USING (id)
  WHERE c.project_id = %s AND c.deleted_at IS NULL
    AND (c.summary, c.loyalty, c.referrals)
        IS DISTINCT FROM (given.summary, given.loyalty, given.referrals)
  ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE customers_customer c
SET summary = given.summary, loyalty = given.loyalty, referrals = given.referrals
FROM locked JOIN given USING (id) WHERE c.id = locked.id
"""


@dataclass(slots=True)
class Figures:
    """The computed blocks of one customer, as the API shows them."""

    summary: dict[str, Any] = field(default_factory=empty_summary)
    loyalty: dict[str, Any] = field(default_factory=empty_loyalty)
    referrals: dict[str, Any] = field(default_factory=empty_referrals)


def store_figures(project: Project, figures: Mapping[str, Figures]) -> int:
    """Replace the computed blocks of customers; return how many changed.

    Keys are customer ids. One statement, whatever their number. A computed block is
    no change of the profile: ``updated_at`` stays and no event tells of it.

    Source: data specification, "Computed blocks".
    """
    if not figures:
        return 0
    blocks = figures.values()
    arguments: list[Any] = [
        [parse("cust_", customer_id) for customer_id in figures],
        [json.dumps(one.summary) for one in blocks],
        [json.dumps(one.loyalty) for one in blocks],
        [json.dumps(one.referrals) for one in blocks],
        parse("proj_", project.pk),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, arguments)
        return int(cursor.rowcount)

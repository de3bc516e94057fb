"""Taking a person out of the audit log: what was changed goes, that it was stays."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from promo import ids
from promo.audit.models import Change
from promo.audit.partitions import opened
from promo.tenancy.models import Project

#: Characters; a shorter name stands in sentences that mean something else.
_SHORTEST = 6
_FORGET = f"""
UPDATE {Change._meta.db_table} SET before = '{{}}', after = '{{}}', name = '',
  reason = '', erased_at = %(now)s
WHERE project_id = %(project)s AND erased_at IS NULL AND (customer_id = %(customer)s
  OR name = ANY(%(texts)s) OR EXISTS (SELECT FROM unnest(%(texts)s::text[]) one
    WHERE length(one) >= {_SHORTEST} AND strpos(reason, one) > 0)
  OR EXISTS (SELECT FROM unnest(%(marks)s::text[]) mark
    WHERE strpos(before::text, mark) > 0 OR strpos(after::text, mark) > 0))
"""  # noqa: S608 - our own names


def forget_customer(
    project: Project, customer_id: str, texts: Collection[str], *, now: datetime
) -> int:
    """Blank what tells of a customer; return how many entries did.

    ``texts`` are what the person is called elsewhere: addresses, phone numbers, ids.
    They count as whole values of what was changed, and inside the reason that somebody
    wrote. Called last: what an erasure itself changes is told of, too.
    """
    known = sorted({each for each in (*texts, customer_id) if each})
    values: dict[str, Any] = {
        "now": now,
        "project": ids.parse("proj_", project.pk),
        "customer": ids.parse("cust_", customer_id),
        "texts": known,
        "marks": [json.dumps(each, ensure_ascii=False) for each in known],
    }
    with opened(), connection.cursor() as cursor:
        cursor.execute(_FORGET, values)
        return int(cursor.rowcount)

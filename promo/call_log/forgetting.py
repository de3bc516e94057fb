"""Taking a person out of the call log.

A call that names the person, by an id or an address, in its bodies or its own address,
loses its bodies and what its address says; who called what and when stays. Calls of
those very moments may still be on their way, that of the erasure among them, so the
search is repeated once they have arrived.

Source: data specification, "Delete and erase".
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from promo import ids
from promo.call_log import masking
from promo.call_log.models import ApiCall, Forgetting
from promo.tenancy.models import Project

#: Calls are stored within this time, or lost.
ARRIVAL = timedelta(minutes=5)
_EVER = datetime(1, 1, 2, tzinfo=UTC)

_FORGET = f"""
UPDATE {ApiCall._meta.db_table} SET
  request_body = '', response_body = '', erased_at = %(now)s,
  url = regexp_replace(split_part(url, '?', 1), %(in_path)s, '/{masking.MASK}', 'g')
WHERE project_id = %(project)s AND created_at BETWEEN %(since)s AND %(until)s
AND erased_at IS NULL AND (url ~ %(in_url)s OR {{in_bodies}})
"""  # noqa: S608 - our own names


@transaction.atomic
def forget_person(project: Project, references: Sequence[str], *, now: datetime) -> int:
    """Forget a person in the calls of ``project``; return how many named them.

    ``references`` are what bodies name the person by: ids, e-mail addresses. Empty ones
    name nobody.
    """
    named = sorted({reference for reference in references if reference})
    if not named:
        return 0
    count = _forget(project, named, now=now, since=_EVER, until=now + ARRIVAL)
    Forgetting.objects.create(project=project, references=named, created_at=now)
    return count


@transaction.atomic
def finish(*, now: datetime) -> int:
    """Search again for whoever was forgotten a while ago; return how many that were."""
    arrived = Forgetting.objects.filter(created_at__lte=now - ARRIVAL)
    locked = arrived.select_for_update(skip_locked=True, of=("self",))
    rows = list(locked.select_related("project"))
    for row in rows:
        since, until = row.created_at - ARRIVAL, row.created_at + ARRIVAL
        _forget(row.project, row.references, now=now, since=since, until=until)
    Forgetting.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _forget(
    project: Project,
    named: Sequence[str],
    *,
    now: datetime,
    since: datetime,
    until: datetime,
) -> int:
    parts = "|".join(re.escape(masking.url_part(reference)) for reference in named)
    values: dict[str, Any] = {
        "project": ids.parse("proj_", project.pk),
        "now": now,
        "since": since,
        "until": until,
        "in_path": f"/({parts})(?=/|$)",
        "in_url": f"[/=]({parts})([/?&]|$)",
    }
    # Looking for plain text is several times as quick as any pattern.
    terms = {f"term_{n}": masking.json_part(one) for n, one in enumerate(named)}
    in_bodies = " OR ".join(
        f"strpos({body}, %({term})s) > 0"
        for body in ("request_body", "response_body")
        for term in terms
    )
    with connection.cursor() as cursor:
        cursor.execute(_FORGET.format(in_bodies=in_bodies), values | terms)
        return int(cursor.rowcount)

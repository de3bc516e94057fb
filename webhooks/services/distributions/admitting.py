"""Counting what customers get against the limits, so that none is ever exceeded.

1. Hold the messages that lead, in the order of their ids: what is counted already is
   not counted again, however often it is tried.
2. Hold the counts that limit them, in the order of their keys, making those that are
   missing.
3. Admit in turn while there is room, and move every count by one conditional statement.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from promo import sql_arrays
from promo.ids import parse
from promo.tenancy.models import Project
from webhooks.engine.distributions.admission import (
    Bounds,
    Key,
    Occasion,
    admit,
    keys_asked,
)
from webhooks.models import DistributionMessage
from webhooks.services.distributions import situations

_HOLD = """
INSERT INTO webhooks_distributioncount AS c (project_id, subject, bucket, used)
SELECT %s, k.s, k.b, 0 FROM unnest(%s::text[], %s::text[]) AS k (s, b)
ORDER BY k.s, k.b
ON CONFLICT (project_id, subject, bucket) DO UPDATE SET used = c.used
RETURNING subject, bucket, used
"""
_MOVE = """
UPDATE webhooks_distributioncount c SET used = c.used + k.n
FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[]) AS k (s, b, n, most)
WHERE c.project_id = %s AND c.subject = k.s AND c.bucket = k.b
  AND c.used + k.n <= k.most
"""
_GIVE_BACK = """
WITH held AS MATERIALIZED (
  SELECT c.id, k.n FROM webhooks_distributioncount c
  JOIN unnest(%s::text[], %s::text[], %s::int[]) AS k (s, b, n)
    ON c.subject = k.s AND c.bucket = k.b
  WHERE c.project_id = %s ORDER BY c.subject, c.bucket FOR NO KEY UPDATE OF c)
UPDATE webhooks_distributioncount c SET used = greatest(0, c.used - held.n)
FROM held WHERE c.id = held.id
"""


class LimitMoved(Exception):
    """A count that was held has moved: the statements disagree with one another."""


@transaction.atomic
def admit_occasions(
    project: Project, waiting: Sequence[situations.Occasion], *, now: datetime
) -> dict[str, str]:
    """Count what is to go out; return the reasons of what may not, by leading message.

    A fixed number of statements.
    """
    fresh = _uncounted([each.leader_id for each in waiting])
    asked = [_counted(each) for each in waiting if each.leader_id in fresh]
    bounds = bounds_of(project, waiting, now=now)
    most = keys_asked(asked, bounds)
    used = _hold(project, most)
    admission = admit(asked, bounds, used)
    _move(project, admission.claims, most)
    admitted = [each.id for each in asked if each.id not in admission.refused]
    rows = DistributionMessage.objects.filter(pk__in=admitted)
    rows.update(is_counted=True)
    return dict(admission.refused)


@transaction.atomic
def give_back(
    project: Project, unsent: Sequence[situations.Occasion], *, now: datetime
) -> None:
    """Take back what was counted for occasions that come to nothing.

    What was counted on another day stays counted on that day.
    """
    if not unsent:
        return
    rows = DistributionMessage.objects.filter(
        pk__in=[each.leader_id for each in unsent], is_counted=True
    )
    held = rows.select_for_update(no_key=True).order_by("pk")
    counted = set(held.values_list("pk", flat=True))
    bounds = bounds_of(project, unsent, now=now)
    back: dict[Key, int] = {}
    for each in unsent:
        if each.leader_id in counted:
            for key, amount, _, _ in bounds.keys_of(_counted(each)):
                back[key] = back.get(key, 0) + amount
    _run(_GIVE_BACK, [*_columns(back), parse("proj_", project.pk)], back)
    rows.update(is_counted=False)


def bounds_of(
    project: Project, occasions: Collection[situations.Occasion], *, now: datetime
) -> Bounds:
    """Return what limits occasions of a project at a moment."""
    ceiling = settings.DISTRIBUTION_MESSAGES_PER_DAY
    return Bounds(
        project_id=project.pk,
        day=project.calendar(now).today.isoformat(),
        limits={each.distribution.pk: each.distribution.limits for each in occasions},
        ceiling=ceiling or None,
    )


def _counted(occasion: situations.Occasion) -> Occasion:
    return Occasion(
        id=occasion.leader_id,
        distribution_id=occasion.distribution.pk,
        customer_id=occasion.customer_id,
        messages=len(occasion.messages),
    )


def _uncounted(leaders: Sequence[str]) -> set[str]:
    rows = DistributionMessage.objects.filter(pk__in=leaders).order_by("pk")
    held = rows.select_for_update(no_key=True).values_list("pk", "is_counted")
    return {pk for pk, is_counted in held if not is_counted}


def _hold(project: Project, asked: Mapping[Key, int]) -> dict[Key, int]:
    if not asked:
        return {}
    subjects, buckets = _columns(dict.fromkeys(asked, 0))[:2]
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [parse("proj_", project.pk), subjects, buckets])
        return {(subject, bucket): used for subject, bucket, used in cursor.fetchall()}


def _move(project: Project, claims: Mapping[Key, int], most: Mapping[Key, int]) -> None:
    limits = [most[key] for key in sorted(claims)]
    values = [*_columns(claims), limits, parse("proj_", project.pk)]
    if _run(_MOVE, values, claims) < len(claims):
        raise LimitMoved


def _run(sql: str, values: Sequence[Any], keys: Mapping[Key, int]) -> int:
    if not keys:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def _columns(amounts: Mapping[Key, int]) -> list[Any]:
    """Return keys and amounts as columns, in the order of the keys."""
    keys = sorted(amounts)
    return [
        sql_arrays.texts([subject for subject, _ in keys]),
        sql_arrays.texts([bucket for _, bucket in keys]),
        [amounts[key] for key in keys],
    ]

"""Taking messages that are due, so that nobody else sends them meanwhile.

What one event makes one customer get is taken as a whole: who takes it holds the
message that leads, and passes over those that somebody else holds.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from promo.ids import show
from webhooks.models import DistributionMessage
from webhooks.models.message import MESSAGE_PREFIX

#: How long a claim holds: whoever made it is dead after that.
LEASE = timedelta(minutes=15)

_UNCLAIMED = """
m.state = 'WAITING' AND m.due_at <= %(now)s
AND (m.claimed_until IS NULL OR m.claimed_until <= %(now)s)
"""
# Each distribution has its share of the look, so that one with much to send does not
# keep the others waiting.
_CLAIM = f"""
WITH due AS (
  SELECT w.leader_id FROM webhooks_distribution d
  CROSS JOIN LATERAL (
    SELECT m.leader_id, m.due_at FROM webhooks_distributionmessage m
    WHERE m.distribution_id = d.id AND {_UNCLAIMED}
    ORDER BY m.due_at LIMIT %(most)s) w
  WHERE d.status = 'ACTIVE' ORDER BY w.due_at, w.leader_id LIMIT %(most)s),
held AS MATERIALIZED (
  SELECT l.id FROM webhooks_distributionmessage l
  WHERE l.id IN (SELECT leader_id FROM due)
  ORDER BY l.id FOR NO KEY UPDATE SKIP LOCKED)
UPDATE webhooks_distributionmessage m SET claimed_until = %(until)s
FROM held WHERE m.leader_id = held.id AND {_UNCLAIMED}
RETURNING m.id
"""  # noqa: S608 - texts of our own


@transaction.atomic
def claim(most: int, *, now: datetime) -> list[DistributionMessage]:
    """Return up to about ``most`` due messages; they are the caller's for a while."""
    values: dict[str, Any] = {"now": now, "until": now + LEASE, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        claimed = [show(MESSAGE_PREFIX, key) for (key,) in cursor.fetchall()]
    rows = DistributionMessage.objects.filter(pk__in=claimed)
    related = rows.select_related("distribution__project")
    return list(related.order_by("leader_id", "pk")) if claimed else []

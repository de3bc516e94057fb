"""How many sendouts are owed, since when, and which webhooks do not take theirs."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Count, Q
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from promo.clock import utc_now
from promo.health.check import MOST_COUNTED
from webhooks.models import Webhook

# What is owed to a webhook that is switched off waits for a person, not for a worker.
_OWED = """
SELECT count(*) FILTER (WHERE attempts_made = 0),
  count(*) FILTER (WHERE attempts_made > 0)
FROM (
  SELECT d.attempts_made FROM webhooks_webhook w
  JOIN webhooks_delivery d ON d.webhook_id = w.id AND d.status = 'PENDING'
  WHERE w.active LIMIT %s) owed
"""
# The first of each webhook stands first in its index, however many wait behind it.
_OLDEST = """
SELECT extract(epoch FROM %s - min(first.created_at))::float
FROM webhooks_webhook w CROSS JOIN LATERAL (
  SELECT d.created_at FROM webhooks_delivery d
  WHERE d.webhook_id = w.id AND d.status = 'PENDING'
  ORDER BY d.event_id LIMIT 1) first
WHERE w.active
"""


def read_gauges() -> Iterable[Metric]:
    """Return what webhooks are owed and how they stand, with three statements."""
    now = utc_now()
    with connection.cursor() as cursor:
        cursor.execute(_OWED, [MOST_COUNTED])
        fresh, failing = cursor.fetchone()
        cursor.execute(_OLDEST, [now])
        oldest: float | None = cursor.fetchone()[0]
    owed = GaugeMetricFamily(
        "promo_webhook_sendouts",
        "Sendouts that are owed: waiting for their first attempt, or for another one; "
        f"{MOST_COUNTED} of both together stand for more, too",
        labels=["state"],
    )
    owed.add_metric(["waiting"], fresh)
    owed.add_metric(["failing"], failing)
    age = GaugeMetricFamily(
        "promo_webhook_sendouts_oldest_seconds",
        "Age of the oldest sendout that is owed",
        max(oldest or 0.0, 0.0),
    )
    standing = Webhook.objects.aggregate(
        paused=Count("pk", filter=Q(active=True, paused_until__gt=now)),
        off=Count("pk", filter=Q(active=False) & ~Q(disabled_at=None)),
    )
    webhooks = GaugeMetricFamily(
        "promo_webhooks",
        "Webhooks left alone for a while, or switched off, as they kept failing",
        labels=["state"],
    )
    webhooks.add_metric(["paused"], standing["paused"])
    webhooks.add_metric(["switched_off"], standing["off"])
    return [owed, age, webhooks]

"""What was sent to a customer, and what is owed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from customers.services.records import PORTION, Records
from promo.clock import isoformat
from webhooks.models import DistributionMessage


def records_of(customer: Any, *, now: datetime) -> Records:
    """Return the messages of distributions to a customer."""
    return {"messages": _messages(customer)}


def _messages(customer: Any) -> Iterator[dict[str, Any]]:
    rows = DistributionMessage.objects.filter(
        project=customer.project, customer_id=customer.pk
    ).order_by("pk")
    for row in rows.select_related("distribution").iterator(PORTION):
        yield {
            "id": row.pk,
            "distribution": row.distribution.name,
            "event_type": row.event_type,
            "channel": row.channel,
            "state": row.state,
            "reason": row.reason or None,
            "sent": row.sent,
            "created_at": isoformat(row.created_at),
            "finished_at": isoformat(row.finished_at) if row.finished_at else None,
            "object": "message",
        }

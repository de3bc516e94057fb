"""Distributions and their messages as the API and events show them.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Mapping
from typing import Any

from promo.clock import isoformat
from webhooks.models import Distribution, DistributionMessage

Json = dict[str, Any]


def simple_distribution(distribution: Distribution) -> Json:
    """Return what events embed."""
    return {
        "id": distribution.pk,
        "name": distribution.name,
        "object": "distribution",
    }


def distribution_as_json(distribution: Distribution, stats: Mapping[str, Any]) -> Json:
    """Return the whole distribution; ``stats`` counts its messages."""
    updated, starts = distribution.updated_at, distribution.starts_at
    return {
        "id": distribution.pk,
        "name": distribution.name,
        "kind": distribution.kind,
        "status": distribution.status,
        "paused_reason": distribution.paused_reason or None,
        "trigger": distribution.trigger or None,
        "audience": distribution.audience or None,
        "conditions": distribution.conditions,
        "action": distribution.action,
        "channels": distribution.channels,
        "delay": distribution.delay or {"type": "NONE"},
        "cancel_if": distribution.cancel_if,
        "limits": distribution.limits,
        "stats": dict(stats),
        "starts_at": starts and isoformat(starts),
        "created_at": isoformat(distribution.created_at),
        "updated_at": updated and isoformat(updated),
        "object": "distribution",
    }


def message_as_json(message: DistributionMessage) -> Json:
    """Return what is known of a message, what went out included."""
    finished = message.finished_at
    return {
        "id": message.pk,
        "distribution_id": message.distribution_id,
        "customer_id": message.customer_id,
        "event": {
            "id": message.event_id,
            "type": message.event_type,
            "created_at": isoformat(message.event_created_at),
        },
        "channel": message.channel,
        "state": message.state,
        "reason": message.reason or None,
        "problem": message.problem or None,
        "due_at": isoformat(message.due_at),
        "attempts": message.attempts_made,
        "publication_id": message.publication_id or None,
        "sent": message.sent,
        "finished_at": finished and isoformat(finished),
        "created_at": isoformat(message.created_at),
        "object": "distribution_message",
    }

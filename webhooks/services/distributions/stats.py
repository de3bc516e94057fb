"""How many messages of distributions wait, went out, or did not, and why.

Messages that are kept are counted where they are; those that are kept no longer were
counted when they went.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count

from webhooks.models import Distribution, DistributionMessage, MessageState

#: Channel, state and reason, and how many.
Tally = tuple[str, str, str, int]
_WITH_REASONS = (MessageState.SKIPPED, MessageState.FAILED, MessageState.CANCELED)


def stats_of(distributions: Collection[Distribution]) -> dict[str, dict[str, Any]]:
    """Return the counts of each distribution by its id, in one statement."""
    counted = tallies(
        DistributionMessage.objects.filter(distribution__in=distributions)
    )
    return {
        each.pk: _summed([*counted.get(each.pk, ()), *map(tuple, each.past_stats)])
        for each in distributions
    }


def tallies(rows: Any) -> dict[str, list[Tally]]:
    """Return how many of ``rows`` there are, by distribution."""
    found: dict[str, list[Tally]] = {}
    grouped = rows.order_by().values_list(
        "distribution_id", "channel", "state", "reason"
    )
    for distribution_id, *tally in grouped.annotate(count=Count("pk")):
        found.setdefault(distribution_id, []).append(tuple(tally))
    return found


def _summed(counted: Iterable[Any]) -> dict[str, Any]:
    """Return counts by state, with the reasons of what was not sent, and by channel."""
    total = _empty()
    channels: dict[str, dict[str, Any]] = {}
    for channel, state, reason, count in counted:
        for into in (total, channels.setdefault(channel, _empty())):
            into[state.lower()] += count
            if state in _WITH_REASONS and reason:
                reasons = into["reasons"]
                reasons[reason] = reasons.get(reason, 0) + count
    return {**total, "channels": dict(sorted(channels.items()))}


def _empty() -> dict[str, Any]:
    return {**{state.lower(): 0 for state in MessageState.values}, "reasons": {}}

"""Below the form of a distribution: what was not sent, and why."""

from typing import Any

from promo.admin.panel import Cell, Panel
from promo.admin.summary import list_address
from webhooks.engine.messages.occasions import in_plain_words
from webhooks.models import Distribution, MessageState


def not_sent_panel(distribution: Distribution, counts: dict[str, Any]) -> Panel:
    """Return how many messages were not sent, by the reason; the most come first."""
    ordered = sorted(counts["reasons"].items(), key=lambda each: (-each[1], each[0]))
    listed = list_address(
        "webhooks_distributionmessage", distribution__id__exact=distribution.pk
    )
    total = sum(counts[state.lower()] for state in MessageState)
    return Panel(
        title="Why messages were not sent",
        columns=("Reason", "Messages"),
        rows=[
            (Cell(in_plain_words(reason)), Cell(f"{count:,}"))
            for reason, count in ordered
        ],
        empty=(
            "Every message went out or is on its way."
            if total
            else "Nothing has been due yet."
        ),
        link=listed,
        link_text="All messages",
    )

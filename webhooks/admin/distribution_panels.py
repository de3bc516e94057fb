"""Below the form of a distribution: what was not sent, and why."""

from typing import Any

from django.contrib.admin.utils import quote
from django.urls import reverse

from campaigns.services.rule_assignments import rules_by_object
from promo.admin.panel import Cell, Panel
from promo.admin.summary import list_address
from webhooks.engine.messages.occasions import in_plain_words
from webhooks.models import Distribution, MessageState
from webhooks.services.distributions.names import names_in


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


def rule_put_on(distribution: Distribution) -> dict[str, str] | None:
    """Return name and address of the rule that was put on it, None for none."""
    project = distribution.project
    rule = rules_by_object(project, [distribution.pk]).get(distribution.pk)
    if rule is None:
        return None
    named = names_in(project, [{"conditions": {"validation_rule_id": rule}}])
    link = reverse("admin:campaigns_validationrule_change", args=[quote(rule)])
    return {"name": named[rule], "link": link}

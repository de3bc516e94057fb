"""What a customer could use on a cart, each offer alone, in words."""

from datetime import datetime
from typing import Any

from promo.admin.presentation import money
from promo.tenancy.models import Project
from redemptions.admin.voice import voice_for
from redemptions.engine.decision import Entry
from redemptions.engine.explanation import entry_as_trace
from redemptions.engine.story import tell_decision
from redemptions.services.qualify import Qualified
from redemptions.services.rehearse import rehearse_qualification
from redemptions.services.requests import CheckoutRequest

Json = dict[str, Any]


def what_applies(project: Project, request: CheckoutRequest, now: datetime) -> Json:
    """Return what the page shows of the offers that apply, the best first.

    Raises:
        PromoError: the request cannot be served.
    """
    found = rehearse_qualification(project=project, request=request, now=now)
    entries = found.page.entries
    trace = {"redeemables": [entry_as_trace(each) for each in entries]}
    told = tell_decision(trace, voice_for(project, trace))
    return {
        "accepted": bool(entries),
        "headline": _headline(found),
        "offers": [
            {
                "name": one.name,
                "says": one.summary,
                "takes": money(each.taken.amount, project.currency),
                "left": _left(each, project.currency),
            }
            for each, one in zip(entries, told, strict=True)
        ],
    }


def _headline(found: Qualified) -> str:
    count = len(found.page.entries)
    if not count:
        return "No offer applies."
    if found.page.next is not None:
        return f"The best {count} offers that apply, each used alone"
    if count == 1:
        return "One offer applies."
    return f"{count} offers apply, each used alone"


def _left(entry: Entry, currency: str) -> str:
    total = entry.order.total_amount if entry.order is not None else None
    return money(total, currency)

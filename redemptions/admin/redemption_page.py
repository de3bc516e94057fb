"""What the page of one redemption shows beside its fields: why, and what goes on."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse

from promo.admin.visit import visit
from redemptions.admin.cart import cart_of
from redemptions.admin.reasons import reason_in_words
from redemptions.admin.redemption_filters import outcome_of
from redemptions.admin.voice import voice_for
from redemptions.engine.story import tell_decision
from redemptions.models import Redemption
from redemptions.models.redemption import Kind, Result

Json = Mapping[str, Any]
Link = tuple[str, str]


def page_of(request: HttpRequest, row: Redemption) -> dict[str, Any]:
    """Return the cart, the decision in words, what belongs together and leads on."""
    trace = row.trace or {}
    cart = cart_of(row.order_state or trace.get("order"), row.project.currency)
    refused = row.result == Result.FAILURE
    return {
        "cart": cart,
        "told": tell_decision(trace, voice_for(row.project, trace, cart)),
        "refusal": why_refused(row) if refused else "",
        "family": _family(row),
        "leads": [*_again(request, row), *_version(request, row)],
    }


def why_refused(row: Redemption) -> str:
    """Return why an attempt failed, in words."""
    return reason_in_words(row.failure_code, row.failure_message)


def _again(request: HttpRequest, row: Redemption) -> list[Link]:
    """Return where the same can be decided again, as of then and as of now."""
    if row.object != Kind.REDEMPTION or not visit(request).may("campaigns.read"):
        return []
    named = {"redemption": row.shown_id}
    then = {**named, "at": row.created_at.isoformat()}
    page = reverse("try-it")
    return [
        ("Decide again as of then", f"{page}?{urlencode(then)}"),
        ("Decide again as of now", f"{page}?{urlencode(named)}"),
    ]


def _version(request: HttpRequest, row: Redemption) -> list[Link]:
    """Return where the campaign is as it was then, and what has changed since."""
    campaign = row.campaign
    if campaign is None or not visit(request).may("campaigns.read"):
        return []
    page = reverse("campaign-versions", args=(campaign.pk,))
    before = campaign.versions.filter(created_at__lte=row.created_at)
    used, newest = before.first(), campaign.versions.first()
    if used is None or newest is None:
        return [("Versions of the campaign", page)]
    number = before.count()
    link = f"{page}?{urlencode({'to': used.pk})}"
    found = [(f"Decided by version {number} of {campaign.name}", link)]
    if newest.pk != used.pk:
        pair = urlencode({"from": used.pk, "to": newest.pk})
        found.append(("What changed since", f"{page}?{pair}"))
    return found


def _family(row: Redemption) -> list[dict[str, str]]:
    """Return the rows that hang together with ``row``, in one query a kind."""
    found: list[tuple[str, Redemption]] = []
    if row.parent is not None:
        found.append(("Part of", row.parent))
    if row.original is not None:
        found.append(("Undoes", row.original))
    children = row.children.select_related("promotion_tier").order_by("pk")
    found += [("Part", one) for one in children]
    found += [("Rolled back by", one) for one in row.rollbacks.order_by("created_at")]
    return [
        {
            "how": how,
            "id": one.shown_id,
            "title": str(one),
            "what": one.voucher_code or str(one.promotion_tier or ""),
            "outcome": outcome_of(one),
            "link": reverse(
                "admin:redemptions_redemption_change", args=(quote(one.pk),)
            ),
        }
        for how, one in found
    ]

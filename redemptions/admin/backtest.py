"""The page that holds a campaign against the orders of the last weeks."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from campaigns.models import Campaign
from promo.admin.visit import project_of, visit
from redemptions.admin.backtest_words import Shown, shown_backtest
from redemptions.services.backtest import (
    DAYS,
    MOST_ORDERS,
    backtest_campaign,
    can_be_backtested,
)

CARDS = "Cards were bought or earned before: what they pay is no discount."
#: What the panel says of itself.
BOUNDS: dict[str, Any] = {"days": DAYS, "most_orders": MOST_ORDERS}


def may_backtest(request: HttpRequest) -> bool:
    """Say whether somebody may see orders, which the panel names."""
    return visit(request).may("orders.read")


def backtest_page(request: HttpRequest, campaign_id: str) -> HttpResponseBase:
    """Show what a campaign, as it is defined now, would have cost."""
    seen = visit(request)
    if seen.project is None or not seen.may("campaigns.read"):
        raise PermissionDenied
    if not may_backtest(request):
        raise PermissionDenied
    campaign = _campaign(request, unquote(campaign_id))
    shown = Shown(note=CARDS)
    if can_be_backtested(campaign.campaign_type):
        found = backtest_campaign(campaign, now=seen.now)
        shown = shown_backtest(campaign.project, found)
    context = {
        **admin.site.each_context(request),
        **BOUNDS,
        "title": f"Backtest of {campaign.name}",
        "campaign": campaign,
        "back": reverse("admin:campaigns_campaign_change", args=(quote(campaign.pk),)),
        "backtest": shown,
    }
    return TemplateResponse(request, "admin/backtest_page.html", context)


def _campaign(request: HttpRequest, campaign_id: str) -> Campaign:
    project = project_of(request)
    rows = project.campaigns.alive().select_related("category")
    found = rows.by_reference(campaign_id).first()
    if found is None:
        msg = "No campaign with this id"
        raise Http404(msg)
    found.project = project
    return found

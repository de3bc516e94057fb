"""The ways from an offer's page to the screens on which it can be tried."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from unfold.decorators import action

from campaigns.models import Campaign, PromotionTier, Voucher

Run = Callable[[Any, HttpRequest, str], HttpResponseBase]


def try_it_action() -> Run:
    """Return the detail action "Try it": a link, it writes nothing."""

    @action(description="Try it", permissions=["view"], icon="experiment")
    def try_it(admin: Any, request: HttpRequest, object_id: str) -> HttpResponseBase:
        offer = admin.object_or_404(request, object_id)
        return HttpResponseRedirect(try_it_address(offer))

    found: Run = try_it
    return found


def backtest_action() -> Run:
    """Return the detail action "Backtest": a link, it writes nothing."""

    @action(description="Backtest", permissions=["backtest"], icon="query_stats")
    def backtest(admin: Any, request: HttpRequest, object_id: str) -> HttpResponseBase:
        campaign = admin.object_or_404(request, object_id)
        address = reverse("campaign-backtest", args=(quote(campaign.pk),))
        return HttpResponseRedirect(address)

    found: Run = backtest
    return found


def try_it_address(offer: Campaign | PromotionTier | Voucher) -> str:
    """Return where an offer can be tried: a campaign by a code or by its tiers."""
    filled: dict[str, list[str]] = {}
    if isinstance(offer, Voucher):
        filled = {"code": [offer.code]}
    elif isinstance(offer, PromotionTier):
        filled = {"tier": [offer.pk]}
    else:
        codes = offer.vouchers.alive().order_by("pk").values_list("code", flat=True)[:1]
        tiers = offer.tiers.alive().order_by("pk").values_list("pk", flat=True)
        filled = {"code": list(codes), "tier": list(tiers)}
    query = urlencode(filled, doseq=True)
    return f"{reverse('try-it')}?{query}" if query else reverse("try-it")

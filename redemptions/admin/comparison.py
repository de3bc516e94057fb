"""Two campaigns side by side: what they say differently, and what came of each."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from campaigns.models import Campaign
from campaigns.services.versions import snapshots
from promo.admin.presentation import money
from promo.admin.visit import project_of, visit
from redemptions.admin.version_words import Difference, differences
from redemptions.admin.voice import voice_for
from redemptions.services.figures import campaign_totals

_TWO = 2


def comparison(request: HttpRequest) -> HttpResponseBase:
    """Show the two campaigns that the address names, else go to the list."""
    seen = visit(request)
    if seen.project is None or not seen.may("campaigns.read"):
        raise PermissionDenied
    pair = _pair(request)
    if len(pair) != _TWO:
        messages.error(request, "Tick two campaigns to compare them.")
        return HttpResponseRedirect(reverse("admin:campaigns_campaign_changelist"))
    context = {
        **admin.site.each_context(request),
        "title": f"{pair[0].name} and {pair[1].name}",
        "pair": [(one.name, _page(one)) for one in pair],
        "differences": _said(*pair),
        "figures": list(_figures(*pair)) if seen.may("redemptions.read") else [],
    }
    return TemplateResponse(request, "admin/campaign_comparison.html", context)


def _pair(request: HttpRequest) -> list[Campaign]:
    project = project_of(request)
    found = [
        project.campaigns.alive().by_reference(named).first()
        for named in request.GET.getlist("campaign")[:_TWO]
    ]
    pair = [one for one in found if isinstance(one, Campaign)]
    for one in pair:
        one.project = project
    return pair


def _page(campaign: Campaign) -> str:
    return reverse("admin:campaigns_campaign_change", args=(quote(campaign.pk),))


def _said(one: Campaign, other: Campaign) -> list[Difference]:
    project = one.project
    before, after = snapshots(project, [one, other])
    voice = voice_for(project, [before["rules"], after["rules"]])
    said = differences(before, after, currency=project.currency, voice=voice)
    # The head of the table names them.
    return [each for each in said if each.name != "Name"]


def _figures(*pair: Campaign) -> Iterator[tuple[str, list[Any]]]:
    totals = [campaign_totals(one) for one in pair]
    currency = pair[0].project.currency
    yield "Redemptions", [f"{each.redeemed:,}" for each in totals]
    yield "Refused attempts", [f"{each.refused:,}" for each in totals]
    yield "Discounts given", [money(each.discount, currency) for each in totals]
    yield (
        "A redemption",
        [
            money(each.discount // each.redeemed, currency) if each.redeemed else "-"
            for each in totals
        ],
    )

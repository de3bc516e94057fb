"""The page of a campaign's versions: when, who, why, what differs, and back again."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localtime

from campaigns.models import Campaign, CampaignVersion
from campaigns.services.version_restore import restore_version
from campaigns.services.versions import keep_first_versions
from promo.admin.commands import plain_id, tell
from promo.admin.forms import in_words
from promo.admin.visit import Visit, project_of, visit
from promo.errors import PromoError
from promo.ids import parse_or_none
from redemptions.admin.version_words import Difference, differences
from redemptions.admin.voice import voice_for

#: Versions on the page, newest first.
_MOST = 100


def versions(request: HttpRequest, campaign_id: str) -> HttpResponseBase:
    """Show the versions of a campaign; a POST makes it what one of them says."""
    seen = _allowed(request)
    campaign = _campaign(request, campaign_id)
    if request.method == "POST":
        return _restore(request, seen, campaign)
    keep_first_versions(campaign.project, [campaign.pk], now=seen.now)
    total = campaign.versions.count()
    found = list(campaign.versions.all()[:_MOST])
    rows = [
        {
            "id": one.pk,
            "number": total - place,
            "at": localtime(one.created_at),
            "author": one.author or "System",
            "reason": one.reason,
            "is_current": place == 0,
        }
        for place, one in enumerate(found)
    ]
    context = {
        **admin.site.each_context(request),
        "title": f"Versions of {campaign.name}",
        "campaign": campaign,
        "back": reverse("admin:campaigns_campaign_change", args=(campaign.pk,)),
        "rows": rows,
        "may_restore": seen.may("campaigns.modify"),
        "hidden": max(0, total - _MOST),
        **_compared(request, campaign, found, rows),
    }
    return TemplateResponse(request, "admin/versions.html", context)


def _compared(
    request: HttpRequest,
    campaign: Campaign,
    found: list[CampaignVersion],
    rows: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return the two versions to compare: those asked for, else the last two."""
    places = {one.pk: place for place, one in enumerate(found)}
    newer = places.get(request.GET.get("to", ""), 0)
    older = places.get(request.GET.get("from", ""), newer + 1)
    if older < newer:
        older, newer = newer, older
    if not found or older >= len(found):
        return {"from": None, "to": rows[newer] if rows else None, "differences": []}
    before, after = found[older].snapshot, found[newer].snapshot
    return {
        "from": rows[older],
        "to": rows[newer],
        "chosen": rows[older],
        "differences": _said(campaign, before, after),
    }


def _said(campaign: Campaign, before: Any, after: Any) -> list[Difference]:
    project = campaign.project
    voice = voice_for(project, [before["rules"], after["rules"]])
    return differences(before, after, currency=project.currency, voice=voice)


def _restore(request: HttpRequest, seen: Visit, campaign: Campaign) -> HttpResponseBase:
    if not seen.may("campaigns.modify"):
        raise PermissionDenied
    wanted = request.POST.get("version", "")
    rows = list(campaign.versions.all()[:_MOST])
    version = next((one for one in rows if one.pk == wanted), None)
    if version is None:
        msg = "No such version"
        raise Http404(msg)
    try:
        restore_version(version, now=seen.now)
    except PromoError as refused:
        messages.error(request, f"Nothing is restored. {in_words(refused)}")
    else:
        at = localtime(version.created_at)
        tell(request, f"{campaign.name} is as it was on {at:%-d %b %Y, %H:%M}.")
    return HttpResponseRedirect(reverse("campaign-versions", args=(campaign.pk,)))


def _allowed(request: HttpRequest) -> Visit:
    seen = visit(request)
    if seen.project is None or not seen.may("campaigns.read"):
        raise PermissionDenied
    return seen


def _campaign(request: HttpRequest, campaign_id: str) -> Campaign:
    project = project_of(request)
    named = plain_id(campaign_id)
    is_id = parse_or_none("camp_", named) is not None
    found = project.campaigns.alive().filter(pk=named).first() if is_id else None
    if found is None:
        msg = "No such campaign"
        raise Http404(msg)
    found.project = project
    return found

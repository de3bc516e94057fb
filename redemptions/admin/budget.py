"""The pages of budgets: all that run, and one campaign's with its burn-down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localtime
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.models import Campaign
from promo.admin.commands import plain_id, tell
from promo.admin.forms import in_words
from promo.admin.summary import Figure
from promo.admin.visit import Visit, project_of, visit
from promo.errors import PromoError
from redemptions.admin import charts
from redemptions.admin.budget_words import (
    RISKY,
    amount_of,
    forecast_in_words,
    name_of,
    row_of,
    rows_of,
)
from redemptions.engine.rule_subjects import MONEY
from redemptions.models import BudgetAlert, BudgetWatch
from redemptions.models.budget import usual_thresholds
from redemptions.services.budget_pace import (
    Paced,
    paced_budgets,
    points_of,
    running_budgets,
)
from redemptions.services.budget_watch import alerts_of, put_watch
from redemptions.services.budgets import budgets_of

_MOST_ALERTS = 20
#: Charts cost a statement each; the rest of many limits have their row alone.
_MOST_CHARTS = 4


class WatchForm(forms.Form):
    """Who is told at how many percents, and at how many the campaign stops."""

    thresholds = forms.CharField(
        label="Tell at",
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Percents of each limit, with commas between: 80, 95, 100. "
        "Webhooks hear of them as campaign.budget.reached.",
    )
    recipients = forms.CharField(
        label="By e-mail to",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="One address a line.",
    )
    stop_at = forms.IntegerField(
        label="Stop the campaign at",
        required=False,
        min_value=1,
        max_value=100,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Percents of a limit that no day, week or month renews. Empty: the "
        "limit alone refuses what goes beyond it.",
    )

    def clean_thresholds(self) -> list[int]:
        typed = str(self.cleaned_data["thresholds"]).replace("%", " ").replace(",", " ")
        if not all(
            part.isdecimal() and len(part) <= len("100") for part in typed.split()
        ):
            msg = "Percents are whole numbers from 1 to 100."
            raise forms.ValidationError(msg)
        return [int(part) for part in typed.split()]

    def clean_recipients(self) -> list[str]:
        lines = str(self.cleaned_data["recipients"]).split()
        return [line.strip(",;") for line in lines if line.strip(",;")]


def budgets(request: HttpRequest) -> HttpResponseBase:
    """List the budgets of the campaigns that run, those nearest to their end first."""
    seen = _allowed(request)
    found = running_budgets(project_of(request), seen.now)
    context = {
        **admin.site.each_context(request),
        "title": "Budgets",
        "as_of": localtime(seen.now),
        "rows": rows_of(found, seen.now),
    }
    return TemplateResponse(request, "admin/budgets.html", context)


def budget(request: HttpRequest, campaign_id: str) -> HttpResponseBase:
    """Show how a campaign's budgets are used up, and who watches over them."""
    seen = _allowed(request)
    campaign = _campaign(request, campaign_id)
    may_change = seen.may("campaigns.modify")
    watch = BudgetWatch.objects.filter(campaign=campaign).first()
    form = WatchForm(request.POST or None, initial=_initial(watch))
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        if _saved(request, form, campaign, seen.now):
            return HttpResponseRedirect(reverse("budget", args=[campaign_id]))
    paced = paced_budgets(campaign.project, [campaign], seen.now)
    context = {
        **admin.site.each_context(request),
        "title": f"Budgets of {campaign.name}",
        "campaign": campaign,
        "as_of": localtime(seen.now),
        "budgets": [
            _shown(one, seen.now, with_chart=place < _MOST_CHARTS)
            for place, one in enumerate(paced)
        ],
        "others": _others(campaign, seen.now),
        "line_options": charts.options(stacked=False),
        "form": form,
        "may_change": may_change,
        "watch": watch,
        "alerts": _alerts(campaign, paced),
    }
    return TemplateResponse(request, "admin/budget.html", context)


def _allowed(request: HttpRequest) -> Visit:
    seen = visit(request)
    if seen.project is None or not seen.may("campaigns.read"):
        raise PermissionDenied
    return seen


def _campaign(request: HttpRequest, campaign_id: str) -> Campaign:
    project = project_of(request)
    rows = Campaign.objects.alive().filter(project=project)
    found = rows.by_reference(plain_id(campaign_id)).first()
    if found is None:
        msg = "No campaign with this id"
        raise Http404(msg)
    found.project = project
    return found


def _initial(watch: BudgetWatch | None) -> dict[str, Any]:
    thresholds = watch.thresholds if watch else usual_thresholds()
    return {
        "thresholds": ", ".join(map(str, thresholds)),
        "recipients": "\n".join(watch.recipients) if watch else "",
        "stop_at": watch.stop_at if watch else None,
    }


def _saved(
    request: HttpRequest, form: WatchForm, campaign: Campaign, now: datetime
) -> bool:
    if not form.is_valid():
        return False
    try:
        put_watch(campaign, now=now, **form.cleaned_data)
    except PromoError as refused:
        form.add_error(None, in_words(refused))
        return False
    tell(request, "Saved. Budgets are looked at several times a minute.")
    return True


def _shown(one: Paced, now: datetime, *, with_chart: bool) -> dict[str, Any]:
    used = one.budget
    figures = [
        Figure("Limit", amount_of(one, used.limit)),
        Figure(
            "Used", amount_of(one, used.used), f"{used.percent} %", share=used.percent
        ),
        Figure("Left", amount_of(one, used.left), tone="" if used.left else "bad"),
        Figure(
            "Forecast",
            forecast_in_words(one, now),
            "At the pace of the last seven days"
            if used.window is None
            else "At the pace of the period so far",
            tone="warn" if one.is_short or used.percent >= RISKY else "",
        ),
    ]
    return {
        **row_of(one, now),
        "name": name_of(used.rule),
        "summary": figures,
        "chart": _chart(one, now) if with_chart else "",
    }


def _chart(one: Paced, now: datetime) -> str:
    points = points_of(one, now)
    zone = one.campaign.project.zone
    form = "%H:%M" if one.budget.window == "d" else "%-d %b"
    scale = 100 if one.budget.rule in MONEY else 1

    def series(name: str) -> list[float | None]:
        values = [getattr(point, name) for point in points]
        return [None if value is None else value / scale for value in values]

    unit = f", {one.campaign.project.currency}" if scale > 1 else ""
    drawn = [
        charts.Series(f"Left{unit}", series("left"), charts.GREEN),
        charts.Series("Forecast", series("foreseen"), charts.RED, dashed=True),
    ]
    if any(point.planned is not None for point in points):
        drawn.insert(
            1, charts.Series("Even use", series("planned"), charts.MUTED, dashed=True)
        )
    return charts.lines([f"{p.at.astimezone(zone):{form}}" for p in points], drawn)


def _others(campaign: Campaign, now: datetime) -> list[str]:
    """Return the limits that everybody has for himself."""
    return [
        f"{name_of(one.rule)}: at most {one.limit:,}"
        for one in budgets_of(campaign, now)
        if one.used is None
    ]


def _alerts(campaign: Campaign, paced: Sequence[Paced]) -> list[dict[str, Any]]:
    found: list[BudgetAlert] = alerts_of(campaign.project, campaign, _MOST_ALERTS)
    return [
        {
            "at": localtime(alert.created_at),
            "what": name_of(alert.rule),
            "percent": alert.threshold,
            "stopped": alert.stopped,
        }
        for alert in found
    ]

"""The home page: how the project's promotions are doing, as of now."""

import json
from itertools import chain
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.timezone import localtime

from campaigns.admin.state import ENDING_SOON, STARTING_SOON
from promo.admin.presentation import money
from promo.admin.summary import Figure, list_address, share_of
from promo.admin.visit import Visit, visit
from promo.health.fact import Fact
from promo.health.page import lights
from promo.tenancy.models import Project
from redemptions.admin.budget_words import budgets_at_risk
from redemptions.admin.facts import ledger_check
from redemptions.admin.first_steps import steps_for
from redemptions.admin.reasons import reason_in_words
from redemptions.admin.redemption_filters import REFUSED, SUCCEEDED
from redemptions.services.figures import DAYS, Figures, home_figures

_LOG = "redemptions_redemption"
_CAMPAIGNS = "campaigns_campaign"
_JOBS = "jobs_asyncaction"
_CHART_OPTIONS: dict[str, Any] = {
    "animation": False,
    "barPercentage": 0.75,
    "maintainAspectRatio": False,
    "responsive": True,
    "plugins": {
        "legend": {
            "align": "end",
            "labels": {"boxHeight": 8, "boxWidth": 8, "color": "#9ca3af"},
        }
    },
    "scales": {
        "x": {
            "stacked": True,
            "grid": {"display": False},
            "ticks": {"color": "#9ca3af", "maxRotation": 0, "maxTicksLimit": 10},
        },
        "y": {
            "stacked": True,
            "beginAtZero": True,
            "border": {"display": False},
            "grid": {"lineWidth": 0.5},
            "ticks": {"color": "#9ca3af", "maxTicksLimit": 6, "precision": 0},
        },
    },
}


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the home page's figures to ``context``; none without a project."""
    seen = visit(request)
    if seen.project is None or not seen.may("redemptions.read"):
        return context | {"title": "Home"}
    figures = home_figures(seen.project, seen.now)
    return context | {
        "title": "Home",
        "as_of": localtime(seen.now),
        "zone": seen.project.timezone,
        "days": DAYS,
        # Who has redeemed lately is under way; nobody has to look for it.
        "first_steps": [] if figures.redeemed else steps_for(seen),
        "may_build": seen.may_ask("campaigns.create"),
        "summary": _cards(figures, seen.project),
        "coming": _coming(figures, seen),
        "chart": _chart(figures),
        "chart_options": json.dumps(_CHART_OPTIONS),
        "has_redemptions": bool(figures.redeemed + figures.refused),
        "top_campaigns": _top(figures, seen.project),
        "failures": _failures(figures),
        "lights": lights_of_home(request),
        "at_risk": budgets_at_risk(seen.project, seen.now),
        "refused_link": list_address(_LOG, outcome=REFUSED, **_since(figures)),
    }


def lights_of_home(request: HttpRequest) -> list[Fact]:
    """Return whether the books balance, and what somebody has to look after."""
    ledger = ledger_check(request)
    return [*([ledger] if ledger else []), *lights(request)]


def _since(figures: Figures) -> dict[str, str]:
    return {"created_at_from": figures.days[0].day.isoformat()}


def _cards(figures: Figures, project: Project) -> list[Figure]:
    today, since = figures.today, _since(figures)
    this_day = {"created_at_from": today.day.isoformat()}
    tried = figures.redeemed + figures.refused
    rate = share_of(figures.refused, tried)
    return [
        Figure(
            "Running campaigns",
            f"{figures.running:,}",
            f"{figures.scheduled:,} scheduled",
            link=list_address(_CAMPAIGNS, state="Running"),
        ),
        Figure(
            "Redemptions today",
            f"{today.redeemed:,}",
            f"{today.refused:,} refused; "
            f"{money(today.discount, project.currency)} given",
            link=list_address(_LOG, outcome=SUCCEEDED, **this_day),
        ),
        Figure(
            f"Redemptions in {DAYS} days",
            f"{figures.redeemed:,}",
            f"{money(figures.discount, project.currency)} given",
            link=list_address(_LOG, outcome=SUCCEEDED, **since),
        ),
        Figure(
            f"Refused in {DAYS} days",
            f"{rate} %" if tried else "-",
            f"{figures.refused:,} of {tried:,} attempts{_mostly(figures)}",
            link=list_address(_LOG, outcome=REFUSED, **since),
        ),
    ]


def _mostly(figures: Figures) -> str:
    if not figures.failures:
        return ""
    return f"; most often: {reason_in_words(figures.failures[0].code)}"


def _coming(figures: Figures, seen: Visit) -> list[Figure]:
    """Return what begins, ends or has failed, as far as the person may see it."""
    found = [
        Figure(
            STARTING_SOON,
            f"{figures.starting_soon:,}",
            link=list_address(_CAMPAIGNS, state=STARTING_SOON),
        ),
        Figure(
            ENDING_SOON,
            f"{figures.ending_soon:,}",
            link=list_address(_CAMPAIGNS, state=ENDING_SOON),
        ),
    ]
    if seen.may("async_actions.read"):
        link = list_address(_JOBS, status__exact="FAILED", **_since(figures))
        failed = figures.failed_jobs
        tone = "bad" if failed else ""
        title = "Background work that failed"
        found.append(Figure(title, f"{failed:,}", link=link, tone=tone))
    since = figures.days[0].day
    more = (import_string(name)(seen, since) for name in settings.HOME_FIGURES)
    return [*found, *chain.from_iterable(more)]


def _chart(figures: Figures) -> str:
    """Return the data of the bar chart as Chart.js takes it."""
    series = (
        ("Redeemed", "var(--color-primary-600)", [d.redeemed for d in figures.days]),
        ("Refused", "var(--color-base-300)", [d.refused for d in figures.days]),
    )
    return json.dumps(
        {
            "labels": [f"{day.day:%-d %b}" for day in figures.days],
            "datasets": [
                {
                    "label": label,
                    "data": data,
                    "backgroundColor": colour,
                    "borderRadius": 2,
                }
                for label, colour, data in series
            ],
        }
    )


def _top(figures: Figures, project: Project) -> list[dict[str, Any]]:
    most = max((one.redeemed for one in figures.top), default=0)
    return [
        {
            "name": one.name,
            "link": list_address(
                _LOG,
                campaign__id__exact=one.id,
                outcome=SUCCEEDED,
                **_since(figures),
            ),
            "count": f"{one.redeemed:,}",
            "discount": money(one.discount, project.currency),
            "share": share_of(one.redeemed, most),
        }
        for one in figures.top
    ]


def _failures(figures: Figures) -> list[dict[str, Any]]:
    most = max((one.count for one in figures.failures), default=0)
    return [
        {
            "reason": reason_in_words(one.code),
            "link": list_address(_LOG, reason=one.code, **_since(figures)),
            "count": f"{one.count:,}",
            "share": share_of(one.count, most),
        }
        for one in figures.failures
    ]

"""Budgets as people read them: how much is used, and how long the rest lasts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import quote
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from promo.admin.presentation import money
from promo.tenancy.models import Project
from redemptions.engine.rule_subjects import MONEY, subject_of
from redemptions.services.budget_pace import Paced, running_budgets
from redemptions.services.budgets import Budget, budgets_by_campaign

RISKY = 80
_MOST_AT_RISK = 5
_RENEWED = {"d": "midnight", "w": "the end of the week", "m": "the end of the month"}


def budgets_at_risk(project: Project, now: datetime) -> list[dict[str, Any]]:
    """Return the rows of budgets that are nearly used up, or will be before time."""
    paced = running_budgets(project, now)
    risky = [one for one in paced if one.budget.percent >= RISKY or one.is_short]
    return [row_of(one, now) for one in risky[:_MOST_AT_RISK]]


def tightest_budgets(
    project: Project, campaign_ids: Sequence[str], now: datetime
) -> dict[str, tuple[str, int]]:
    """Return of each campaign the limit that is used up first: in words and percent.

    Campaigns without a limit that all share are left out. Two statements.
    """
    found = budgets_by_campaign(project, campaign_ids, now)
    shared = {
        pk: [one for one in budgets if one.used is not None]
        for pk, budgets in found.items()
    }
    tightest = {
        pk: max(budgets, key=lambda one: (one.percent, one.rule in MONEY))
        for pk, budgets in shared.items()
        if budgets
    }
    return {
        pk: (
            f"{_shown(one, one.used, project)} of {_shown(one, one.limit, project)}",
            one.percent,
        )
        for pk, one in tightest.items()
    }


def _shown(budget: Budget, number: int | None, project: Project) -> str:
    if budget.rule in MONEY:
        return money(number, project.currency)
    return "-" if number is None else f"{number:,}"


def row_of(one: Paced, now: datetime) -> dict[str, Any]:
    """Return what a list says of a budget."""
    budget = one.budget
    is_bad = budget.percent >= RISKY or one.is_short
    return {
        "campaign": one.campaign.name,
        "link": reverse("budget", args=[quote(one.campaign.pk)]),
        "what": name_of(budget.rule),
        "used": f"{amount_of(one, budget.used)} of {amount_of(one, budget.limit)}",
        "percent": budget.percent,
        "is_bad": is_bad,
        "state": _state(one),
        "tone": "bad" if one.is_used_up else "warn" if is_bad else "good",
        "forecast": forecast_in_words(one, now),
    }


def _state(one: Paced) -> str:
    if one.campaign.disabled_for:
        return "Paused: budget"
    if one.is_used_up:
        return "Used up"
    return "At risk" if one.budget.percent >= RISKY or one.is_short else "On course"


def name_of(rule: str) -> str:
    """Return what a limit is about, as a heading."""
    text = subject_of(rule, None).text
    return text[0].upper() + text[1:]


def amount_of(one: Paced, number: int | None) -> str:
    """Return a number of a budget: money or a count."""
    return _shown(one.budget, number, one.campaign.project)


def forecast_in_words(one: Paced, now: datetime) -> str:
    """Return when a budget runs out at the pace of late."""
    window = one.budget.window
    if one.is_used_up:
        return f"Nothing left until {_RENEWED[window]}" if window else "Nothing left"
    if one.runs_out_at is None:
        return "Not used of late"
    if one.is_short or one.span.end is None:
        shown = localtime(one.runs_out_at)
        form = "j M, H:i" if window == "d" else "j M Y"
        return f"Runs out on {date_format(shown, form)}"
    if window:
        return f"Lasts until {_RENEWED[window]}"
    return f"Lasts until {date_format(localtime(one.span.end), 'j M Y')}"


def rows_of(found: Sequence[Paced], now: datetime) -> list[dict[str, Any]]:
    """Return the rows of a list of budgets."""
    return [row_of(one, now) for one in found]

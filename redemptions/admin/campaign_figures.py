"""What the page of a campaign says of its redemptions."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.admin.utils import quote
from django.urls import reverse

from campaigns.models import Campaign
from promo.admin.presentation import money
from promo.admin.summary import Figure, list_address, share_of
from redemptions.admin.redemption_filters import REFUSED
from redemptions.engine.rule_subjects import MONEY, subject_of
from redemptions.services.budgets import Budget, budgets_of
from redemptions.services.figures import campaign_totals


def what_it_gave(campaign: Campaign, _: datetime) -> Sequence[Figure]:
    """Return the discounts of a campaign and how often it was refused."""
    totals = campaign_totals(campaign)
    currency, redeemed = campaign.project.currency, totals.redeemed
    each = money(totals.discount // redeemed, currency) if redeemed else ""
    link = list_address(
        "redemptions_redemption", campaign__id__exact=campaign.pk, outcome=REFUSED
    )
    return [
        Figure(
            "Discounts given",
            money(totals.discount, currency),
            f"{each} a redemption" if each else "",
        ),
        Figure("Refused", f"{totals.refused:,}", "attempts", link=link),
    ]


def how_far_its_limits_are(campaign: Campaign, now: datetime) -> Sequence[Figure]:
    """Return what is used of each limit that the campaign's rule sets."""
    currency = campaign.project.currency
    link = reverse("budget", args=[quote(campaign.pk)])
    return [_limit(budget, currency, link) for budget in budgets_of(campaign, now)]


def _limit(budget: Budget, currency: str, link: str) -> Figure:
    def shown(number: int) -> str:
        return money(number, currency) if budget.rule in MONEY else f"{number:,}"

    subject = subject_of(budget.rule, None).text
    name = subject[0].upper() + subject[1:]
    if budget.used is None or budget.left is None:
        return Figure(name, f"at most {shown(budget.limit)}", "each for itself")
    return Figure(
        name,
        f"{shown(budget.used)} of {shown(budget.limit)}",
        f"{shown(budget.left)} left",
        link=link,
        share=share_of(budget.used, budget.limit),
        tone="" if budget.left else "bad",
    )

"""What a list tells of campaigns beside their rows: uses, budgets, versions.

Each is read for a whole page at once, without a look at each of their codes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.module_loading import import_string
from unfold.decorators import display
from unfold.views import ChangeList

from campaigns.admin.schedule import period_in_words
from campaigns.models import Campaign, CampaignType, PromotionTier, Voucher
from campaigns.services.versions import versions_kept
from promo.admin.visit import visit
from promo.tenancy.models import Project

Uses = Callable[[Project, Sequence[str]], Mapping[str, int]]

_KINDS = {
    CampaignType.DISCOUNT_COUPONS: "Coupons",
    CampaignType.GIFT_VOUCHERS: "Gift cards",
    CampaignType.REFERRAL_PROGRAM: "Referrals",
    CampaignType.LOYALTY_PROGRAM: "Loyalty",
    CampaignType.PROMOTION: "Promotion",
}
#: From so many percent on a budget is nearly gone.
_RISKY = 90


def used_elsewhere() -> Any:
    """Return the uses of tiers, and those of codes before they were imported."""
    before = Voucher.objects.filter(initial_redeemed_quantity__gt=0)
    return _sum_of(before, "initial_redeemed_quantity") + _sum_of(
        PromotionTier.objects.all(), "redeemed_quantity"
    )


def _sum_of(rows: QuerySet[Any], name: str) -> Coalesce:
    mine = rows.filter(campaign=OuterRef("pk")).order_by().values("campaign")
    summed = mine.annotate(sum=Sum(name)).values("sum")
    return Coalesce(Subquery(summed, output_field=IntegerField()), Value(0))


def count_uses(project: Project, campaigns: Sequence[Campaign]) -> None:
    """Set ``redeemed_count`` of campaigns read with ``used_elsewhere``.

    One statement, whatever their number: redemptions that stand are counted by those
    who keep them.
    """
    uses: Uses = import_string(settings.CAMPAIGN_USES)
    with_codes = [one.pk for one in campaigns if one.has_codes]
    counted = uses(project, with_codes) if with_codes else {}
    for one in campaigns:
        more: Any = one
        more.redeemed_count = more.used_elsewhere + counted.get(one.pk, 0)


@display(description="Kind")
def kind_of(campaign: Campaign) -> str:
    """Return what kind of campaign it is."""
    return _KINDS[CampaignType(campaign.campaign_type)]


@display(description="Kind", ordering="campaign_type")
def kind_and_category(campaign: Campaign) -> Any:
    """Return what kind of campaign it is, and below it its category."""
    kind = kind_of(campaign)
    if campaign.category is None:
        return kind
    return format_html("{}<br><small>{}</small>", kind, campaign.category.name)


@display(description="Budget")
def budget_bar(campaign: Any) -> Any:
    """Return what is used of a campaign's tightest limit, with a bar."""
    if campaign.budget is None:
        return "-"
    text, percent = campaign.budget
    tone = " promo-bar-bad" if percent >= _RISKY else ""
    return format_html(
        '<div class="promo-budget">{}<div class="promo-bar{}">'
        '<span style="width: {}%"></span></div></div>',
        *(text, tone, percent),
    )


@display(description="Owner")
def owner_and_version(campaign: Any) -> Any:
    """Return who made a campaign, and its newest version, which leads to all of them.

    Of an address the part before its host, as the list is wide enough without it.
    """
    kept = campaign.versions_kept
    if kept is None:
        return "-"
    return format_html(
        '<span title="{}">{}</span><br>'
        '<a class="promo-link whitespace-nowrap" href="{}">Version {}</a>',
        *(kept.maker, kept.maker.partition("@")[0] or "-"),
        *(reverse("campaign-versions", args=(campaign.pk,)), kept.number),
    )


def period_column(zone: str) -> Callable[[Campaign], str]:
    """Return the column of dates, which names the zone that they are in."""

    @display(description=f"Dates, {zone}", ordering="expiration_date")
    def period(campaign: Campaign) -> str:
        return period_in_words(campaign.start_date, campaign.expiration_date)

    column: Callable[[Campaign], str] = period
    return column


class CampaignList(ChangeList):
    """The campaigns of a page, with what is told of them beside their rows."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, then count for its rows alone."""
        super().get_results(request)
        rows = list(self.result_list)
        if rows:
            project = rows[0].project
            count_uses(project, rows)
            kept = versions_kept([one.pk for one in rows])
            budgets = import_string(settings.CAMPAIGN_BUDGETS)
            found = budgets(project, [one.pk for one in rows], visit(request).now)
            for one in rows:
                one.budget = found.get(one.pk)
                one.versions_kept = kept.get(one.pk)
        self.result_list = rows

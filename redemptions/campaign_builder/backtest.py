"""The panel on the last step: what the draft would have done to recent orders."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from promo.admin.forms import in_words
from promo.admin.visit import visit
from promo.errors import PromoError
from redemptions.admin.backtest import CARDS, may_backtest
from redemptions.admin.backtest_words import Shown, shown_backtest
from redemptions.campaign_builder.draft import Draft
from redemptions.campaign_builder.form import campaign_of, rule_of
from redemptions.campaign_builder.review import missing
from redemptions.services.backtest import backtest_draft, can_be_backtested


def backtest_of(request: HttpRequest, draft: Draft) -> Shown:
    """Return what a draft would have cost, or why that cannot be said.

    Raises:
        PermissionDenied: who asks may not see orders, which the panel names.
    """
    if not may_backtest(request):
        raise PermissionDenied
    form = draft.form(request)
    if missing(draft, form):
        return Shown(note="Complete the campaign: then it can be tried.")
    values = form.cleaned_data
    if not can_be_backtested(values["campaign_type"]):
        return Shown(note=CARDS)
    try:
        found = backtest_draft(
            project=draft.project,
            campaign=campaign_of(values),
            rule=rule_of(
                values, draft.building.tree, draft.applicable_to, draft.message
            ),
            now=visit(request).now,
        )
    except PromoError as refused:
        return Shown(note=in_words(refused))
    return shown_backtest(draft.project, found)

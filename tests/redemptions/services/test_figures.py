"""The figures of the home page."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from promo.errors import Rejected
from redemptions.services.figures import Day, Failure, TopCampaign, home_figures
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest
from tests.admin_site import NOW, make_project
from tests.factories.campaigns import CampaignFactory
from tests.outbox import hear
from tests.redemptions.admin.checkout import buy, coupon, fail

pytestmark = pytest.mark.django_db


def test_campaigns_are_counted_by_where_they_stand():
    project = make_project()
    CampaignFactory(project=project)
    CampaignFactory(project=project, expiration_date=NOW + timedelta(days=6))
    CampaignFactory(project=project, expiration_date=NOW - timedelta(days=1))
    CampaignFactory(project=project, start_date=NOW + timedelta(days=1))
    CampaignFactory(project=project, start_date=NOW + timedelta(days=7))
    CampaignFactory(project=project, active=False)
    CampaignFactory(project=make_project("Other"))

    figures = home_figures(project, NOW)

    assert (figures.running, figures.scheduled) == (2, 2)
    assert (figures.starting_soon, figures.ending_soon) == (1, 1)


def test_days_are_those_of_the_projects_zone_and_none_is_left_out():
    project = make_project(timezone="Europe/Paris")
    coupon(project)
    buy(project, "SAVE20", now=datetime(2026, 3, 9, 22, 59, tzinfo=UTC))
    buy(project, "SAVE20", order="o-2", now=datetime(2026, 3, 9, 23, 1, tzinfo=UTC))

    hear(now=NOW)
    figures = home_figures(project, NOW)

    assert len(figures.days) == 30
    assert figures.days[0] == Day(date(2026, 2, 9))
    assert figures.days[-2:] == (
        Day(date(2026, 3, 9), redeemed=1, discount=1000),
        Day(date(2026, 3, 10), redeemed=1, discount=1000),
    )


def test_what_is_rolled_back_refused_or_a_parent_is_no_redemption():
    project = make_project()
    saved = coupon(project, "SAVE20", redemption_quantity=2)
    more = coupon(project, "MORE20")
    undone = buy(project, "SAVE20")
    roll_back_redemption(
        project=project,
        reference=undone.shown_id,
        request=RollbackRequest(),
        stacked=True,
        now=NOW,
    )
    buy(project, "SAVE20", "MORE20", order="o-2")
    buy(project, "SAVE20", order="o-3")
    fail(project, "SAVE20")

    hear(now=NOW)
    figures = home_figures(project, NOW)

    assert (figures.redeemed, figures.refused) == (3, 1)
    assert figures.today.redeemed == 3
    assert figures.top == (
        TopCampaign(saved.campaign.pk, "Campaign of SAVE20", 2, 2000),
        TopCampaign(more.campaign.pk, "Campaign of MORE20", 1, 800),
    )
    assert figures.failures == (Failure("quantity_exceeded", 1),)
    assert figures.discount == 2800


def test_older_than_thirty_days_and_other_projects_do_not_count():
    project, other = make_project(), make_project("Other")
    coupon(project)
    coupon(other)
    buy(project, "SAVE20", now=NOW - timedelta(days=30))
    buy(other, "SAVE20")

    hear(now=NOW)
    figures = home_figures(project, NOW)

    assert (figures.redeemed, figures.top) == (0, ())


def test_the_figures_cost_the_same_however_much_there_is():
    project = make_project()
    project.zone  # noqa: B018 - read once
    with CaptureQueriesContext(connection) as empty:
        home_figures(project, NOW)
    for number in range(8):
        coupon(project, f"C{number}", redemption_quantity=1)
        buy(project, f"C{number}")
        with pytest.raises(Rejected):
            buy(project, f"C{number}")
    hear(now=NOW)

    with CaptureQueriesContext(connection) as full:
        figures = home_figures(project, NOW)

    assert (len(empty), len(full)) == (5, 6)
    assert len(figures.top) == 5

"""Two campaigns side by side, ticked in their list."""

import pytest
from django.urls import reverse

from campaigns.models import Campaign
from promo.clock import utc_now
from tests.admin_site import make_project, messages_of, sign_in, statements_of
from tests.factories.campaigns import CampaignFactory
from tests.factories.promotions import TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.outbox import hear
from tests.redemptions.admin.checkout import buy, coupon, fail

pytestmark = pytest.mark.django_db

LIST = reverse("admin:campaigns_campaign_changelist")


@pytest.fixture
def shop():
    return make_project(currency="EUR", timezone="Europe/Paris")


def page(*campaigns):
    query = "&".join(f"campaign={one.pk}" for one in campaigns)
    return f"{reverse('campaign-comparison')}?{query}"


def test_two_ticked_campaigns_are_compared(shop):
    one = coupon(shop, "SAVE20", redemption_quantity=1, campaign_name="Spring").campaign
    other = CampaignFactory(project=shop, name="Autumn", description="For all")
    buy(shop, "SAVE20", now=utc_now())
    fail(shop, "SAVE20", now=utc_now())
    hear(now=utc_now())
    person = sign_in(shop, "VIEWER")

    response = person.run_on([one, other], "compare_two")
    shown = person.client.get(response["Location"]).context

    assert {name for name, _ in shown["pair"]} == {"Spring", "Autumn"}
    shown = person.client.get(page(one, other)).context
    assert shown["figures"] == [
        ("Redemptions", ["1", "0"]),
        ("Refused attempts", ["1", "0"]),
        ("Discounts given", ["10.00 EUR", "0.00 EUR"]),
        ("A redemption", ["10.00 EUR", "-"]),
    ]
    told = {one.name: (one.before, one.after) for one in shown["differences"]}
    assert told["Description"] == ("", "For all")
    assert "Name" not in told


@pytest.mark.parametrize("ticked", [1, 3])
def test_another_number_than_two_is_told(shop, ticked):
    rows = CampaignFactory.create_batch(ticked, project=shop)
    person = sign_in(shop, "VIEWER")

    response = person.run_on(rows, "compare_two")
    response = person.client.get(response["Location"])

    assert response["Location"] == LIST
    assert messages_of(response)[-1] == "Tick two campaigns to compare them."


def test_a_campaign_of_another_project_is_none(shop):
    mine = CampaignFactory(project=shop)
    theirs = CampaignFactory(project=make_project("Other"))

    response = sign_in(shop, "VIEWER").client.get(page(mine, theirs))

    assert response["Location"] == LIST


def test_a_comparison_costs_the_same_whatever_they_hold(shop):
    one, other = CampaignFactory.create_batch(
        2, project=shop, campaign_type="PROMOTION", voucher=None
    )
    TierFactory(campaign=one)
    TierFactory(campaign=other)
    person = sign_in(shop, "VIEWER")
    for_one = statements_of(lambda: person.client.get(page(one, other)))

    TierFactory.create_batch(9, campaign=one)

    assert statements_of(lambda: person.client.get(page(one, other))) == for_one
    assert for_one <= 20


def test_the_list_shows_the_budget_that_ends_first_and_the_zone(shop):
    campaign = CampaignFactory(project=shop)
    CampaignFactory.create_batch(2, project=shop)
    limits = {
        "1": {
            "name": "campaign.orders.amount_discounted",
            "conditions": {"$less_than_or_equal": [50_000]},
        },
        "logic": "1",
    }
    rule = ValidationRuleFactory(project=shop, rules=limits)
    AssignmentFactory(project=shop, rule=rule, related_object_id=campaign.pk)
    person = sign_in(shop, "VIEWER")

    shown = person.list(Campaign).content.decode()

    assert shown.count("promo-bar") == 1
    assert "0.00 EUR of 500.00 EUR" in shown
    assert "Dates, Europe/Paris" in shown

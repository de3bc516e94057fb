"""What is used of a campaign's limits, as its page tells it."""

import pytest

from redemptions.admin.campaign_figures import how_far_its_limits_are
from redemptions.services.budgets import Budget, budgets_of
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.redemptions.services.test_counters import NOW, SOON, use

pytestmark = pytest.mark.django_db


def limited(project, *rules):
    campaign = CampaignFactory(project=project)
    VoucherFactory(project=project, campaign=campaign, code="HOT")
    definition = {
        str(number): {"name": name, "conditions": {operator: values}}
        for number, (name, operator, *values) in enumerate(rules, 1)
    }
    rule = ValidationRuleFactory(project=project, rules=definition)
    AssignmentFactory(project=project, rule=rule, related_object_id=campaign.pk)
    return campaign


COUNT, TODAY = "campaign.redemptions.count", "campaign.redemptions.count.daily"
DISCOUNTED = "campaign.orders.amount_discounted"
EACH = "campaign.redemptions.customers_count"
AT_MOST = "$less_than_or_equal"


def test_each_limit_tells_what_is_used_and_left(project):
    project.timezone = "Europe/Warsaw"
    project.save()
    campaign = limited(
        project, (COUNT, AT_MOST, 3), (TODAY, AT_MOST, 2), (DISCOUNTED, AT_MOST, 5000)
    )
    use(project)
    use(project, now=SOON)

    found = budgets_of(campaign, SOON)

    assert found == [
        Budget(COUNT, 3, 2),
        Budget(TODAY, 2, 1),
        Budget(DISCOUNTED, 5000, 2000),
    ]
    assert [budget.left for budget in found] == [1, 1, 3000]


def test_what_each_customer_or_code_has_for_itself_has_no_total(project):
    campaign = limited(
        project, (EACH, AT_MOST, 1), ("redemption.count.daily", "$is", 4)
    )

    assert budgets_of(campaign, NOW) == [
        Budget(EACH, 1, None),
        Budget("redemption.count.daily", 4, None),
    ]


@pytest.mark.parametrize(
    ("operator", "values", "limit"),
    [
        ("$less_than", [5], 4),
        ("$in", [1, 3], 3),
        ("$more_than", [1], None),
        ("$is_not", [7], None),
    ],
)
def test_the_largest_number_that_passes_is_the_limit(project, operator, values, limit):
    campaign = limited(project, (COUNT, operator, *values))

    found = [budget.limit for budget in budgets_of(campaign, NOW)]

    assert found == ([] if limit is None else [limit])


def test_rules_about_something_else_are_no_limits(project):
    assert budgets_of(limited(project, ("order.amount", "$more_than", 1)), NOW) == []


def test_figures_say_it_in_words_and_money(project):
    project.currency = "EUR"
    project.save()
    campaign = limited(
        project, (COUNT, AT_MOST, 1), (DISCOUNTED, AT_MOST, 5000), (EACH, AT_MOST, 1)
    )
    use(project, customer="ada")

    used_up, money, each = how_far_its_limits_are(campaign, NOW)

    assert (used_up.name, used_up.value, used_up.note, used_up.share, used_up.tone) == (
        "Uses of the whole campaign",
        "1 of 1",
        "0 left",
        100,
        "bad",
    )
    assert (money.value, money.note, money.share, money.tone) == (
        "10.00 EUR of 50.00 EUR",
        "40.00 EUR left",
        20,
        "",
    )
    assert (each.value, each.note) == ("at most 1", "each for itself")

"""Budgets are watched: people and webhooks hear in time, and a campaign stops, once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from campaigns.models import Campaign
from campaigns.services.campaign import disable_campaign, enable_campaign
from promo.errors import InvalidPayload
from promo.outbox.models import DomainEvent
from redemptions.models import BudgetAlert, BudgetWatch
from redemptions.services.budget_letters import send_budget_letters
from redemptions.services.budget_watch import check_budgets, put_watch
from tests.admin_site import make_project
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.outbox import events_of
from tests.races import at_once
from tests.redemptions.admin.checkout import buy, coupon, fail

NOON = datetime(2027, 3, 10, 12, 0, tzinfo=UTC)
EVER, DAILY = "campaign.redemptions.count", "campaign.redemptions.count.daily"
DISCOUNTS = "campaign.orders.amount_discounted"
TOLD = "campaign.budget.reached"


def limited(project, *, limit=4, rule=EVER, code="SAVE20"):
    """Return a campaign whose rule sets a limit."""
    campaign = coupon(project, code).campaign
    conditions = {"$less_than_or_equal": [limit]}
    made = ValidationRuleFactory(
        project=project, rules={"1": {"name": rule, "conditions": conditions}}
    )
    AssignmentFactory(project=project, rule=made, related_object_id=campaign.pk)
    return campaign


def watched(campaign, *, thresholds=(50, 75, 100), recipients=(), stop_at=None):
    return put_watch(
        campaign,
        now=NOON,
        thresholds=thresholds,
        recipients=recipients,
        stop_at=stop_at,
    )


def use(project, times, *, now=NOON, first=0):
    for number in range(first, first + times):
        buy(project, "SAVE20", order=f"o-{number}", now=now)


@pytest.mark.django_db
class TestWatching:
    def test_each_threshold_is_told_once(self):
        project = make_project(currency="EUR")
        campaign = limited(project)
        watched(campaign)

        found = []
        for number in range(4):
            use(project, 1, first=number)
            found += [check_budgets(NOON), check_budgets(NOON)]

        assert found == [0, 0, 1, 0, 1, 0, 1, 0]
        told = DomainEvent.objects.filter(type=TOLD).order_by("pk")
        assert [event.data["budget"] for event in told] == [
            {
                "rule": EVER,
                "period": "ever",
                "limit": 4,
                "used": used,
                "left": 4 - used,
                "threshold": threshold,
            }
            for used, threshold in ((2, 50), (3, 75), (4, 100))
        ]
        assert {event.campaign_id for event in told} == {campaign.pk}
        assert told[0].data["campaign"]["name"] == campaign.name
        campaign.refresh_from_db()
        assert campaign.active

    def test_a_budget_that_is_used_up_stops_the_campaign_once(self):
        project = make_project()
        campaign = limited(project)
        watched(campaign, stop_at=100)
        use(project, 4)

        check_budgets(NOON)

        campaign.refresh_from_db()
        assert (campaign.active, campaign.disabled_for) == (False, "budget")
        assert events_of(project).count("campaign.disabled") == 1
        assert fail(project, "SAVE20", now=NOON, order="x").failure_code == (
            "voucher_disabled"
        )
        enable_campaign(campaign, now=NOON)
        assert check_budgets(NOON) == 0
        campaign.refresh_from_db()
        assert (campaign.active, campaign.disabled_for) == (True, "")

    def test_money_that_no_redemption_fits_into_stops_before_it_is_gone(self):
        project = make_project()
        campaign = limited(project, rule=DISCOUNTS, limit=2_500)
        watched(campaign, thresholds=(), stop_at=80)
        use(project, 2)

        check_budgets(NOON)

        campaign.refresh_from_db()
        assert campaign.disabled_for == "budget"
        [alert] = BudgetAlert.objects.all()
        assert (alert.used, alert.threshold, alert.stopped) == (2_000, 80, True)

    def test_a_limit_of_a_day_is_told_every_day_and_stops_nothing(self):
        project = make_project()
        campaign = limited(project, rule=DAILY, limit=2)
        watched(campaign, thresholds=(100,), stop_at=100)
        use(project, 2)
        assert (check_budgets(NOON), check_budgets(NOON)) == (1, 0)

        tomorrow = NOON + timedelta(days=1)
        assert check_budgets(tomorrow) == 0
        use(project, 2, now=tomorrow, first=2)

        assert check_budgets(tomorrow) == 1
        campaign.refresh_from_db()
        assert campaign.active

    def test_a_limit_that_is_raised_is_another_budget(self):
        project = make_project()
        campaign = limited(project)
        watched(campaign, thresholds=(100,))
        use(project, 4)
        check_budgets(NOON)
        rule = project.validation_rules.get()
        rule.rules["1"]["conditions"] = {"$less_than_or_equal": [8]}
        rule.updated_at = NOON
        rule.version += 1
        rule.save()

        assert check_budgets(NOON) == 0
        use(project, 4, first=4)

        assert check_budgets(NOON) == 1

    def test_campaigns_that_nobody_watches_or_that_are_off_are_left_alone(self):
        project = make_project()
        campaign = limited(project)
        use(project, 4)
        assert check_budgets(NOON) == 0

        watched(campaign)
        disable_campaign(campaign, now=NOON)

        assert check_budgets(NOON) == 0
        assert TOLD not in events_of(project)

    def test_somebody_else_s_disabling_has_no_reason(self):
        project = make_project()
        campaign = limited(project)
        watched(campaign, stop_at=50)
        use(project, 2)
        check_budgets(NOON)
        enable_campaign(campaign, now=NOON)
        disable_campaign(campaign, now=NOON)

        assert Campaign.objects.get(pk=campaign.pk).disabled_for == ""

    def test_looking_costs_the_same_for_one_campaign_as_for_ten(
        self, django_assert_num_queries
    ):
        project = make_project()
        watched(limited(project))
        check_budgets(NOON)

        with django_assert_num_queries(4):
            check_budgets(NOON)
        for number in range(9):
            watched(limited(project, code=f"C{number}"))
        check_budgets(NOON)

        with django_assert_num_queries(4):
            check_budgets(NOON)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"thresholds": [0]},
            {"thresholds": [101]},
            {"thresholds": list(range(1, 12))},
            {"stop_at": 0},
            {"recipients": ["nobody"]},
            {"recipients": [f"a{n}@example.com" for n in range(21)]},
        ],
    )
    def test_what_cannot_be_watched_is_refused(self, wrong):
        campaign = limited(make_project())

        with pytest.raises(InvalidPayload):
            watched(campaign, **wrong)

        assert not BudgetWatch.objects.exists()


@pytest.mark.django_db
class TestLetters:
    def test_each_recipient_gets_one_letter_about_the_highest_threshold(self):
        project = make_project(currency="EUR")
        campaign = limited(project, rule=DISCOUNTS, limit=4_000)
        people = ["ada@example.com", "bob@example.com"]
        watched(campaign, recipients=people, stop_at=100)
        use(project, 4)
        assert check_budgets(NOON) == 3

        assert [send_budget_letters(now=NOON) for _ in range(2)] == [2, 0]

        assert [letter.to for letter in mail.outbox] == [[one] for one in people]
        letter = mail.outbox[0]
        assert letter.subject == f"Budget of {campaign.name}: stopped"
        assert "40.00 EUR of 40.00 EUR are used, 100 %." in letter.body
        assert "The campaign has been disabled." in letter.body
        assert "/admin/budgets/camp_5F" in letter.body

    def test_without_recipients_nobody_is_written_to(self):
        project = make_project()
        watched(limited(project))
        use(project, 4)
        check_budgets(NOON)

        assert send_budget_letters(now=NOON) == 0
        assert mail.outbox == []

    def test_old_alerts_are_not_worth_a_letter(self):
        project = make_project()
        watched(limited(project), recipients=["ada@example.com"])
        use(project, 4)
        check_budgets(NOON)

        assert send_budget_letters(now=NOON + timedelta(days=2)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_tell_once():
    project = make_project()
    campaign = limited(project)
    watched(campaign, recipients=["ada@example.com"], stop_at=100)
    use(project, 4)

    counts = at_once(*[lambda: check_budgets(NOON)] * 4)

    assert sum(counts) == 3
    assert BudgetAlert.objects.count() == 3
    assert events_of(project).count(TOLD) == 3
    assert events_of(project).count("campaign.disabled") == 1

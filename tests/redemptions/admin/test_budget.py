"""The pages of budgets, and budgets at risk at home."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.utils import quote
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from promo.clock import utc_now
from promo.outbox.relay import publish_batch
from redemptions.models import BudgetWatch
from redemptions.services.budget_watch import check_budgets, put_watch
from tests.admin_site import (
    make_project,
    messages_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.redemptions.services.test_budget_watch import DAILY, DISCOUNTS, limited, use

pytestmark = pytest.mark.django_db


def told():
    while publish_batch(now=utc_now()):
        pass


def page_of(campaign):
    return reverse("budget", args=[quote(campaign.pk)])


def half_used(project):
    """Return a campaign of 100.00 of which 50.00 went in the last five days."""
    now = utc_now()
    campaign = limited(project, rule=DISCOUNTS, limit=10_000)
    Campaign.objects.filter(pk=campaign.pk).update(
        start_date=now - timedelta(days=5), expiration_date=now + timedelta(days=20)
    )
    for number in range(5):
        use(project, 1, now=now - timedelta(days=number), first=number)
    told()
    campaign.refresh_from_db()
    return campaign


def test_a_budget_says_what_is_left_and_when_it_runs_out():
    project = make_project(currency="EUR")
    campaign = half_used(project)

    shown = sign_in(project, "VIEWER").client.get(page_of(campaign))

    [budget] = shown.context["budgets"]
    limit, used, left, forecast = budget["summary"]
    assert (limit.value, used.value, left.value) == (
        "100.00 EUR",
        "50.00 EUR",
        "50.00 EUR",
    )
    assert (used.note, used.share) == ("50 %", 50)
    day = utc_now() + timedelta(days=5)
    assert forecast.value == f"Runs out on {day:%-d %b %Y}"
    chart = json.loads(budget["chart"])
    lefts, even, foreseen = (one["data"] for one in chart["datasets"])
    assert lefts[:6] == [100.0, 90.0, 80.0, 70.0, 60.0, 50.0]
    assert lefts[6:] == [None] * (len(lefts) - 6)
    assert foreseen[5] == 50.0
    assert foreseen[-1] == 0.0
    assert even[0] > even[10] > even[-2]


def test_a_limit_of_a_day_is_shown_by_the_hour():
    project = make_project()
    campaign = limited(project, rule=DAILY, limit=4)
    use(project, 1, now=utc_now())
    told()

    shown = sign_in(project, "VIEWER").client.get(page_of(campaign))

    [budget] = shown.context["budgets"]
    chart = json.loads(budget["chart"])
    assert chart["labels"][:2] == ["00:00", "01:00"]
    assert len(chart["labels"]) == 24
    assert [each for each in chart["datasets"][0]["data"] if each is not None][-1] == 3


def test_who_is_told_is_said_on_the_page():
    project = make_project()
    campaign = limited(project)
    person = sign_in(project, "USER")
    sent = {
        "thresholds": "50, 90 %",
        "recipients": "ada@example.com\nbob@example.com",
        "stop_at": "100",
    }

    response = person.client.post(page_of(campaign), sent)

    assert response.status_code == 302
    assert "Saved." in messages_of(response)[0]
    watch = BudgetWatch.objects.get()
    assert (watch.thresholds, watch.stop_at) == ([50, 90], 100)
    assert watch.recipients == ["ada@example.com", "bob@example.com"]
    person.client.post(page_of(campaign), {"thresholds": "", "recipients": ""})
    watch.refresh_from_db()
    assert (watch.thresholds, watch.recipients, watch.stop_at) == ([], [], None)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"thresholds": "half"}, "Percents are whole numbers"),
        ({"thresholds": "120"}, "percents from 1 to 100"),
        ({"recipients": "nobody"}, "e-mail addresses"),
        ({"stop_at": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_watched_is_said_in_the_form(sent, message):
    project = make_project()

    shown = sign_in(project, "USER").client.post(page_of(limited(project)), sent)

    assert message in text_of(shown)
    assert not BudgetWatch.objects.exists()


def test_a_stopped_campaign_says_why_in_its_list_and_on_its_page():
    project = make_project()
    campaign = limited(project)
    put_watch(campaign, now=utc_now(), thresholds=[], recipients=[], stop_at=100)
    use(project, 4, now=utc_now())
    check_budgets(utc_now())
    person = sign_in(project, "VIEWER")

    listed = person.list(Campaign)
    [row] = rows_of(person.list(Campaign, state="Paused: budget"))

    assert "Paused: budget" in text_of(listed)
    assert row == campaign
    assert rows_of(person.list(Campaign, state="Disabled")) == []
    shown = text_of(person.client.get(page_of(campaign)))
    assert "The campaign was stopped because a limit is used up." in shown
    assert "The campaign was stopped</small>" in shown
    assert "Paused: budget" in text_of(person.client.get(reverse("budgets")))


def test_the_list_and_home_show_what_is_at_risk():
    project = make_project(currency="EUR")
    half_used(project)
    safe = limited(project, limit=1_000, code="SAFE")
    person = sign_in(project, "VIEWER")

    listed = person.client.get(reverse("budgets")).context["rows"]
    at_home = person.client.get(reverse("admin:index"))

    assert [(row["campaign"], row["state"]) for row in listed] == [
        ("Campaign of SAVE20", "At risk"),
        (safe.name, "On course"),
    ]
    assert listed[0]["used"] == "50.00 EUR of 100.00 EUR"
    assert [row["campaign"] for row in at_home.context["at_risk"]] == [
        "Campaign of SAVE20"
    ]
    assert "Budgets at risk" in text_of(at_home)
    link = at_home.context["at_risk"][0]["link"]
    assert person.client.get(link).status_code == 200


def test_a_campaign_without_limits_is_told_how_to_get_one():
    project = make_project()
    campaign = Campaign.objects.get(pk=limited(project).pk)
    project.validation_rule_assignments.all().delete()
    person = sign_in(project, "VIEWER")

    assert "This campaign has no budget." in text_of(
        person.client.get(page_of(campaign))
    )
    assert "No running campaign has a limit." in text_of(
        person.client.get(reverse("budgets"))
    )


def test_only_who_may_change_campaigns_says_who_is_told():
    project = make_project()
    campaign = limited(project)
    viewer = sign_in(project, "VIEWER").client
    nobody = sign_in(make_project("Other"), "VIEWER", email="eve@example.com")

    assert Client().get(page_of(campaign)).status_code == 302
    assert viewer.get(page_of(campaign)).status_code == 200
    assert viewer.post(page_of(campaign), {"thresholds": "50"}).status_code == 403
    assert nobody.client.get(page_of(campaign)).status_code == 404
    assert nobody.client.post(page_of(campaign), {}).status_code in {403, 404}
    nobody.user.memberships.all().delete()
    assert nobody.client.get(reverse("budgets")).status_code in {302, 403}
    assert not BudgetWatch.objects.exists()


def test_the_list_costs_the_same_for_one_budget_as_for_ten():
    project = make_project()
    person = sign_in(project, "VIEWER")
    limited(project)
    use(project, 1, now=utc_now())
    told()
    address = reverse("budgets")
    for_one = statements_of(lambda: person.client.get(address))

    for number in range(9):
        limited(project, code=f"C{number}")

    assert statements_of(lambda: person.client.get(address)) == for_one
    assert for_one <= 20

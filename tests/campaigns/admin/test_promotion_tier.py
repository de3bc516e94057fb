"""Promotion tiers at the dashboard."""

from datetime import timedelta

import pytest

from campaigns.models import PromotionTier
from promo.clock import utc_now
from tests.admin_site import make_project, rows_of, sign_in, statements_of
from tests.factories.campaigns import PromotionFactory
from tests.factories.promotions import TierFactory
from tests.factories.rules import ValidationRuleFactory

pytestmark = pytest.mark.django_db

_TWENTY = {
    "name": "Twenty",
    "kind": "PERCENT",
    "percent_off": "20",
    "effect": "APPLY_TO_ORDER",
    "metadata": "{}",
}


def test_adding_a_tier_puts_it_last():
    project = make_project()
    first = TierFactory(project=project, hierarchy=1)
    rule = ValidationRuleFactory(project=project)

    response = sign_in(project, "USER").add(
        PromotionTier, **_TWENTY, campaign=first.campaign.pk, rule=rule.pk
    )

    tier = project.promotion_tiers.get(name="Twenty")
    assert response.status_code == 302
    assert (tier.hierarchy, tier.campaign) == (2, first.campaign)
    assert tier.action["discount"]["percent_off"] == 20
    assert project.validation_rule_assignments.get().related_object_id == tier.pk


def test_moving_a_tier_shifts_the_others():
    project = make_project()
    first = TierFactory(project=project, hierarchy=1)
    second = TierFactory(project=project, campaign=first.campaign, hierarchy=2)

    sign_in(project, "USER").change(
        second,
        **{**_TWENTY, "name": second.name, "percent_off": "10"},
        banner="Ten for you",
        hierarchy="1",
    )

    first.refresh_from_db()
    second.refresh_from_db()
    assert (second.hierarchy, first.hierarchy) == (1, 2)
    assert second.banner == "Ten for you"
    assert second.action["discount"] == {"type": "PERCENT", "percent_off": 10}


def test_the_page_says_how_the_tier_is_doing():
    project = make_project(currency="EUR")
    tier = TierFactory(
        project=project,
        redeemed_quantity=3,
        orders_amount=30_000,
        discounted_amount=3_000,
    )

    response = sign_in(project, "VIEWER").open(tier)

    shown = {one.name: (one.value, one.note) for one in response.context["summary"]}
    assert shown == {
        "Status": ("Running", "No end"),
        "Redemptions": ("3", ""),
        "Discounts given": ("30.00 EUR", "on orders of 300.00 EUR"),
    }


def test_the_dates_of_the_campaign_count_where_a_tier_has_none():
    project = make_project()
    yesterday = utc_now() - timedelta(days=1)
    ended = PromotionFactory(project=project, expiration_date=yesterday)
    tier = TierFactory(project=project, campaign=ended)
    TierFactory(project=project)

    listed = sign_in(project, "VIEWER").list(PromotionTier, state="Ended")

    assert rows_of(listed) == [tier]


def test_disabling_and_enabling():
    tier = TierFactory(project=make_project())
    person = sign_in(tier.project, "USER")

    person.run(tier, "disable")
    tier.refresh_from_db()
    assert tier.active is False

    person.run(tier, "enable")
    tier.refresh_from_db()
    assert tier.active is True


def test_deleting_a_tier_goes_through_the_service():
    tier = TierFactory(project=make_project())

    sign_in(tier.project, "USER").delete(tier)

    tier.refresh_from_db()
    assert tier.deleted_at is not None


def test_the_list_finds_by_name_campaign_and_id():
    project = make_project()
    person = sign_in(project, "VIEWER")
    summer = PromotionFactory(project=project, name="Summer")
    tents = TierFactory(project=project, campaign=summer, name="Tents")
    TierFactory(project=project)

    for term in ("tent", "summer", tents.pk):
        assert rows_of(person.list(PromotionTier, q=term)) == [tents]


def test_a_viewer_reads_and_changes_nothing():
    tier = TierFactory(project=make_project())
    person = sign_in(tier.project, "VIEWER")

    assert person.open(tier).status_code == 200
    assert person.add(PromotionTier, **_TWENTY).status_code == 403
    assert person.change(tier, **_TWENTY).status_code == 403
    assert person.run(tier, "disable").status_code == 403
    assert person.delete(tier).status_code == 403
    assert PromotionTier.objects.get(active=True, deleted_at=None) == tier


def test_tiers_of_another_project_do_not_exist():
    project = make_project()
    person = sign_in(project, "USER")
    foreign = TierFactory(project=make_project("Other"))

    added = person.add(PromotionTier, **_TWENTY, campaign=foreign.campaign.pk)

    assert rows_of(person.list(PromotionTier)) == []
    assert person.open(foreign).status_code == 302
    assert person.run(foreign, "disable").status_code == 404
    assert "campaign" in added.context["adminform"].form.errors
    assert list(PromotionTier.objects.filter(active=True)) == [foreign]


def test_listing_costs_the_same_for_one_row_as_for_twenty():
    project = make_project()
    person = sign_in(project, "VIEWER")
    TierFactory(project=project)
    for_one = statements_of(lambda: person.list(PromotionTier))

    TierFactory.create_batch(19, project=project)

    assert statements_of(lambda: person.list(PromotionTier)) == for_one

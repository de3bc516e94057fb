"""Stacking rules are compared before they are saved, and a cart is tried twice."""

import pytest
from django.test import Client
from django.urls import reverse

from promo.clock import utc_now
from promo.tenancy.services.roles import create_role
from tests.admin_site import make_project, sign_in, text_of
from tests.factories.campaigns import CampaignFactory, CategoryFactory
from tests.redemptions.admin.checkout import coupon

pytestmark = pytest.mark.django_db

AS_IT_IS = {
    "redeemables_limit": "30",
    "applicable_redeemables_limit": "5",
    "applicable_exclusive_redeemables_limit": "1",
    "redeemables_sorting_rule": "REQUESTED_ORDER",
    "grouped_redeemables_sorting_rule": "JOINT_ALWAYS_LAST",
    "redeemables_application_mode": "ALL",
    "redeemables_no_effect_rule": "REDEEM_ANYWAY",
    "discount_calculation_mode": "DISCOUNTED_AMOUNT",
    "redeemables_products_application_mode": "STACK",
    "redeemables_rollback_order_mode": "WITH_ORDER",
}


@pytest.fixture
def shop():
    return make_project(currency="EUR")


@pytest.fixture
def person(shop):
    return sign_in(shop, "ADMIN")


def compared(person, **values):
    response = person.client.post(reverse("try-stacking"), {**AS_IT_IS, **values})
    assert response.status_code == 200
    person.project.refresh_from_db()
    assert person.project.stacking_rules == {}
    return response.context


def test_a_cart_is_decided_by_both_sets_of_rules(shop, person):
    for code in ("A", "B"):
        coupon(shop, code)

    told = compared(
        person,
        discount_calculation_mode="INITIAL_AMOUNT",
        trial_offer=["A", " B ", ""],
        trial_amount="100.00",
    )

    assert [(one["title"], one["headline"]) for one in told["tried"]] == [
        ("As it is", "To pay: 64.00 EUR instead of 100.00 EUR"),
        ("As changed", "To pay: 60.00 EUR instead of 100.00 EUR"),
    ]
    assert [len(one["told"]) for one in told["tried"]] == [2, 2]
    [changed] = told["changed"]
    assert (changed.label, changed.was, changed.now) == (
        "Percentages are taken of",
        "what the offers before have left to pay",
        "the price before any discount",
    )


def test_settings_as_they_are_tell_a_cart_once(shop, person):
    coupon(shop, "A")

    told = compared(person, trial_offer="A", trial_amount="100")

    assert told["changed"] == []
    assert [one["title"] for one in told["tried"]] == ["As it is"]


def test_running_campaigns_that_are_concerned_are_named(shop, person):
    for number in range(6):
        CampaignFactory(project=shop, name=f"C{number}")
    CampaignFactory(project=shop, name="Off", active=False)
    CampaignFactory(project=make_project("Other"))

    affected = compared(person, applicable_redeemables_limit="1")["affected"]

    assert (affected.count, affected.more, len(affected.names)) == (6, 1, 5)
    assert "Off" not in affected.names


def test_a_limit_of_a_category_concerns_its_campaigns_alone(shop, person):
    one, other = CategoryFactory.create_batch(2, project=shop)
    CampaignFactory(project=shop, name="Mine", category=one)
    CampaignFactory(project=shop, name="Theirs", category=other)
    limit = {f"limit_of_{one.pk}": "2"}

    told = compared(person, **limit)

    assert told["affected"].names == ("Mine",)
    [changed] = told["changed"]
    assert (changed.label, changed.was, changed.now) == (
        one.name,
        "No limit of its own",
        "2",
    )


def test_how_returns_are_undone_concerns_no_running_campaign(shop, person):
    CampaignFactory(project=shop)

    told = compared(person, redeemables_rollback_order_mode="WITHOUT_ORDER")

    assert told["affected"].count == 0
    assert [one.label for one in told["changed"]] == [
        "When a redemption is rolled back"
    ]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"redeemables_limit": "31"}, "First mend what is marked above, or empty it."),
        (
            {"redeemables_limit": "2"},
            "applicable_redeemables_limit",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(person, values, problem):
    told = compared(person, **values)

    assert problem in told["problem"]
    assert "changed" not in told


def test_a_cart_that_cannot_be_tried_says_why(person):
    assert "Name an offer" in compared(person)["hint"]
    wrong = compared(person, trial_offer="A", trial_amount="ten")
    assert (wrong["hint"], wrong["tried"]) == ("Enter a number.", [])


def test_only_who_may_read_the_rules_compares_them(shop):
    role = create_role(
        project=shop, now=utc_now(), name="Reader", permissions=["campaigns.read"]
    )
    reader = sign_in(shop, role.pk, "reader@example.com")
    page = reverse("try-stacking")

    assert reader.client.post(page, AS_IT_IS).status_code == 403
    assert reader.client.get(page).status_code == 405
    assert Client().post(page, AS_IT_IS).status_code == 302


def test_the_page_of_the_rules_offers_the_comparison(shop, person):
    page = person.client.get(
        reverse("admin:campaigns_stackingrules_changelist"), follow=True
    )

    assert "Before you save: what would change?" in text_of(page)

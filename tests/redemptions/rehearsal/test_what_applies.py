"""The screen "Try it" asked what a customer could use on a cart."""

import pytest
from django.urls import reverse

from tests.admin_site import make_project, sign_in, statements_of
from tests.factories.campaigns import HolderFactory
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.redemptions.admin.checkout import coupon
from tests.redemptions.rehearsal.test_try_it import FROM_100, every_row

pytestmark = pytest.mark.django_db

TEN = {"type": "PERCENT", "percent_off": 10, "effect": "APPLY_TO_ORDER"}
FOR_GOLD = {
    "1": {
        "name": "customer.metadata",
        "property": "level",
        "conditions": {"$is": ["gold"]},
    },
    "logic": "1",
}


@pytest.fixture
def shop():
    return make_project(currency="EUR")


@pytest.fixture
def person(shop):
    return sign_in(shop, "VIEWER")


def asked(person, **values):
    response = person.client.post(reverse("try-it"), {"do": "qualify", **values})
    assert response.context["form"].errors == {}
    return response.context["result"]


def offers_of(result):
    return [(one["name"], one["takes"], one["left"]) for one in result["offers"]]


def test_what_applies_is_shown_with_the_best_deal_first(shop, person):
    ada = CustomerFactory(project=shop, metadata={"level": "gold"})
    TierFactory(project=shop, name="Ten for all", action={"discount": TEN})
    HolderFactory(voucher=coupon(shop), customer=ada)
    before = every_row()

    result = asked(person, customer=ada.pk, amount="50.00")

    assert result["headline"] == "2 offers apply, each used alone"
    assert offers_of(result) == [
        ("SAVE20", "10.00 EUR", "40.00 EUR"),
        ("Ten for all", "5.00 EUR", "45.00 EUR"),
    ]
    assert every_row() == before


def test_what_the_customer_may_not_use_is_left_out(shop, person):
    tier = TierFactory(project=shop, name="Gold", action={"discount": TEN})
    rule = ValidationRuleFactory(project=shop, rules=FOR_GOLD)
    AssignmentFactory(
        project=shop,
        rule=rule,
        related_object_id=tier.pk,
        related_object_type="promotion_tier",
    )
    gold = CustomerFactory(project=shop, metadata={"level": "gold"})
    other = CustomerFactory(project=shop)

    with_gold = asked(person, customer=gold.pk, amount="50.00")
    without = asked(person, customer=other.pk, amount="50.00")

    assert with_gold["headline"] == "One offer applies."
    assert (without["headline"], without["offers"]) == ("No offer applies.", [])


def test_what_asks_for_a_bigger_order_is_left_out(shop, person):
    voucher = coupon(shop)
    rule = ValidationRuleFactory(project=shop, rules=FROM_100)
    AssignmentFactory(project=shop, rule=rule, related_object_id=voucher.campaign.pk)
    ada = CustomerFactory(project=shop)
    HolderFactory(voucher=voucher, customer=ada)

    small = asked(person, customer=ada.pk, amount="50.00")
    big = asked(person, customer=ada.pk, amount="100.00")

    assert not shop.qualification_checks_order_amount
    assert small["offers"] == []
    assert offers_of(big) == [("SAVE20", "20.00 EUR", "80.00 EUR")]


def test_an_unknown_customer_is_told(person):
    response = person.client.post(
        reverse("try-it"), {"do": "qualify", "customer": "cust_" + "0" * 32}
    )

    assert response.context["result"] is None
    assert "__all__" in response.context["form"].errors


def test_twenty_offers_cost_as_much_as_one(shop, person):
    def ask():
        return person.client.post(reverse("try-it"), {"do": "qualify", "amount": "50"})

    TierFactory(project=shop, action={"discount": TEN})
    for_one = statements_of(ask)

    for _ in range(19):
        TierFactory(project=shop, action={"discount": TEN})

    assert statements_of(ask) == for_one
    assert for_one <= 20

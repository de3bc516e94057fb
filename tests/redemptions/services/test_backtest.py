"""A campaign held against recent orders: counted, told apart, and nothing written."""

from datetime import timedelta

import pytest

from campaigns.models import PoolType
from redemptions.models import Order
from redemptions.services.backtest import (
    MOST_ORDERS,
    backtest_campaign,
    backtest_draft,
    can_be_backtested,
)
from redemptions.services.order import create_order
from tests.admin_site import NOW, make_project, statements_of
from tests.factories.campaigns import CampaignFactory, PromotionFactory, template
from tests.factories.catalogue import ProductFactory
from tests.factories.customers import CustomerFactory, SegmentFactory
from tests.factories.promotions import TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.redemptions.admin.checkout import buy, coupon
from tests.redemptions.rehearsal.test_try_it import every_row

pytestmark = pytest.mark.django_db

TWENTY = {"type": "PERCENT", "percent_off": 20, "effect": "APPLY_TO_ORDER"}
FIVE_OFF = {"type": "AMOUNT", "amount_off": 500, "effect": "APPLY_TO_ORDER"}
DRAFT = {
    "name": "Spring",
    "campaign_type": "DISCOUNT_COUPONS",
    "type": "STATIC",
    "vouchers_count": 1000,
    "voucher": {"type": "DISCOUNT_VOUCHER", "discount": TWENTY},
}
FROM_60 = {"name": "order.amount", "conditions": {"$more_than_or_equal": [6000]}}
ONCE_EACH = {
    "name": "campaign.redemptions.customers_count",
    "conditions": {"$less_than_or_equal": [1]},
}
BUDGET = {
    "name": "campaign.orders.amount_discounted",
    "conditions": {"$less_than_or_equal": [1500]},
}


@pytest.fixture
def shop():
    return make_project(currency="EUR", timezone="Europe/Paris")


def paid(shop, name, amount=5000, *, days=1, status="PAID", **fields):
    """Return an order of so many days ago."""
    cart = fields if "items" in fields else {"amount": amount, **fields}
    at = NOW - timedelta(days=days)
    return create_order(project=shop, now=at, source_id=name, status=status, **cart)


def tried(shop, *rules, campaign=DRAFT):
    """Return the backtest of a draft that all of ``rules`` guard."""
    definition = {str(key): rule for key, rule in enumerate(rules, 1)}
    logic = " and ".join(definition)
    rule = {"name": "Spring: conditions", "rules": {**definition, "logic": logic}}
    return backtest_draft(
        project=shop, campaign=campaign, rule=rule if rules else None, now=NOW
    )


def taken(found):
    return {hit.past.name: hit.taken for hit in found.hits}


def missed(found):
    return [
        (miss.rule.get("name") or miss.check["check"], miss.count)
        for miss in found.misses
    ]


def guarded(campaign, rule):
    made = ValidationRuleFactory(
        project=campaign.project, rules={"1": rule, "logic": "1"}
    )
    AssignmentFactory(
        project=campaign.project,
        rule=made,
        related_object_id=campaign.pk,
        related_object_type="campaign",
    )


def test_a_draft_is_held_against_paid_orders_and_leaves_nothing_behind(shop):
    paid(shop, "small", 5000, days=2)
    paid(shop, "large", 10_000, days=1)
    paid(shop, "fulfilled", 8000, days=3, status="FULFILLED")
    paid(shop, "open", 9000, status="CREATED")
    paid(shop, "given up", 9000, status="CANCELED")
    paid(shop, "old", 9000, days=31)
    before = every_row()

    found = tried(shop, FROM_60)

    assert (found.orders, found.revenue, found.discount) == (3, 23_000, 3600)
    assert list(taken(found).items()) == [("large", 2000), ("fulfilled", 1600)]
    assert missed(found) == [("order.amount", 1)]
    assert found.misses[0].past.name == "small"
    assert every_row() == before


def test_an_order_counts_as_it_was_before_the_discounts_it_had(shop):
    coupon(shop)
    buy(shop, "SAVE20", now=NOW - timedelta(days=1))
    Order.objects.update(status="PAID")

    found = tried(shop)

    assert (found.revenue, taken(found)) == (5000, {"order-SAVE20": 1000})


def test_what_earlier_orders_use_up_counts_for_those_behind_them(shop):
    for place in range(3):
        paid(shop, f"o-{place}", days=9 - place)

    found = tried(shop, BUDGET)

    assert taken(found) == {"o-0": 1000}
    assert missed(found) == [("campaign.orders.amount_discounted", 2)]


def test_a_customer_gets_it_as_often_as_the_rule_says(shop):
    ada, bob = CustomerFactory(project=shop), CustomerFactory(project=shop)
    for place, who in enumerate((ada, ada, bob)):
        paid(shop, f"o-{place}", days=9 - place, customer={"id": who.pk})
    paid(shop, "guest", days=1)

    found = tried(shop, ONCE_EACH)

    assert taken(found) == {"o-0": 1000, "o-2": 1000}
    assert missed(found) == [("campaign.redemptions.customers_count", 2)]


def test_a_code_for_everybody_has_its_uses_and_codes_of_a_pool_one_each(shop):
    once = {**DRAFT["voucher"], "redemption": {"quantity": 1}}
    shared = {**DRAFT, "type": "STANDALONE", "voucher": once}
    shared.pop("vouchers_count")
    paid(shop, "first", days=2)
    paid(shop, "second", days=1)

    one_code = tried(shop, campaign=shared)
    many_codes = tried(shop, campaign={**DRAFT, "voucher": once})

    assert taken(one_code) == {"first": 1000}
    assert missed(one_code) == [("quantity", 1)]
    assert taken(many_codes) == {"first": 1000, "second": 1000}


def test_dates_do_not_matter_and_weekdays_do(shop):
    # The tenth of March 2026 is a Tuesday.
    tuesdays = {
        **DRAFT,
        "start_date": NOW + timedelta(days=30),
        "expiration_date": NOW + timedelta(days=60),
        "validity_day_of_week": [2],
    }
    paid(shop, "tuesday", days=7)
    paid(shop, "monday", days=8)

    found = tried(shop, campaign=tuesdays)

    assert taken(found) == {"tuesday": 1000}
    assert missed(found) == [("validity", 1)]


def test_an_order_that_nothing_comes_off_has_not_got_it(shop):
    paid(shop, "free", 0)

    found = tried(shop)

    assert (found.discount, taken(found)) == (0, {})
    assert missed(found) == [("effect", 1)]


def test_a_campaign_is_tried_as_defined_now_and_as_if_unused(shop):
    campaign = CampaignFactory(
        project=shop,
        active=False,
        expiration_date=NOW - timedelta(days=3),
        type=PoolType.STATIC,
        voucher=template(discount=FIVE_OFF),
    )
    guarded(campaign, FROM_60)
    paid(shop, "small", 5000)
    paid(shop, "large", 10_000)
    before = every_row()

    found = backtest_campaign(campaign, now=NOW)

    assert taken(found) == {"large": 500}
    assert missed(found) == [("order.amount", 1)]
    assert every_row() == before


def test_of_several_tiers_an_order_gets_the_one_that_takes_off_most(shop):
    promotion = PromotionFactory(project=shop)
    for discount, more in ((TWENTY, {}), (FIVE_OFF, {}), (TWENTY, {"active": False})):
        TierFactory(campaign=promotion, action={"discount": discount}, **more)
    paid(shop, "small", 1000)
    paid(shop, "large", 10_000)

    found = backtest_campaign(promotion, now=NOW)

    assert taken(found) == {"large": 2000, "small": 500}


def test_a_promotion_without_tiers_takes_nothing_off(shop):
    paid(shop, "order")

    found = backtest_campaign(PromotionFactory(project=shop), now=NOW)

    assert (found.orders, taken(found), missed(found)) == (1, {}, [])


def test_segments_and_collections_of_rules_are_known(shop):
    vip = CustomerFactory(project=shop, metadata={"level": "vip"})
    other = CustomerFactory(project=shop)
    segment = SegmentFactory(
        project=shop,
        type="auto-update",
        filter={
            "junction": "and",
            "metadata.level": {"conditions": {"$is": ["vip"]}},
        },
    )
    paid(shop, "vip", customer={"id": vip.pk})
    paid(shop, "other", customer={"id": other.pk})
    rule = {"name": "customer.segment", "conditions": {"$is": [segment.pk]}}

    found = tried(shop, rule)

    assert taken(found) == {"vip": 1000}
    assert missed(found) == [("customer.segment", 1)]


def test_the_latest_orders_are_looked_at_when_there_are_too_many(shop, monkeypatch):
    monkeypatch.setattr("redemptions.services.backtest.MOST_ORDERS", 2)
    for place in range(3):
        paid(shop, f"o-{place}", days=9 - place)

    found = tried(shop)

    assert taken(found) == {"o-1": 1000, "o-2": 1000}
    assert MOST_ORDERS == 500


def test_orders_of_very_many_lines_are_fewer(shop, monkeypatch):
    monkeypatch.setattr("redemptions.services.backtest._MOST_LINES", 3)
    items = [{"source_id": name, "quantity": 1, "price": 500} for name in ("a", "b")]
    paid(shop, "older", days=2, items=items)
    paid(shop, "newer", days=1, items=items)

    found = tried(shop)

    assert taken(found) == {"newer": 200}


def test_orders_of_another_project_do_not_count(shop):
    paid(make_project("Other"), "theirs")

    assert tried(shop).orders == 0


def test_the_statements_do_not_depend_on_the_orders(shop):
    def ordered(place):
        item = ProductFactory(project=shop, price=1000)
        who = CustomerFactory(project=shop)
        lines = [{"product_id": item.pk, "quantity": 2}]
        paid(shop, f"o-{place}", customer={"id": who.pk}, items=lines)

    segment = SegmentFactory(project=shop, type="static", filter=None)
    rule = {"name": "customer.segment", "conditions": {"$is_not": [segment.pk]}}
    campaign = CampaignFactory(project=shop, voucher=template(discount=TWENTY))
    guarded(campaign, rule)
    ordered(0)
    draft = statements_of(lambda: tried(shop, rule))
    defined = statements_of(lambda: backtest_campaign(campaign, now=NOW))

    for place in range(1, 12):
        ordered(place)

    assert backtest_campaign(campaign, now=NOW).orders == 12
    assert statements_of(lambda: tried(shop, rule)) == draft
    assert statements_of(lambda: backtest_campaign(campaign, now=NOW)) == defined
    assert defined <= 14


@pytest.mark.parametrize(
    ("campaign_type", "can_be"),
    [
        ("DISCOUNT_COUPONS", True),
        ("PROMOTION", True),
        ("REFERRAL_PROGRAM", True),
        ("GIFT_VOUCHERS", False),
        ("LOYALTY_PROGRAM", False),
    ],
)
def test_only_discounts_can_be_backtested(campaign_type, can_be):
    assert can_be_backtested(campaign_type) is can_be

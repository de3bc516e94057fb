"""What each counter counts, seen from the decision."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from redemptions.engine.counters import counters_read, usage_of
from redemptions.engine.decide import decide, qualify
from redemptions.engine.decision import Status
from redemptions.engine.facts import Caller, CustomerFacts
from tests.redemptions.engine.carts import (
    ADA,
    CAMPAIGN,
    WARSAW,
    amount_off,
    assigned,
    facts,
    gift_card,
    limited,
    percent_off,
    tier,
    voucher,
)
from tests.redemptions.engine.rule_cases import rule, rule_set

CALLER = Caller(api_key_id="app-1", user_login="ann@example.com")


def at_most(name, number):
    return rule_set({"1": rule(name, "$less_than_or_equal", number)})


def key_of(name, **rest):
    """The counter behind a rule on voucher A of campaign 1, redeemed by Ada."""
    coupon = voucher("A", campaign=CAMPAIGN, rules=(at_most(name, 10**9),))
    known = {"customer": ADA, "caller": CALLER, **rest}
    (key,) = limited(decide(facts(coupon, **known)))
    return key


CAMPAIGN_ROWS = [
    pytest.param(
        "campaign.redemptions.count",
        "count",
        marks=pytest.mark.spec("rules 5.1 campaign.redemptions.count"),
    ),
    pytest.param(
        "campaign.redemptions.count.daily",
        "count:d2027-03-15",
        marks=pytest.mark.spec("rules 5.1 …count.daily"),
    ),
    ("campaign.redemptions.count.weekly", "count:w2027-03-15"),
    ("campaign.redemptions.count.monthly", "count:m2027-03-01"),
    pytest.param(
        "campaign.redemptions.customers_count",
        "count:customer:ada",
        marks=pytest.mark.spec("rules 5.1 campaign.redemptions.customers_count"),
    ),
    pytest.param(
        "campaign.redemptions.customers_count.daily",
        "count:customer:ada:d2027-03-15",
        marks=pytest.mark.spec("rules 5.1 …customers_count.daily"),
    ),
    ("campaign.redemptions.customers_count.weekly", "count:customer:ada:w2027-03-15"),
    ("campaign.redemptions.customers_count.monthly", "count:customer:ada:m2027-03-01"),
    pytest.param(
        "campaign.orders.amount",
        "orders",
        marks=pytest.mark.spec("rules 5.1 campaign.orders.amount"),
    ),
    ("campaign.orders.amount_discounted", "discounted"),
]
INCENTIVE_ROWS = [
    pytest.param(
        "redemption.count.daily",
        "count:d2027-03-15",
        marks=pytest.mark.spec("rules 5.1 redemption.count.daily"),
    ),
    ("redemption.count.weekly", "count:w2027-03-15"),
    ("redemption.count.monthly", "count:m2027-03-01"),
    pytest.param(
        "redemption.count.per_customer",
        "count:customer:ada",
        marks=pytest.mark.spec("rules 5.1 redemption.count.per_customer"),
    ),
    pytest.param(
        "redemption.count.per_customer.daily",
        "count:customer:ada:d2027-03-15",
        marks=pytest.mark.spec("rules 5.1 …per_customer.daily"),
    ),
    ("redemption.count.per_customer.weekly", "count:customer:ada:w2027-03-15"),
    ("redemption.count.per_customer.monthly", "count:customer:ada:m2027-03-01"),
    pytest.param(
        "redemption.count.per_api_key",
        "count:key:app-1",
        marks=pytest.mark.spec("rules 5.1 redemption.count.per_api_key"),
    ),
]


@pytest.mark.parametrize(("name", "bucket"), CAMPAIGN_ROWS)
def test_campaign_rules_count_the_whole_campaign(name, bucket):
    assert key_of(name) == ("camp_1", bucket)


@pytest.mark.parametrize(("name", "bucket"), INCENTIVE_ROWS)
def test_redemption_rules_count_the_incentive(name, bucket):
    assert key_of(name) == ("v_A", bucket)


@pytest.mark.spec("rules 5.1 redemption.count.per_user")
def test_people_are_counted_by_a_digest_of_their_login():
    subject, bucket = key_of("redemption.count.per_user")
    other = key_of("redemption.count.per_user", caller=Caller(user_login="bob"))

    assert (subject, bucket[:11], len(bucket)) == ("v_A", "count:user:", 43)
    assert bucket != other[1]


@pytest.mark.spec("rules 5.1 redemption.gift.amount")
@pytest.mark.spec("rules 5.2 Gift amount")
def test_gift_credits_count_as_taken_and_not_as_discount():
    rules = (
        at_most("redemption.gift.amount", 5_000),
        at_most("campaign.orders.amount_discounted", 0),
    )
    card = replace(gift_card(wanted=700), campaign=CAMPAIGN, rules=rules)
    used = {("camp_1", "gift"): 4_300}

    fits = decide(facts(card, used=used))
    over = decide(facts(card, used={("camp_1", "gift"): 4_301}))

    assert fits.valid
    assert limited(fits)["camp_1", "gift"] == (700, 5_000)
    assert over.entries[0].refusal.key == "redemption_rules_violated"


@pytest.mark.spec("rules 5.1 campaign.orders.amount_discounted")
@pytest.mark.spec("rules 5.2 Discount for `amount_discounted`")
@pytest.mark.spec("rules 5.2 Exhaustion")
@pytest.mark.parametrize(
    ("discount", "passes"), [(900, True), (1200, False), (500, True)]
)
def test_a_budget_of_50000_with_49100_used_takes_900_but_not_1200(discount, passes):
    budget = at_most("campaign.orders.amount_discounted", 50_000)
    coupon = voucher("A", amount_off(discount), campaign=CAMPAIGN, rules=(budget,))

    (entry,) = decide(facts(coupon, used={("camp_1", "discounted"): 49_100})).entries

    assert (entry.status is Status.APPLICABLE) is passes
    if passes:
        assert entry.taken.amount == discount
    else:
        assert entry.refusal.key == "redemption_rules_violated"
        assert entry.taken.amount == 0


@pytest.mark.spec("rules 5.2 Order value for `campaign.orders.amount`")
@pytest.mark.parametrize(
    ("ordered", "limit", "passes"),
    [
        (frozenset(), 21_346, True),
        (frozenset(), 21_345, False),
        (frozenset({"camp_1"}), 10_000, True),
        (frozenset({"camp_1"}), 9_999, False),
    ],
)
def test_order_value_is_the_initial_amount_once_an_order(ordered, limit, passes):
    target = at_most("campaign.orders.amount", limit)
    coupon = voucher("A", percent_off(50), campaign=CAMPAIGN, rules=(target,))
    used = {("camp_1", "orders"): 10_000}

    decision = decide(facts(coupon, used=used, ordered=ordered))

    assert decision.valid is passes


def test_order_value_needs_an_order_with_a_value():
    coupon = voucher("A", rules=(at_most("campaign.orders.amount", 1),))

    (without,) = decide(facts(coupon, order=None)).entries

    assert without.refusal.key == "missing_order"


@pytest.mark.spec("rules 5.2 Stacked in one request")
@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("campaign.redemptions.count", 1),
        ("campaign.redemptions.customers_count.weekly", 1),
        ("campaign.orders.amount_discounted", 1_999),
    ],
)
def test_earlier_entries_of_the_campaign_count_as_existing(name, limit):
    tiers = [tier(one, rules=(at_most(name, limit),)) for one in ("a", "b")]

    decision = decide(facts(*tiers, customer=ADA))

    assert [each.status for each in decision.entries] == [
        Status.APPLICABLE,
        Status.INAPPLICABLE,
    ]
    assert decision.claims == ()


def test_entries_of_other_campaigns_do_not_count():
    other = replace(CAMPAIGN, id="camp_2")
    only_one = (at_most("campaign.redemptions.count", 1),)

    assert decide(
        facts(tier("a", rules=only_one), tier("b", campaign=other, rules=only_one))
    ).valid


@pytest.mark.spec("rules 5.2 Per-customer identity")
@pytest.mark.parametrize(
    ("customer", "key"),
    [
        (ADA, "redemption_rules_violated"),
        (CustomerFacts(None, "new"), None),
        (None, "missing_customer"),
    ],
)
def test_somebody_new_has_not_redeemed_and_nobody_cannot(customer, key):
    once = at_most("redemption.count.per_customer", 1)
    used = {("v_A", "count:customer:ada"): 1}

    (entry,) = decide(
        facts(voucher("A", rules=(once,)), customer=customer, used=used)
    ).entries

    assert (entry.refusal.key if entry.refusal else None) == key


@pytest.mark.parametrize(
    "name", ["redemption.count.per_api_key", "redemption.count.per_user"]
)
def test_counts_of_callers_that_are_not_there_refuse(name):
    (entry,) = decide(facts(voucher("A", rules=(at_most(name, 9),)))).entries

    assert entry.refusal.key == "redemption_rules_violated"


@pytest.mark.spec("rules 5.2 Calendar windows")
@pytest.mark.parametrize(
    ("moment", "starts_on", "day", "week", "month"),
    [
        # Sunday 23:40 and Monday 00:10 in Warsaw: two weeks.
        (datetime(2027, 3, 14, 22, 40, tzinfo=UTC), 1, "14", "2027-03-08", "2027-03"),
        (datetime(2027, 3, 14, 23, 10, tzinfo=UTC), 1, "15", "2027-03-15", "2027-03"),
        (datetime(2027, 3, 14, 23, 10, tzinfo=UTC), 0, "15", "2027-03-14", "2027-03"),
        (datetime(2027, 3, 14, 23, 10, tzinfo=UTC), 6, "15", "2027-03-13", "2027-03"),
        (datetime(2027, 2, 28, 23, 30, tzinfo=UTC), 1, "01", "2027-03-01", "2027-03"),
    ],
)
def test_windows_are_days_weeks_and_months_of_the_project(
    moment, starts_on, day, week, month
):
    where = replace(facts(), now=moment, week_starts_on=starts_on)

    found = usage_of(where).buckets

    assert where.time_zone is WARSAW
    assert found["redemption.count.daily"] == f"count:d{month}-{day}"
    assert found["redemption.count.weekly"] == f"count:w{week}"
    assert found["redemption.count.monthly"] == f"count:m{month}-01"


def test_the_counters_that_rules_read_are_known_beforehand():
    nested = rule("order.items.any", rules={"1": rule("campaign.redemptions.count")})
    sets = (rule_set({"1": nested}), at_most("redemption.count.per_customer", 1))
    coupons = [voucher("A", campaign=CAMPAIGN, rules=sets), voucher("B")]

    def read(**rest):
        where = facts(*coupons, **rest)
        return counters_read(where.redeemables, usage_of(where))

    assert read() == {("camp_1", "count")}
    assert read(customer=ADA) == {("camp_1", "count"), ("v_A", "count:customer:ada")}


def test_something_not_found_reads_no_counter():
    unknown = voucher("A", found=False)
    gone = replace(unknown, id=None, rules=(at_most("redemption.count.daily", 1),))
    where = facts(gone)

    assert counters_read(where.redeemables, usage_of(where)) == frozenset()


@pytest.mark.spec("rules 5.2 Qualification")
def test_qualification_leaves_out_what_its_scenario_names():
    used_up = {("camp_1", "count"): 1}
    coupon = voucher(
        "A", campaign=CAMPAIGN, rules=(at_most("campaign.redemptions.count", 1),)
    )

    omitted = qualify(facts(coupon, used=used_up), {"campaign.redemptions.count"})
    judged = qualify(facts(coupon, used=used_up), ())

    assert [one.status for one in omitted] == [Status.APPLICABLE]
    assert [one.status for one in judged] == [Status.INAPPLICABLE]


def test_a_rule_without_conditions_claims_without_a_limit():
    coupon = voucher(
        "A", rules=(assigned(), rule_set({"1": rule("redemption.count.daily")}))
    )

    decision = decide(facts(coupon))

    assert decision.valid
    assert limited(decision) == {}

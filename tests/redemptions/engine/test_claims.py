import pytest

from redemptions.engine.claims import (
    CounterClaim,
    QuantityClaim,
    TierClaim,
    claims_of,
    merged,
)
from redemptions.engine.decide import decide
from tests.redemptions.engine.carts import (
    ADA,
    CAMPAIGN,
    facts,
    percent_off,
    taken,
    tier,
    voucher,
)


def test_an_anonymous_redemption_takes_quantities_and_tiers():
    decision = decide(facts(tier(), voucher("B", quantity=3), voucher("A")))

    assert taken(decision) == (
        QuantityClaim("v_A", None),
        QuantityClaim("v_B", 3),
        TierClaim("promo_one"),
    )


def counted(*redeemables, **rest):
    decision = decide(facts(*redeemables, **rest))
    return {
        (one.subject_id, one.bucket): one.amount
        for one in decision.claims
        if isinstance(one, CounterClaim)
    }


def test_a_redemption_counts_towards_all_that_a_rule_may_ask_for_later():
    assert counted(voucher("A", percent_off(10), campaign=CAMPAIGN), customer=ADA) == {
        ("camp_1", "count"): 1,
        ("camp_1", "count:d2027-03-15"): 1,
        ("camp_1", "count:w2027-03-15"): 1,
        ("camp_1", "count:m2027-03-01"): 1,
        ("camp_1", "count:customer:ada"): 1,
        ("camp_1", "count:customer:ada:d2027-03-15"): 1,
        ("camp_1", "count:customer:ada:w2027-03-15"): 1,
        ("camp_1", "count:customer:ada:m2027-03-01"): 1,
        ("camp_1", "orders"): 11346,
        ("camp_1", "discounted"): 1135,
        ("v_A", "count:d2027-03-15"): 1,
        ("v_A", "count:w2027-03-15"): 1,
        ("v_A", "count:m2027-03-01"): 1,
        ("v_A", "count:customer:ada"): 1,
        ("v_A", "count:customer:ada:d2027-03-15"): 1,
        ("v_A", "count:customer:ada:w2027-03-15"): 1,
        ("v_A", "count:customer:ada:m2027-03-01"): 1,
    }


@pytest.mark.spec("rules 5.2 Standalone vouchers")
def test_a_standalone_voucher_is_its_own_campaign():
    found = counted(voucher("A"))

    assert {subject for subject, _ in found} == {"v_A"}
    assert found["v_A", "count"] == 1
    assert found["v_A", "discounted"] == 1000


@pytest.mark.spec("rules 5.2 Promotion tiers")
def test_tiers_count_for_themselves_and_together_for_their_campaign():
    found = counted(tier("a"), tier("b"))

    assert found["camp_1", "count"] == 2
    assert found["camp_1", "discounted"] == 2000
    assert found["promo_a", "count:d2027-03-15"] == 1
    assert found["promo_b", "count:d2027-03-15"] == 1


@pytest.mark.spec("rules 5.2 Order value for `campaign.orders.amount`")
def test_an_order_counts_once_for_a_campaign_however_often_it_is_discounted():
    assert counted(tier("a"), tier("b"))["camp_1", "orders"] == 11346
    assert ("camp_1", "orders") not in counted(tier("a"), ordered=frozenset({"camp_1"}))


def test_limits_of_the_rules_become_those_of_the_claims():
    keys = {("promo_one", "count:d1"): 1, ("camp_1", "orders"): 500}

    assert claims_of(tier(), keys, limits={("camp_1", "orders"): 900}) == (
        TierClaim("promo_one"),
        CounterClaim("promo_one", "count:d1", 1),
        CounterClaim("camp_1", "orders", 500, 900),
    )


def test_something_not_stored_claims_nothing():
    unknown = type(voucher())("voucher", "X", found=False)

    assert claims_of(unknown, {("v_X", "count"): 1}) == ()


def test_joined_claims_keep_the_strictest_limit_at_each_step():
    def joined(*claims):
        (one,) = merged(CounterClaim("camp_1", "orders", *each) for each in claims)
        return one.amount, one.limit

    assert joined((1, 2), (1, 5)) == (2, 3)
    assert joined((1, 5), (1, 2)) == (2, 2)
    assert joined((300, 1000), (200, 2000)) == (500, 1200)
    assert joined((1, None), (1, 4)) == (2, 4)
    assert joined((1, 4), (3, None)) == (4, 7)
    assert joined((1, None), (1, None)) == (2, None)


def test_joined_tiers_and_vouchers_add_up():
    card = QuantityClaim("v_A", 5, amount=100)

    assert merged([TierClaim("promo_a")] * 2) == (TierClaim("promo_a", times=2),)
    assert merged([card, card]) == (QuantityClaim("v_A", 5, times=2, amount=200),)

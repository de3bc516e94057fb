from redemptions.engine.claims import (
    CustomerClaim,
    QuantityClaim,
    TierClaim,
    claims_of,
    merged,
)
from redemptions.engine.decide import decide
from tests.redemptions.engine.carts import ADA, CAMPAIGN, facts, tier, voucher


def test_an_anonymous_redemption_claims_quantity_and_tier_alone():
    decision = decide(facts(tier(), voucher("B", quantity=3), voucher("A")))

    assert decision.claims == (
        QuantityClaim("v_A", None),
        QuantityClaim("v_B", 3),
        TierClaim("promo_one"),
    )


def test_a_customers_counters_are_claimed_too_and_merged_by_campaign():
    decision = decide(
        facts(tier("a"), tier("b"), voucher("A", campaign=CAMPAIGN), customer=ADA)
    )

    assert decision.claims == (
        QuantityClaim("v_A", None),
        TierClaim("promo_a"),
        TierClaim("promo_b"),
        CustomerClaim("campaign", "camp_1", None, times=3),
        CustomerClaim("incentive", "promo_a", None),
        CustomerClaim("incentive", "promo_b", None),
        CustomerClaim("incentive", "v_A", None),
    )


def test_limits_of_the_rules_become_those_of_the_claims():
    limits = {"incentive": 2, "campaign": 5}

    assert claims_of(tier(), by_customer=True, limits=limits) == (
        TierClaim("promo_one"),
        CustomerClaim("incentive", "promo_one", 2),
        CustomerClaim("campaign", "camp_1", 5),
    )


def test_a_standalone_voucher_takes_campaign_limits_as_its_own():
    def limit(**limits):
        return claims_of(voucher("A"), by_customer=True, limits=limits)[1]

    assert limit(incentive=2, campaign=1) == CustomerClaim("incentive", "v_A", 1)
    assert limit(incentive=2, campaign=None) == CustomerClaim("incentive", "v_A", 2)
    assert limit() == CustomerClaim("incentive", "v_A", None)


def test_something_not_stored_claims_nothing():
    unknown = type(voucher())("voucher", "X", found=False)

    assert claims_of(unknown, by_customer=True) == ()


def claim(limit):
    return CustomerClaim("campaign", "camp_1", limit)


def test_joined_claims_keep_the_strictest_limit_at_each_step():
    def joined(*limits):
        return merged(claim(limit) for limit in limits)

    assert joined(2, 5) == (CustomerClaim("campaign", "camp_1", 3, times=2),)
    assert joined(5, 2) == (CustomerClaim("campaign", "camp_1", 2, times=2),)
    assert joined(None, 4) == (CustomerClaim("campaign", "camp_1", 4, times=2),)
    assert joined(4, None) == (CustomerClaim("campaign", "camp_1", 5, times=2),)
    assert joined(None, None) == (CustomerClaim("campaign", "camp_1", None, times=2),)
    assert merged([TierClaim("promo_a")] * 2) == (TierClaim("promo_a", times=2),)


def test_what_one_card_pays_twice_is_claimed_in_one():
    once, again = QuantityClaim("v_1", 4, amount=300), QuantityClaim("v_1", 4, 1, 50)

    assert merged([once, again]) == (QuantityClaim("v_1", 4, times=2, amount=350),)

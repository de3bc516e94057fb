from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.engine.discounts import Effect
from redemptions.engine.decide import decide
from redemptions.engine.facts import StackingRules
from redemptions.engine.stacking import in_application_order
from tests.redemptions.engine.carts import (
    CAMPAIGN,
    NOW,
    amount_off,
    category,
    facts,
    fixed,
    limited_to,
    order,
    percent_off,
    tier,
    voucher,
)

EXCLUSIVE = category("exclusive", 2)
JOINT = category("joint", 1)
COMMON = category("common", 3)
LISTED = {
    "exclusive_categories": ("cat_exclusive",),
    "joint_categories": ("cat_joint",),
}


def of(name, its_category=None, **rest):
    return voucher(name, category=its_category, **rest)


def invalid(name, its_category=None):
    return of(name, its_category, active=False)


def outcome(*redeemables, cart=None, **rules):
    """Each redeemable's name with its status or the reason it was skipped."""
    given = facts(
        *redeemables, order=cart or order(amount=50000), stacking=StackingRules(**rules)
    )
    return [
        f"{each.redeemable.code} {each.skip or each.status}"
        for each in decide(given).entries
    ]


def codes(redeemables):
    return [each.code for each in redeemables]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, "C E J N"),
        ({"redeemables_sorting_rule": "CATEGORY_HIERARCHY"}, "J E C N"),
        (LISTED, "E C N J"),
        (LISTED | {"redeemables_sorting_rule": "CATEGORY_HIERARCHY"}, "E C N J"),
        (LISTED | {"grouped_redeemables_sorting_rule": "SORTING_RULE"}, "E C J N"),
        (
            LISTED
            | {
                "grouped_redeemables_sorting_rule": "SORTING_RULE",
                "redeemables_sorting_rule": "CATEGORY_HIERARCHY",
            },
            "J E C N",
        ),
    ],
)
@pytest.mark.spec("engine 5.2 redeemables_sorting_rule")
@pytest.mark.spec("engine 5.2 grouped_redeemables_sorting_rule")
@pytest.mark.spec("engine 5.2 exclusive_categories")
@pytest.mark.spec("engine 5.2 joint_categories")
def test_redeemables_are_sorted_then_grouped(rules, expected):
    given = [of("C", COMMON), of("E", EXCLUSIVE), of("J", JOINT), of("N")]

    ordered = in_application_order(given, StackingRules(**rules))

    assert codes(ordered) == expected.split()


def test_without_exclusive_redeemables_joint_ones_keep_their_place():
    given = [of("J", JOINT), of("C", COMMON)]

    assert codes(in_application_order(given, StackingRules(**LISTED))) == ["J", "C"]


def test_tiers_of_a_stack_keep_the_stacks_order():
    rules = StackingRules(redeemables_sorting_rule="CATEGORY_HIERARCHY", **LISTED)
    given = [
        tier("a", category=COMMON, stack_id="stack_1"),
        tier("b", category=EXCLUSIVE, stack_id="stack_1"),
    ]

    assert [each.name for each in in_application_order(given, rules)] == ["a", "b"]


def test_the_campaigns_category_stands_in_for_a_missing_own_one():
    campaign = type(CAMPAIGN)("camp_1", "Spring", active=True, category=JOINT)
    given = [of("N"), voucher("J", campaign=campaign)]
    rules = StackingRules(redeemables_sorting_rule="CATEGORY_HIERARCHY")

    assert codes(in_application_order(given, rules)) == ["J", "N"]


@pytest.mark.spec("engine 5.2 redeemables_application_mode")
@pytest.mark.spec("engine 5.4 1 | mode ALL")
@pytest.mark.spec("engine 5.4 7 | any check")
@pytest.mark.spec("engine 5.4 9 | otherwise")
def test_in_all_mode_what_follows_a_refused_one_is_skipped():
    assert outcome(of("A"), invalid("B"), of("C")) == [
        "A APPLICABLE",
        "B INAPPLICABLE",
        "C preceding_validation_failed",
    ]


@pytest.mark.spec("engine 5.2 redeemables_application_mode")
def test_in_partial_mode_a_refused_one_does_not_stop_the_others():
    entries = outcome(
        of("A"), invalid("B"), of("C"), redeemables_application_mode="PARTIAL"
    )

    assert entries == ["A APPLICABLE", "B INAPPLICABLE", "C APPLICABLE"]


@pytest.mark.spec("engine 5.4 2 | common")
@pytest.mark.spec("engine 5.3 common")
@pytest.mark.spec("engine 5.3 exclusive")
@pytest.mark.spec("engine 5.3 joint")
def test_an_applied_exclusive_one_bars_common_ones_but_not_joint_ones():
    assert outcome(
        of("C", COMMON), of("E", EXCLUSIVE), of("J", JOINT), of("N"), **LISTED
    ) == [
        "E APPLICABLE",
        "C exclusion_rules_not_met",
        "N exclusion_rules_not_met",
        "J APPLICABLE",
    ]


@pytest.mark.spec("engine 5.3 exclusive")
def test_an_invalid_exclusive_one_never_bars_common_ones():
    assert outcome(
        of("C", COMMON),
        invalid("E", EXCLUSIVE),
        redeemables_application_mode="PARTIAL",
        **LISTED,
    ) == ["E INAPPLICABLE", "C APPLICABLE"]


@pytest.mark.spec("engine 5.2 applicable_exclusive_redeemables_limit")
@pytest.mark.spec("engine 5.2 applicable_exclusive_redeemables_per_category_limit")
@pytest.mark.spec("engine 5.4 3 | exclusive count")
@pytest.mark.spec("engine 5.4 4 | exclusive per-category")
def test_exclusive_limits():
    both = [of("E", EXCLUSIVE), of("F", EXCLUSIVE)]

    assert outcome(*both, **LISTED)[1] == (
        "F applicable_exclusive_redeemables_limit_exceeded"
    )
    two = LISTED | {"applicable_exclusive_redeemables_limit": 2}
    assert outcome(*both, **two)[1] == "F APPLICABLE"
    one_each = two | {"applicable_exclusive_redeemables_per_category_limit": 1}
    assert outcome(*both, **one_each)[1] == (
        "F applicable_exclusive_redeemables_per_category_limit_exceeded"
    )


@pytest.mark.spec("engine 5.2 applicable_redeemables_per_category_limit")
@pytest.mark.spec("engine 5.2 applicable_redeemables_category_limits")
@pytest.mark.spec("engine 5.4 5 | category count")
def test_category_limits_the_map_winning_over_the_general_one():
    three = [of("A", COMMON), of("B", COMMON), of("C", JOINT), of("D")]
    reason = "applicable_redeemables_per_category_limit_exceeded"

    assert outcome(*three, applicable_redeemables_per_category_limit=1) == [
        "A APPLICABLE",
        f"B {reason}",
        "C APPLICABLE",
        "D APPLICABLE",
    ]
    assert (
        outcome(
            *three,
            applicable_redeemables_per_category_limit=1,
            applicable_redeemables_category_limits={"cat_common": 2},
        )[1]
        == "B APPLICABLE"
    )


@pytest.mark.spec("engine 5.2 applicable_redeemables_limit")
@pytest.mark.spec("engine 5.4 6 | applied count")
def test_joint_ones_count_toward_the_general_limits():
    assert outcome(of("J", JOINT), of("A"), applicable_redeemables_limit=1, **LISTED)[
        1
    ] == ("A applicable_redeemables_limit_exceeded")


@pytest.mark.spec("engine 5.4 6 | applied count")
def test_an_invalid_one_behind_a_full_limit_is_skipped_and_fails_nothing():
    given = facts(
        of("A"), invalid("B"), stacking=StackingRules(applicable_redeemables_limit=1)
    )

    decision = decide(given)

    assert decision.valid
    assert decision.inapplicable == ()
    assert decision.skipped[0].skip == "applicable_redeemables_limit_exceeded"


def no_effect(its_category=None):
    return of("F", its_category, discount=fixed(99999, Effect.APPLY_TO_ORDER))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, "F APPLICABLE"),
        ({"redeemables_no_effect_rule": "SKIP"}, "F no_effect"),
        ({"no_effect_skip_categories": ("cat_common",)}, "F no_effect"),
        (
            {
                "redeemables_no_effect_rule": "SKIP",
                "no_effect_redeem_anyway_categories": ("cat_common",),
            },
            "F APPLICABLE",
        ),
    ],
)
@pytest.mark.spec("engine 5.2 redeemables_no_effect_rule")
@pytest.mark.spec("engine 5.2 no_effect_skip_categories")
@pytest.mark.spec("engine 5.2 no_effect_redeem_anyway_categories")
@pytest.mark.spec("engine 5.4 8 | no effect")
def test_the_no_effect_policy_looks_at_the_category_first(rules, expected):
    assert outcome(no_effect(COMMON), **rules) == [expected]


def test_one_redeemed_without_effect_counts_and_takes_its_claims():
    decision = decide(facts(no_effect()))

    assert decision.valid
    assert decision.claims[0].times == 1
    assert decision.entries[0].taken.amount == 0


def test_a_skipped_one_without_effect_leaves_the_limits_alone():
    assert outcome(
        no_effect(),
        of("A"),
        redeemables_no_effect_rule="SKIP",
        applicable_redeemables_limit=1,
    ) == ["F no_effect", "A APPLICABLE"]


@pytest.mark.spec("engine 5.2 redeemables_products_application_mode")
def test_a_line_is_closed_to_later_item_discounts_when_products_are_discounted_once():
    first = limited_to(amount_off(100, Effect.APPLY_TO_ITEMS), "tea")
    second = voucher("SECOND", amount_off(10, Effect.APPLY_TO_ITEMS))
    whole = voucher("WHOLE", amount_off(5))
    once = StackingRules(redeemables_products_application_mode="ONCE")

    entries = decide(facts(first, second, whole, stacking=once)).entries

    assert entries[0].taken.by_line == {0: 100}
    assert entries[1].taken.by_line == {1: 10, 2: 10, 3: 10}
    assert entries[2].taken.order_amount == 5


@pytest.mark.parametrize(
    ("mode", "discounts", "totals"),
    [
        ("DISCOUNTED_AMOUNT", [3000, 7700, 10200], [47000, 42300, 39800]),
        ("INITIAL_AMOUNT", [3000, 8000, 10500], [47000, 42000, 39500]),
    ],
)
@pytest.mark.spec("engine 5.2 discount_calculation_mode")
@pytest.mark.spec("engine 5.4 gift")
@pytest.mark.spec("engine 5.4 percent (discounted mode)")
@pytest.mark.spec("engine 5.4 amount")
@pytest.mark.spec("engine 5.4 top level")
@pytest.mark.spec("engine 5.4 (initial mode)")
def test_the_worked_stack_of_three_on_50000(mode, discounts, totals):
    stack = (
        of("GIFT", discount=amount_off(3000, Effect.APPLY_TO_ORDER)),
        of("TEN", discount=percent_off(10, Effect.APPLY_TO_ORDER)),
        of("AMOUNT", discount=amount_off(2500, Effect.APPLY_TO_ORDER)),
    )
    rules = StackingRules(discount_calculation_mode=mode)

    decision = decide(facts(*stack, order=order(amount=50000), stacking=rules))

    states = [each.order for each in decision.entries]
    assert [each.discount_amount for each in states] == discounts
    assert [each.total_amount for each in states] == totals
    assert sum(each.applied_discount_amount for each in states) == discounts[-1]
    assert decision.order.applied_discount_amount == discounts[-1]
    assert decision.order.total_amount == totals[-1]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"initial_amount_mode_categories": ("cat_common",)}, 1000),
        (
            {
                "discount_calculation_mode": "INITIAL_AMOUNT",
                "discounted_amount_mode_categories": ("cat_common",),
            },
            500,
        ),
    ],
)
@pytest.mark.spec("engine 5.2 initial_amount_mode_categories")
@pytest.mark.spec("engine 5.2 discounted_amount_mode_categories")
def test_a_category_overrides_the_calculation_mode(rules, expected):
    half = of("HALF", discount=amount_off(5000, Effect.APPLY_TO_ORDER))
    ten = of("TEN", COMMON, discount=percent_off(10, Effect.APPLY_TO_ORDER))
    given = facts(half, ten, order=order(amount=10000), stacking=StackingRules(**rules))

    assert decide(given).entries[1].taken.order_amount == expected


def test_where_two_categories_rank_alike_the_older_one_goes_first():
    old = replace(category("old", 1), created_at=NOW - timedelta(days=1))
    new = category("new", 1)
    rules = StackingRules(redeemables_sorting_rule="CATEGORY_HIERARCHY")

    ordered = in_application_order([of("A", new), of("B", old), of("C", new)], rules)

    assert codes(ordered) == ["B", "A", "C"]


@pytest.mark.spec("engine 5.2 grouped_redeemables_sorting_rule")
def test_sorted_together_only_common_ones_before_an_exclusive_one_move():
    rules = StackingRules(grouped_redeemables_sorting_rule="SORTING_RULE", **LISTED)
    given = [
        of("C", COMMON),
        of("J", JOINT),
        of("E", EXCLUSIVE),
        of("D"),
        of("K", JOINT),
    ]

    assert codes(in_application_order(given, rules)) == ["J", "E", "C", "D", "K"]


@pytest.mark.spec("engine 5.2 discount_calculation_mode")
@pytest.mark.parametrize(
    ("mode", "parts"),
    [("DISCOUNTED_AMOUNT", [1135, 2042]), ("INITIAL_AMOUNT", [1135, 2269])],
)
def test_ten_then_twenty_percent_off_11346(mode, parts):
    ten = of("TEN", discount=percent_off(10, Effect.APPLY_TO_ORDER))
    twenty = of("TWENTY", discount=percent_off(20, Effect.APPLY_TO_ORDER))
    rules = StackingRules(discount_calculation_mode=mode)

    entries = decide(facts(ten, twenty, stacking=rules)).entries

    assert [each.taken.order_amount for each in entries] == parts


@pytest.mark.spec("engine 5.4 valid")
def test_all_skipped_is_not_valid_and_no_one_is_to_blame():
    decision = decide(
        facts(no_effect(), stacking=StackingRules(redeemables_no_effect_rule="SKIP"))
    )

    assert not decision.valid
    assert decision.failed_entry is None

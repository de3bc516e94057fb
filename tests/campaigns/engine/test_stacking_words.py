"""Stacking rules told in sentences, and which categories go together."""

from typing import Any

from campaigns.engine.stacking_words import Pair, compatibility, tell_stacking
from promo.tenancy.stacking import DEFAULTS

NAMES = {"a": "Sale", "b": "VIP", "c": "Gift"}


def told(**changed: Any) -> list[str]:
    return tell_stacking({**DEFAULTS, **changed}, NAMES)


def fits(**changed: Any) -> list[str]:
    """Return the table as text: ``+`` and ``-`` for Sale, VIP, Gift and no category."""
    table = compatibility({**DEFAULTS, **changed}, NAMES)
    return ["".join("+" if pair.fits else "-" for pair in row) for row in table]


def test_the_defaults_in_words():
    assert told() == [
        "Offers apply in the order in which the checkout names them.",
        "At most 5 apply to one order, of up to 30 that the checkout may name.",
        "When one offer cannot be used, none is: all or nothing.",
        "Percentages are taken of what is left to pay.",
    ]


def test_every_other_setting_in_words():
    assert told(
        redeemables_sorting_rule="CATEGORY_HIERARCHY",
        exclusive_categories=["b"],
        joint_categories=["c"],
        applicable_redeemables_per_category_limit=2,
        applicable_redeemables_category_limits={"a": 1, "c": 3},
        redeemables_application_mode="PARTIAL",
        initial_amount_mode_categories=["c", "a"],
    ) == [
        (
            "Offers of Sale apply first, then VIP, then Gift; "
            "what has no category comes last."
        ),
        (
            "Offers of VIP go before ordinary ones. Once one of them applies, ordinary "
            "offers are left out; at most 1 of them may apply."
        ),
        "Offers of Gift apply beside any other.",
        "Where both are named, those of Gift come last.",
        "At most 5 apply to one order, of up to 30 that the checkout may name.",
        "At most 2 of the same category apply.",
        "At most 1 of Sale, 3 of Gift.",
        "When one offer cannot be used, the others apply all the same.",
        (
            "Percentages are taken of what is left to pay, those of Sale and Gift of "
            "the price before any discount."
        ),
    ]


def test_sorting_by_category_without_any_says_so():
    changed = {**DEFAULTS, "redeemables_sorting_rule": "CATEGORY_HIERARCHY"}

    assert tell_stacking(changed, {})[0] == (
        "Offers are sorted by category, but there is no category yet."
    )


def test_everything_goes_together_unless_somebody_says_otherwise():
    assert fits() == ["++++"] * 4


def test_what_stands_alone_goes_with_joint_ones_only():
    assert fits(exclusive_categories=["b"], joint_categories=["c"]) == [
        "+-++",
        "--+-",
        "++++",
        "+-++",
    ]


def test_two_that_stand_alone_go_together_where_two_may():
    alone = ["a", "b"]

    assert fits(exclusive_categories=alone)[0] == "----"
    assert (
        fits(exclusive_categories=alone, applicable_exclusive_redeemables_limit=2)[0]
        == "++--"
    )


def test_one_of_a_category_bars_its_second():
    limits = {"a": 1}

    table = fits(applicable_redeemables_category_limits=limits)

    assert table == ["-+++", "++++", "++++", "++++"]


def test_where_one_applies_nothing_goes_together():
    settings = {**DEFAULTS, "applicable_redeemables_limit": 1}

    [[pair]] = compatibility(settings, {})

    assert pair == Pair(fits=False, why="Only one offer applies to an order")

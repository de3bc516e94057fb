"""Which stacking settings a project may have."""

import pytest

from campaigns.engine.stacking_settings import categories_named, changed_settings
from promo.errors import InvalidPayload
from promo.tenancy.stacking import DEFAULTS


def changed(**changes):
    return changed_settings(DEFAULTS, changes, DEFAULTS)


def test_what_is_not_named_stays():
    current = changed(redeemables_limit=20, exclusive_categories=["cat_1"])

    settings = changed_settings(current, {"joint_categories": ["cat_2"]}, DEFAULTS)

    assert settings == DEFAULTS | {
        "redeemables_limit": 20,
        "exclusive_categories": ["cat_1"],
        "joint_categories": ["cat_2"],
    }


def test_null_stands_for_the_default():
    current = changed(redeemables_limit=20)

    assert changed_settings(current, {"redeemables_limit": None}, DEFAULTS) == DEFAULTS


def test_what_is_no_setting_is_ignored():
    assert changed(colour="red") == DEFAULTS


def test_a_list_loses_what_it_repeats():
    settings = changed(joint_categories=["cat_2", "cat_1", "cat_2"])

    assert settings["joint_categories"] == ["cat_2", "cat_1"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("JOINT_ALWAYS_LAST", "JOINT_ALWAYS_LAST"),
        ("SORTING_RULE", "SORTING_RULE"),
        ("BY_SORTING_RULE", "SORTING_RULE"),
    ],
)
@pytest.mark.spec("engine 5.2 grouped_redeemables_sorting_rule")
def test_any_other_sorting_of_groups_is_the_sorting_rule(sent, kept):
    settings = changed(grouped_redeemables_sorting_rule=sent)

    assert settings["grouped_redeemables_sorting_rule"] == kept


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("redeemables_limit", 0, "must be >= 1"),
        ("redeemables_limit", 31, "must be <= 30"),
        ("applicable_redeemables_limit", 31, "must be <= 30"),
        ("applicable_redeemables_per_category_limit", 0, "must be >= 1"),
        ("applicable_redeemables_per_category_limit", 6, "must be <= 5"),
        ("applicable_exclusive_redeemables_limit", 6, "must be <= 5"),
        ("applicable_exclusive_redeemables_per_category_limit", 2, "must be <= 1"),
    ],
)
@pytest.mark.spec("engine 5.2 redeemables_limit")
@pytest.mark.spec("engine 5.2 applicable_redeemables_per_category_limit")
@pytest.mark.spec("engine 5.2 applicable_exclusive_redeemables_limit")
@pytest.mark.spec("engine 5.2 applicable_exclusive_redeemables_per_category_limit")
def test_a_number_out_of_range_is_named(name, value, text):
    with pytest.raises(InvalidPayload) as refused:
        changed(**{name: value})

    assert refused.value.details == f"Property .{name} {text}"


@pytest.mark.spec("engine 5.2 applicable_redeemables_limit")
def test_no_more_may_apply_than_may_be_named():
    with pytest.raises(InvalidPayload) as refused:
        changed(redeemables_limit=3)

    details = "Property .applicable_redeemables_limit must be <= 3"
    assert refused.value.details == details


@pytest.mark.parametrize("limit", [0, 11])
@pytest.mark.spec("engine 5.2 applicable_redeemables_category_limits")
def test_the_limit_of_a_category_lies_between_1_and_10(limit):
    limits = {"cat_1": 10, "cat_2": limit}

    with pytest.raises(InvalidPayload) as refused:
        changed(applicable_redeemables_category_limits=limits)

    path = "Property .applicable_redeemables_category_limits.cat_2 must be"
    assert refused.value.details in {f"{path} >= 1", f"{path} <= 10"}


@pytest.mark.spec("engine 5.2 redeemables_application_mode")
def test_a_choice_is_one_of_those_allowed():
    with pytest.raises(InvalidPayload) as refused:
        changed(redeemables_application_mode="SOME")

    assert refused.value.details == (
        "Property .redeemables_application_mode must be equal to one of the allowed "
        "values [ ALL, PARTIAL ]"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("exclusive_categories", "joint_categories"),
        ("no_effect_skip_categories", "no_effect_redeem_anyway_categories"),
        ("initial_amount_mode_categories", "discounted_amount_mode_categories"),
    ],
)
@pytest.mark.spec("engine 5.2 no_effect_skip_categories")
def test_a_category_cannot_be_in_two_lists_that_say_opposite_things(one, other):
    with pytest.raises(InvalidPayload) as refused:
        changed(**{one: ["cat_1", "cat_2"], other: ["cat_2"]})

    details = f"Property .{one} must NOT have cat_2, which .{other} has"
    assert refused.value.details == details


def test_all_categories_that_settings_name_are_found_once():
    settings = changed(
        exclusive_categories=["cat_1"],
        no_effect_skip_categories=["cat_1", "cat_2"],
        applicable_redeemables_category_limits={"cat_3": 2, "cat_1": 1},
    )

    assert categories_named(settings) == ("cat_1", "cat_2", "cat_3")

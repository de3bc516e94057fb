import json
from decimal import Decimal

import pytest

from campaigns.engine.discounts import Effect
from redemptions.engine.decide import decide
from redemptions.engine.decision import Entry, Status
from redemptions.engine.facts import StackingRules
from redemptions.engine.refusals import Refusal, Skip
from redemptions.engine.wire import (
    entry_as_json,
    error_as_json,
    outcome_as_json,
    result_as_json,
)
from tests.redemptions.engine.carts import (
    CAMPAIGN,
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

BARE = {"metadata": {}, "customer_id": None, "referrer_id": None, "object": "order"}
EMPTY = {"data": [], "total": 0, "data_ref": "data", "object": "list"}
PARTIAL = StackingRules(redeemables_application_mode="PARTIAL")


def outcome(*redeemables, expand=(), **rest):
    rest.setdefault("order", order(amount=2000))
    decision = decide(facts(*redeemables, **rest))
    return outcome_as_json(decision, request_id="v-1", expand=expand)


def test_a_valid_validation():
    discounted = {
        "amount": 2000,
        "discount_amount": 500,
        "total_discount_amount": 500,
        "total_amount": 1500,
        "applied_discount_amount": 500,
        "total_applied_discount_amount": 500,
        **BARE,
    }

    shown = outcome(voucher("A", amount_off(500), metadata={"team": "web"}))

    assert shown.pop("stacking_rules")["redeemables_limit"] == 30
    assert shown == {
        "valid": True,
        "redeemables": [
            {
                "status": "APPLICABLE",
                "id": "A",
                "object": "voucher",
                "order": discounted,
                "applicable_to": EMPTY,
                "inapplicable_to": EMPTY,
                "result": {
                    "discount": {
                        "type": "AMOUNT",
                        "effect": "APPLY_TO_ORDER",
                        "amount_off": 500,
                        "is_dynamic": False,
                    }
                },
                "metadata": {"team": "web"},
            }
        ],
        "order": discounted,
    }


def test_an_invalid_validation_has_no_order_and_copies_what_failed():
    shown = outcome(voucher("X", found=False), voucher("A"))

    refused = {
        "status": "INAPPLICABLE",
        "id": "X",
        "object": "voucher",
        "result": {
            "error": {
                "code": 404,
                "key": "not_found",
                "message": "Resource not found",
                "details": "Cannot find voucher with id X",
                "request_id": "v-1",
                "resource_id": "X",
                "resource_type": "voucher",
                "redeemable_id": "X",
                "redeemable_type": "voucher",
            },
            "details": {"key": "not_found", "message": "Resource not found"},
        },
    }
    skipped = {
        "status": "SKIPPED",
        "id": "A",
        "object": "voucher",
        "result": {
            "details": {
                "key": "preceding_validation_failed",
                "message": (
                    "Redeemable cannot be applied due to preceding validation failure"
                ),
            }
        },
        "metadata": {},
    }
    shown.pop("stacking_rules")
    assert shown == {
        "valid": False,
        "redeemables": [refused, skipped],
        "inapplicable_redeemables": [refused],
        "skipped_redeemables": [skipped],
    }


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "applicable_redeemables_limit_exceeded",
            "Applicable redeemables limit exceeded",
        ),
        (
            "applicable_redeemables_per_category_limit_exceeded",
            "Applicable redeemables limit per category exceeded",
        ),
        (
            "applicable_exclusive_redeemables_limit_exceeded",
            "Applicable exclusive redeemables limit exceeded",
        ),
        (
            "applicable_exclusive_redeemables_per_category_limit_exceeded",
            "Applicable exclusive redeemables limit per category exceeded",
        ),
        (
            "exclusion_rules_not_met",
            "Redeemable cannot be applied due to exclusion rules",
        ),
        (
            "preceding_validation_failed",
            "Redeemable cannot be applied due to preceding validation failure",
        ),
        ("no_effect", "Redeemable cannot be applied due to no effect"),
    ],
)
def test_a_skipped_one_says_why_in_the_apis_words(key, message):
    skipped = Entry(voucher("A"), Status.SKIPPED, skip=Skip(key))

    shown = result_as_json(skipped, request_id="v-1")

    assert shown == {"details": {"key": key, "message": message}}


def test_in_partial_mode_only_applicable_ones_stay_in_the_list():
    shown = outcome(voucher("X", active=False), voucher("A"), stacking=PARTIAL)

    assert shown["valid"]
    assert [each["id"] for each in shown["redeemables"]] == ["A"]
    assert [each["id"] for each in shown["inapplicable_redeemables"]] == ["X"]
    assert "skipped_redeemables" not in shown


def test_stacking_rules_are_echoed_without_unset_and_management_fields():
    rules = StackingRules(
        exclusive_categories=("cat_1",),
        applicable_redeemables_category_limits={"cat_1": 2},
    )

    assert outcome(voucher(), stacking=rules)["stacking_rules"] == {
        "redeemables_limit": 30,
        "applicable_redeemables_limit": 5,
        "applicable_redeemables_category_limits": {"cat_1": 2},
        "applicable_exclusive_redeemables_limit": 1,
        "exclusive_categories": ["cat_1"],
        "joint_categories": [],
        "redeemables_application_mode": "ALL",
        "redeemables_sorting_rule": "REQUESTED_ORDER",
        "grouped_redeemables_sorting_rule": "JOINT_ALWAYS_LAST",
        "redeemables_products_application_mode": "STACK",
        "redeemables_no_effect_rule": "REDEEM_ANYWAY",
        "no_effect_skip_categories": [],
        "no_effect_redeem_anyway_categories": [],
        "redeemables_rollback_order_mode": "WITH_ORDER",
    }


@pytest.mark.parametrize(
    ("discount", "expected"),
    [
        (percent_off("12.5"), {"type": "PERCENT", "percent_off": 12.5}),
        (
            percent_off("10.0", amount_limit=7, aggregated_amount_limit=9),
            {
                "type": "PERCENT",
                "percent_off": 10,
                "amount_limit": 7,
                "aggregated_amount_limit": 9,
            },
        ),
        (fixed(900), {"type": "FIXED", "fixed_amount": 900}),
    ],
)
def test_a_discount_shows_its_value_and_caps(discount, expected):
    shown = outcome(voucher(discount=discount))["redeemables"][0]["result"]["discount"]

    assert shown == {"effect": "APPLY_TO_ORDER", "is_dynamic": False, **expected}
    json.dumps(shown)


def test_a_new_price_named_by_the_rule_alone_shows_no_value():
    redeemable = limited_to(fixed(None, Effect.APPLY_TO_ITEMS), "tea", price=5)

    shown = outcome(redeemable)["redeemables"][0]["result"]["discount"]

    assert shown == {"type": "FIXED", "effect": "APPLY_TO_ITEMS", "is_dynamic": False}


@pytest.mark.parametrize(
    ("expand", "keys"),
    [
        ((), {"order"}),
        (("order",), {"order"}),
        (("category",), {"categories"}),
        (
            ("order", "redeemable"),
            {"order", "campaign_id", "campaign_name", "name", "banner"},
        ),
    ],
)
def test_expanding_decides_which_parts_are_shown(expand, keys):
    shown = outcome(tier(banner="Save"), expand=expand)["redeemables"][0]

    always = {"status", "id", "object", "applicable_to", "inapplicable_to"}
    assert set(shown) == always | {"result", "metadata"} | keys


def test_expanding_a_plain_voucher_or_an_unbannered_tier_adds_what_there_is():
    plain = outcome(voucher(), expand=("redeemable",))["redeemables"][0]
    unbannered = outcome(tier(), expand=("redeemable",))["redeemables"][0]

    assert {"campaign_id", "name", "banner"}.isdisjoint(plain)
    assert unbannered["campaign_id"] == CAMPAIGN.id
    assert unbannered["name"] == "one"
    assert "banner" not in unbannered


@pytest.mark.parametrize(
    ("rules", "kind"),
    [
        ({}, {}),
        (
            {"exclusive_categories": ("cat_a",)},
            {"stacking_rules_type": "EXCLUSIVE"},
        ),
        ({"joint_categories": ("cat_a",)}, {"stacking_rules_type": "JOINT"}),
    ],
)
def test_a_category_says_how_it_stacks(rules, kind):
    shown = outcome(
        voucher(category=category("a", 4)),
        expand=("category",),
        stacking=StackingRules(**rules),
    )

    assert shown["redeemables"][0]["categories"] == [
        {
            "id": "cat_a",
            "name": "a",
            "hierarchy": 4,
            "created_at": "2027-03-15T12:00:00.000Z",
            "object": "category",
            **kind,
        }
    ]


def test_no_category_is_an_empty_list():
    shown = outcome(voucher(), expand=("category",))

    assert shown["redeemables"][0]["categories"] == []


def test_the_marketers_own_text_goes_into_the_error_and_the_details():
    refusal = Refusal("voucher_expired", "voucher expired", error_message="Too late!")
    entry = Entry(voucher("A"), Status.INAPPLICABLE, refusal=refusal)

    assert result_as_json(entry, request_id="v-1") == {
        "error": {
            "code": 400,
            "key": "voucher_expired",
            "message": "voucher expired",
            "request_id": "v-1",
            "redeemable_id": "A",
            "redeemable_type": "voucher",
            "error": {"message": "Too late!"},
        },
        "details": {"key": "voucher_expired", "message": "Too late!"},
    }
    assert error_as_json(refusal, voucher("A"), request_id="v-2")["request_id"] == "v-2"


def test_an_applicable_entry_without_a_discount_has_an_empty_result():
    entry = Entry(voucher("A"), Status.APPLICABLE)

    shown = entry_as_json(entry, StackingRules(), request_id="v-1")

    assert shown["result"] == {}
    assert shown["order"] == BARE


def test_without_an_order_the_bare_order_is_shown():
    shown = outcome(voucher(), order=None)

    assert shown["order"] == BARE
    assert shown["redeemables"][0]["order"] == BARE


def test_the_whole_answer_is_json():
    rules = StackingRules(redeemables_application_mode="PARTIAL")
    given = [voucher("A", percent_off(Decimal("33.3"))), voucher("B", active=False)]

    shown = outcome(*given, stacking=rules, expand=("order", "category", "redeemable"))

    assert json.loads(json.dumps(shown)) == shown

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.engine.applicability import ApplicableTo, LastingCap
from campaigns.engine.discounts import Effect
from campaigns.engine.validity import Validity
from promo.errors import Rejected, ResourceNotFound
from redemptions.engine.claims import QuantityClaim
from redemptions.engine.decide import decide
from redemptions.engine.decision import Status, as_exception
from redemptions.engine.facts import StackingRules
from tests.redemptions.engine.carts import (
    CAMPAIGN,
    NOW,
    amount_off,
    assigned,
    entry,
    facts,
    including,
    percent_off,
    product,
    taken,
    tier,
    unit_off,
    units_known,
    voucher,
)

SECOND = timedelta(seconds=1)
NOT_YET = Validity(start=NOW + SECOND)
OVER = Validity(expiration=NOW - SECOND)
ANOTHER_DAY = Validity(days=(2,))
OFF = replace(CAMPAIGN, active=False)
TIER_OFF = "Promotion Tier with id: promo_one is disabled."


TEA = units_known(product("tea"))


def refusal(redeemable):
    found = decide(facts(redeemable, units=TEA)).entries[0]
    assert found.status is Status.INAPPLICABLE
    return found.refusal.key, found.refusal.message, found.refusal.details


@pytest.mark.spec("engine 12.2 not_found (404)")
@pytest.mark.spec("engine 12.2 voucher_disabled")
@pytest.mark.spec("engine 12.2 voucher_not_active")
@pytest.mark.spec("engine 12.2 voucher_expired")
@pytest.mark.spec("engine 12.2 voucher_not_active_now")
@pytest.mark.spec("engine 12.2 promotion_inactive")
@pytest.mark.spec("engine 12.2 promotion_not_active_now")
@pytest.mark.spec("engine 12.2 quantity_exceeded")
@pytest.mark.spec("engine 13 1 exists")
@pytest.mark.spec("engine 13 3 campaign active")
@pytest.mark.spec("engine 13 4 start date")
@pytest.mark.spec("engine 13 5 validity timeframe")
@pytest.mark.spec("engine 13 7 redemption quantity")
@pytest.mark.spec("rules 9.3 campaign disabled")
@pytest.mark.spec("rules 5.3 uses per code")
@pytest.mark.parametrize(
    ("redeemable", "expected"),
    [
        (
            voucher("X", found=False),
            ("not_found", "Resource not found", "Cannot find voucher with id X"),
        ),
        (
            voucher("X", active=False),
            ("voucher_disabled", "voucher is disabled", "X"),
        ),
        (
            voucher("X", campaign=OFF),
            ("voucher_disabled", "voucher is disabled", "X"),
        ),
        (
            voucher("X", validity=NOT_YET),
            ("voucher_not_active", "voucher not active yet", "X"),
        ),
        (voucher("X", validity=OVER), ("voucher_expired", "voucher expired", "X")),
        (
            voucher("X", validity=ANOTHER_DAY),
            ("voucher_not_active_now", "voucher not active now", "X"),
        ),
        (
            voucher("X", quantity=2, redeemed_quantity=2),
            ("quantity_exceeded", "quantity exceeded", "X"),
        ),
        (tier(active=False), ("promotion_inactive", "Inactive Promotion", TIER_OFF)),
        (tier(campaign=OFF), ("promotion_inactive", "Inactive Promotion", TIER_OFF)),
        (
            tier(validity=NOT_YET),
            ("promotion_inactive", "Inactive Promotion", TIER_OFF),
        ),
        (tier(validity=OVER), ("promotion_inactive", "Inactive Promotion", TIER_OFF)),
        (
            tier(validity=ANOTHER_DAY),
            ("promotion_not_active_now", "promotion not active now", "promo_one"),
        ),
    ],
)
def test_each_refusal_has_its_key_message_and_details(redeemable, expected):
    assert refusal(redeemable) == expected


def test_what_passes_every_check_applies():
    valid = Validity(start=NOW, expiration=NOW, days=(1,))

    decision = decide(
        facts(voucher(validity=valid, quantity=2, redeemed_quantity=1), tier())
    )

    assert decision.valid
    assert len(decision.applicable) == 2


@pytest.mark.spec("engine 13 1 exists")
@pytest.mark.spec("engine 13 3 campaign active")
@pytest.mark.spec("engine 13 4 start date")
@pytest.mark.spec("engine 13 7 redemption quantity")
@pytest.mark.spec("engine 13 8 required parameters")
@pytest.mark.parametrize(
    ("faults", "key"),
    [
        ({"found": False, "active": False}, "not_found"),
        ({"active": False, "validity": OVER}, "voucher_disabled"),
        ({"validity": OVER, "quantity": 0}, "voucher_expired"),
        ({"quantity": 0, "type": "GIFT_VOUCHER"}, "quantity_exceeded"),
    ],
)
def test_the_first_failing_check_is_reported(faults, key):
    assert refusal(voucher(**faults))[0] == key


def test_a_voucher_named_by_its_id_is_refused_by_its_code():
    named_by_id = replace(voucher("X", active=False), ref="v_X")

    assert refusal(named_by_id)[2] == "X"


@pytest.mark.parametrize(
    ("redeemable", "what"),
    [
        (
            replace(voucher(type="LOYALTY_CARD"), discount=None),
            "A redeemable without a discount",
        ),
        (
            replace(voucher(), discount=None),
            "A redeemable without a discount",
        ),
        (
            voucher(discount=unit_off(1, "prod_tea", Effect.APPLY_TO_ORDER)),
            "A UNIT discount with effect APPLY_TO_ORDER",
        ),
        (
            voucher(discount=percent_off(5, Effect.APPLY_TO_ITEMS_BY_QUANTITY)),
            "A PERCENT discount with effect APPLY_TO_ITEMS_BY_QUANTITY",
        ),
    ],
)
def test_what_this_version_cannot_calculate_is_refused_by_name(redeemable, what):
    assert refusal(redeemable) == (
        "unsupported_redeemable",
        "Redeemable is not supported",
        f"{what} cannot be calculated by this version",
    )


def test_a_price_formula_means_nothing_to_an_amount():
    lists = including("tea", price_formula="1")
    redeemable = voucher(discount=amount_off(5), rules=(assigned(lists),))

    assert decide(facts(redeemable)).entries[0].taken.by_line == {0: 5}


def test_item_caps_mean_nothing_to_an_order_level_discount():
    lists = ApplicableTo(
        (entry("tea", lasting_caps=(LastingCap("campaign", limit=0),)),)
    )
    discount = amount_off(5, Effect.APPLY_TO_ORDER)

    decision = decide(facts(voucher(discount=discount, rules=(assigned(lists),))))

    assert decision.entries[0].taken.order_amount == 5


def test_without_an_order_a_discount_is_redeemed_without_amounts():
    decision = decide(facts(voucher(), order=None))

    assert decision.valid
    assert decision.order is None
    assert decision.entries[0].order is None
    assert taken(decision) == (QuantityClaim("v_SPRING", None),)


def test_a_valid_decision_is_not_rejected():
    decide(facts(voucher())).raise_if_rejected()


def test_a_missing_voucher_is_rejected_as_not_found():
    decision = decide(facts(voucher("X", found=False)))

    with pytest.raises(ResourceNotFound) as raised:
        decision.raise_if_rejected()

    assert raised.value.resource_id == "X"
    assert raised.value.resource_type == "voucher"
    assert raised.value.extra == {"redeemable_id": "X", "redeemable_type": "voucher"}
    assert decision.claims == ()


def test_the_first_refusal_rejects_the_request_in_all_mode():
    decision = decide(facts(voucher("A"), voucher("B", active=False)))

    with pytest.raises(Rejected) as raised:
        decision.raise_if_rejected()

    assert raised.value.key == "voucher_disabled"
    assert raised.value.details == "B"
    assert raised.value.extra == {"redeemable_id": "B", "redeemable_type": "voucher"}
    assert decision.claims == ()


@pytest.mark.parametrize("mode", ["ALL", "PARTIAL"])
def test_when_nothing_applies_that_is_the_rejection(mode):
    rules = StackingRules(
        redeemables_application_mode=mode, redeemables_no_effect_rule="SKIP"
    )
    given = [voucher(discount=amount_off(0))]
    if mode == "PARTIAL":
        given.append(voucher("B", active=False))

    with pytest.raises(Rejected) as raised:
        decide(facts(*given, stacking=rules)).raise_if_rejected()

    assert raised.value.key == "no_applicable_redeemables"
    assert raised.value.message == "No applicable redeemables"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, ""),
        ({"active": False}, "voucher_disabled"),
        ({"found": False}, "not_found"),
    ],
)
def test_the_reason_of_a_decision_is_the_key_of_its_rejection(given, reason):
    assert decide(facts(voucher(**given))).reason == reason


def test_only_a_refused_entry_is_an_exception():
    applied = decide(facts(voucher())).entries[0]

    with pytest.raises(ValueError, match="only a refused"):
        as_exception(applied)

import json

import pytest

from campaigns.engine.discounts import Effect
from redemptions.engine.decide import decide
from redemptions.engine.explanation import sentences_of, trace_of
from tests.redemptions.engine.carts import (
    amount_off,
    facts,
    fixed,
    gift_card,
    limited_to,
    order,
    percent_off,
    tier,
    voucher,
)

ITEMS = Effect.APPLY_TO_ITEMS


def told(*redeemables, **rest):
    return sentences_of(decide(facts(*redeemables, **rest)))


@pytest.mark.parametrize(
    ("redeemable", "sentence"),
    [
        (
            voucher("TEN", percent_off("10.0")),
            "TEN applies: 10 % off the order takes off 11.35 and leaves 102.11 to pay.",
        ),
        (
            tier("Spring", amount_off(1500)),
            (
                "Spring applies: 15.00 off the order takes off 15.00 and leaves 98.46 "
                "to pay."
            ),
        ),
        (
            voucher("F", fixed(9900)),
            (
                "F applies: a new price of 99.00 for the order takes off 14.46 "
                "and leaves 99.00 to pay."
            ),
        ),
        (
            limited_to(fixed(None, ITEMS), "tea", price=1000),
            (
                "SPRING applies: a new price for items takes off 4.00 and leaves "
                "109.46 to pay."
            ),
        ),
        (
            voucher("S", amount_off(100, Effect.APPLY_TO_ITEMS_PROPORTIONALLY)),
            (
                "S applies: 1.00 off items, split by amount, takes off 1.00 "
                "and leaves 112.46 to pay."
            ),
        ),
        (
            gift_card(balance=2000),
            "GIFT applies: it pays 20.00 of its 20.00 and leaves 93.46 to pay.",
        ),
        (gift_card(wanted=0), "GIFT applies, but takes nothing off."),
        (
            gift_card(balance=50, wanted=70),
            "GIFT was refused: it has 0.50 left, not 0.70.",
        ),
        (
            voucher("Z", amount_off(0)),
            ("Z applies, but takes nothing off: the order leaves nothing to take off."),
        ),
        (
            limited_to(percent_off(10, ITEMS), "sofa"),
            (
                "SPRING applies, but takes nothing off: it makes no item of the order "
                "cheaper."
            ),
        ),
        (voucher("X", active=False), "X was refused: it is disabled."),
    ],
)
def test_each_outcome_is_one_sentence(redeemable, sentence):
    assert told(redeemable) == (sentence,)


def test_a_skipped_one_says_why():
    assert told(voucher("X", active=False), voucher("Y"))[1] == (
        "Y was skipped: an offer before it was refused, and this project applies all "
        "offers or none."
    )


def test_the_trace_holds_every_check_in_order():
    decision = decide(facts(voucher("A", amount_off(500)), order=order(amount=900)))

    trace = trace_of(decision)

    assert trace == {
        "valid": True,
        "application_mode": "ALL",
        "redeemables": [
            {
                "id": "A",
                "object": "voucher",
                "name": "A",
                "status": "APPLICABLE",
                "checks": [
                    {"check": "exists", "passed": True},
                    {"check": "active", "passed": True},
                    {"check": "validity", "passed": True},
                    {"check": "quantity", "passed": True},
                    {"check": "kind", "passed": True},
                    {
                        "check": "discount",
                        "passed": True,
                        "type": "AMOUNT",
                        "effect": "APPLY_TO_ORDER",
                        "order_amount": 500,
                        "items": {},
                    },
                    {"check": "effect", "passed": True, "amount": 500},
                ],
                "gives": {
                    "type": "AMOUNT",
                    "effect": "APPLY_TO_ORDER",
                    "value": 500,
                    "is_dynamic": False,
                },
                "takes_off": 500,
                "has_effect": True,
                "leaves": 400,
            }
        ],
        "sentences": [
            "A applies: 5.00 off the order takes off 5.00 and leaves 4.00 to pay."
        ],
    }
    assert json.loads(json.dumps(trace)) == trace


def test_the_trace_of_a_refusal_ends_with_the_check_that_failed():
    trace = trace_of(decide(facts(voucher("A", quantity=0))))

    assert trace["redeemables"][0]["checks"][-1] == {
        "check": "quantity",
        "passed": False,
        "key": "quantity_exceeded",
        "used": 0,
        "limit": 0,
    }

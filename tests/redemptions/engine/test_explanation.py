import json

import pytest

from campaigns.engine.discounts import Effect
from redemptions.engine.decide import decide
from redemptions.engine.decision import Entry, Status
from redemptions.engine.explanation import entry_in_words
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
    return decide(facts(*redeemables, **rest)).sentences()


@pytest.mark.parametrize(
    ("redeemable", "sentence"),
    [
        (
            voucher("TEN", percent_off("10.0")),
            "TEN applies: 10 % off the order takes off 11.35 and leaves 102.11.",
        ),
        (
            tier("Spring", amount_off(1500)),
            "Spring applies: 15.00 off the order takes off 15.00 and leaves 98.46.",
        ),
        (
            voucher("F", fixed(9900)),
            (
                "F applies: a new price of 99.00 for the order takes off 14.46 "
                "and leaves 99.00."
            ),
        ),
        (
            limited_to(fixed(None, ITEMS), "tea", price=1000),
            "SPRING applies: a new price for items takes off 4.00 and leaves 109.46.",
        ),
        (
            voucher("S", amount_off(100, Effect.APPLY_TO_ITEMS_PROPORTIONALLY)),
            (
                "S applies: 1.00 off items, split by amount takes off 1.00 "
                "and leaves 112.46."
            ),
        ),
        (
            gift_card(balance=2000),
            "GIFT applies: it pays 20.00 of its 20.00 and leaves 93.46.",
        ),
        (gift_card(wanted=0), "GIFT applies and takes nothing off."),
        (voucher("Z", amount_off(0)), "Z applies and takes nothing off."),
        (voucher("X", active=False), "X was refused: voucher is disabled."),
    ],
)
def test_each_outcome_is_one_sentence(redeemable, sentence):
    assert told(redeemable) == (sentence,)


def test_a_skipped_one_says_why():
    assert told(voucher("X", active=False), voucher("Y"))[1] == (
        "Y was skipped: Redeemable cannot be applied due to preceding validation "
        "failure."
    )


def test_an_applied_discount_without_a_total_leaves_it_out():
    entry = decide(facts(voucher("A", amount_off(500)))).entries[0]
    without_order = Entry(
        entry.redeemable,
        Status.APPLICABLE,
        discount=entry.discount,
        taken=entry.taken,
    )

    assert list(entry_in_words(without_order)) == [
        "A applies: 5.00 off the order takes off 5.00."
    ]


def test_the_trace_holds_every_check_in_order():
    decision = decide(facts(voucher("A", amount_off(500)), order=order(amount=900)))

    trace = decision.explain()

    assert trace == {
        "valid": True,
        "application_mode": "ALL",
        "redeemables": [
            {
                "id": "A",
                "object": "voucher",
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
            }
        ],
        "sentences": ["A applies: 5.00 off the order takes off 5.00 and leaves 4.00."],
    }
    assert json.loads(json.dumps(trace)) == trace


def test_the_trace_of_a_refusal_ends_with_the_check_that_failed():
    trace = decide(facts(voucher("A", quantity=0))).explain()

    assert trace["redeemables"][0]["checks"][-1] == {
        "check": "quantity",
        "passed": False,
        "key": "quantity_exceeded",
    }

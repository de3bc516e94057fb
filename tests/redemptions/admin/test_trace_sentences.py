"""Stored traces as sentences."""

import pytest

from redemptions.admin.reasons import REASONS, reason_in_words
from redemptions.admin.trace_sentences import tell_trace
from redemptions.engine import refusals


def told(*checks, status="INAPPLICABLE", names=None):
    trace = {"id": "promo_1", "status": status, "checks": list(checks)}
    [redeemable] = tell_trace(trace, "EUR", names or {})
    return redeemable


def test_a_request_is_told_redeemable_by_redeemable():
    entries = [
        {"id": "A", "status": "APPLICABLE", "checks": []},
        {"id": "B", "status": "SKIPPED", "checks": []},
    ]

    found = tell_trace({"redeemables": entries}, "EUR", {})

    assert [(one.name, one.outcome) for one in found] == [
        ("A", "applies"),
        ("B", "was skipped"),
    ]


def test_a_tier_goes_by_its_name():
    exists = {"check": "exists", "passed": True}

    assert told(exists, names={"promo_1": "Five"}).name == "Five"


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        ({"check": "exists"}, "There is no such code or tier."),
        ({"check": "quantity"}, "All its uses are taken."),
        ({"check": "effect", "amount": 0}, "It would take nothing off."),
        (
            {"check": "stacking", "key": "exclusion_rules_not_met"},
            "Redeemable cannot be applied due to exclusion rules.",
        ),
    ],
)
def test_a_check_that_fails(check, sentence):
    [step] = told({**check, "passed": False}).steps

    assert (step.passed, step.text) == (False, sentence)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("invalid_gift", "The credits asked for are no amount."),
        ("missing_amount", "The order has no amount that credits could pay."),
        ("gift_amount_exceeded", "Its balance is too small."),
    ],
)
def test_a_card_that_cannot_pay_says_why(key, sentence):
    [step] = told({"check": "balance", "passed": False, "key": key}).steps

    assert (step.passed, step.text) == (False, sentence)


def test_a_card_that_pays_says_how_much():
    balance = {"check": "balance", "passed": True}
    spent = {"check": "credits", "passed": True, "spent": 300, "available": 5000}

    [step] = told(balance, spent, status="APPLICABLE").steps

    assert (step.passed, step.text) == (True, "It pays 3.00 EUR of its 50.00 EUR.")


def test_a_discount_on_items_names_them():
    [step] = told(
        {"check": "discount", "passed": True, "items": {"0": 250, "2": 0, "3": 100}}
    ).steps

    assert step.text == (
        "The discount comes to 2.50 EUR off item 1, 1.00 EUR off item 4."
    )


def test_a_rule_without_its_facts_says_so_beneath_its_set():
    rule = {"name": "order.amount", "passed": False, "reason": "No order was sent"}
    held = {"name": "Big", "level": "voucher", "passed": False, "rules": [rule]}

    steps = told({"check": "rules", "passed": False, "rules": [held]}).steps

    assert [(one.text, one.nested) for one in steps] == [
        ("Big, the code's rule, does not hold.", False),
        ("No order was sent", True),
    ]


def test_every_refusal_of_the_engine_has_words():
    known = {*refusals._MESSAGES, "not_found", "promotion_inactive"}  # noqa: SLF001 - the list itself

    assert known <= REASONS.keys()
    assert {f"{family}_rules_violated" for family in ("customer", "order")} <= (
        REASONS.keys()
    )


def test_an_unknown_reason_keeps_its_message():
    assert reason_in_words("brand_new", "something else") == "something else"
    assert reason_in_words("brand_new") == "Brand new"

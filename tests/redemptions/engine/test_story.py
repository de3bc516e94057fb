"""A decision told step by step, from its trace."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.engine.bundles import Bundle, BundlePart
from campaigns.engine.rules import Target
from campaigns.engine.validity import Validity
from redemptions.engine.decide import decide
from redemptions.engine.explanation import trace_of
from redemptions.engine.facts import StackingRules
from redemptions.engine.rule_sentences import Voice
from redemptions.engine.story import tell_decision
from tests.redemptions.engine.carts import (
    CAMPAIGN,
    NOW,
    amount_off,
    assigned,
    category,
    facts,
    gift_card,
    line,
    order,
    tier,
    voucher,
)
from tests.redemptions.engine.rule_cases import rule, rule_set

TEN = "TEN was refused: "


def told(*redeemables, voice=None, **rest):
    trace = trace_of(decide(facts(*redeemables, **rest)))
    return tell_decision(trace, voice or Voice())


def ruled(logic, *rules, **fields):
    definition = {str(key): each for key, each in enumerate(rules, 1)}
    return voucher(
        "TEN", rules=(rule_set({**definition, "logic": logic}, name="Big", **fields),)
    )


def steps_of(redeemable, **rest):
    [offer] = told(redeemable, **rest)
    return [(step.depth, step.passed, step.text) for step in offer.steps]


BIG = rule("order.amount", "$more_than_or_equal", 20000)
SMALL = rule("order.amount", "$less_than", 20000)
MANY = rule("order.items.count", "$more_than", 8)


def test_an_offer_that_applies_is_told_check_by_check():
    [offer] = told(voucher("TEN"))

    assert (offer.name, offer.status, offer.outcome) == ("TEN", "APPLICABLE", "applies")
    assert [(step.passed, step.text) for step in offer.steps] == [
        (True, "It exists."),
        (True, "It is enabled."),
        (True, "It is within its dates, days and hours."),
        (True, "It has uses left."),
        (True, "The discount comes to 10.00 off the order."),
    ]


def test_a_rule_that_all_must_hold_lists_its_conditions():
    assert steps_of(ruled("1 and 2", SMALL, BIG))[-3:] == [
        (0, False, "“Big”, its own rule, does not hold."),
        (1, True, "Order amount was 113.46, must be less than 200.00."),
        (1, False, "Order amount was 113.46, needs at least 200.00."),
    ]


def test_a_rule_of_which_one_condition_is_enough_says_so():
    assert steps_of(ruled("1 or 2", SMALL, BIG, level="campaign"))[4:7] == [
        (0, True, "“Big”, the campaign's rule, holds: one of these is enough."),
        (1, True, "Order amount was 113.46, must be less than 200.00."),
        (1, False, "Order amount was 113.46, needs at least 200.00."),
    ]


def test_a_rule_with_a_longer_logic_numbers_its_conditions():
    assert steps_of(ruled("1 or (2 and 3)", BIG, SMALL, MANY))[4:] == [
        (
            0,
            False,
            "“Big”, its own rule, does not hold: what must hold is 1 or (2 and 3).",
        ),
        (1, False, "1. Order amount was 113.46, needs at least 200.00."),
        (1, True, "2. Order amount was 113.46, must be less than 200.00."),
        (1, False, "3. Number of items was 7, needs more than 8."),
    ]


def test_nested_rules_are_told_beneath_theirs():
    lamps = rule("order.items.any", "$is", "prod_tea", rules={"1": BIG_LINE})

    found = steps_of(ruled("1", lamps))[-2:]

    assert found == [
        (1, True, "Item 1 of 4 is prod_tea, at least one must be."),
        (2, False, "Amount of the items found was 24.00, needs at least 50.00."),
    ]


BIG_LINE = rule("order.items.aggregated_amount", "$more_than_or_equal", 5000)


def test_facts_that_are_missing_are_told_as_the_reason():
    [offer] = told(ruled("1", BIG), order=None)

    said = "order amount needs at least 200.00, but there is no order."
    assert offer.summary == f"{TEN}{said}"
    assert offer.steps[-1].text == f"O{said[1:]}"


def test_reasons_of_which_one_would_do_are_told_together():
    [offer] = told(ruled("1 or 2", BIG, MANY))

    assert offer.summary == (
        f"{TEN}one of these is enough, but none holds: order amount was 113.46, needs "
        "at least 200.00, or: number of items was 7, needs more than 8."
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("order.items.any", "of the items at least one must be prod_tea"),
        ("order.items.every", "of the items all must be prod_tea"),
        ("order.items.cheapest", "the cheapest needs to be prod_tea"),
    ],
)
def test_rules_about_items_say_what_they_ask_of_an_empty_order(name, said):
    [offer] = told(ruled("1", rule(name, "$is", "prod_tea")), order=order(amount=5))

    assert offer.summary == f"{TEN}{said}, but the order has no items."


def test_a_rule_about_the_holder_says_only_who_is_missing():
    holder = rule("publication.redeemable_by_linked_customer", "$is", True)

    [offer] = told(ruled("1", holder))

    assert offer.summary == f"{TEN}there is no customer."


def test_the_summary_names_every_rule_that_matters_and_the_text_for_the_shop():
    text = {"message": "Spend more"}
    [offer] = told(ruled("1 and 2", {**BIG, "error": text}, MANY))

    assert offer.summary == (
        f"{TEN}order amount was 113.46, needs at least 200.00; "
        "number of items was 7, needs more than 8."
    )
    assert offer.shop_text == "Spend more"


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("redeemable", "why"),
    [
        (voucher("TEN", found=False), "there is no such code or tier"),
        (voucher("TEN", active=False), "it is disabled"),
        (
            voucher("TEN", campaign=replace(CAMPAIGN, active=False)),
            "its campaign Spring is disabled",
        ),
        (
            voucher("TEN", validity=Validity(start=NOW + DAY)),
            "it starts on 2027-03-16 13:00, and it was 2027-03-15 13:00",
        ),
        (
            voucher("TEN", validity=Validity(expiration=NOW - DAY)),
            "it ended on 2027-03-14 13:00, and it was 2027-03-15 13:00",
        ),
        (
            voucher("TEN", validity=Validity(days=(5, 6))),
            (
                "it is valid on Friday and Saturday only, and it was Monday, "
                "2027-03-15 13:00"
            ),
        ),
        (
            voucher(
                "TEN",
                validity=Validity(
                    hours=(
                        {"start_time": "17:00", "expiration_time": "19:00"},
                        {"start_time": "21:00", "days_of_week": [6]},
                    )
                ),
            ),
            (
                "it is valid from 17:00 to 19:00 and from 21:00 to 24:00 on Saturday "
                "only, and it was Monday, 2027-03-15 13:00"
            ),
        ),
        (
            voucher(
                "TEN",
                validity=Validity(
                    start=NOW - DAY, timeframe={"interval": "P7D", "duration": "PT1H"}
                ),
            ),
            (
                "it is valid for PT1H every P7D from its start only, and it was "
                "Monday, 2027-03-15 13:00"
            ),
        ),
        (
            voucher("TEN", quantity=3, redeemed_quantity=3),
            "all its uses are taken: 3 of 3",
        ),
    ],
)
def test_a_check_that_refuses_says_what_it_looked_at(redeemable, why):
    [offer] = told(redeemable)

    assert offer.summary == f"{TEN}{why}."


SPRING = category("spring")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (
            {"applicable_redeemables_limit": 1},
            "the project lets one of the offers apply, and so many do already",
        ),
        (
            {"applicable_redeemables_per_category_limit": 1},
            (
                "the project lets one of the offers of its category apply, and so "
                "many do already"
            ),
        ),
        (
            {"exclusive_categories": ("cat_spring",)},
            (
                "the project lets one of the exclusive offers apply, and so many do "
                "already"
            ),
        ),
        (
            {
                "exclusive_categories": ("cat_spring",),
                "applicable_exclusive_redeemables_limit": 5,
                "applicable_exclusive_redeemables_per_category_limit": 1,
            },
            (
                "the project lets one of the offers of its exclusive category apply, "
                "and so many do already"
            ),
        ),
    ],
)
def test_an_offer_left_out_names_the_setting(settings, why):
    both = [voucher(code, category=SPRING) for code in ("A", "B")]

    offer = told(*both, stacking=StackingRules(**settings))[1]

    assert offer.summary == f"B was skipped: {why}."


def test_an_offer_without_a_category_meets_the_limit_of_all():
    settings = StackingRules(applicable_redeemables_limit=2)

    offers = told(*(voucher(code) for code in "ABC"), stacking=settings)

    assert offers[2].summary == (
        "C was skipped: the project lets 2 of the offers apply, and so many do already."
    )


def test_an_offer_without_effect_is_told_once():
    settings = StackingRules(redeemables_no_effect_rule="SKIP")

    [offer] = told(voucher("TEN", amount_off(0)), stacking=settings)

    assert offer.summary == (
        "TEN was skipped: it would take nothing off, and the project skips such offers."
    )
    assert offer.steps[-1].text == (
        "It would take nothing off, and the project skips such offers."
    )


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        (
            voucher("TEN", quantity=3, redeemed_quantity=1, held_quantity=2),
            "all its uses are taken: 1 of 3, and 2 held by other checkouts",
        ),
        (
            gift_card("TEN", 5000, locked=5000),
            "it has 0.00 left, and 50.00 held by other checkouts",
        ),
    ],
)
def test_what_other_checkouts_hold_is_told(offer, why):
    assert told(offer)[0].summary == f"{TEN}{why}."


def test_an_incomplete_bundle_says_what_it_needs():
    wanted = Bundle(
        (
            BundlePart(Target("product", "prod_tea"), 3),
            BundlePart(Target("products_collection", "pc_cups"), 1),
        )
    )

    [offer] = told(voucher("TEN", rules=(assigned(bundle=wanted),)))

    assert offer.summary == (
        f"{TEN}the bundle is not complete: it needs 1 more of prod_tea and 1 more of "
        "the collection pc_cups."
    )


def test_lines_ids_and_amounts_are_told_in_the_voice_of_the_reader():
    voice = Voice(
        money=lambda amount: f"{amount / 100:.2f} EUR",
        names={"promo_one": "Spring tier"},
        lines={0: "Green tea"},
    )
    trace = tell_decision(
        trace_of(decide(facts(tier(), order=order(line("tea", 1200))))), voice
    )

    assert trace[0].summary == (
        "Spring tier applies: 10.00 EUR off the order takes off 10.00 EUR and leaves "
        "2.00 EUR to pay."
    )


def step(**check):
    entry = {"id": "A", "status": "SKIPPED", "checks": [check]}
    [offer] = tell_decision(entry, Voice(lines={1: "Mug"}))
    return [(one.passed, one.text) for one in offer.steps]


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ({"check": "stock_left", "passed": True}, "Stock left."),
        ({"check": "stock", "passed": False, "sentence": "None left."}, "None left."),
        (
            {"check": "credits", "passed": True, "spent": 3000, "available": 5000},
            "It pays 30.00 of its 50.00.",
        ),
        (
            {"check": "balance", "passed": False, "available": 5000},
            "It has 50.00 left.",
        ),
        (
            {
                "check": "balance",
                "passed": False,
                "key": "gift_amount_exceeded",
                "available": 5000,
                "wanted": 7000,
            },
            "It has 50.00 left, not 70.00.",
        ),
        (
            {"check": "balance", "passed": False, "key": "invalid_gift"},
            "The credits asked for are no amount.",
        ),
        (
            {"check": "balance", "passed": False, "key": "missing_amount"},
            "The order has no amount that credits could pay.",
        ),
        (
            {"check": "balance", "passed": False},
            "Its balance is too small.",
        ),
        (
            {"check": "validity", "passed": False},
            OUTSIDE := ("It is outside its dates, days or hours."),
        ),
        ({"check": "quantity", "passed": False}, "All its uses are taken."),
        ({"check": "validity", "passed": False, "timeframe": {}, "hours": []}, OUTSIDE),
        (
            {
                "check": "discount",
                "passed": True,
                "items": {"0": 250, "1": 100, "2": 0},
                "units": {"1": 2, "3": 0},
            },
            ("The discount comes to 2.50 off item 1, 1.00 off Mug and +2 of Mug."),
        ),
        ({"check": "discount", "passed": True}, "The discount comes to nothing."),
        ({"check": "bundle", "passed": True, "quantity": 1}, "The bundle is complete."),
        (
            {"check": "bundle", "passed": True, "quantity": 3},
            "The order holds 3 bundles.",
        ),
        ({"check": "bundle", "passed": False}, "The bundle is not complete."),
        (
            {"check": "quantity", "passed": False, "used": 1, "limit": 3, "held": 2},
            "All its uses are taken: 1 of 3, and 2 held by other checkouts.",
        ),
        (
            {"check": "balance", "passed": False, "available": 0, "held": 5000},
            "It has 0.00 left, and 50.00 held by other checkouts.",
        ),
        (
            {"check": "reward", "passed": False, "available": 0, "held": 5000},
            "It has 0 points left, and 5,000 held by other checkouts.",
        ),
        (
            {
                "check": "validity",
                "passed": False,
                "weekday": 0,
                "now": "noon",
                "timeframe": {"duration": "PT1H"},
            },
            "It is valid for PT1H from its start only, and it was Sunday, noon.",
        ),
    ],
)
def test_a_check_of_any_kind_has_a_sentence(check, text):
    assert step(**check) == [(check["passed"], text)]


def test_what_reads_the_same_either_way_is_left_out():
    assert step(check="effect", passed=True, amount=5) == []


@pytest.mark.parametrize(
    ("entry", "summary"),
    [
        (
            {"takes_off": 5, "leaves": 7},
            "A applies: it takes off 0.05 and leaves 0.07 to pay.",
        ),
        ({"takes_off": 5}, "A applies: it takes off 0.05."),
        ({"takes_off": 0}, "A applies, but takes nothing off."),
        (
            {"takes_off": 5, "gives": {"type": "NEW", "effect": "X", "value": 1}},
            "A applies: what it gives takes off 0.05.",
        ),
        (
            {"takes_off": 0, "gives": {"type": "NEW", "effect": "X", "value": 1}},
            "A applies, but takes nothing off.",
        ),
    ],
)
def test_an_offer_of_any_kind_has_a_summary(entry, summary):
    checks = [{"check": "exists", "passed": True}]
    whole = {"id": "A", "status": "APPLICABLE", "checks": checks, **entry}

    assert [each.summary for each in tell_decision(whole)] == [summary]


def test_a_refusal_without_a_failing_check_keeps_its_message():
    entry = {
        "id": "A",
        "status": "INAPPLICABLE",
        "checks": [{"check": "exists", "passed": True}],
    }

    assert tell_decision({**entry, "refusal": {"message": "gone"}})[0].summary == (
        "A was refused: gone."
    )
    assert tell_decision(entry)[0].summary == "A was refused."


def test_a_trace_without_checks_tells_nothing():
    assert tell_decision({}) == []

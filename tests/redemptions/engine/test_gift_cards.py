"""What gift cards pay, and when they cannot."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.engine.applicability import LastingCap
from campaigns.engine.discounts import Effect
from campaigns.engine.rule_parsing import parse_rules
from redemptions.engine.cards import gift_refusal
from redemptions.engine.decide import decide
from redemptions.engine.decision import Spent, Status
from redemptions.engine.facts import OrderFacts, StackingRules
from redemptions.engine.refusals import Skip
from redemptions.engine.wire import result_as_json
from tests.redemptions.engine.carts import (
    CART_K,
    amount_off,
    assigned,
    facts,
    gift_card,
    including,
    line,
    order,
    percent_off,
    taken,
    voucher,
)

ITEMS = Effect.APPLY_TO_ITEMS
NO_AMOUNT = order(line("tea", None))


def only_entry(*redeemables: Any, **rest: Any) -> Any:
    return decide(facts(*redeemables, **rest)).entries[-1]


def refusal(redeemable: Any, **rest: Any) -> tuple[str, str, str | None]:
    found = only_entry(redeemable, **rest)
    assert found.status is Status.INAPPLICABLE
    assert found.claims == ()
    return found.refusal.key, found.refusal.message, found.refusal.details


@pytest.mark.spec("engine 6.1 `gift.credits` omitted")
@pytest.mark.parametrize(("balance", "used"), [(5000, 5000), (20000, 11346)])
def test_without_a_wish_the_card_pays_what_it_can(balance: int, used: int) -> None:
    found = only_entry(gift_card(balance=balance))

    assert found.spent == Spent(used, balance)
    assert (found.taken.order_amount, found.taken.by_line) == (used, {})
    assert found.order.total_amount == 11346 - used
    assert found.discount is None


@pytest.mark.spec("engine 6.1 credits ≤ balance")
@pytest.mark.parametrize(
    ("wanted", "used"), [(0, 0), (1, 1), (5000, 5000), (20000, 11346)]
)
def test_no_more_is_used_than_asked_for_and_than_there_is_to_pay(
    wanted: int, used: int
) -> None:
    found = only_entry(gift_card(balance=20000, wanted=wanted))

    assert found.spent == Spent(used, 20000)
    assert found.order.total_amount == 11346 - used


@pytest.mark.spec("engine 6.1 credits > balance")
@pytest.mark.spec("engine 12.2 gift_amount_exceeded")
def test_more_than_the_balance_is_refused() -> None:
    assert refusal(gift_card(balance=5000, wanted=5001)) == (
        "gift_amount_exceeded",
        "gift amount exceeded",
        "GIFT",
    )


@pytest.mark.spec("engine 6.1 balance 0")
@pytest.mark.parametrize("wanted", [None, 0, 5])
def test_an_empty_card_is_refused(wanted: int | None) -> None:
    assert refusal(gift_card(balance=0, wanted=wanted))[0] == "gift_amount_exceeded"


@pytest.mark.spec("engine 6.1 balance = amount")
@pytest.mark.parametrize(
    ("wanted", "outcome"), [(3000, "APPLICABLE"), (3001, "INAPPLICABLE")]
)
def test_credits_that_others_hold_are_not_there(wanted: int, outcome: str) -> None:
    card = gift_card(balance=5000, locked=2000, wanted=wanted)

    assert only_entry(card).status == outcome


def test_a_card_whose_credits_others_hold_counts_as_empty() -> None:
    assert refusal(gift_card(balance=5000, locked=5000))[0] == "gift_amount_exceeded"


@pytest.mark.spec("engine 6.1 order without derivable amount and no credits")
@pytest.mark.spec("engine 12.2 missing_amount")
@pytest.mark.parametrize("without", [None, NO_AMOUNT])
def test_a_card_needs_an_amount_to_pay(without: OrderFacts | None) -> None:
    assert refusal(gift_card(), order=without) == (
        "missing_amount",
        "Missing amount",
        "Amount is required when redeeming a GIFT_VOUCHER",
    )


@pytest.mark.spec("engine 6.1 credits sent, no order amount")
@pytest.mark.parametrize("without", [None, NO_AMOUNT])
def test_credits_named_are_used_without_an_amount(without: OrderFacts | None) -> None:
    decision = decide(facts(gift_card(wanted=700), order=without))

    (found,) = decision.entries
    assert found.spent == Spent(700, 5000)
    assert found.taken.amount == 0
    assert decision.order is None or decision.order.total_amount is None
    assert [claim.amount for claim in taken(decision)] == [700]


@pytest.mark.parametrize("source", [{"amount": 900}, {}])
def test_an_amount_of_the_order_or_of_a_line_suffices(source: Any) -> None:
    priced = order(line("tea", None if source else 900), **source)

    assert only_entry(gift_card(), order=priced).spent == Spent(900, 5000)


@pytest.mark.spec("engine 6.1 effect `APPLY_TO_ITEMS`, no eligible line with amount")
@pytest.mark.spec("engine 12.2 missing_order_items_amount")
@pytest.mark.parametrize(
    "cart",
    [
        order(amount=5000),
        order(line("tea", None), line("cup", 500), amount=5000),
        order(line("cup", 500)),
    ],
)
def test_a_card_for_items_needs_one_that_it_may_pay(cart: OrderFacts) -> None:
    card = gift_card(effect=ITEMS, rules=(assigned(including("tea")),))

    assert refusal(card, order=cart) == (
        "missing_order_items_amount",
        "Missing applicable order items",
        (
            "At least one applicable order item with amount is required to redeem this "
            "GIFT_VOUCHER"
        ),
    )


@pytest.mark.spec("engine 6.1 `APPLY_TO_ORDER`")
@pytest.mark.parametrize(
    ("wanted", "by_line"),
    [
        (None, {0: 2400, 1: 1850, 3: 750}),
        (3000, {0: 2400, 1: 600}),
        (5000, {0: 2400, 1: 1850, 3: 750}),
    ],
)
def test_lines_are_paid_in_order_until_the_credits_run_out(
    wanted: int | None, by_line: dict[int, int]
) -> None:
    lists = assigned(including("tea", "cup", "honey"))

    found = only_entry(gift_card(effect=ITEMS, wanted=wanted, rules=(lists,)))

    assert (found.taken.order_amount, found.taken.by_line) == (0, by_line)
    assert found.spent == Spent(sum(by_line.values()), 5000)
    assert found.order.items_discount_amount == sum(by_line.values())


def test_a_card_for_items_pays_any_item_where_no_rule_names_some() -> None:
    found = only_entry(gift_card(balance=3000, effect=ITEMS))

    assert found.taken.by_line == {0: 2400, 1: 600}


def test_caps_of_an_entry_hold_for_credits_too() -> None:
    lists = assigned(including("tea", "cup", quantity_limit=1))

    found = only_entry(gift_card(effect=ITEMS, rules=(lists,)))

    assert found.taken.by_line == {0: 1200, 1: 1850}


def test_caps_that_formulas_give_hold_for_credits_too() -> None:
    cap = {"lasting_caps": (LastingCap("campaign", formula="1"),)}
    card = gift_card(effect=ITEMS, rules=(assigned(including("tea", **cap)),))

    assert only_entry(card).taken.by_line == {0: 1200}


@pytest.mark.spec("engine 6.1 negative / non-integer credits")
@pytest.mark.spec("engine 12.2 invalid_gift")
@pytest.mark.parametrize("wanted", [-1, 1.5, "500", True, [], {}])
def test_credits_that_are_no_amount_are_refused(wanted: Any) -> None:
    assert refusal(gift_card(wanted=wanted)) == (
        "invalid_gift",
        "Invalid gift",
        "Credits must be a whole number of minor units",
    )


@pytest.mark.parametrize(
    ("faults", "key"),
    [
        ({"balance": 0, "quantity": 1, "redeemed_quantity": 1}, "quantity_exceeded"),
        ({"balance": 0, "wanted": -1}, "invalid_gift"),
    ],
)
def test_quantity_is_checked_before_the_balance(faults: Any, key: str) -> None:
    assert refusal(gift_card(**faults))[0] == key


@pytest.mark.spec("engine 5.4 after gift")
def test_a_gift_a_percentage_and_an_amount_stack_as_documented() -> None:
    decision = decide(
        facts(
            gift_card(balance=3000),
            voucher("TEN", percent_off(10, Effect.APPLY_TO_ORDER)),
            voucher("OFF", amount_off(2500, Effect.APPLY_TO_ORDER)),
            order=order(amount=50000),
        )
    )

    states = [
        (each.order.discount_amount, each.taken.amount, each.order.total_amount)
        for each in decision.entries
    ]
    assert states == [(3000, 3000, 47000), (7700, 4700, 42300), (10200, 2500, 39800)]
    assert decision.order is not None
    assert decision.order.total_applied_discount_amount == 10200


@pytest.mark.spec("engine 5.4 (initial mode)")
def test_in_initial_mode_a_gift_leaves_the_base_of_a_percentage_alone() -> None:
    decision = decide(
        facts(
            gift_card(balance=3000),
            voucher("TEN", percent_off(10, Effect.APPLY_TO_ORDER)),
            voucher("OFF", amount_off(2500, Effect.APPLY_TO_ORDER)),
            order=order(amount=50000),
            stacking=StackingRules(discount_calculation_mode="INITIAL_AMOUNT"),
        )
    )

    states = [
        (each.order.discount_amount, each.taken.amount, each.order.total_amount)
        for each in decision.entries
    ]
    assert states == [(3000, 3000, 47000), (8000, 5000, 42000), (10500, 2500, 39500)]


def test_a_card_behind_a_full_discount_has_nothing_to_pay() -> None:
    all_off = voucher("ALL", percent_off(100, Effect.APPLY_TO_ORDER))

    found = only_entry(all_off, gift_card())

    assert found.status is Status.APPLICABLE
    assert found.spent == Spent(0, 5000)
    assert found.claims[0].amount == 0


@pytest.mark.spec("engine 5.6")
def test_a_card_without_effect_is_skipped_where_the_project_says_so() -> None:
    skipping = StackingRules(redeemables_no_effect_rule="SKIP")

    assert only_entry(gift_card(wanted=0), stacking=skipping).skip is Skip.NO_EFFECT
    assert only_entry(gift_card(wanted=5), order=None, stacking=skipping).skip is None


def test_the_answer_says_what_is_used_and_what_there_was() -> None:
    found = only_entry(gift_card(balance=5000, locked=1000, wanted=700))

    assert result_as_json(found, request_id="") == {
        "gift": {"credits": 700, "balance": 4000}
    }


def test_two_cards_pay_one_after_the_other() -> None:
    decision = decide(facts(gift_card("A", 10000), gift_card("B", 10000), order=CART_K))

    assert [each.spent for each in decision.entries] == [
        Spent(10000, 10000),
        Spent(1346, 10000),
    ]
    assert [(one.voucher_id, one.amount) for one in taken(decision)] == [
        ("v_A", 10000),
        ("v_B", 1346),
    ]


def test_a_violated_rule_speaks_of_a_gift_card() -> None:
    rules = parse_rules(
        {
            "1": {"name": "order.amount", "conditions": {"$more_than": [99999]}},
            "logic": "1",
        }
    )
    card = gift_card(rules=(assigned(rules=rules),))

    assert refusal(card)[2] == (
        "Gift Card cannot be redeemed because of violated validation rules: val_1"
    )


@given(
    balance=st.integers(1, 10**9),
    wanted=st.none() | st.integers(0, 10**9),
    amount=st.integers(0, 10**9),
    effect=st.sampled_from([Effect.APPLY_TO_ORDER, ITEMS]),
)
def test_credits_never_exceed_balance_wish_or_order(
    balance: int, wanted: int | None, amount: int, effect: Effect
) -> None:
    cart = order(line("tea", amount))

    found = only_entry(gift_card("A", balance, wanted, effect), order=cart)

    if found.spent is not None:
        assert 0 <= found.spent.amount <= min(balance, amount)
        assert wanted is None or found.spent.amount <= wanted
        assert found.spent.amount == found.taken.amount
        assert found.order.total_amount == amount - found.spent.amount
    else:
        assert wanted is not None
        assert wanted > balance


def test_a_coupon_needs_no_credits() -> None:
    assert gift_refusal(voucher(), facts()) is None

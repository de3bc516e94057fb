"""What points buy, and when they cannot."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.engine.discounts import Effect
from redemptions.engine.checks import first_refusal
from redemptions.engine.decide import decide
from redemptions.engine.decision import Spent, Status, as_exception
from redemptions.engine.facts import Coin, CustomerFacts, StackingRules
from redemptions.engine.points import holder_refusal, points_refusal
from redemptions.engine.refusals import Skip
from redemptions.engine.wire import result_as_json
from tests.redemptions.engine.carts import (
    ADA,
    facts,
    line,
    loyalty_card,
    order,
    percent_off,
    reward,
    voucher,
)
from tests.redemptions.engine.rule_cases import outcome, rule, rule_set

POINTS_USED = "redemption.reward.pay_with_points.points_used"
BOB = CustomerFacts("cust_bob", "bob")


def card(*arguments: Any, **rest: Any) -> Any:
    return loyalty_card(*arguments, offered=rest.pop("offered", reward()), **rest)


def only_entry(*redeemables: Any, amount: int = 4380, **rest: Any) -> Any:
    rest.setdefault("order", order(amount=amount))
    rest.setdefault("customer", ADA)
    return decide(facts(*redeemables, **rest)).entries[-1]


def paid(found: Any) -> tuple[int, int]:
    assert found.status is Status.APPLICABLE, found.refusal
    return found.spent.amount, found.taken.order_amount


def refusal(redeemable: Any, **rest: Any) -> tuple[str, str, str | None]:
    found = only_entry(redeemable, **rest)
    assert found.status is Status.INAPPLICABLE
    assert found.claims == ()
    return found.refusal.key, found.refusal.message, found.refusal.details


@pytest.mark.spec("engine 6.3 none")
@pytest.mark.parametrize(
    ("balance", "amount", "expected"),
    [
        (1000, 4380, (450, 4380)),
        (449, 4380, (400, 4000)),
        (1000, 500, (50, 500)),
        (1000, 501, (100, 501)),
        (49, 4380, (0, 0)),
        (1000, 0, (0, 0)),
    ],
)
def test_without_a_number_whole_blocks_pay_what_there_is(
    balance: int, amount: int, expected: tuple[int, int]
) -> None:
    assert paid(only_entry(card(balance=balance), amount=amount)) == expected


@pytest.mark.spec("engine 6.3 none")
def test_the_published_rate_uses_the_published_points() -> None:
    coin = reward(Coin(Decimal(20), 100))

    found = only_entry(card(balance=9000, offered=coin), amount=45000)

    assert paid(found) == (2300, 45000)


@pytest.mark.spec("engine 6.3 p ≤ balance")
@pytest.mark.parametrize(
    ("wanted", "amount", "expected"),
    [
        (120, 4380, (120, 1200)),
        (1, 4380, (1, 10)),
        (0, 4380, (0, 0)),
        (438, 4380, (438, 4380)),
        (439, 4380, (439, 4380)),
        (500, 4380, (450, 4380)),
        (1000, 4380, (450, 4380)),
        (440, 4380, (440, 4380)),
    ],
)
def test_a_number_of_points_pays_what_it_is_worth(
    wanted: int, amount: int, expected: tuple[int, int]
) -> None:
    assert paid(only_entry(card(wanted=wanted), amount=amount)) == expected


@pytest.mark.spec("engine 6.3 p ≤ balance")
def test_a_fraction_of_a_minor_unit_is_not_paid() -> None:
    coin = reward(Coin(Decimal("0.01"), 3))

    assert paid(only_entry(card(wanted=5, offered=coin))) == (5, 1)


@pytest.mark.spec("engine 6.3 p > balance")
@pytest.mark.spec("engine 12.2 loyalty_card_points_exceeded")
@pytest.mark.parametrize(
    "values",
    [
        {"wanted": 1001},
        {"balance": 0},
        {"balance": 0, "wanted": 0},
        {"balance": 1000, "locked": 900, "wanted": 101},
        {"balance": 1000, "locked": 1000},
    ],
)
def test_more_points_than_there_are_is_refused(values: dict[str, Any]) -> None:
    assert refusal(card(**values)) == (
        "loyalty_card_points_exceeded",
        "loyalty card points exceeded",
        "CARD",
    )


@pytest.mark.spec("engine 6.2 `MATERIAL`")
@pytest.mark.parametrize("stock", [None, 1])
def test_a_thing_costs_its_price_and_leaves_the_order_alone(stock: int | None) -> None:
    book = reward(None, points=300, stock=stock)

    found = only_entry(card(offered=book))

    assert found.spent == Spent(300, 1000, of_points=True)
    assert found.order.total_amount == 4380
    (quantity, *_) = found.claims
    assert quantity.amount == 300
    assert result_as_json(found, request_id="") == {"loyalty_card": {"points": 300}}


@pytest.mark.spec("engine 6.2 `MATERIAL`")
@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"points": 1001}, "loyalty_card_points_exceeded"),
        ({"points": 10, "stock": 0}, "quantity_exceeded"),
    ],
)
def test_a_thing_that_cannot_be_had_is_refused(
    values: dict[str, Any], key: str
) -> None:
    assert refusal(card(offered=reward(None, **values)))[0] == key


def test_a_thing_needs_no_order() -> None:
    found = only_entry(card(offered=reward(None, points=300)), order=None)

    assert found.spent == Spent(300, 1000, of_points=True)


@pytest.mark.spec("engine 12.2 missing_reward")
def test_a_card_without_a_reward_is_refused() -> None:
    assert refusal(loyalty_card(reward_id=None)) == (
        "missing_reward",
        "Missing reward",
        "A reward is required when redeeming a LOYALTY_CARD",
    )


@pytest.mark.spec("engine 6.2 reward is mandatory")
def test_a_reward_that_the_programme_does_not_offer_is_not_found() -> None:
    found = only_entry(loyalty_card(reward_id="rew_9"))

    assert found.refusal.key == "not_found"
    missing = as_exception(found)
    assert (missing.code, missing.resource_id, missing.resource_type) == (
        404,
        "rew_9",
        "reward_assignment",
    )


@pytest.mark.spec("engine 12.2 invalid_customer")
@pytest.mark.parametrize(
    ("customer", "holder"),
    [(BOB, ADA.id), (None, ADA.id), (ADA, None), (None, None), (BOB, None)],
)
def test_only_the_holder_uses_a_card(customer: Any, holder: str | None) -> None:
    assert refusal(card(holder_id=holder), customer=customer) == (
        "invalid_customer",
        "Customer must be a holder of a loyalty card.",
        "CARD",
    )


@pytest.mark.parametrize(
    ("rest", "key", "details"),
    [
        (
            {"order": None},
            "missing_order",
            "Order is required when paying with points",
        ),
        (
            {"order": order(line("tea", None))},
            "missing_amount",
            "Amount is required when redeeming a LOYALTY_CARD",
        ),
    ],
)
def test_points_need_an_amount_to_pay(rest: Any, key: str, details: str) -> None:
    found = refusal(card(), **rest)

    assert (found[0], found[2]) == (key, details)


@pytest.mark.parametrize("wanted", [-1, 1.5, "500", True, []])
def test_points_that_are_no_number_are_refused(wanted: Any) -> None:
    assert refusal(card(wanted=wanted)) == (
        "invalid_reward",
        "Invalid reward",
        "Points must be a whole number",
    )


@pytest.mark.spec("engine 13 6")
@pytest.mark.parametrize(
    ("faults", "key"),
    [
        ({"active": False, "holder_id": None}, "voucher_disabled"),
        ({"quantity": 0, "holder_id": None}, "invalid_customer"),
        ({"quantity": 0, "reward_id": None}, "quantity_exceeded"),
        ({"reward_id": None, "balance": 0}, "missing_reward"),
    ],
)
def test_holder_quantity_and_reward_are_checked_in_this_order(
    faults: dict[str, Any], key: str
) -> None:
    assert refusal(card(**faults))[0] == key


def test_points_pay_what_others_left() -> None:
    half = voucher("HALF", percent_off(50, Effect.APPLY_TO_ORDER))

    assert paid(only_entry(half, card())) == (250, 2190)


@pytest.mark.spec("engine 5.6")
def test_points_that_pay_nothing_have_no_effect_but_a_thing_has() -> None:
    skipping = StackingRules(redeemables_no_effect_rule="SKIP")

    nothing = only_entry(card(), amount=0, stacking=skipping)
    thing = only_entry(
        card(offered=reward(None, points=3)), amount=0, stacking=skipping
    )

    assert nothing.skip is Skip.NO_EFFECT
    assert thing.status is Status.APPLICABLE


@pytest.mark.spec("rules 4.6 `redemption.reward.pay_with_points.points_used`")
@pytest.mark.parametrize(
    ("wanted", "key"), [(100, None), (101, "redemption_rules_violated")]
)
def test_a_rule_caps_the_points_of_a_redemption(wanted: int, key: str | None) -> None:
    cap = rule_set({"1": rule(POINTS_USED, "$less_than_or_equal", 100)})

    found = only_entry(card(wanted=wanted, rules=(cap,)))

    assert (found.refusal and found.refusal.key) == key
    if found.refusal:
        assert found.refusal.details.startswith("Loyalty Card cannot be redeemed")


@pytest.mark.spec("rules 4.6 `redemption.reward.pay_with_points.points_used`")
def test_what_is_no_loyalty_card_uses_no_points() -> None:
    none = rule_set({"1": rule(POINTS_USED, "$is", 0)})

    assert only_entry(voucher(rules=(none,))).status is Status.APPLICABLE


def test_what_is_no_card_has_neither_holder_nor_reward() -> None:
    coupon, request = voucher(), facts()

    assert holder_refusal(coupon, request) is None
    assert points_refusal(coupon, request) is None
    assert first_refusal(card(), facts(customer=ADA))[0] is None


@given(
    balance=st.integers(1, 10**7),
    wanted=st.none() | st.integers(0, 10**7),
    amount=st.integers(0, 10**7),
    ratio=st.decimals("0.01", 1000, places=2),
    points=st.integers(1, 10_000),
)
def test_points_never_exceed_balance_or_wish_nor_their_worth_the_order(
    balance: int, wanted: int | None, amount: int, ratio: Decimal, points: int
) -> None:
    offered = reward(Coin(ratio, points))

    found = only_entry(loyalty_card("A", balance, wanted, offered), amount=amount)

    if found.spent is None:
        assert wanted is not None
        assert wanted > balance
        return
    used, off = found.spent.amount, found.taken.order_amount
    assert 0 <= used <= min(balance, balance if wanted is None else wanted)
    assert off == min(int(ratio * 100 * used / points), amount)
    assert wanted is not None or used % points == 0


@pytest.mark.spec("rules 4.6 `redemption.reward.pay_with_points.points_used`")
def test_the_points_used_are_not_known_before_they_are_calculated() -> None:
    found = outcome({"1": rule(POINTS_USED, "$is", 0)})

    assert found.sentences() == (
        f"{POINTS_USED} is known once the points are calculated",
    )

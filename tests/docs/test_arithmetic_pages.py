"""The examples of the pages about arithmetic come out as told."""

from dataclasses import replace

import pytest

from campaigns.engine.discounts import Effect
from campaigns.engine.validity import Validity
from redemptions.engine.decide import decide
from redemptions.engine.explanation import sentences_of
from redemptions.engine.facts import Redeemable
from tests.docs.test_algorithm_pages import CART, row
from tests.redemptions.engine.carts import (
    NOW,
    amount_off,
    assigned,
    facts,
    gift_card,
    including,
    limited_to,
    line,
    order,
    percent_off,
    product,
    unit_off,
    units_known,
    voucher,
)
from tests.redemptions.engine.rule_cases import rule, rule_set

A, B = voucher("A", percent_off(10)), voucher("B", amount_off(1000))
M = replace(
    limited_to(percent_off(15, Effect.APPLY_TO_ITEMS), "mug", "tea"),
    ref="M",
    id="v_M",
)
KNOWN = units_known(product("mug", 1000), product("big", 1300))


def test_three_offers_on_one_order() -> None:
    decision = decide(facts(M, A, B, order=CART))

    for entry in decision.entries:
        state = entry.order
        assert state is not None
        parts = [entry.taken.by_line.get(position, 0) for position in (0, 1)]
        shown = [*parts, entry.taken.order_amount, state.items_discount_amount]
        shown += [state.discount_amount, state.total_amount or 0]
        cells = " | ".join(map(str, shown))
        assert row("order.md", f"{entry.redeemable.ref} |", f"| {cells} |")


def test_items_lose_the_same_whatever_the_order_lost_before() -> None:
    first, second = decide(facts(A, M, order=CART)).entries

    assert first.taken.amount == 780
    assert second.taken.by_line == {0: 300, 1: 135}
    assert second.order is not None
    assert second.order.total_amount == 6585


def test_the_second_card_keeps_what_it_need_not_pay() -> None:
    cards = gift_card("ONE"), gift_card("TWO")

    entries = decide(facts(*cards, order=CART)).entries

    assert [entry.taken.amount for entry in entries] == [5000, 2800]


@pytest.mark.parametrize(
    ("percent", "amount", "off"),
    [("10", 11499, 1150), ("12.5", 11346, 1418), ("0.5", 100, 1)],
)
def test_a_percentage_is_rounded_once(percent: str, amount: int, off: int) -> None:
    offer = voucher(discount=percent_off(percent))

    [entry] = decide(facts(offer, order=order(amount=amount))).entries

    assert entry.taken.amount == off
    assert row("rounding.md", f"{percent} % | {amount} |", f"| {off} |")


@pytest.mark.parametrize(
    ("total", "amounts", "parts"),
    [(300, (3300, 3400), (148, 152)), (100, (100, 100, 100), (33, 34, 33))],
)
def test_the_parts_of_a_split_add_up(
    total: int, amounts: tuple[int, ...], parts: tuple[int, ...]
) -> None:
    cart = order(*(line(f"item-{n}", amount) for n, amount in enumerate(amounts)))
    offer = voucher(discount=amount_off(total, Effect.APPLY_TO_ITEMS_PROPORTIONALLY))

    [entry] = decide(facts(offer, order=cart)).entries

    assert tuple(entry.taken.by_line.values()) == parts
    assert sum(parts) == total
    for amount, part in zip(amounts, parts, strict=True):
        assert row("rounding.md", f"{amount} |", f"| {part} |")


@pytest.mark.parametrize(
    ("effect", "mugs"),
    [(Effect.ADD_MISSING_ITEMS, 3), (Effect.ADD_NEW_ITEMS, 5)],
)
def test_three_free_mugs(effect: Effect, mugs: int) -> None:
    offer = voucher(discount=unit_off(3, "prod_mug", effect))

    [entry] = decide(facts(offer, order=CART, units=KNOWN)).entries

    state = entry.order
    assert state is not None
    assert state.lines[0].quantity == mugs
    shown = [mugs, state.lines[0].discount_quantity, state.amount, entry.taken.amount]
    cells = " | ".join(str(cell) for cell in [*shown, state.total_amount])
    assert row("free-items.md", f"`{effect}`", f"| {cells} |")


def test_a_mug_becomes_a_big_one() -> None:
    offer = voucher(
        discount=unit_off(1, "prod_big", Effect.REPLACE_ITEMS),
        rules=(assigned(including("mug", quantity_limit=1)),),
    )

    [entry] = decide(facts(offer, order=CART, units=KNOWN)).entries

    state = entry.order
    assert state is not None
    cells = f"{state.amount} | {entry.taken.amount} | {state.total_amount}"
    assert row("free-items.md", "one of the mugs", f"| {cells} |")


CARD = gift_card(balance=2000)


@pytest.mark.parametrize(
    ("offers", "start"),
    [((A, CARD), "code of 10 %, card"), ((CARD, A), "card of 20.00, code")],
)
def test_a_card_beside_a_percentage(
    offers: tuple[Redeemable, Redeemable], start: str
) -> None:
    decision = decide(facts(*offers, order=CART))

    first, second = (entry.taken.amount for entry in decision.entries)
    assert decision.order is not None
    left = decision.order.total_amount
    assert row("cards.md", start, f"| {first} | {second} | {left} |")


FROM_50 = rule_set({"1": rule("order.amount", "$more_than_or_equal", 5000)})


@pytest.mark.parametrize(
    ("offer", "amount", "start"),
    [
        ({"rules": (FROM_50,)}, 4999, "a rule asks for more"),
        ({"quantity": 3, "redeemed_quantity": 3}, 5000, "a limit is reached"),
        (
            {"validity": Validity(expiration=NOW.replace(day=14))},
            5000,
            "it is too late",
        ),
        ({}, 5000, "all is well"),
    ],
)
def test_a_decision_reads_like_the_page_says(
    offer: dict[str, object], amount: int, start: str
) -> None:
    redeemable = voucher("SAVE20", percent_off(20), **offer)

    decision = decide(facts(redeemable, order=order(amount=amount)))
    [sentence] = sentences_of(decision)

    assert row("explaining.md", start, f"| {sentence} |")


def test_an_offer_behind_a_refused_one_reads_like_the_page_says() -> None:
    offers = voucher("OFF", active=False), voucher("SAVE20")

    sentence = sentences_of(decide(facts(*offers)))[1]

    assert row("explaining.md", "another offer goes before", f"| {sentence} |")

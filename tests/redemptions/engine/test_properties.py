"""What holds of the arithmetic, for any cart and any offers."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from campaigns.engine.discounts import Discount, DiscountType
from redemptions.engine.bundles import count_bundles
from redemptions.engine.decide import decide
from redemptions.engine.decision import Decision
from redemptions.engine.effects import split_within
from redemptions.engine.facts import Facts, OrderFacts
from redemptions.engine.order import OrderState, opening_state
from redemptions.engine.rollback import roll_back_order
from tests.redemptions.engine.carts import facts, voucher
from tests.redemptions.engine.situations import (
    EVERYTHING,
    accepted,
    bundles,
    discounts,
    orders,
    situations,
    thorough,
)


def states_of(decision: Decision) -> list[OrderState]:
    """The order before the request and after each offer that applies."""
    opening = opening_state(decision.facts.order or OrderFacts((), None))
    return [opening, *(each.order for each in decision.applicable if each.order)]


@thorough
@given(situations())
def test_no_offer_takes_more_than_is_left(request: Facts):
    decision = decide(request)

    states = states_of(decision)
    for entry, before, after in zip(
        decision.applicable, states, states[1:], strict=False
    ):
        added = sum(each.amount for each in entry.taken.units.values())
        assert entry.taken.order_amount >= 0
        assert all(part > 0 for part in entry.taken.by_line.values())
        assert entry.taken.amount <= before.payable_amount + added
        assert all(each.subtotal_amount >= 0 for each in after.lines)
        assert after.total_discount_amount <= (after.amount or 0)


@thorough
@given(situations())
def test_no_offer_makes_the_order_dearer(request: Facts):
    states = states_of(decide(request))

    totals = [state.payable_amount for state in states]
    assert totals == sorted(totals, reverse=True)


@thorough
@given(situations())
def test_item_parts_and_the_order_part_make_the_total(request: Facts):
    decision = decide(request)

    for state in states_of(decision):
        assert state.items_discount_amount == sum(
            line.discount_amount for line in state.lines
        )
        assert state.items_applied_discount_amount == sum(
            line.applied_discount_amount for line in state.lines
        )
        if state.amount is not None:
            assert state.total_amount == state.amount - state.total_discount_amount
    assert decision.order is not None
    assert decision.order.total_applied_discount_amount == sum(
        each.taken.amount for each in decision.entries
    )


@thorough
@given(situations())
def test_no_more_units_are_free_than_there_are(request: Facts):
    for state in states_of(decide(request)):
        for line in state.lines:
            assert 0 <= line.discount_quantity <= line.quantity


@thorough
@given(situations())
def test_a_card_pays_what_it_has_and_what_it_takes_off(request: Facts):
    for entry in decide(request).applicable:
        if entry.spent is not None:
            assert 0 <= entry.spent.amount <= entry.spent.available
            if entry.spent.of_points or entry.order is None:
                continue
            if entry.order.amount is not None:
                assert entry.spent.amount == entry.taken.amount


@thorough
@given(accepted())
def test_a_rollback_restores_the_order(request: Facts):
    cart, decision = request.order, decide(request)
    assert cart is not None
    assert decision.valid

    restored = opening_state(
        roll_back_order(
            stored(cart, decision),
            [each.taken for each in decision.entries],
            "WITH_ORDER",
        )
    )

    before = opening_state(cart)
    assert (restored.amount or 0) == (before.amount or 0)
    assert restored.total_discount_amount == before.total_discount_amount
    assert [(each.quantity, each.amount) for each in restored.lines] == [
        (each.quantity, each.amount) for each in before.lines
    ]
    assert all(each.initial_quantity is None for each in restored.lines)


def stored(cart: OrderFacts, decision: Decision) -> OrderFacts:
    """The order as a redemption keeps it."""
    state = decision.order
    assert state is not None
    return replace(
        cart,
        amount=state.amount,
        initial_amount=state.initial_amount,
        discount_amount=state.discount_amount,
        lines=tuple(
            replace(
                each.line,
                quantity=each.quantity,
                amount=each.amount,
                initial_quantity=each.initial_quantity,
                initial_amount=each.initial_amount,
                discount_amount=each.discount_amount,
                discount_quantity=each.discount_quantity,
            )
            for each in state.lines
        ),
    )


@thorough
@given(orders, discounts, st.integers(0, 3_000))
def test_an_aggregate_limit_is_never_exceeded(
    cart: OrderFacts, discount: Discount, limit: int
):
    limited = replace(discount, aggregated_amount_limit=limit)

    decision = decide(facts(voucher(discount=limited), order=cart))

    assert decision.entries[0].taken.amount <= limit


@thorough
@given(
    st.integers(0, 10_000),
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 3_000)), max_size=6),
)
def test_a_split_adds_up_and_respects_every_ceiling(
    total: int, shares: list[tuple[int, int]]
):
    weights = [weight for weight, _ in shares]
    ceilings = [ceiling for _, ceiling in shares]

    parts = split_within(total, weights, ceilings)

    assert sum(parts) == min(total, sum(ceilings))
    assert all(
        0 <= part <= ceiling for part, ceiling in zip(parts, ceilings, strict=True)
    )


@thorough
@given(orders, st.decimals(0, 100, places=2))
def test_a_percentage_of_the_order_is_off_by_less_than_one_unit(
    cart: OrderFacts, percent: Decimal
):
    base = opening_state(cart).amount or 0
    discount = Discount(DiscountType.PERCENT, percent_off=percent)

    taken = decide(facts(voucher(discount=discount), order=cart)).entries[0].taken

    assert abs(taken.order_amount * 100 - base * percent) <= 50


@thorough
@given(orders, bundles)
def test_bundles_use_units_of_the_order_once_and_leave_none_for_another(
    cart: OrderFacts, bundle
):
    found = count_bundles(bundle, cart.lines, EVERYTHING)

    held = {line.index: line.quantity for line in cart.lines}
    assert all(each.quantity <= held[each.index] for each in found.identified)
    assert 0 <= found.quantity <= bundle.limit
    assert bool(found.missing) == (found.quantity == 0)
    wanted = [
        sum(line.quantity for line in cart.lines if line.product.id == part.target.id)
        // part.quantity
        for part in bundle.parts
    ]
    assert found.quantity == min(*wanted, bundle.limit)

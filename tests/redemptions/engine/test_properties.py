"""What holds for any cart and any discounts."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from campaigns.engine.applicability import ApplicableTo, Entry
from campaigns.engine.discounts import Discount, DiscountType, Effect
from redemptions.engine.decide import decide
from redemptions.engine.effects import split_within
from redemptions.engine.facts import StackingRules
from redemptions.engine.order import opening_state
from redemptions.engine.resolution import CALCULABLE
from redemptions.engine.rollback import roll_back_order
from tests.redemptions.engine.carts import (
    assigned,
    facts,
    line,
    order,
    product,
    unit_off,
    units_known,
    units_off,
    voucher,
)

NAMES = ("tea", "cup", "kettle")
money = st.integers(0, 20_000)
some_money = st.none() | money
caps = st.none() | st.integers(0, 5_000)
units = st.none() | st.integers(0, 5)

lines = st.builds(
    lambda name, price, quantity, amount: line(name, price, quantity, amount=amount),
    st.sampled_from(NAMES),
    some_money,
    st.integers(1, 6),
    some_money,
)
orders = st.builds(
    lambda some, amount: order(*some, amount=amount),
    st.lists(lines, max_size=5),
    some_money,
)
entries = st.builds(
    Entry,
    object=st.just("product"),
    id=st.sampled_from([f"prod_{name}" for name in NAMES]),
    source_id=st.none(),
    effect=st.sampled_from(
        [
            "APPLY_TO_EVERY",
            "APPLY_TO_CHEAPEST",
            "APPLY_FROM_CHEAPEST",
            "APPLY_TO_MOST_EXPENSIVE",
            "APPLY_FROM_MOST_EXPENSIVE",
        ]
    ),
    skip_initially=st.integers(0, 2),
    repeat=st.integers(1, 3),
    target=st.sampled_from(["ITEM", "UNIT"]),
    price=some_money,
    quantity_limit=units,
    aggregated_quantity_limit=units,
    amount_limit=caps,
    aggregated_amount_limit=caps,
)
lists = st.none() | st.builds(
    ApplicableTo,
    included=st.lists(entries, max_size=2).map(tuple),
    excluded=st.lists(entries, max_size=1).map(tuple),
    included_all=st.booleans(),
)


@st.composite
def discounts(draw: st.DrawFn) -> Discount:
    kind = draw(
        st.sampled_from([DiscountType.AMOUNT, DiscountType.PERCENT, DiscountType.FIXED])
    )
    return Discount(
        kind,
        draw(st.none() | st.sampled_from(sorted(CALCULABLE[kind]))),
        amount_off=draw(some_money),
        percent_off=draw(st.none() | st.decimals(-5, 120, places=2)),
        fixed_amount=draw(some_money),
        amount_limit=draw(caps),
        aggregated_amount_limit=draw(caps),
    )


KNOWN = units_known(
    product("tea", 1200), product("gift"), product("lamp", 333), "pc_all"
)
ADDED = (Effect.ADD_MISSING_ITEMS, Effect.ADD_NEW_ITEMS)
things = st.sampled_from(sorted(set(KNOWN) - {"pc_all"}))
unit_discounts = st.one_of(
    st.builds(
        unit_off,
        st.integers(0, 7),
        things,
        st.sampled_from([*ADDED, Effect.REPLACE_ITEMS]),
    ),
    st.builds(
        unit_off, st.integers(0, 3), st.just("pc_all"), st.just(Effect.ADD_SAME_ITEMS)
    ),
    st.lists(
        st.tuples(st.integers(0, 4), things, st.sampled_from(ADDED)),
        min_size=1,
        max_size=3,
    ).map(lambda members: units_off(*members)),
)


def given_facts(stack, **rest):
    return facts(*stack, units=KNOWN, all_products_id="pc_all", **rest)


@st.composite
def stacks(draw):
    return [
        voucher(
            f"V{number}",
            draw(st.one_of(discounts(), unit_discounts)),
            rules=(assigned(draw(lists)),),
        )
        for number in range(draw(st.integers(1, 3)))
    ]


rules = st.builds(
    StackingRules,
    discount_calculation_mode=st.sampled_from(["DISCOUNTED_AMOUNT", "INITIAL_AMOUNT"]),
    redeemables_products_application_mode=st.sampled_from(["STACK", "ONCE"]),
)


@given(orders, stacks(), rules)
def test_discounts_never_exceed_amounts_and_totals_add_up(cart, stack, stacking):
    decision = decide(given_facts(stack, order=cart, stacking=stacking))

    assert decision.valid
    for entry in decision.entries:
        state = entry.order
        assert entry.taken.order_amount >= 0
        assert all(part > 0 for part in entry.taken.by_line.values())
        assert state.items_discount_amount == sum(
            each.discount_amount for each in state.lines
        )
        assert state.items_applied_discount_amount == sum(
            each.applied_discount_amount for each in state.lines
        )
        assert all(each.subtotal_amount >= 0 for each in state.lines)
        assert all(each.discount_quantity >= 0 for each in state.lines)
        assert all(each.discount_quantity <= each.quantity for each in state.lines)
        assert state.total_discount_amount <= (state.amount or 0)
        if state.amount is not None:
            assert state.total_amount == state.amount - state.total_discount_amount
            assert state.total_amount >= 0
    assert decision.order.total_applied_discount_amount == sum(
        each.taken.amount for each in decision.entries
    )


@given(orders, stacks(), rules)
def test_a_rollback_restores_the_order(cart, stack, stacking):
    decision = decide(given_facts(stack, order=cart, stacking=stacking))
    state = decision.order
    redeemed = replace(
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

    restored = opening_state(
        roll_back_order(
            redeemed, [each.taken for each in decision.entries], "WITH_ORDER"
        )
    )

    before = opening_state(cart)
    assert (restored.amount or 0) == (before.amount or 0)
    assert restored.total_discount_amount == before.total_discount_amount
    assert [(each.quantity, each.amount) for each in restored.lines] == [
        (each.quantity, each.amount) for each in before.lines
    ]
    assert all(each.initial_quantity is None for each in restored.lines)


@given(orders, stacks())
def test_deciding_twice_gives_the_same(cart, stack):
    both = [decide(given_facts(stack, order=cart)) for _ in range(2)]

    assert both[0] == both[1]


@given(orders, discounts(), st.integers(0, 3_000))
def test_an_aggregate_limit_is_never_exceeded(cart, discount, limit):
    limited = replace(discount, aggregated_amount_limit=limit)

    decision = decide(facts(voucher(discount=limited), order=cart))

    assert decision.entries[0].taken.amount <= limit


@given(
    st.integers(0, 10_000),
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 3_000)), max_size=6),
)
def test_a_split_adds_up_and_respects_every_ceiling(total, shares):
    weights = [weight for weight, _ in shares]
    ceilings = [ceiling for _, ceiling in shares]

    parts = split_within(total, weights, ceilings)

    assert sum(parts) == min(total, sum(ceilings))
    assert all(
        0 <= part <= ceiling for part, ceiling in zip(parts, ceilings, strict=True)
    )


@given(orders, st.decimals(0, 100, places=2))
def test_a_percentage_of_the_order_is_off_by_less_than_one_unit(cart, percent):
    base = opening_state(cart).amount or 0
    discount = Discount(DiscountType.PERCENT, percent_off=Decimal(percent))

    taken = decide(facts(voucher(discount=discount), order=cart)).entries[0].taken

    assert abs(taken.order_amount * 100 - base * percent) <= 50

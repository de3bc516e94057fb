"""Whatever was sold: units come back in any split, and it comes to the same."""

from collections.abc import Sequence

from hypothesis import assume, given
from hypothesis import strategies as st

from redemptions.engine.decide import decide
from redemptions.engine.facts import Facts
from redemptions.engine.order import opening_state
from redemptions.engine.returns import (
    Given,
    Redeemed,
    Returned,
    SoldLine,
    returned,
    sold_lines,
)
from redemptions.engine.rollback import roll_back_order
from tests.redemptions.engine.situations import accepted, thorough
from tests.redemptions.engine.test_properties import stored


class Sold:
    """An order as it was redeemed, its lines laid down."""

    def __init__(self, request: Facts) -> None:
        decision = decide(request)
        assert request.order is not None
        assert decision.order is not None
        self.order = stored(request.order, decision)
        self.taken = [each.taken for each in decision.entries]
        named = [(f"r{number}", each) for number, each in enumerate(decision.entries)]
        self.lines = sold_lines(self.order, [Given(k, e.taken) for k, e in named])
        self.redeemed = [
            Redeemed(
                key, key, each.taken.amount, each.spent.amount if each.spent else 0
            )
            for key, each in named
        ]
        self.whole = tuple(each.quantity for each in self.lines)
        assume(any(self.whole))

    def come_back(self, steps: Sequence[Sequence[int]]) -> list[Returned]:
        """Return what comes of returning so many units of each line in turn."""
        before = tuple(0 for _ in self.lines)
        standing, made = self.redeemed, []
        for after in steps:
            done = returned(self.lines, before, after, standing)
            made.append(done)
            standing = [one for one in standing if not done.shares[one.key].is_last]
            before = tuple(after)
        assert not standing
        return made


def split(draw: st.DrawFn, whole: Sequence[int]) -> list[tuple[int, ...]]:
    """Draw states on the way from nothing to everything, in any order of lines."""
    counts, steps = [0] * len(whole), []
    for _ in range(draw(st.integers(0, 5))):
        position = draw(st.integers(0, len(whole) - 1))
        counts[position] = draw(st.integers(counts[position], whole[position]))
        steps.append(tuple(counts))
    return [*steps, tuple(whole)]


def totals(made: Sequence[Returned]) -> tuple[int, int, dict[str, tuple[int, int]]]:
    shares: dict[str, tuple[int, int]] = {}
    for each in made:
        for key, share in each.shares.items():
            money, card = shares.get(key, (0, 0))
            shares[key] = money + share.discount_amount, card + share.card_amount
    return (
        sum(each.refund_amount for each in made),
        sum(each.discount_amount for each in made),
        shares,
    )


@thorough
@given(accepted(), st.data())
def test_returning_everything_in_any_split_equals_one_full_rollback(
    request: Facts, data: st.DataObject
):
    sold = Sold(request)
    state = opening_state(sold.order)

    at_once = totals(sold.come_back([sold.whole]))
    in_parts = totals(sold.come_back(data.draw(st.composite(split)(sold.whole))))

    refund, discount, shares = in_parts
    assert in_parts == at_once
    assert refund == state.payable_amount
    assert discount == state.total_discount_amount
    undone = opening_state(roll_back_order(sold.order, sold.taken, "WITH_ORDER"))
    assert discount == state.total_discount_amount - undone.total_discount_amount
    for one in sold.redeemed:
        spent = one.card_amount if one.discount_amount else 0
        assert shares[one.key] == (one.discount_amount, spent)


@thorough
@given(accepted(), st.data())
def test_no_return_gives_back_less_than_nothing_or_more_than_was_paid(
    request: Facts, data: st.DataObject
):
    sold = Sold(request)

    for done in sold.come_back(data.draw(st.composite(split)(sold.whole))):
        for position, back in done.lines.items():
            assert 0 <= back.refund_amount <= back.amount <= sold.lines[position].amount
            assert all(part >= 0 for part in back.discounts.values())
        for share in done.shares.values():
            assert share.discount_amount >= 0
            assert share.card_amount >= 0


@thorough
@given(
    st.integers(1, 12),
    st.integers(0, 5_000),
    st.lists(st.integers(0, 2_000), max_size=4),
)
def test_units_of_one_price_differ_by_a_cent_a_discount_at_most(
    quantity: int, price: int, wanted: list[int]
):
    amount, discounts = price * quantity, {}
    left = amount
    for number, part in enumerate(wanted):
        discounts[f"r{number}"] = min(part, left)
        left -= min(part, left)
    line = SoldLine(quantity, amount, discounts)

    units = [returned([line], [n], [n + 1], []).lines[0] for n in range(quantity)]

    assert {each.amount for each in units} == {price}
    refunds = [each.refund_amount for each in units]
    assert max(refunds) - min(refunds) <= 1
    for key in discounts:
        parts = [each.discounts[key] for each in units]
        assert max(parts) - min(parts) <= len(discounts) + 1

"""The example of the page about returns comes out as told."""

from dataclasses import replace
from itertools import pairwise

from campaigns.engine.discounts import Effect
from redemptions.engine.decide import decide
from redemptions.engine.returns import (
    Given,
    Redeemed,
    SoldLine,
    returned,
    sold_lines,
)
from tests.docs.test_algorithm_pages import CART
from tests.redemptions.engine.carts import (
    facts,
    gift_card,
    limited_to,
    percent_off,
    voucher,
)
from tests.redemptions.engine.test_properties import stored

M = replace(
    limited_to(percent_off(15, Effect.APPLY_TO_ITEMS), "mug", "tea"), ref="M", id="v_M"
)
DECISION = decide(
    facts(M, voucher("A", percent_off(10)), gift_card("G", 2000), order=CART)
)
ENTRIES = dict(zip("MAG", DECISION.entries, strict=True))
LINES = sold_lines(
    stored(CART, DECISION), [Given(name, one.taken) for name, one in ENTRIES.items()]
)


def test_what_each_line_carries() -> None:
    shown = [
        (line.quantity, line.amount, *(line.discounts.get(name, 0) for name in "MAG"))
        for line in LINES
    ]

    assert shown == [
        (2, 2000, 300, 170, 462),
        (1, 900, 135, 77, 207),
        (1, 4900, 0, 490, 1331),
    ]
    assert [line.amount - sum(line.discounts.values()) for line in LINES] == [
        1068,
        481,
        3079,
    ]
    assert DECISION.order is not None
    assert DECISION.order.total_amount == 4628


def test_what_each_unit_carries_and_what_is_over() -> None:
    standing = [
        Redeemed(name, name, one.taken.amount, one.spent.amount if one.spent else 0)
        for name, one in ENTRIES.items()
    ]
    states = [(0, 0, 0), (1, 0, 0), (2, 0, 0), (2, 1, 0), (2, 1, 1)]
    shown = []

    for before, after in pairwise(states):
        done = returned(LINES, before, after, standing)
        over = "".join(one.key for one in standing if done.shares[one.key].is_last)
        parts = [
            done.shares[name].discount_amount if name in done.shares else 0
            for name in "MAG"
        ]
        shown.append((done.refund_amount, *parts, over))
        assert done.shares["G"].card_amount == done.shares["G"].discount_amount
        standing = [one for one in standing if one.key not in over]

    assert shown == [
        (534, 150, 85, 231, ""),
        (534, 150, 85, 231, ""),
        (481, 135, 77, 207, "M"),
        (3079, 0, 490, 1331, "AG"),
    ]


def test_three_units_share_a_discount_and_a_free_one() -> None:
    cups, with_free = SoldLine(3, 3000, {"A": 100}), SoldLine(3, 3000, {"A": 1000})

    def unit(line: SoldLine, number: int) -> int:
        return returned([line], [number], [number + 1], []).refund_amount

    assert [unit(cups, number) for number in range(3)] == [967, 966, 967]
    assert [unit(with_free, number) for number in range(3)] == [667, 666, 667]


def test_points_follow_the_discount() -> None:
    line = SoldLine(10, 43800, {"A": 4380})

    done = returned([line], [0], [1], [Redeemed("A", "A", 4380, 450)])

    assert (done.discount_amount, done.shares["A"].card_amount) == (438, 45)

"""The examples of the pages about algorithms come out as told."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.conf import settings

from campaigns.engine.discounts import Discount, Effect
from campaigns.engine.validity import State, Validity, state_at
from redemptions.engine.checks import CHECKS
from redemptions.engine.decide import decide
from redemptions.engine.facts import StackingRules
from tests.redemptions.engine.carts import (
    ADA,
    amount_off,
    facts,
    fixed,
    gift_card,
    limited_to,
    line,
    loyalty_card,
    order,
    percent_off,
    reward,
    voucher,
)

CART = order(line("mug", 1000, 2), line("tea", 900), line("kettle", 4900))
MUG, MUG_AND_TEA = ("mug",), ("mug", "tea")


def told(page: str) -> str:
    return (settings.BASE_DIR / "docs" / "algorithms" / page).read_text()


def row(page: str, start: str, *parts: object) -> bool:
    """Whether a row of the page's tables begins with ``start`` and holds ``parts``."""
    return any(
        each.startswith(f"| {start}") and all(str(part) in each for part in parts)
        for each in told(page).splitlines()
    )


@pytest.mark.parametrize(
    ("discount", "start", "amount"),
    [
        (amount_off(1000), "`AMOUNT`, `amount_off` 1000", 1000),
        (percent_off(15), "`PERCENT`, `percent_off` 15", 1170),
        (fixed(5000), "`FIXED`, `fixed_amount` 5000", 2800),
    ],
)
def test_discounts_on_the_whole_order(
    discount: Discount, start: str, amount: int
) -> None:
    entry = decide(facts(voucher(discount=discount), order=CART)).entries[0]

    assert (entry.taken.order_amount, dict(entry.taken.by_line)) == (amount, {})
    assert row("discounts.md", start, f" | {amount} | ")


ITEMS = Effect.APPLY_TO_ITEMS
BY_QUANTITY = Effect.APPLY_TO_ITEMS_BY_QUANTITY
SPLIT = Effect.APPLY_TO_ITEMS_PROPORTIONALLY
SPLIT_BY_QUANTITY = Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY


@pytest.mark.parametrize(
    ("discount", "names", "start", "parts"),
    [
        (amount_off(300, ITEMS), MUG_AND_TEA, "`AMOUNT` 300", (300, 300)),
        (amount_off(300, BY_QUANTITY), MUG_AND_TEA, "`AMOUNT` 300", (600, 300)),
        (amount_off(1000, SPLIT), MUG_AND_TEA, "`AMOUNT` 1000", (690, 310)),
        (amount_off(1000, SPLIT_BY_QUANTITY), MUG_AND_TEA, "`AMOUNT` 1000", (667, 333)),
        (percent_off(20, ITEMS), MUG, "`PERCENT` 20", (400,)),
        (fixed(799, ITEMS), MUG, "`FIXED` 799", (402,)),
    ],
)
def test_discounts_on_items(
    discount: Discount, names: tuple[str, ...], start: str, parts: tuple[int, ...]
) -> None:
    limited = limited_to(discount, *names)

    entry = decide(facts(limited, order=CART)).entries[0]

    amounts = " | ".join(map(str, parts))
    assert dict(entry.taken.by_line) == dict(enumerate(parts))
    assert row("discounts.md", start, f"`{discount.effect}`", f" | {amounts} |")


@pytest.mark.parametrize(
    ("codes", "mode", "left", "start"),
    [
        ("AB", "DISCOUNTED_AMOUNT", 6020, "A, B"),
        ("BA", "DISCOUNTED_AMOUNT", 6120, "B, A |"),
        ("BA", "INITIAL_AMOUNT", 6020, "B, A, percentages"),
    ],
)
def test_two_codes_in_one_order(codes: str, mode: str, left: int, start: str) -> None:
    offers = {"A": percent_off(10), "B": amount_off(1000)}
    named = [voucher(code, offers[code]) for code in codes]

    decision = decide(
        facts(
            *named, order=CART, stacking=StackingRules(discount_calculation_mode=mode)
        )
    )

    assert decision.order is not None
    assert decision.order.payable_amount == left
    assert row("stacking.md", start, f"{left} |")


@pytest.mark.parametrize(
    ("day", "hour", "minute", "state"),
    [
        (1, 0, 0, State.VALID),
        (2, 0, 30, State.OUTSIDE_WINDOW),
        (3, 0, 30, State.VALID),
        (3, 1, 0, State.OUTSIDE_WINDOW),
    ],
)
def test_an_hour_every_other_day(
    day: int, hour: int, minute: int, state: State
) -> None:
    window = {"interval": "P2D", "duration": "PT1H"}
    validity = Validity(start=datetime(2027, 3, 1, tzinfo=UTC), timeframe=window)

    now = datetime(2027, 3, day, hour, minute, tzinfo=UTC)

    assert state_at(validity, now, UTC) is state


def test_hours_past_midnight_belong_to_the_day_on_which_they_began() -> None:
    friday = {
        "start_time": "22:00",
        "expiration_time": "02:00",
        "days_of_week": [5],
    }
    validity = Validity(hours=(friday,))

    states = [
        state_at(validity, datetime(2027, 3, 6, hour, minute, tzinfo=UTC), UTC)
        for hour, minute in ((1, 59), (2, 0), (22, 0))
    ]

    assert states == [State.VALID, State.OUTSIDE_WINDOW, State.OUTSIDE_WINDOW]


def test_checks_come_in_the_order_of_the_page() -> None:
    assert [name for name, _ in CHECKS] == [
        *("exists", "active", "validity", "quantity", "kind")
    ]
    keys = (
        *("`not_found`", "`voucher_disabled`", "`voucher_not_active`"),
        *("`voucher_expired`", "`voucher_not_active_now`", "`quantity_exceeded`"),
        *("`unsupported_redeemable`", "`order_rules_violated`"),
    )
    places = [told("redeeming.md").index(key) for key in keys]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("wanted", "amount", "cells"),
    [
        (None, 12000, ("nothing said", "50.00 | 70.00")),
        (3000, 12000, ("`gift.credits` 3000", "30.00 | 90.00")),
        (5001, 12000, ("`gift.credits` 5001", "`gift_amount_exceeded`")),
    ],
)
def test_gift_cards_pay_as_told(
    wanted: int | None, amount: int, cells: tuple[str, str]
) -> None:
    card = gift_card(balance=5000, wanted=wanted)

    entry = decide(facts(card, order=order(amount=amount))).entries[0]

    assert row("cards.md", *cells)
    if entry.spent is None or entry.order is None:
        assert entry.refusal is not None
        assert entry.refusal.key in cells[1]
        return
    paid, left = entry.spent.amount, entry.order.payable_amount
    assert f"{paid / 100:.2f} | {left / 100:.2f}" == cells[1]


@pytest.mark.parametrize(
    ("wanted", "balance", "points", "paid", "start"),
    [
        (None, 1000, 450, 4380, "nothing said | 450 | 43.80"),
        (120, 1000, 120, 1200, "120 | 120 | 12.00"),
        (500, 1000, 450, 4380, "500 | 450 | 43.80"),
        (None, 449, 400, 4000, ""),
    ],
)
def test_points_pay_as_told(
    wanted: int | None, balance: int, points: int, paid: int, start: str
) -> None:
    card = loyalty_card(balance=balance, wanted=wanted, offered=reward())

    entry = decide(facts(card, order=order(amount=4380), customer=ADA)).entries[0]

    assert entry.spent is not None
    assert (entry.spent.amount, entry.taken.order_amount) == (points, paid)
    assert row("cards.md", start)


@pytest.mark.parametrize(
    ("redeemed", "held", "left", "start"),
    [
        (0, 0, 4, "at first"),
        (0, 2, 2, "two sessions opened"),
        (1, 1, 2, "one of them redeemed"),
        (1, 0, 3, "the other one expired"),
    ],
)
def test_what_sessions_hold_is_left_as_told(
    redeemed: int, held: int, left: int, start: str
) -> None:
    used = replace(voucher(quantity=4), redeemed_quantity=redeemed + left - 1)
    full = replace(used, redeemed_quantity=redeemed + left)

    assert decide(facts(replace(used, held_quantity=held))).valid
    assert not decide(facts(replace(full, held_quantity=held))).valid
    assert row("sessions.md", start, f"{redeemed} | {held} | {left}")

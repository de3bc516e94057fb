"""What to think of twice before a campaign goes live."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from campaigns.engine.campaign_warnings import Planned, warnings_about

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def plan(**values):
    careful = {
        "now": NOW,
        "ends": NOW + DAY,
        "has_rule": True,
        "has_limit": True,
        "codes": 10,
        "uses_of_each": 1,
    }
    return Planned(**careful | values)


def test_a_careful_campaign_has_no_warning():
    assert warnings_about(plan()) == ()
    assert warnings_about(plan(starts=NOW + DAY, percent_off=Decimal(20))) == ()


@pytest.mark.parametrize(
    ("values", "warning"),
    [
        (
            {"percent_off": Decimal(100)},
            "It takes everything off: the order is free.",
        ),
        (
            {"percent_off": Decimal(60)},
            "It takes off more than half, without a cap on the amount.",
        ),
        (
            {"has_rule": False, "needs_code": False},
            "It applies to every order of everybody: it has no condition and no code.",
        ),
        (
            {"has_rule": False},
            "It has no condition: whoever has a code can use it on every order.",
        ),
        (
            {"needs_code": False, "has_limit": False},
            "There is no limit and no budget: it can be used any number of times.",
        ),
        (
            {"uses_of_each": None, "has_limit": False},
            "Each code can be used any number of times: there is no limit or budget.",
        ),
        (
            {"uses_of_each": None, "has_limit": False, "is_generic": True},
            "The code can be used any number of times: there is no limit or budget.",
        ),
        ({"codes": 0}, "It has no codes yet: nobody can use it before some are made."),
        ({"ends": None}, "It has no end date: it runs until somebody disables it."),
        ({"ends": NOW - DAY}, "Its end date has passed: it will never run."),
        (
            {"starts": NOW - DAY},
            "Its start date has passed: it runs from the moment of publishing.",
        ),
        (
            {"overlapping": ["Summer", "VIP"], "hidden": 2, "stacks": False},
            "It runs at the same time as “Summer”, “VIP” and 2 more.",
        ),
    ],
)
def test_each_slip_has_its_warning(values, warning):
    assert warnings_about(plan(**values)) == (warning,)


def test_small_orders_that_come_out_free_are_told_beside_the_missing_condition():
    assert warnings_about(plan(takes_amount=True, has_rule=False)) == (
        "It has no condition: whoever has a code can use it on every order.",
        "Small orders can be free: no condition asks for a least amount.",
    )
    assert warnings_about(plan(percent_off=Decimal(60), has_cap=True)) == ()


def test_campaigns_that_can_be_combined_are_told_so():
    assert warnings_about(plan(overlapping=["Summer"])) == (
        "It runs at the same time as “Summer”.",
        "The project's stacking rules let one order use it together with these.",
    )


def test_cards_need_no_limit_no_end_and_no_condition():
    card = plan(
        is_card=True,
        ends=None,
        has_rule=False,
        has_limit=False,
        uses_of_each=None,
        codes=0,
        overlapping=["Summer"],
    )

    assert warnings_about(card) == ()

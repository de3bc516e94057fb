"""How long sessions hold, and what they hold back from others."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from redemptions.engine.decide import decide
from redemptions.engine.sessions import Session
from tests.redemptions.engine.carts import NOW, facts, voucher


@pytest.mark.spec("engine 8 `ttl`")
@pytest.mark.spec("engine 8 `ttl_unit`")
@pytest.mark.parametrize(
    ("values", "lasts"),
    [
        ({}, timedelta(days=7)),
        ({"ttl": Decimal(2)}, timedelta(days=2)),
        ({"ttl": Decimal("1.5"), "unit": "HOURS"}, timedelta(minutes=90)),
        ({"ttl": Decimal(3), "unit": "MINUTES"}, timedelta(minutes=3)),
        ({"ttl": Decimal(3), "unit": "SECONDS"}, timedelta(seconds=3)),
        ({"ttl": Decimal(3), "unit": "MILLISECONDS"}, timedelta(milliseconds=3)),
        ({"ttl": Decimal(3), "unit": "MICROSECONDS"}, timedelta(microseconds=3)),
        ({"ttl": Decimal(3999), "unit": "NANOSECONDS"}, timedelta(microseconds=3)),
        ({"ttl": Decimal(0)}, timedelta()),
        ({"ttl": Decimal(10**12)}, timedelta(days=3650)),
    ],
)
def test_a_session_lasts_as_long_as_it_says(
    values: dict[str, Any], lasts: timedelta
) -> None:
    session = Session("ssn_1", opens=True, **values)

    assert session.lasts == lasts
    assert session.expires_at(NOW) == NOW + lasts


@pytest.mark.parametrize(("ttl", "shown"), [("7", 7), ("1.5", 1.5)])
def test_a_session_is_shown_as_it_was_asked_for(ttl: str, shown: float) -> None:
    session = Session("mine", opens=True, ttl=Decimal(ttl), unit="HOURS")

    assert session.as_json() == {
        "key": "mine",
        "type": "LOCK",
        "ttl": shown,
        "ttl_unit": "HOURS",
    }


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"quantity": 4, "redeemed_quantity": 1, "held_quantity": 2}, None),
        (
            {"quantity": 4, "redeemed_quantity": 1, "held_quantity": 3},
            "quantity_exceeded",
        ),
        ({"quantity": None, "held_quantity": 99}, None),
    ],
)
def test_what_others_hold_counts_against_the_quantity(
    values: dict[str, Any], key: str | None
) -> None:
    (found,) = decide(facts(voucher(**values))).entries

    assert (found.refusal and found.refusal.key) == key

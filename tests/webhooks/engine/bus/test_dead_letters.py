"""What dead letters say, and which failures are nobody's fault."""

import pytest

from webhooks.engine.bus.dead_letters import (
    Death,
    is_outage,
    with_death,
    without_death,
)

DEATH = Death(
    error="no" * 1_000, attempts=5, topic="t", partition=1, offset=2, time="now"
)


def test_a_dead_letter_keeps_its_headers_and_says_why() -> None:
    headers = [("x", b"y"), ("dlq_error", b"earlier"), ("x", None)]

    dead = with_death(headers, DEATH)

    assert dead == [
        ("x", b"y"),
        ("x", None),
        ("dlq_error", b"no" * 500),
        ("dlq_attempts", b"5"),
        ("dlq_topic", b"t"),
        ("dlq_partition", b"1"),
        ("dlq_offset", b"2"),
        ("dlq_time", b"now"),
    ]
    assert without_death(dead) == [("x", b"y"), ("x", None)]


@pytest.mark.parametrize(
    ("state", "away"),
    [
        (None, True),
        ("08006", True),
        ("57P01", True),
        ("53300", True),
        ("57014", False),
        ("40P01", False),
        ("22001", False),
    ],
)
def test_a_database_that_is_away_is_told_from_one_that_refuses(
    state: str | None, *, away: bool
) -> None:
    assert is_outage(state) is away

"""When a sendout is tried again, and when an endpoint is left alone."""

from datetime import UTC, datetime, timedelta

import pytest

from webhooks.engine.headers import MOST, problem_of
from webhooks.engine.schedule import next_attempt_at, paused_until

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440]


def test_twelve_retries_are_counted_from_the_first_attempt() -> None:
    found = [next_attempt_at(NOW, attempts) for attempts in range(1, 14)]

    assert found == [*(NOW + timedelta(minutes=each) for each in MINUTES), None]


@pytest.mark.parametrize(
    ("failures", "seconds"), [(5, 2), (6, 4), (9, 32), (10, 60), (500, 60)]
)
def test_an_endpoint_that_keeps_failing_is_left_alone_longer_and_longer(
    failures: int, seconds: int
) -> None:
    assert paused_until(failures, NOW) == NOW + timedelta(seconds=seconds)


def test_an_endpoint_may_fail_now_and_then() -> None:
    assert paused_until(4, NOW) is None


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"X-Shop": "1", "authorization": "Bearer x"}, None),
        ({"Content-Type": "text/plain"}, "must NOT set content-type"),
        ({"HOST": "x"}, "must NOT set host"),
        ({"x-voucherify-signature": "x"}, "must NOT set x-voucherify-signature"),
        ({"Webhook-Id": "x"}, "must NOT set webhook-id"),
        ({"a b": "x"}, "must have names of headers, a b is none"),
        ({"x": "a\r\nb: c"}, "must hold a plain text of at most 1000 characters as x"),
        ({"a": "1", "A": "2"}, "must NOT name a twice"),
        ({f"x{n}": "" for n in range(MOST + 1)}, "must NOT have more than 20 headers"),
    ],
)
def test_headers_are_checked(headers: dict[str, str], problem: str | None) -> None:
    assert problem_of(headers) == problem

"""When messages are due, on the project's clock."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promo.errors import InvalidPayload
from webhooks.engine.distributions.timing import Due, due_at, moment_in, parse_delay

WARSAW = ZoneInfo("Europe/Warsaw")
TOLD = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def due(
    delay: dict[str, Any], told_at: datetime = TOLD, data: dict[str, Any] | None = None
) -> Due:
    kept = parse_delay(delay)
    return due_at(kept, told_at=told_at, data=data or {}, zone=WARSAW)


@pytest.mark.parametrize("delay", [{}, {"type": "NONE"}])
def test_without_a_delay_a_message_is_due_at_once(delay: dict[str, Any]) -> None:
    assert due(delay) == Due(TOLD)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (90, "MINUTE", "2026-03-10 13:30Z"),
        (36, "HOUR", "2026-03-12 00:00Z"),
        (2, "DAY", "2026-03-12 12:00Z"),
        (1, "WEEK", "2026-03-17 12:00Z"),
        (0, "DAY", "2026-03-10 12:00Z"),
        # Clocks in Warsaw go forward on 29 March: noon there stays noon.
        (3, "WEEK", "2026-03-31 11:00Z"),
    ],
)
def test_after_a_while_it_is_due(value: int, unit: str, expected: str) -> None:
    delay = {"type": "AFTER", "value": value, "unit": unit}

    assert due(delay).at == moment(expected)


@pytest.mark.parametrize(
    ("delay", "told_at", "expected"),
    [
        # 13:00 in Warsaw: nine in the morning is over, six in the evening ahead.
        ({"time": "09:00"}, "2026-03-10 12:00Z", "2026-03-11 08:00Z"),
        ({"time": "18:00"}, "2026-03-10 12:00Z", "2026-03-10 17:00Z"),
        ({"time": "13:00"}, "2026-03-10 12:00Z", "2026-03-10 12:00Z"),
        (
            {"time": "09:00", "value": 2, "unit": "DAY"},
            "2026-03-10 12:00Z",
            "2026-03-12 08:00Z",
        ),
        (
            {"time": "09:00", "value": 1, "unit": "WEEK"},
            "2026-03-10 12:00Z",
            "2026-03-17 08:00Z",
        ),
        # Late in the evening UTC it is the next day in Warsaw already.
        ({"time": "09:00"}, "2026-03-10 23:30Z", "2026-03-11 08:00Z"),
        # 02:30 does not exist on 29 March, and comes twice on 25 October.
        (
            {"time": "02:30", "value": 1, "unit": "DAY"},
            "2026-03-28 12:00Z",
            "2026-03-29 01:30Z",
        ),
        (
            {"time": "02:30", "value": 1, "unit": "DAY"},
            "2026-10-24 12:00Z",
            "2026-10-25 00:30Z",
        ),
    ],
)
def test_at_a_time_of_day_it_is_due_on_the_projects_clock(
    delay: dict[str, Any], told_at: str, expected: str
) -> None:
    found = due({"type": "AT_LOCAL_TIME", **delay}, moment(told_at))

    assert found.at == moment(expected)


@pytest.mark.parametrize(
    ("delay", "trip", "expected"),
    [
        ({"value": 2, "unit": "DAY"}, "2026-03-20", Due(moment("2026-03-21 23:00Z"))),
        ({"value": -2, "unit": "DAY"}, "2026-03-20", Due(moment("2026-03-17 23:00Z"))),
        (
            {"value": -3, "unit": "HOUR"},
            "2026-03-20T10:00:00Z",
            Due(moment("2026-03-20 07:00Z")),
        ),
        (
            {"value": 0, "unit": "DAY", "type": "AT_LOCAL_TIME", "time": "10:00"},
            "2026-03-20",
            Due(moment("2026-03-20 09:00Z")),
        ),
        (
            {"value": 1, "unit": "DAY"},
            "2026-03-20T10:00:00",
            Due(moment("2026-03-21 09:00Z")),
        ),
        ({"value": 1, "unit": "DAY"}, "2026-03-08", Due(None, "date_passed")),
        (
            {"value": 0, "unit": "DAY", "type": "AT_LOCAL_TIME", "time": "10:00"},
            "2026-03-10",
            Due(None, "date_passed"),
        ),
        ({"value": 1, "unit": "DAY"}, "soon", Due(None, "no_date")),
        ({"value": 1, "unit": "DAY"}, 20260320, Due(None, "no_date")),
        ({"value": 520, "unit": "WEEK"}, "9999-12-30", Due(None, "no_date")),
        ({"value": 1, "unit": "DAY"}, "0001-01-01", Due(None, "no_date")),
    ],
)
def test_it_may_be_due_by_a_date_in_metadata(
    delay: dict[str, Any], trip: Any, expected: Due
) -> None:
    from_date = {"from": "METADATA_DATE", "property": "customer.trip"}
    data = {"customer": {"metadata": {"trip": trip}}}

    assert due({"type": "AFTER", **from_date, **delay}, data=data) == expected


@pytest.mark.parametrize(
    "data",
    [{}, {"customer": None}, {"customer": {}}, {"customer": {"metadata": {"a": 1}}}],
)
def test_where_there_is_no_date_it_is_never_due(data: dict[str, Any]) -> None:
    delay = {"type": "AFTER", "value": 1, "unit": "DAY", "from": "METADATA_DATE"}

    found = due({**delay, "property": "customer.trip"}, data=data)

    assert found == Due(None, "no_date")


def test_a_date_may_stand_deep_in_metadata() -> None:
    data = {"order": {"metadata": {"trip": {"start": "2026-05-01"}}}}

    found = moment_in(data, "order.trip.start", UTC)

    assert found == datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"value": 1}, ".delay.type must be equal to one of the allowed values"),
        ({"type": "AFTER"}, ".delay.value must be integer"),
        ({"type": "AFTER", "value": True}, ".delay.value must be integer"),
        ({"type": "AFTER", "value": 1}, ".delay.unit must be equal to one of"),
        ({"type": "AFTER", "value": -1, "unit": "DAY"}, ".delay.value must be >= 0"),
        (
            {"type": "AFTER", "value": 3_651, "unit": "DAY"},
            ".delay.value must be >= 0 and <= 3650",
        ),
        (
            {"type": "AFTER", "value": -10_000_000, "unit": "DAY"},
            ".delay.value must be >= -525600",
        ),
        (
            {"type": "AFTER", "value": 1, "unit": "DAY", "from": "NOW"},
            ".delay.from must be equal to one of",
        ),
        (
            {"type": "AFTER", "value": 1, "unit": "DAY", "at": 1},
            ".delay.at is not known here",
        ),
        ({"type": "AT_LOCAL_TIME"}, ".delay.time must be a time of day such as 09:30"),
        ({"type": "AT_LOCAL_TIME", "time": "24:00"}, ".delay.time must be a time of"),
        ({"type": "AT_LOCAL_TIME", "time": "0\u0669:00"}, ".delay.time must be a time"),
        (
            {"type": "AT_LOCAL_TIME", "time": "09:00", "value": 1, "unit": "HOUR"},
            ".delay.unit must be equal to one of the allowed values [ DAY, WEEK ]",
        ),
        (
            {
                "type": "AFTER",
                "value": 1,
                "unit": "DAY",
                "from": "METADATA_DATE",
                "property": "shop.trip",
            },
            ".delay.property must name metadata as one of: customer.<name>",
        ),
        (
            {
                "type": "AFTER",
                "value": 1,
                "unit": "DAY",
                "from": "METADATA_DATE",
                "property": "customer.",
            },
            ".delay.property must name metadata as one of",
        ),
    ],
)
def test_a_delay_that_does_not_fit_is_refused(
    sent: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        parse_delay(sent)

    assert str(refused.value.details).startswith(f"Property {problem}")


@given(
    value=st.integers(0, 400),
    unit=st.sampled_from(["MINUTE", "HOUR", "DAY", "WEEK"]),
    hours=st.integers(0, 24 * 365),
)
def test_nothing_is_due_before_its_event(value: int, unit: str, hours: int) -> None:
    told_at = TOLD + timedelta(hours=hours)

    found = due({"type": "AFTER", "value": value, "unit": unit}, told_at)

    assert found.at is not None
    assert found.at >= told_at


@given(hours=st.integers(0, 24 * 365), clock=st.integers(0, 23))
def test_a_time_of_day_comes_within_a_day_and_an_hour(hours: int, clock: int) -> None:
    told_at = TOLD + timedelta(hours=hours)

    found = due({"type": "AT_LOCAL_TIME", "time": f"{clock:02}:00"}, told_at)

    assert found.at is not None
    assert timedelta(0) <= found.at - told_at <= timedelta(hours=25)

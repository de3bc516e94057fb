"""Time limits as sent: read or refused with the path."""

from datetime import UTC, datetime

import pytest

from campaigns.engine.validity import Validity
from campaigns.engine.validity_parsing import parse_validity
from promo.errors import InvalidPayload

START = datetime(2027, 2, 1, tzinfo=UTC)


def period(start: str, end: str, day: int) -> dict:
    return {"start_time": start, "expiration_time": end, "days_of_week": [day]}


def test_every_field_is_read():
    body = {
        "start_date": "2027-02-01",
        "expiration_date": "2027-03-01T10:00:00+01:00",
        "validity_timeframe": {"duration": "PT1H", "interval": "P2D"},
        "validity_day_of_week": [1, 5, 1],
        "validity_hours": {},
    }

    assert parse_validity(body) == Validity(
        start=START,
        expiration=datetime(2027, 3, 1, 9, tzinfo=UTC),
        timeframe={"duration": "PT1H", "interval": "P2D"},
        days=(1, 5),
        anchor=START,
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {
            "start_date": None,
            "validity_timeframe": None,
            "validity_day_of_week": None,
            "validity_hours": None,
        },
        {
            "validity_timeframe": {},
            "validity_day_of_week": [],
            "validity_hours": {"daily": None},
        },
    ],
)
def test_absent_null_and_empty_are_no_limit(body):
    assert parse_validity(body) == Validity()


def test_hours_are_read_without_their_empty_parts():
    body = {
        "validity_hours": {
            "daily": [
                {
                    "start_time": "22:00",
                    "expiration_time": "02:00",
                    "days_of_week": [6],
                },
                {
                    "start_time": "02:00",
                    "expiration_time": "24:00",
                    "days_of_week": [0],
                },
                {"start_time": "", "expiration_time": None, "days_of_week": [3]},
            ]
        }
    }

    assert parse_validity(body).hours == (
        period("22:00", "02:00", 6),
        period("02:00", "24:00", 0),
        {"days_of_week": [3]},
    )


def daily(*entries: object) -> dict:
    return {"validity_hours": {"daily": list(entries)}}


DURATION = "must be a positive ISO-8601 duration"
NO_DATE = "cannot be recognized as a ISO-8601 compliant date"
DAYS = "must be equal to one of the allowed values [ 0, 1, 2, 3, 4, 5, 6 ]"
FRAME = {"duration": "PT1H", "interval": "P1D"}
OVERLAP = "Property .validity_hours.daily must not have overlapping periods"


@pytest.mark.spec("rules 9.1 hours + timeframe, hours + days of week")
@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({"expiration_date": "soon"}, f"Property .expiration_date {NO_DATE}"),
        ({"start_date": 20270101}, f"Property .start_date {NO_DATE}"),
        ({"start_date": "2027-02-30"}, f"Property .start_date {NO_DATE}"),
        (
            {"start_date": "0001-01-01T00:00:00+10:00"},
            f"Property .start_date {NO_DATE}",
        ),
        (
            {"start_date": "2027-02-01", "expiration_date": "2027-02-01"},
            "Property .expiration_date must be after start_date",
        ),
        (
            {"validity_timeframe": FRAME},
            "Property .start_date is required with validity_timeframe",
        ),
        (
            {"validity_timeframe": "P1D"},
            "Property .validity_timeframe must be object",
        ),
        (
            {"validity_timeframe": {"interval": "P1D"}},
            "Property .validity_timeframe should have required property 'duration'",
        ),
        (
            {"validity_timeframe": {"duration": "PT0S"}},
            f"Property .validity_timeframe.duration {DURATION}",
        ),
        (
            {"validity_timeframe": {"duration": "PT1H", "interval": "-P1D"}},
            f"Property .validity_timeframe.interval {DURATION}",
        ),
        (
            {"validity_timeframe": {"duration": 3600}},
            f"Property .validity_timeframe.duration {DURATION}",
        ),
        (
            {"validity_day_of_week": 1},
            "Property .validity_day_of_week must be array",
        ),
        (
            {"validity_day_of_week": [1, 7]},
            f"Property .validity_day_of_week[1] {DAYS}",
        ),
        (
            {"validity_day_of_week": [True]},
            f"Property .validity_day_of_week[0] {DAYS}",
        ),
        ({"validity_hours": []}, "Property .validity_hours.daily must be array"),
        (
            {"validity_hours": {"daily": {}}},
            "Property .validity_hours.daily must be array",
        ),
        (daily("12:00"), "Property .validity_hours.daily[0] must be object"),
        (
            daily({"start_time": "25:00"}),
            "Property .validity_hours.daily[0].start_time must be in HH:mm format",
        ),
        (
            daily({"start_time": "24:00"}),
            "Property .validity_hours.daily[0].start_time must be in HH:mm format",
        ),
        (
            daily({"expiration_time": [1]}),
            "Property .validity_hours.daily[0].expiration_time must be in HH:mm format",
        ),
        (
            daily({"days_of_week": [-1]}),
            f"Property .validity_hours.daily[0].days_of_week[0] {DAYS}",
        ),
        (
            daily(
                {"start_time": "12:00", "expiration_time": "14:00"},
                {
                    "start_time": "13:59",
                    "expiration_time": "15:00",
                    "days_of_week": [3],
                },
            ),
            OVERLAP,
        ),
        (
            # Saturday night reaches into Sunday, the first day of the week.
            daily(
                {
                    "start_time": "22:00",
                    "expiration_time": "02:00",
                    "days_of_week": [6],
                },
                {
                    "start_time": "01:00",
                    "expiration_time": "03:00",
                    "days_of_week": [0],
                },
            ),
            OVERLAP,
        ),
        (
            {**daily({"start_time": "12:00"}), "validity_day_of_week": [1]},
            "Property .validity_hours cannot be combined with validity_day_of_week",
        ),
        (
            {
                **daily({"start_time": "12:00"}),
                "validity_timeframe": FRAME,
                "start_date": "2027-02-01",
            },
            "Property .validity_hours cannot be combined with validity_timeframe",
        ),
    ],
)
def test_limits_of_another_shape_are_refused_with_their_path(body, details):
    with pytest.raises(InvalidPayload) as refusal:
        parse_validity(body)

    assert refusal.value.details == details


def test_the_path_of_the_object_goes_first():
    with pytest.raises(InvalidPayload) as refusal:
        parse_validity({"validity_hours": 1}, ".voucher")

    assert refusal.value.details == (
        "Property .voucher.validity_hours.daily must be array"
    )

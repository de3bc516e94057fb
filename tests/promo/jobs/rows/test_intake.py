"""What of a body goes to the work."""

from datetime import UTC, date, datetime

from promo.jobs.rows.start import json_lines


def test_days_and_moments_are_kept_as_json_has_them() -> None:
    row = {"on": date(2001, 2, 3), "at": datetime(2001, 2, 3, 4, 5, tzinfo=UTC)}

    assert list(json_lines([row, {"on": None}])) == [
        b'{"on":"2001-02-03","at":"2001-02-03T04:05:00+00:00"}\n',
        b'{"on":null}\n',
    ]

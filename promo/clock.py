"""The one place that reads the time; everything else takes ``now``."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the current moment, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place


#: What ``isoformat`` writes, as PostgreSQL does it: the moment goes in the braces.
ISO_SQL = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


def isoformat(moment: datetime) -> str:
    """Return ``moment`` as the API writes it: UTC, milliseconds, ``Z``."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")

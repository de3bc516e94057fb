"""What is well with the installation itself: its database, its queue, its clock."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from promo.clock import utc_now
from promo.health.check import Check
from promo.health.fact import Fact
from promo.health.services import check_broker, check_cache, check_migrations
from promo.version import version

#: A clock that differs by more may let codes begin or end at another moment.
MOST_SKEW = timedelta(seconds=1)
#: Archives older than this are said to be old.
_OLD_ARCHIVE = timedelta(days=1)
_ARCHIVED = "SELECT last_archived_time, failed_count FROM pg_stat_archiver"


def programs() -> list[Fact]:
    """Return the version, and what it stands on; three statements."""
    return [
        Fact("Version", version(), "plain"),
        _fact("Database changes", check_migrations(), "Run manage.py migrate."),
        clock(),
        _fact("Queue of work", check_broker(), "Work waits until it is back."),
        _fact("Shared memory", check_cache(), "Pages are slower until it is back."),
        backups(),
    ]


def clock() -> Fact:
    """Return how far this machine's clock is from the database's."""
    before = utc_now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    after = utc_now()
    skew = skew_between(before, theirs.astimezone(UTC), after)
    if skew <= MOST_SKEW:
        return Fact("Clock", "As the database's")
    note = "Have both machines set their clocks by the network (NTP)."
    value = f"{skew.total_seconds():,.1f} s from the database's"
    return Fact("Clock", value, "bad", note)


def skew_between(before: datetime, theirs: datetime, after: datetime) -> timedelta:
    """Return by how much a clock differs at least that was read in between."""
    return max(before - theirs, theirs - after, timedelta())


def backups() -> Fact:
    """Return when the database last put its log into an archive, if it does."""
    with connection.cursor() as cursor:
        cursor.execute(_ARCHIVED)
        last, failed = cursor.fetchone()
    return archive_fact(last, failed, utc_now())


def archive_fact(last: datetime | None, failed: int, now: datetime) -> Fact:
    """Return what an archive's last moment and its failures say of backups."""
    if last is None:
        note = (
            "PostgreSQL archives nothing by itself. Copies that something else makes, "
            "such as pg_dump, are not seen here."
        )
        return Fact("Backups", "None that the database knows of", "plain", note)
    age = now - last
    note = f"{failed:,} attempts have failed so far." if failed else ""
    tone = "warn" if age > _OLD_ARCHIVE else "good"
    return Fact("Backups", f"Archived {ago(age)}", tone, note)


def ago(age: timedelta) -> str:
    """Return an age as people say it, ``3 hours ago``."""
    return f"{span(age)} ago"


def span(age: timedelta) -> str:
    """Return a length of time by its largest unit, ``3 hours``."""
    seconds = max(0, int(age.total_seconds()))
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count:,} {name}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _fact(name: str, check: Check, note: str) -> Fact:
    value = check.found[:1].upper() + check.found[1:]
    if check.passed:
        return Fact(name, value)
    return Fact(name, value, "bad", note)

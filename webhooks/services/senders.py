"""How many processes send at the same time; other workers are left to other work."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

_TAKE = "SELECT pg_try_advisory_lock(hashtext('webhooks.senders'), %s)"
_LEAVE = "SELECT pg_advisory_unlock(hashtext('webhooks.senders'), %s)"


@contextmanager
def place_among_senders() -> Iterator[bool]:
    """Take one of ``WEBHOOK_SENDERS`` places; yield whether one was free.

    Whoever finds none has nothing to do: those who send take what comes meanwhile. The
    place of somebody who dies is free with the connection.
    """
    places = range(settings.WEBHOOK_SENDERS)
    taken = next((place for place in places if _done(_TAKE, place)), None)
    try:
        yield taken is not None
    finally:
        if taken is not None:
            with suppress(DatabaseError, InterfaceError):
                _done(_LEAVE, taken)


def _done(sql: str, place: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [place])
        return bool(cursor.fetchone()[0])

"""Publishing on and on, through outages of brokers and database."""

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError, InterfaceError, connection

from promo.request_context import internal_work
from webhooks.services.bus.producing import Bus
from webhooks.services.bus.publishing import make_shards, publish_waiting

#: So long it waits when nothing is owed, and while something is away.
IDLE_SECONDS = 0.2
TROUBLED_SECONDS = 1.0
#: Other relays work on the other shards meanwhile.
SHARDS_AT_ONCE = 8

log = structlog.get_logger()


def run_relay(
    bus: Bus, *, clock: Callable[[], datetime], stopping: threading.Event
) -> None:
    """Publish what is owed until ``stopping`` is set.

    After a failure the brokers are asked first, outside any transaction: while they are
    away nothing is held in the database, and what is owed stays owed.
    """
    with internal_work():
        is_prepared = False
        while not stopping.is_set():
            if bus.is_troubled and not bus.answers():
                stopping.wait(TROUBLED_SECONDS)
                continue
            try:
                if not is_prepared:
                    make_shards()
                    is_prepared = True
                published = publish_waiting(bus, now=clock(), shards=SHARDS_AT_ONCE)
            except (DatabaseError, InterfaceError) as failed:
                log.warning("bus_relay_failed", error=type(failed).__name__)
                connection.close()
                stopping.wait(TROUBLED_SECONDS)
                continue
            if published.refused:
                stopping.wait(TROUBLED_SECONDS)
            elif not published.taken:
                stopping.wait(IDLE_SECONDS)

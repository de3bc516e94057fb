"""One record of the bus: what it is, whose, and what becomes of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from promo.clock import isoformat
from promo.errors import Conflict, PromoError
from promo.ids import parse_or_none
from promo.metrics.counts import count_ingested
from promo.request_context import internal_work
from promo.row_writer import Overtaken
from promo.tenancy.models import Project
from webhooks.engine.bus.cloud_event import Received, decode
from webhooks.engine.bus.dead_letters import (
    MOST_ATTEMPTS,
    Death,
    is_outage,
    with_death,
)
from webhooks.engine.bus.strict_json import Unreadable
from webhooks.engine.bus.topics import dead_letters_of
from webhooks.services.bus.ledger import Place, bury, is_buried, take_once
from webhooks.services.bus.letters import keep_letter
from webhooks.services.bus.producing import Bus, Record

RETRY_SECONDS = 0.2
#: Others may be in the way of these for a moment.
_PASSING = (Conflict, Overtaken)

log = structlog.get_logger()


class Take(Protocol):
    """Does what the data of a record asks for."""

    def __call__(
        self, project: Project, kind: str, data: Any, *, key: str, now: datetime
    ) -> None:
        """Do it, in the transaction of the caller."""


class DatabaseAway(Exception):
    """The database cannot be reached, so nothing can be said of the record."""


class BusAway(Exception):
    """The brokers do not take a dead letter, so the record has to wait."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record as it came in."""

    kind: str
    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


class Taker:
    """Takes records for one project, each once.

    ``is_forced`` takes again what has been taken.
    """

    def __init__(
        self,
        project: Project,
        take: Take,
        bus: Bus,
        *,
        clock: Callable[[], datetime],
        is_forced: bool = False,
    ) -> None:
        self._project = project
        self._take = take
        self._bus = bus
        self._clock = clock
        self._is_forced = is_forced
        self._pause = threading.Event()

    def deal_with(self, incoming: Incoming) -> str:
        """Take a record, pass it by or give it up; return which of these.

        ``taken``, ``repeated`` (it was taken before), ``foreign`` (another project's)
        or ``dead``. Whatever it is, its offset may be committed.

        Raises:
            DatabaseAway: nothing has happened.
            BusAway: nothing has happened.
        """
        try:
            with internal_work():
                outcome = self._outcome(incoming)
        except (OperationalError, InterfaceError) as failed:
            if not _is_away(failed):
                raise
            raise DatabaseAway from failed
        count_ingested(incoming.kind, outcome)
        return outcome

    def _outcome(self, incoming: Incoming) -> str:
        try:
            received = decode(incoming.headers, incoming.value)
        except Unreadable as why:
            return self._give_up(incoming, str(why), attempts=1)
        asked = received.project_id
        if asked and asked != self._project.pk:
            if _exists(asked):
                return "foreign"
            return self._give_up(incoming, f"unknown project {asked}", attempts=1)
        return self._try(incoming, received)

    def _try(self, incoming: Incoming, received: Received) -> str:
        """Try until it is taken, refused, or has failed too often in the same way."""
        last, attempts = "", 0
        while True:
            try:
                return self._taken(incoming, received)
            except PromoError as refused:
                error = f"{refused.key}: {refused}"
                if not isinstance(refused, _PASSING):
                    return self._give_up(incoming, error, attempts=attempts + 1)
            except DatabaseError as failed:
                if _is_away(failed):
                    raise
                error = type(failed.__cause__ or failed).__name__
            except Exception as failed:
                # Whatever is wrong with one record, the next ones are not held up.
                log.exception("record_failed", topic=incoming.topic)
                error = type(failed).__name__
            attempts = attempts + 1 if error == last else 1
            last = error
            if attempts >= MOST_ATTEMPTS:
                return self._give_up(incoming, error, attempts=attempts)
            self._pause.wait(RETRY_SECONDS)

    def _taken(self, incoming: Incoming, received: Received) -> str:
        now = self._clock()
        key = incoming.key.decode("utf-8", "replace").replace("\x00", "")

        def do() -> None:
            self._take(self._project, incoming.kind, received.data, key=key, now=now)

        place = _place(incoming, received)
        if self._is_forced:
            do()
            return "taken"
        return "taken" if take_once(self._project, place, do, now=now) else "repeated"

    def _give_up(self, incoming: Incoming, error: str, *, attempts: int) -> str:
        place = _place(incoming)
        if not is_buried(self._project, place):
            now = self._clock()
            death = Death(
                error=error,
                attempts=attempts,
                topic=incoming.topic,
                partition=incoming.partition,
                offset=incoming.offset,
                time=isoformat(now),
            )
            self._send_away(incoming, death)
            self._bury(incoming, death, place, now)
        return "dead"

    def _bury(
        self, incoming: Incoming, death: Death, place: Place, now: datetime
    ) -> None:
        """Remember a dead letter, and keep it for who looks at the dashboard."""
        with transaction.atomic():
            bury(self._project, place, now=now)
            keep_letter(
                self._project,
                kind=incoming.kind,
                place=(incoming.topic, incoming.partition, incoming.offset),
                key=incoming.key,
                value=incoming.value,
                headers=incoming.headers,
                error=death.error,
                attempts=death.attempts,
                now=now,
            )

    def _send_away(self, incoming: Incoming, death: Death) -> None:
        """Store a dead letter; without its value, where that makes it too large."""
        headers = with_death(incoming.headers, death)
        topic = dead_letters_of(incoming.topic)
        for value in (incoming.value, b""):
            sent = self._bus.send([Record(topic, incoming.key, headers, value)])
            if sent.taken:
                return
            if not sent.is_about_size:
                break
        raise BusAway(topic)


def _place(incoming: Incoming, received: Received | None = None) -> Place:
    ce_id, source = (received.id, received.source) if received else ("", "")
    where = incoming.topic, incoming.partition, incoming.offset
    return Place(*where, ce_id, source)


def _exists(project_id: str) -> bool:
    if parse_or_none("proj_", project_id) is None:
        return False
    return Project.objects.filter(pk=project_id).exists()


def _is_away(failed: Exception) -> bool:
    if not isinstance(failed, OperationalError | InterfaceError):
        return False
    return is_outage(getattr(failed.__cause__, "sqlstate", None))

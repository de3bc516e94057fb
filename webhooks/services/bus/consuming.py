"""Reading what others tell in the ingest topics, record by record in their order."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from django.db import DatabaseError, InterfaceError, connection

from promo.metrics.counts import count_rebalance
from promo.tenancy.models import Project
from webhooks.services.bus.access import LOGGER, for_consumer, ingest_topics
from webhooks.services.bus.ledger import Position, note_positions
from webhooks.services.bus.taking import BusAway, DatabaseAway, Incoming, Taker

MOST_AT_ONCE = 500
WAIT_SECONDS = 1.0
#: So long nothing is tried after the database or the brokers were away.
PAUSE_SECONDS = 1.0
NOTE_SECONDS = 2.0
_ASK_SECONDS = 2.0

log = structlog.get_logger()


class Ingest:
    """A consumer of one project, in the group of that project.

    Records are taken one after the other, each in a transaction of its own; offsets are
    committed after these. While the database is away the partitions are paused: what
    was read waits here, in its order, and the group knows that somebody is there.
    """

    def __init__(
        self, project: Project, taker: Taker, *, clock: Callable[[], datetime]
    ) -> None:
        self._project = project
        self._taker = taker
        self._clock = clock
        self._topics = ingest_topics(project.pk)
        self._consumer = Consumer(
            {**for_consumer(f"promo-ingest-{project.pk}"), "log_level": 2},
            logger=LOGGER,
        )
        self._read: deque[Message] = deque()
        self._done: dict[tuple[str, int], int] = {}
        self._next: dict[tuple[str, int], int] = {}
        self._is_paused = False
        self._has_database = True
        self._noted = 0.0

    def run(self, stopping: threading.Event) -> None:
        """Take records until ``stopping`` is set; then leave the group in order."""
        self._consumer.subscribe(
            list(self._topics),
            on_assign=self._assigned,
            on_revoke=self._revoked,
            on_lost=self._lost,
        )
        try:
            while not stopping.is_set():
                self._fetch()
                self._take_what_is_read(stopping)
                self._commit()
                self._note()
        finally:
            self._commit()
            self._consumer.close()

    def _fetch(self) -> None:
        """Read more once everything is dealt with; meanwhile only stay in the group."""
        most = 1 if self._is_paused else MOST_AT_ONCE
        wait = PAUSE_SECONDS if self._is_paused else WAIT_SECONDS
        for message in self._consumer.consume(most, wait):
            error = message.error()
            if error is None:
                self._read.append(message)
            else:
                log.warning("ingest_error", error=error.name())

    def _take_what_is_read(self, stopping: threading.Event) -> None:
        while self._read and not stopping.is_set():
            message = self._read[0]
            try:
                self._taker.deal_with(self._incoming(message))
            except (DatabaseAway, BusAway) as away:
                self._has_database = isinstance(away, BusAway)
                self._pause(type(away).__name__)
                return
            self._has_database = True
            self._read.popleft()
            where = str(message.topic()), int(message.partition() or 0)
            self._done[where] = int(message.offset() or 0) + 1
        self._resume()

    def _incoming(self, message: Message) -> Incoming:
        topic = str(message.topic())
        return Incoming(
            kind=self._topics[topic],
            topic=topic,
            partition=int(message.partition() or 0),
            offset=int(message.offset() or 0),
            key=message.key() or b"",
            value=message.value(),
            headers=_headers(message),
        )

    def _pause(self, why: str) -> None:
        if not self._is_paused:
            log.warning("ingest_paused", why=why)
        self._is_paused = True
        connection.close()
        self._consumer.pause(self._consumer.assignment())

    def _resume(self) -> None:
        if self._is_paused:
            log.info("ingest_resumed")
            self._is_paused = False
            self._consumer.resume(self._consumer.assignment())

    def _commit(self) -> None:
        """Commit what is done: what was taken and not committed is passed by later."""
        offsets = [TopicPartition(*where, next_) for where, next_ in self._done.items()]
        if not offsets:
            return
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as failed:
            log.warning("ingest_not_committed", error=failed.args[0].name())
            return
        self._next |= self._done
        self._done.clear()

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        count_rebalance()
        log.info("ingest_assigned", partitions=len(partitions))
        if self._is_paused:
            consumer.incremental_assign(partitions)
            consumer.pause(partitions)

    def _revoked(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """Hand partitions over: what is done is committed, what was read is dropped."""
        count_rebalance()
        self._commit()
        self._drop(partitions)

    def _lost(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """Forget partitions that somebody else has already."""
        count_rebalance()
        self._drop(partitions)

    def _drop(self, partitions: Iterable[TopicPartition]) -> None:
        gone = {(each.topic, each.partition) for each in partitions}
        self._read = deque(
            message
            for message in self._read
            if (message.topic(), message.partition()) not in gone
        )
        for where in gone:
            self._done.pop(where, None)
            self._next.pop(where, None)

    def _note(self) -> None:
        """Write down how far this consumer has come, now and then."""
        is_due = time.monotonic() - self._noted >= NOTE_SECONDS
        if not is_due or not self._has_database:
            return
        self._noted = time.monotonic()
        try:
            note_positions(self._project, self._positions(), now=self._clock())
        except (KafkaException, DatabaseError, InterfaceError) as failed:
            log.warning("ingest_not_noted", error=type(failed).__name__)
            connection.close()

    def _positions(self) -> list[Position]:
        """Return how far assigned partitions have been read, and how far they go.

        Where they end came with what was fetched last; nobody is asked.
        """
        assigned = self._consumer.assignment()
        self._learn_where_to_begin(assigned)
        found = list[Position]()
        for each in assigned:
            low, end = self._consumer.get_watermark_offsets(each, cached=True)
            if end < 0:
                continue
            committed = max(low, self._next[each.topic, each.partition])
            kind = self._topics[each.topic]
            found.append(Position(kind, each.topic, each.partition, committed, end))
        return found

    def _learn_where_to_begin(self, assigned: list[TopicPartition]) -> None:
        fresh = [
            each for each in assigned if (each.topic, each.partition) not in self._next
        ]
        if fresh:
            for each in self._consumer.committed(fresh, timeout=_ASK_SECONDS):
                self._next[each.topic, each.partition] = each.offset


def _headers(message: Message) -> list[tuple[str, bytes | None]]:
    found: Any = message.headers() or []
    return list(found)

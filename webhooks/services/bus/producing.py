"""Sending records to the brokers, and knowing which of them they have taken.

Of each partition the brokers take a beginning of what is sent, never a later record
without an earlier one: nothing expires before the sender gives up on all of it at once,
and a record that cannot be stored ends the producer.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from webhooks.services.bus.access import LOGGER, for_producer

#: Shorter than ``delivery.timeout.ms``, or single records would expire before the rest.
PATIENCE_SECONDS = 15.0
#: Brokers that have just failed are asked so long whether they are there again.
PROBE_SECONDS = 2.0
#: So many records go out one after the other where one of them is too large.
SINGLY = 100
_POLL_SECONDS = 0.05
_LAST_WORDS_SECONDS = 2.0
_TOO_LARGE = KafkaError.MSG_SIZE_TOO_LARGE
_SIZE = "MSG_SIZE_TOO_LARGE"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Record:
    """What is sent, and where."""

    topic: str
    key: bytes
    headers: Sequence[tuple[str, bytes | None]]
    value: bytes | None


@dataclass
class Sent:
    """What became of records, by their places.

    ``taken`` are stored by the brokers, ``too_large`` are those that they refuse for
    their size. About the others nothing is certain; ``reasons`` say what was heard.
    """

    waiting: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    too_large: set[int] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)

    @property
    def is_about_size(self) -> bool:
        """Whether somebody found a record too large."""
        return any(_SIZE in reason for reason in self.reasons)

    def tell(self, place: int, error: KafkaError | None, _: Message) -> None:
        """Hear what became of one: this is the only sign that it is stored."""
        self.waiting.discard(place)
        if error is None:
            self.taken.add(place)
            return
        self.reasons.add(error.name())
        if error.code() == _TOO_LARGE:
            self.too_large.add(place)


class Bus:
    """The way to the brokers. A producer that has failed is replaced by a new one."""

    def __init__(self) -> None:
        self._producer: Producer | None = None
        self._one_by_one = False
        #: Whether the last that was sent was not taken whole.
        self.is_troubled = False
        #: Ids of events that the brokers have refused for their size.
        self.refused: set[str] = set()

    def answers(self) -> bool:
        """Ask whether a broker is there; what is to be sent is not tried at it."""
        try:
            self._ready().list_topics(timeout=PROBE_SECONDS)
        except KafkaException as failed:
            log.warning("bus_away", error=failed.args[0].name())
            self._end()
            return False
        return True

    def send(self, records: Sequence[Record]) -> Sent:
        """Send ``records`` in their order; return once it is known what became of them.

        Brokers that refuse a request for its size do not say which record is too
        large: the next time some go out one after the other.
        """
        if not records:
            return Sent()
        if self._one_by_one:
            sent = self._send_singly(records[:SINGLY])
        else:
            sent = self._send_together(records)
            self._one_by_one = bool(sent.too_large)
            sent.too_large.clear()
        self.is_troubled = bool(sent.reasons)
        if self.is_troubled:
            log.warning("bus_failed", errors=sorted(sent.reasons))
            self._end()
        return sent

    def _send_together(self, records: Sequence[Record]) -> Sent:
        sent, producer = Sent(), self._ready()
        for place, record in enumerate(records):
            if not _hand_over(producer, place, record, sent):
                break
        _wait(producer, sent)
        return sent

    def _send_singly(self, records: Sequence[Record]) -> Sent:
        """Send each once the one before is stored, up to the first that is not."""
        sent, producer = Sent(), self._ready()
        for place, record in enumerate(records):
            _hand_over(producer, place, record, sent)
            _wait(producer, sent)
            if place not in sent.taken:
                break
        self._one_by_one = bool(sent.too_large)
        return sent

    def close(self) -> None:
        """Give up the connections, and what is not stored yet."""
        self._end()

    def _ready(self) -> Producer:
        if self._producer is None:
            told = {**for_producer(), "error_cb": _hear_error, "log_level": 2}
            self._producer = Producer(told, logger=LOGGER)
        return self._producer

    def _end(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            # Whole partitions at once: no later record gets out after an earlier one
            # has been dropped.
            producer.purge(in_queue=True, in_flight=True, blocking=True)
            _poll(producer)


def _hand_over(producer: Producer, place: int, record: Record, sent: Sent) -> bool:
    """Put a record into the producer's queue; return whether it takes it."""
    try:
        producer.produce(
            record.topic,
            record.value,
            record.key,
            headers=list(record.headers),
            on_delivery=partial(sent.tell, place),
        )
    except (BufferError, KafkaException) as refused:
        sent.reasons.add(str(refused))
        return False
    sent.waiting.add(place)
    return True


def _wait(producer: Producer, sent: Sent) -> None:
    """Wait until every record has its answer, but not for ever."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while sent.waiting and time.monotonic() < deadline:
        ended = _poll(producer)
        if ended:
            sent.reasons.add(ended)
            deadline = min(deadline, time.monotonic() + _LAST_WORDS_SECONDS)
    if sent.waiting:
        sent.reasons.add("no answer")


def _poll(producer: Producer) -> str:
    """Hear what has come; return why the producer has ended, empty where it has not."""
    try:
        producer.poll(_POLL_SECONDS)
    except KafkaException as ended:
        reason: str = ended.args[0].name()
        return reason
    return ""


def _hear_error(error: Any) -> None:
    log.warning("bus_error", error=error.name(), reason=error.str())

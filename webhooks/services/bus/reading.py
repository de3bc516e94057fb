"""Reading a stretch of a topic again, apart from the groups that work on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from webhooks.services.bus.access import for_consumer

PATIENCE_SECONDS = 10.0
_MILLISECONDS = 1_000


class CannotRead(Exception):
    """The topic or the stretch cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Where a stretch begins or ends: an offset of every partition, or a moment."""

    offset: int | None = None
    moment: datetime | None = None

    @classmethod
    def read(cls, text: str) -> "Bound":
        """Return what a text stands for: digits, or a moment in ISO 8601.

        Raises:
            ValueError: it is neither.
        """
        if text.isdecimal():
            return cls(offset=int(text))
        moment = datetime.fromisoformat(text)
        return cls(moment=moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def read_stretch(
    topic: str, first: Bound | None, end: Bound | None
) -> Iterator[Message]:
    """Yield the records of ``topic`` from ``first`` on, to before ``end``.

    Without ``first`` from the beginning, without ``end`` up to what is there now. The
    group is thrown away: nobody's offsets move.

    Raises:
        CannotRead: there is no such topic, or no answer.
    """
    consumer = Consumer(
        {**for_consumer(f"promo-read-{uuid4().hex}"), "enable.partition.eof": True}
    )
    try:
        partitions = _partitions(consumer, topic)
        for partition in partitions:
            yield from _of_partition(consumer, topic, partition, first, end)
    except KafkaException as failed:
        raise CannotRead(f"{topic}: {failed.args[0].str()}") from failed
    finally:
        consumer.close()


def _partitions(consumer: Consumer, topic: str) -> list[int]:
    found = consumer.list_topics(topic, timeout=PATIENCE_SECONDS).topics[topic]
    if found.error is not None:
        raise CannotRead(f"{topic}: {found.error.str()}")
    return sorted(found.partitions)


def _of_partition(
    consumer: Consumer,
    topic: str,
    partition: int,
    first: Bound | None,
    end: Bound | None,
) -> Iterator[Message]:
    whole = TopicPartition(topic, partition)
    low, high = consumer.get_watermark_offsets(whole, timeout=PATIENCE_SECONDS)
    start = _offset(consumer, whole, first, low, high)
    stop = min(high, _offset(consumer, whole, end, high, high))
    if start >= stop:
        return
    consumer.assign([TopicPartition(topic, partition, start)])
    while start < stop:
        message = consumer.poll(PATIENCE_SECONDS)
        if message is None:
            raise CannotRead(f"{topic}: no answer")
        if message.error() is not None:
            # The end, where what stands last are marks of transactions.
            break
        start = int(message.offset() or 0) + 1
        if start <= stop:
            yield message
    consumer.unassign()


def _offset(
    consumer: Consumer,
    whole: TopicPartition,
    bound: Bound | None,
    usual: int,
    high: int,
) -> int:
    if bound is None:
        return usual
    if bound.offset is not None:
        low, _ = consumer.get_watermark_offsets(whole, cached=True)
        return max(low, bound.offset)
    assert bound.moment is not None  # noqa: S101 - one of both
    at = int(bound.moment.timestamp() * _MILLISECONDS)
    asked = TopicPartition(whole.topic, whole.partition, at)
    [found] = consumer.offsets_for_times([asked], timeout=PATIENCE_SECONDS)
    return found.offset if found.offset >= 0 else high

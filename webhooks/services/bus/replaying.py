"""Taking records again, and giving dead letters another chance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Message

from webhooks.engine.bus.dead_letters import without_death
from webhooks.services.bus.producing import Bus, Record
from webhooks.services.bus.reading import Bound, CannotRead, read_stretch
from webhooks.services.bus.taking import Incoming, Taker


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record among the dead letters, and what its headers say of its death."""

    partition: int
    offset: int
    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes | None]]

    def told(self, name: str) -> str:
        """Return what a header says; empty where there is none."""
        found = [text for header, text in self.headers if header == name]
        return (found[-1] or b"").decode("utf-8", "replace") if found else ""


def replay(
    taker: Taker, kind: str, topic: str, first: Bound | None, end: Bound | None
) -> Iterator[tuple[Incoming, str]]:
    """Take the records of a stretch again; yield each with what became of it."""
    for message in read_stretch(topic, first, end):
        incoming = incoming_of(message, kind)
        yield incoming, taker.deal_with(incoming)


def incoming_of(message: Message, kind: str) -> Incoming:
    """Return a record as it came in."""
    headers: Any = message.headers() or []
    return Incoming(
        kind=kind,
        topic=str(message.topic()),
        partition=int(message.partition() or 0),
        offset=int(message.offset() or 0),
        key=message.key() or b"",
        value=message.value(),
        headers=list(headers),
    )


def dead_letters(topic: str) -> Iterator[DeadLetter]:
    """Yield the dead letters in a topic of them, the oldest of each partition first."""
    for message in read_stretch(topic, None, None):
        one = incoming_of(message, "")
        yield DeadLetter(one.partition, one.offset, one.key, one.value, one.headers)


def redrive(bus: Bus, letter: DeadLetter) -> None:
    """Put a dead letter back into the topic where it died, without the marks of that.

    It is a new record there; the dead letter stays, as nothing can be taken out.

    Raises:
        CannotRead: it does not say where it died, or the brokers do not take it.
    """
    topic = letter.told("dlq_topic")
    if not topic:
        raise CannotRead(
            f"{letter.partition}/{letter.offset} does not say where it died"
        )
    headers = without_death(letter.headers)
    sent = bus.send([Record(topic, letter.key, headers, letter.value)])
    if not sent.taken:
        raise CannotRead(f"{topic}: the brokers do not take it")

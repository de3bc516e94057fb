import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection, Exchange, Queue

from promo import broker

PRODUCERS, MESSAGES = 2, 150
LARGE = "x" * 60_000


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with connect(tmp_path) as connection:
        yield connection


def connect(folder: Path) -> Connection:
    """Connect as a new process would: kombu remembers bindings for a whole process."""
    broker.WholeFileTransport.global_state.clear()
    broker.register()
    options = broker.transport_options(folder)
    return Connection(broker.ADDRESS, transport_options=options)


def send(folder: Path, producer: int) -> None:
    with connect(folder) as connection, connection.SimpleQueue("work") as queue:
        for number in range(MESSAGES):
            queue.put({"id": [producer, number], "text": LARGE})


def receive(folder: Path, results: Any) -> None:
    got: list[tuple[int, int, int]] = []
    with connect(folder) as connection, connection.SimpleQueue("work") as queue:
        while True:
            try:
                message = queue.get(timeout=3)
            except Empty:
                break
            body = message.payload
            got.append((*body["id"], len(body["text"])))
            message.ack()
    results.put(got)


def test_no_message_is_read_half_twice_or_never_while_producers_and_consumers_race(
    tmp_path: Path,
) -> None:
    spawn = multiprocessing.get_context("spawn")
    results = spawn.Queue()
    consumers = [
        spawn.Process(target=receive, args=(tmp_path, results)) for _ in range(2)
    ]
    producers = [
        spawn.Process(target=send, args=(tmp_path, number))
        for number in range(PRODUCERS)
    ]

    for process in [*consumers, *producers]:
        process.start()
    received = [row for _ in consumers for row in results.get()]
    for process in [*consumers, *producers]:
        process.join()

    sent = [(p, n, len(LARGE)) for p in range(PRODUCERS) for n in range(MESSAGES)]
    assert sorted(received) == sent


def test_a_file_still_being_written_is_no_message(
    connection: Connection, tmp_path: Path
) -> None:
    with connection.SimpleQueue("work") as queue:
        part = tmp_path / "messages" / "1_a.work.msg.b.part"
        part.write_text('{"half')

        with pytest.raises(Empty):
            queue.get(block=False)

    assert part.exists()


def test_messages_come_in_the_order_they_were_sent(connection: Connection) -> None:
    with connection.SimpleQueue("work") as queue:
        for number in range(5):
            queue.put(number)

        got = [queue.get(block=False).payload for _ in range(5)]

    assert got == [0, 1, 2, 3, 4]


def test_a_queue_takes_no_message_of_a_queue_whose_name_ends_alike(
    connection: Connection,
) -> None:
    with (
        connection.SimpleQueue("work") as work,
        connection.SimpleQueue("more.work") as more,
    ):
        more.put("theirs")

        with pytest.raises(Empty):
            work.get(block=False)

        assert more.get(block=False).payload == "theirs"


def test_a_message_taken_by_another_consumer_is_passed_over(
    connection: Connection, tmp_path: Path
) -> None:
    with connection.SimpleQueue("work") as queue:
        for number in range(3):
            queue.put(number)
        queue.get(block=False)
        oldest = min((tmp_path / "messages").glob("*.msg"))
        oldest.unlink()

        assert queue.get(block=False).payload == 2


def test_a_fanout_reaches_every_bound_queue_until_it_is_deleted(
    connection: Connection,
) -> None:
    exchange = Exchange("news", type="fanout", durable=True)
    channel = connection.channel()
    left, right = (Queue(name, exchange, channel=channel) for name in ("a", "b"))
    left.declare()
    right.declare()
    left.declare()
    producer = connection.Producer(channel)

    producer.publish("first", exchange=exchange)
    right.delete()
    producer.publish("second", exchange=exchange)

    got = [left.get(no_ack=True).payload for _ in range(2)]
    assert got == ["first", "second"]
    assert left.get() is None
    assert right.get() is None


def test_unread_messages_survive_the_connection(tmp_path: Path) -> None:
    with connect(tmp_path) as before, before.SimpleQueue("work") as queue:
        queue.put("kept")

    with connect(tmp_path) as after, after.SimpleQueue("work") as queue:
        assert queue.get(block=False).payload == "kept"


def test_purging_empties_only_that_queue(connection: Connection) -> None:
    with (
        connection.SimpleQueue("work") as work,
        connection.SimpleQueue("other") as other,
    ):
        work.put(1)
        work.put(2)
        other.put(3)

        assert work.clear() == 2
        assert (work.qsize(), other.qsize()) == (0, 1)

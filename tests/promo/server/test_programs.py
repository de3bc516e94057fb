from promo import broker
from promo.server.programs import beat, bus, workers


def test_workers_of_the_folder_are_two_without_a_pool_told_apart_by_name() -> None:
    first, second = workers(broker.ADDRESS)

    assert (first.name, second.name) == ("first worker", "second worker")
    assert "--pool=solo" in first.command
    assert "--pool=solo" in second.command
    assert "--hostname=first@%h" in first.command
    assert "--hostname=second@%h" in second.command


def test_the_worker_of_another_broker_has_a_pool_of_two() -> None:
    [worker] = workers("redis://127.0.0.1:6379/0")

    assert worker.name == "worker"
    assert "--concurrency=2" in worker.command
    assert "--pool=solo" not in worker.command


def test_beat_is_a_program_of_its_own() -> None:
    parts = [*workers(broker.ADDRESS), *workers("amqp://broker"), beat()]

    assert ["beat" in part.command for part in parts] == [False, False, False, True]
    assert not any("--beat" in part.command for part in parts)


def test_the_bus_has_a_relay_where_there_are_brokers() -> None:
    [relay] = bus("127.0.0.1:9092")

    assert bus("") == bus("", "proj_1") == []
    assert [each.name for each in bus("x:1", "proj_1")] == ["bus relay", "bus consumer"]
    assert relay.name == "bus relay"
    assert "run_bus_relay" in relay.command

"""From requests to the table, in the background."""

import os
import threading
import urllib.request

import pytest
from django.db import DataError, OperationalError
from structlog.testing import capture_logs

from promo.call_log.models import ApiCall
from promo.call_log.writer import Writer
from tests.factories.tenancy import ProjectFactory, server_key
from tests.fixtures.serving import free_port, running
from tests.promo.call_log.calls import a_call

_start = Writer._start  # noqa: SLF001 - the real one, which tests go without


@pytest.fixture
def _threads(monkeypatch):
    monkeypatch.setattr(Writer, "_start", _start)


def call_number(number, **values):
    return a_call(request_id=f"v-{number:018}", **values)


def numbers(calls):
    return [int(call.request_id[2:]) for call in calls]


@pytest.mark.usefixtures("_threads")
def test_the_thread_stores_what_waits_and_ends_when_told():
    stored = []
    writer = Writer(stored.extend)

    taken = [writer.offer(call_number(number)) for number in range(3)]
    writer.end()

    assert taken == [True, True, True]
    assert numbers(stored) == [0, 1, 2]
    assert "call-log" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.usefixtures("_threads")
def test_the_first_call_after_the_end_starts_anew():
    stored = []
    writer = Writer(stored.extend)
    writer.offer(call_number(1))
    writer.end()

    writer.offer(call_number(2))
    writer.end()

    assert numbers(stored) == [1, 2]


@pytest.mark.usefixtures("_threads")
def test_a_thread_that_died_is_replaced(monkeypatch):
    stored = []
    writer = Writer(stored.extend)
    dead = threading.Thread(target=lambda: None)
    dead.start()
    dead.join()
    writer._thread = dead  # noqa: SLF001 - a defect would leave it so

    writer.offer(call_number(1))
    writer.end()

    assert numbers(stored) == [1]


@pytest.mark.usefixtures("_threads")
def test_a_database_that_comes_back_gets_what_waited_in_order():
    stored, answers = [], iter([False, True])
    came_back = threading.Event()

    def store(batch):
        if not next(answers, True):
            raise OperationalError
        stored.extend(batch)
        came_back.set()

    writer = Writer(store)
    writer.offer(call_number(1))
    writer.offer(call_number(2))

    assert came_back.wait(30)
    writer.end()
    assert numbers(stored) == [1, 2]


def test_a_full_queue_loses_calls_and_says_how_many():
    stored = []
    writer = Writer(stored.extend, most_calls=2)

    taken = [writer.offer(call_number(number)) for number in range(5)]
    with capture_logs() as told:
        writer.flush()

    assert taken == [True, True, False, False, False]
    assert numbers(stored) == [0, 1]
    assert told == [{"event": "calls_lost", "calls": 3, "log_level": "warning"}]


def test_a_queue_holds_no_more_bytes_than_it_may():
    stored = []
    writer = Writer(stored.extend, most_bytes=10)

    taken = [writer.offer(call_number(n, sent=b"123", answered=b"4")) for n in range(3)]
    writer.flush()
    again = writer.offer(call_number(4, sent=b"1234567890"))

    assert taken == [True, True, False]
    assert numbers(stored) == [0, 1]
    assert again is True


def test_many_calls_go_in_batches():
    sizes = []
    writer = Writer(lambda batch: sizes.append(len(batch)))
    for number in range(501):
        writer.offer(call_number(number))

    writer.flush()

    assert sizes == [500, 1]


def test_a_silent_database_leaves_all_waiting():
    stored, answers = [], iter([False, True])

    def store(batch):
        if not next(answers):
            raise OperationalError
        stored.extend(batch)

    writer = Writer(store, most_bytes=10)
    writer.offer(call_number(1, sent=b"1234567890"))

    with pytest.raises(OperationalError):
        writer.flush()

    assert writer.offer(call_number(2, sent=b"1")) is False
    writer.flush()
    assert numbers(stored) == [1]


def test_what_the_table_does_not_take_holds_up_nothing_behind_it():
    stored = []

    def store(batch):
        if len(batch) == 500:
            raise DataError
        stored.extend(batch)

    writer = Writer(store)
    for number in range(501):
        writer.offer(call_number(number))

    with capture_logs() as told:
        writer.flush()

    assert numbers(stored) == [500]
    assert [(one["event"], one["calls"]) for one in told] == [("calls_not_stored", 500)]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_leaves_its_parents_calls_to_the_parent():
    stored = []
    writer = Writer(stored.extend)
    writer.offer(call_number(1))

    child = os.fork()
    if child == 0:
        os._exit(writer.waiting)
    _, status = os.waitpid(child, 0)
    writer.flush()

    assert os.waitstatus_to_exitcode(status) == 0
    assert numbers(stored) == [1]


def test_a_server_that_is_stopped_stores_its_calls_first(transactional_db, tmp_path):
    project = ProjectFactory.create()
    key = server_key(project)
    headers = {"X-App-Id": str(key.key.app_id), "X-App-Token": key.secret}
    port = free_port()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/products", headers=headers
    )

    with running("serve", data_folder=tmp_path / "data", port=port) as (told, _):
        told.readline()
        with urllib.request.urlopen(request) as response:  # noqa: S310 - our own
            answered = response.read().decode()

    call = ApiCall.objects.get()
    assert (call.project, call.status) == (project, 200)
    assert call.response_body == answered
    assert key.secret not in " ".join(map(str, vars(call).values()))

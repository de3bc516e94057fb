"""A relay is woken after commits alone, once for many, and nobody waits for it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from kombu import Connection
from kombu.simple import SimpleQueue

from promo import broker
from promo.celery import app
from promo.outbox import waking
from promo.outbox.events import Event, emit
from promo.outbox.models import DomainEvent
from promo.outbox.waking import TASK, Waker
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW
from tests.fixtures.processes import wait_until

EVENT = Event(type="customer.created")
FORKING = """
import os, sys, time
import django
django.setup()
from promo.celery import app
from promo.outbox.waking import Waker
sent, real = [], app.send_task
def send(*args, **options):
    real(*args, **options)
    sent.append(os.getpid())
app.send_task = send
def wake(who):
    waker.ask()
    while os.getpid() not in sent:
        time.sleep(0.01)
    print(who, flush=True)
waker = Waker()
wake("parent")
if os.fork() == 0:
    wake("child")
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


class Asked(Waker):
    """Only counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def ask(self) -> None:
        self.times += 1


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Whoever is asked instead of the waker of this process."""
    made = Asked()
    monkeypatch.setattr(waking, "_waker", made)
    return made


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleQueue]:
    """The queue of an installation without a broker, in a folder of its own."""
    options = broker.transport_options(tmp_path / "broker")
    with Connection(broker.ADDRESS, transport_options=options) as connection:
        monkeypatch.setattr(
            app, "send_task", partial(app.send_task, connection=connection)
        )
        with Connection(broker.ADDRESS, transport_options=options) as read:
            yield read.SimpleQueue("celery")


@transaction.atomic
def tell_and_fail(project: Project) -> None:
    emit(project, [EVENT], now=NOW)
    raise ConnectionError


def tasks_in(queue: SimpleQueue) -> list[Any]:
    """Return the names of the tasks that wait in a queue, and take them."""
    found = []
    try:
        while True:
            message = queue.get_nowait()
            message.ack()
            found.append(message.headers["task"])
    except queue.Empty:
        return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.made_up_events
def test_a_relay_is_woken_once_the_transaction_is_committed(
    project: Project, asked: Asked
) -> None:
    with transaction.atomic():
        emit(project, [EVENT, EVENT], now=NOW)
        before = asked.times

    assert (before, asked.times) == (0, 1)
    assert DomainEvent.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.made_up_events
def test_nobody_is_woken_for_what_is_rolled_back(
    project: Project, asked: Asked
) -> None:
    with pytest.raises(ConnectionError):
        tell_and_fail(project)

    assert asked.times == 0
    assert not DomainEvent.objects.exists()


def test_many_who_ask_at_once_send_few_messages(queue: SimpleQueue) -> None:
    waker, found = Waker(), list[Any]()

    for _ in range(1_000):
        waker.ask()
    wait_until(lambda: bool(found.extend(tasks_in(queue)) or found), "a message")

    assert set(found) == {TASK}
    assert len(found) <= 2


def test_who_asks_later_is_heard_as_well(queue: SimpleQueue) -> None:
    waker = Waker()

    waker.ask()
    wait_until(lambda: TASK in tasks_in(queue), "a message")
    waker.ask()

    wait_until(lambda: TASK in tasks_in(queue), "another message")


def test_a_broker_that_is_gone_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, queue: SimpleQueue
) -> None:
    real, failed = app.send_task, list[str]()

    def send(name: str, **options: Any) -> Any:
        if not failed:
            failed.append(name)
            raise ConnectionError
        return real(name, **options)

    monkeypatch.setattr(app, "send_task", send)
    waker = Waker()

    waker.ask()
    wait_until(lambda: failed == [TASK], "somebody tries")
    waker.ask()

    wait_until(lambda: TASK in tasks_in(queue), "a message once it is back")


def test_a_forked_process_wakes_by_a_thread_of_its_own(
    tmp_path: Path, queue: SimpleQueue
) -> None:
    woken = subprocess.run(
        [sys.executable, "-c", FORKING],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATA_DIR": str(tmp_path), "CELERY_BROKER_URL": ""},
        check=True,
        capture_output=True,
        text=True,
    )

    assert woken.stdout.split() == ["parent", "child"]
    assert tasks_in(queue) == [TASK, TASK]

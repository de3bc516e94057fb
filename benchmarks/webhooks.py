"""Telling receivers what happened: from the commit to the record of the answer.

The reference point W is urllib3 in 32 threads that post one signed body again and
again. Events are relayed and sent by the workers that installations start.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from statistics import median

import urllib3
from django.conf import settings
from django.db import transaction

from benchmarks.receiver import arrivals
from promo.clock import utc_now
from promo.ids import new_id
from promo.outbox.events import Event, emit
from promo.outbox.models import DomainEvent
from promo.server.programs import Program, beat, workers
from promo.tenancy.models import Project
from promo.tenancy.services.projects import create_project
from webhooks.models import Delivery, Status, Webhook
from webhooks.services.claiming import Prepared, prepare
from webhooks.services.webhook import create_webhook

THREADS = 32
_AT_ONCE = 500
_POLL = 0.02
_PATIENCE = 300.0


class NotTold(Exception):
    """Not everything has arrived in time, or something arrived in vain."""


def shop(*ports: int) -> Project:
    """Make a project that tells every receiver on ``ports`` what happens."""
    project = create_project(name=f"Telling {time.time_ns()}", now=utc_now()).project
    for port in ports:
        create_webhook(
            project=project,
            now=utc_now(),
            target_url=f"http://127.0.0.1:{port}/",
            all_events=True,
        )
    return project


def commit(project: Project, events: int) -> None:
    """Let so many things happen, each to somebody else."""
    for start in range(0, events, _AT_ONCE):
        made = [_event() for _ in range(min(_AT_ONCE, events - start))]
        with transaction.atomic():
            emit(project, made, now=utc_now())


def _event() -> Event:
    """Return an event whose body has about 1 KB."""
    customer = new_id("cust_")
    return Event(
        type="customer.created",
        entity_id=customer,
        customer_id=customer,
        payload={
            "customer": {
                "id": customer,
                "source_id": customer,
                "object": "customer",
                "name": "Ada Lovelace",
                "email": "ada@example.com",
                "address": {"city": "London", "country": "GB", "postal_code": "W1"},
                "metadata": {"tier": "gold", "points": 1_250, "newsletter": True},
                "assets": {"cockpit_url": "https://shop.example/cockpit/ada"},
                "system_metadata": {"source": "benchmark"},
            }
        },
    )


@contextmanager
def working() -> Iterator[None]:
    """Run the workers of an installation and its beat, awake already."""
    with ExitStack() as running:
        for program in [*workers(settings.CELERY_BROKER_URL), beat()]:
            running.enter_context(_running(program))
        yield


@contextmanager
def _running(program: Program) -> Iterator[None]:
    process = subprocess.Popen(program.command, env={**os.environ})  # noqa: S603 - our own command
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def told(projects: Sequence[Project], events: int) -> float:
    """Let ``events`` happen in each project; return how many are told a second.

    Told is what has been recorded as taken by every one of the project's webhooks. The
    clock starts with the first commit.

    Raises:
        NotTold: it takes too long, or a receiver did not take something.
    """
    before = _taken(projects)
    started = time.perf_counter()
    for project in projects:
        commit(project, events)
    expected = events * Webhook.objects.filter(project__in=projects).count()
    wait_until_told(projects)
    spent = time.perf_counter() - started
    if _taken(projects) - before != expected:
        msg = f"{_taken(projects) - before} of {expected} sendouts were taken"
        raise NotTold(msg)
    return expected / spent


def wait_until_told(projects: Sequence[Project]) -> None:
    """Wait until nothing is owed to the webhooks of ``projects``.

    Raises:
        NotTold: it takes too long.
    """
    _wait_while(_is_owed, projects)


def wait_until_relayed(projects: Sequence[Project]) -> None:
    """Wait until every event of ``projects`` is owed to its webhooks.

    Raises:
        NotTold: it takes too long.
    """
    _wait_while(_is_unpublished, projects)


def _wait_while(
    holds: Callable[[Sequence[Project]], bool], projects: Sequence[Project]
) -> None:
    until = time.perf_counter() + _PATIENCE
    while holds(projects):
        if time.perf_counter() > until:
            msg = "not everything was told in time"
            raise NotTold(msg)
        time.sleep(_POLL)


def _is_owed(projects: Sequence[Project]) -> bool:
    pending = Delivery.objects.pending().filter(webhook__project__in=projects)
    return _is_unpublished(projects) or pending.exists()


def _is_unpublished(projects: Sequence[Project]) -> bool:
    waiting = DomainEvent.objects.filter(published_at=None, project__in=projects)
    return waiting.exists()


def _taken(projects: Sequence[Project]) -> int:
    rows = Delivery.objects.filter(project__in=projects, status=Status.SUCCEEDED)
    return rows.count()


def posted(port: int, sent: Prepared, times: int) -> float:
    """Return W: posts a second of one signed body, ``times`` in all, to a receiver."""
    pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=THREADS)
    body = sent.body.encode()

    def post(_: int) -> int:
        return pool.urlopen("POST", "/", body=body, headers=sent.headers).status

    with ThreadPoolExecutor(max_workers=THREADS) as threads:
        list(threads.map(post, range(THREADS)))
        started = time.perf_counter()
        list(threads.map(post, range(times)))
        spent = time.perf_counter() - started
    pool.close()
    return times / spent


def a_body(project: Project) -> Prepared:
    """Return what was sent for one of the project's events."""
    delivery = Delivery.objects.filter(project=project).select_related("webhook")[0]
    return prepare([delivery], now=utc_now())[0]


def latency(project: Project, port: int, *, a_second: int, seconds: int) -> float:
    """Return the median of milliseconds from a commit to the arrival of its event."""
    started, due = utc_now(), time.perf_counter()
    moments = []
    for _ in range(a_second * seconds):
        commit(project, 1)
        moments.append(time.time())
        due += 1 / a_second
        time.sleep(max(0.0, due - time.perf_counter()))
    wait_until_told([project])
    rows = DomainEvent.objects.filter(project=project, created_at__gte=started)
    arrived = arrivals(port)
    taken = [arrived[event.pk] for event in rows.order_by("pk")]
    return median(
        (there - committed) * 1_000
        for committed, there in zip(moments, taken, strict=True)
    )


def give_up(project: Project) -> None:
    """Owe a project's webhooks nothing any more."""
    Webhook.objects.filter(project=project).delete()

"""Codes in bulk: how fast they come, and what the checkout feels of it.

The floor C is COPY of the same rows into the same table with its indexes in place. A
generation is asked for over HTTP, made by the workers that installations start, and
over when all codes can be used.
"""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings
from django.db import connection

from benchmarks import load
from benchmarks.checkout import Asking
from benchmarks.shop import DISCOUNT, Shop, open_shop
from campaigns.models import Campaign, Voucher
from campaigns.services.campaign import create_campaign
from promo.jobs.models import ActionStatus, AsyncAction
from promo.server.programs import Program, workers

CONNECTIONS = 2
#: How long one look at the latencies takes, and how many there are while idle.
WINDOW = 2.0
LOOKS = 3
_BLOCK = 1 << 16
_POLL = 0.05


@dataclass(frozen=True, slots=True)
class Speed:
    """Codes a second of the floor and of a generation, and the worker's memory in MB.

    ``memory`` is the largest that any process of the worker was.
    """

    copied: float
    generated: float
    memory: float

    @property
    def ratio(self) -> float:
        """Return the generation over the floor."""
        return self.generated / self.copied


@dataclass(frozen=True, slots=True)
class Latency:
    """p95 of a validation in ms, idle and while codes are made; the codes a second."""

    idle: float
    busy: float
    generated: float

    @property
    def ratio(self) -> float:
        """Return how many times longer it takes."""
        return self.busy / self.idle


def speed(shop: Shop, port: int, *, codes: int, now: datetime) -> Speed:
    """Generate, copy the same rows, generate again: the floor is in their middle."""
    with _workers(shop, port, now) as processes:
        first = _campaign(shop, now)
        before = _generate(shop, port, first, codes)
        copied = _copy(first, _campaign(shop, now))
        after = _generate(shop, port, _campaign(shop, now), codes)
        memory = max(_most_memory(pid) for pid in processes)
    return Speed(codes / copied, codes / mean([before, after]), memory)


def latency(shop: Shop, port: int, *, codes: int, now: datetime) -> Latency:
    """Validate at a load that leaves the processors room, first idle, then beside."""
    asking = Asking(shop, port).validate(shop.distinct[-1])

    def look() -> float:
        taken = load.measure(port, asking, seconds=WINDOW, connections=CONNECTIONS)
        return taken.p95

    with _workers(shop, port, now):
        look()
        idle = [look() for _ in range(LOOKS)]
        started = time.perf_counter()
        action = _ask(shop, port, _campaign(shop, now), codes)
        busy = []
        while not _is_done(action):
            busy.append(look())
        spent = time.perf_counter() - started
    # The last look saw the end of it.
    return Latency(median(idle), median(busy[:-1] or busy), codes / spent)


def open_large_shop(*, now: datetime) -> Shop:
    """Fill a project that has a few codes to validate."""
    return open_shop(codes=1_000, now=now, name="Bulk")


def _campaign(shop: Shop, now: datetime) -> Campaign:
    return create_campaign(
        project=shop.project,
        now=now,
        name=f"Bulk {time.time_ns()}",
        campaign_type="DISCOUNT_COUPONS",
        voucher={
            "type": "DISCOUNT_VOUCHER",
            "discount": DISCOUNT,
            "redemption": {"quantity": 1},
            "code_config": {"pattern": "B-##########"},
        },
    )


def _generate(shop: Shop, port: int, campaign: Campaign, codes: int) -> float:
    """Return how many seconds it takes until all codes can be used."""
    _settle_down()
    started = time.perf_counter()
    action = _ask(shop, port, campaign, codes)
    while not _is_done(action):
        time.sleep(_POLL)
    spent = time.perf_counter() - started
    usable = Voucher.objects.alive().filter(campaign=campaign, active=True).count()
    if usable != codes:
        msg = f"{usable} codes instead of {codes}"
        raise ValueError(msg)
    return spent


def _ask(shop: Shop, port: int, campaign: Campaign, codes: int) -> str:
    """Ask for codes as a client does; return the id of the action."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/campaigns/{campaign.pk}/vouchers"
        f"?vouchers_count={codes}",
        data=b"{}",
        headers={**shop.headers, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own server
        return str(json.load(answer)["async_action_id"])


def _is_done(action: str) -> bool:
    """Return whether an action has ended well.

    Raises:
        ValueError: it has failed.
    """
    status = AsyncAction.objects.values_list("status", flat=True).get(pk=action)
    if status == ActionStatus.FAILED:
        msg = "the generation failed"
        raise ValueError(msg)
    return status == ActionStatus.DONE


def _copy(campaign: Campaign, into: Campaign) -> float:
    """Copy the rows of a campaign; return how many seconds storing them took."""
    columns = ", ".join(
        f'"{field.column}"'
        for field in Voucher._meta.concrete_fields
        if not field.generated
    )
    table = Voucher._meta.db_table
    with TemporaryFile() as rows:
        _write_rows(campaign, into, columns, rows)
        rows.seek(0)
        _settle_down()
        started = time.perf_counter()
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
        ):
            while block := rows.read(_BLOCK):
                copy.write(block)
        return time.perf_counter() - started


def _write_rows(
    campaign: Campaign, into: Campaign, columns: str, rows: IO[bytes]
) -> None:
    """Write a campaign's rows, in their order, as those of another one.

    Their ids begin with another digit and their codes with another letter, so that
    nothing else is different.
    """
    changed = columns
    for column, value in (
        ("id", "overlay(id::text PLACING 'f' FROM 1)"),
        ("code", "overlay(code PLACING 'C' FROM 1)"),
        ("code_key", "overlay(code_key PLACING 'C' FROM 1)"),
        ("campaign_id", f"'{Campaign._meta.pk.get_prep_value(into.pk)}'"),
    ):
        changed = changed.replace(f'"{column}"', value)
    query = f"""
        SELECT {changed} FROM {Voucher._meta.db_table}
        WHERE campaign_id = '{Campaign._meta.pk.get_prep_value(campaign.pk)}'
        ORDER BY ctid
    """  # noqa: S608 - our own columns and ids
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT") as copy,
    ):
        for block in copy:
            rows.write(block)


def _settle_down() -> None:
    """Write out what earlier work has left, so that it weighs on nobody else."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


@contextmanager
def _workers(shop: Shop, port: int, now: datetime) -> Iterator[list[int]]:
    """Run the workers of an installation, awake already; yield their ids."""
    with ExitStack() as running:
        programs = [
            running.enter_context(_running(program))
            for program in workers(settings.CELERY_BROKER_URL)
        ]
        _generate(shop, port, _campaign(shop, now), codes=2)
        yield [process for program in programs for process in _family(program)]


@contextmanager
def _running(program: Program) -> Iterator[int]:
    process = subprocess.Popen(program.command, env={**os.environ})  # noqa: S603 - our own command
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _family(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [pid, *map(int, found.split())]


def _most_memory(pid: int) -> float:
    """Return the most MB that a process ever had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    [peak] = [line for line in lines if line.startswith("VmHWM")]
    return int(peak.split()[1]) / 1024

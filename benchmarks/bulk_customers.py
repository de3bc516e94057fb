"""Bringing customers in by a file, beside COPY of the same rows into the same table."""

import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from psycopg import sql

from customers.models import Customer
from promo.ids import parse
from promo.jobs.actions import run_step
from promo.jobs.rows.start import start_row_work
from promo.tenancy.models import Project
from promo.tenancy.services.projects import create_project

_HEADER = b"source_id,name,email,phone,birthdate,city,country,tier,points\n"


@dataclass(frozen=True, slots=True)
class Imported:
    """Rows a second of both roads, and the most memory this process took, in MB."""

    project: Project
    imported: float
    copied: float
    memory: float

    @property
    def share(self) -> float:
        """The import's rate over that of COPY."""
        return self.imported / self.copied


def measure(rows: int, *, now: datetime) -> Imported:
    """Import ``rows`` profiles, then copy the very same rows into another project."""
    source, target = _project("Imported", now), _project("Copied", now)
    imported = _imported(source, rows, now)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Imported(source, imported, rows / _copied(source, target), memory)


def _project(name: str, now: datetime) -> Project:
    return create_project(name=name, now=now).project


def _lines(rows: int) -> Iterator[bytes]:
    yield _HEADER
    for n in range(rows):
        name = f"c{n},Name {n},c{n}@example.com,+48123{n}"
        yield f"{name},1990-05-17,Lyon,France,gold,{n}\n".encode()


def _imported(project: Project, rows: int, now: datetime) -> float:
    start = time.perf_counter()
    action = start_row_work(
        project=project, kind="CUSTOMERS.IMPORT_CSV", chunks=_lines(rows), now=now
    )
    while run_step(action.pk, now=now):
        pass
    spent = time.perf_counter() - start
    action.refresh_from_db()
    if action.result.get("done_count") != rows:
        msg = f"what is measured must succeed: {action.result}"
        raise ValueError(msg)
    return rows / spent


def _copied(source: Project, target: Project) -> float:
    """Return the seconds that COPY takes for the rows of ``source``.

    Their ids keep their order: only the first digit is another.
    """
    names = [field.column for field in Customer._meta.concrete_fields]
    columns = ", ".join(names)
    moved = {"id": "overlay(id::text placing 'f' from 1 for 1)", "project_id": "%s"}
    chosen = ", ".join(moved.get(name, name) for name in names)
    table = Customer._meta.db_table
    out = f"COPY (SELECT {chosen} FROM {table} WHERE project_id = %s) TO STDOUT"  # noqa: S608 - names of our own
    keys = [parse("proj_", one.pk) for one in (target, source)]
    with connection.cursor() as cursor:
        text = sql.SQL(out.replace("%s", "{}")).format(*map(sql.Literal, keys))
        with cursor.copy(text) as copy:
            blocks = [bytes(block) for block in copy]
        start = time.perf_counter()
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for block in blocks:
                copy.write(block)
        return time.perf_counter() - start

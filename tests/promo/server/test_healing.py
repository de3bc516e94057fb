"""Real processes die outright, and the installation mends itself."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from promo.clock import utc_now
from promo.jobs.rows.start import start_row_work
from promo.server.programs import beat
from tests.factories.tenancy import ProjectFactory
from tests.fixtures.processes import (
    Process,
    children_of,
    kill,
    wait_until,
    wait_until_gone,
)
from tests.fixtures.serving import Serving, address_of_test_database

_SOMEBODY_WAITS = """
    SELECT EXISTS (
        SELECT FROM pg_locks
        WHERE relation = 'django_celery_beat_periodictask'::regclass AND NOT granted)
"""


def served() -> list[Process]:
    """Return the programs of the one installation that this test has started."""
    [serve] = [
        child
        for child in children_of(os.getpid())
        if "manage.py serve" in child.command
    ]
    return children_of(serve.pid)


def test_what_was_left_is_done_after_both_workers_and_beat_were_killed(
    serving: Serving,
) -> None:
    doomed = [program for program in served() if "celery" in program.command]
    project = ProjectFactory.create()

    kill(program.pid for program in doomed)
    wait_until_gone(doomed)
    action = start_row_work(
        project=project,
        kind="CUSTOMERS.IMPORT_CSV",
        chunks=[b"source_id\nann\n"],
        now=utc_now() - timedelta(minutes=1),
    )

    def is_done() -> bool:
        action.refresh_from_db()
        return action.status == "DONE"

    wait_until(is_done, "the import is done", found=served)
    assert len(doomed) == 3
    assert project.customers.get().source_id == "ann"


@contextmanager
def beating(data_folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run beat on the test's database; it does not outlive the block."""
    environment = {
        **os.environ,
        "DATA_DIR": str(data_folder),
        "DATABASE_URL": address_of_test_database(),
        "CELERY_BROKER_URL": "",
    }
    command = beat().command
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.django_db(transaction=True)
def test_beat_ends_when_told_to_in_the_midst_of_a_statement(tmp_path: Path) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_celery_beat_periodictask")
        with beating(tmp_path) as process:

            def is_in_the_midst() -> bool:
                cursor.execute(_SOMEBODY_WAITS)
                return bool(cursor.fetchone()[0])

            wait_until(is_in_the_midst, "beat reads its schedule")
            process.send_signal(signal.SIGTERM)

            assert process.wait(timeout=60) == -signal.SIGTERM

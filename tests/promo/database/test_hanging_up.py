"""Connections that the database has ended are not handed out again."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)
#: It waits until each is gone, for so many milliseconds at most.
_END = "SELECT pg_terminate_backend(pid, 60000) FROM unnest(%s::int[]) AS u (pid)"


@pytest.fixture
def pool() -> Iterator[Any]:
    """The pool behind this thread's connection, to which that has gone back."""
    connection.ensure_connection()
    connection.close()
    yield connection.pool
    connection.close()


def wait_in(pool: Any, count: int) -> list[int]:
    """Let ``count`` connections wait in the pool; return their processes."""
    taken = [pool.getconn() for _ in range(count)]
    for each in taken:
        pool.putconn(each)
    return [each.info.backend_pid for each in taken]


def own_process() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_connection_that_is_there_is_used_again(pool: Any) -> None:
    waiting = wait_in(pool, pool.get_stats()["pool_size"])

    assert own_process() in waiting


def test_those_that_the_database_ended_are_passed_over(pool: Any) -> None:
    ended = wait_in(pool, 3)
    with connection._nodb_cursor() as another:  # noqa: SLF001 - stands outside the pool
        another.execute(_END, [ended])
        gone = another.fetchall()

    assert gone == [(True,)] * 3
    assert own_process() not in ended

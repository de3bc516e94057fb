"""Statements that travel together: what is read, and what a last one commits."""

import pytest
from django.db import DataError, connection, connections, transaction

from promo.sql_pipeline import Asked, execute_last, pipeline

_KEEP = "INSERT INTO kept_by_a_test VALUES (%s)"


def test_what_was_asked_together_is_read_afterwards(db):
    with pipeline():
        first = Asked("SELECT %s::int", [1])
        second = Asked("SELECT * FROM (VALUES (2), (3)) AS t (n)", [])

    assert list(first.rows()) == [(1,)]
    assert list(second.rows()) == [(2,), (3,)]


def _ask_for_a_division_by(number):
    with pipeline():
        Asked("SELECT 1 / %s::int", [number])
        Asked("SELECT 1", [])


def test_a_refused_statement_fails_the_pipeline(db):
    with pytest.raises(DataError), transaction.atomic():
        _ask_for_a_division_by(0)

    assert list(Asked("SELECT 1", []).rows()) == [(1,)]


@pytest.fixture
def kept(transactional_db):
    """Return how to read the rows of a table as somebody else sees them."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept_by_a_test (n int UNIQUE)")
    other = connections.create_connection("default")

    def read():
        with other.cursor() as cursor:
            cursor.execute("SELECT n FROM kept_by_a_test ORDER BY n")
            return [n for (n,) in cursor.fetchall()]

    yield read
    other.close()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kept_by_a_test")


def test_the_last_statement_of_a_transaction_commits_it(kept):
    with transaction.atomic():
        Asked(_KEEP, [1])
        execute_last(_KEEP, [2])
        seen_inside = kept()

    assert seen_inside == [1, 2]
    assert kept() == [1, 2]
    assert connection.get_autocommit()


@transaction.atomic
def _keep_and_divide_by(number):
    Asked(_KEEP, [1])
    execute_last("SELECT 1 / %s::int", [number])


def test_a_last_statement_that_fails_takes_everything_back(kept):
    with pytest.raises(DataError):
        _keep_and_divide_by(0)

    assert kept() == []
    assert connection.get_autocommit()


def test_inside_another_transaction_the_last_statement_commits_nothing(kept):
    with transaction.atomic():
        with transaction.atomic():
            execute_last(_KEEP, [1])
        seen_inside = kept()

    assert seen_inside == []
    assert kept() == [1]


def test_what_waits_for_the_commit_runs_once_after_a_last_statement(kept):
    heard = []

    with transaction.atomic():
        transaction.on_commit(lambda: heard.append(kept()))
        execute_last(_KEEP, [1])
        assert heard == []

    assert heard == [[1]]

"""Sending statements one after the other without waiting for each answer.

The database works them off in the order in which they were sent. What they found is
read once the pipeline is left: reading inside it asks the database twice.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg.pq import TransactionStatus

IDLE = TransactionStatus.IDLE


@contextmanager
def pipeline() -> Iterator[None]:
    """Send the statements asked inside together, with BEGIN where they begin."""
    connection.ensure_connection()
    driver = connection.connection
    begins = not driver.autocommit and driver.info.transaction_status == IDLE
    with connection.wrap_database_errors:
        if begins:
            # The driver waits for its own BEGIN, but not for one that it is told.
            driver.autocommit = True
        with driver.pipeline():
            if begins:
                driver.execute("BEGIN", prepare=False)
            yield


class Asked:
    """A statement that was sent; ``rows`` waits for what it found."""

    def __init__(self, sql: str, arguments: Any) -> None:
        self._cursor = connection.cursor()
        self._cursor.execute(sql, arguments)

    def rows(self) -> Sequence[Any]:
        """Return all rows."""
        with self._cursor:
            found: Sequence[Any] = self._cursor.fetchall()
        return found


def execute_last(sql: str, arguments: Any) -> None:
    """Execute the last statement of a transaction.

    Where the transaction ends with the innermost ``atomic`` block, its commit travels
    along: the statement must really be the last one, for nothing can be taken back
    afterwards. Inside another transaction it is executed alone.
    """
    with pipeline():
        Asked(sql, arguments)
        if len(connection.atomic_blocks) == 1:
            connection.connection.execute("COMMIT", prepare=False)
